package rest

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/internal/pki"
)

// caller is a participant's certificate, that of another one, and one that nobody registered.
func callers(t *testing.T) (mine, others, nobodys *x509.Certificate) {
	t.Helper()
	authority := pki.Must(pki.NewAuthority("clients", time.Now()))
	certificate := func(name string) *x509.Certificate {
		return pki.Must(authority.IssueClient(name)).Certificate
	}
	return certificate("SHIP-01"), certificate("SHIP-02"), certificate("nobody")
}

// Who is calling, by everything that a request can present.
func TestCredentials(t *testing.T) {
	mine, others, nobodys := callers(t)
	owners := make(map[string]string)
	for code, c := range map[string]*x509.Certificate{"SHIP-01": mine, "SHIP-02": others} {
		sum := sha256.Sum256(c.Raw)
		owners[hex.EncodeToString(sum[:])] = code
	}
	credentials := Credentials{
		Secret: func(code, secret string) (string, bool, error) {
			return "SHIP-01", secret == "s3cret" && (code == "" || code == "SHIP-01"), nil
		},
		Certificate: func(sum string) (string, bool, error) {
			code, ok := owners[sum]
			return code, ok, nil
		},
		Client:  func(code string) (Client, bool, error) { return Client{Code: code}, code != "SHIP-02", nil },
		Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.7/32"), netip.MustParsePrefix("fd00::/64")},
		Header:  "Client-Cert",
	}
	rfc9440 := func(c *x509.Certificate) string { return ":" + base64.StdEncoding.EncodeToString(c.Raw) + ":" }
	escaped := func(c *x509.Certificate) string {
		return url.PathEscape(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})))
	}
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	const proxy, stranger = "10.0.0.7:1234", "10.0.0.8:1234"
	tests := []struct {
		name          string
		authorization string
		tls           *x509.Certificate
		from, header  string
		want          string // participant, or
		wantErr       error
	}{
		{"nothing", "", nil, stranger, "", "", ErrUnauthenticated},
		{"Bearer", "Bearer s3cret", nil, stranger, "", "SHIP-01", nil},
		{"Bearer in another case", "bearer  s3cret ", nil, stranger, "", "SHIP-01", nil},
		{"wrong Bearer", "Bearer wrong", nil, stranger, "", "", ErrUnauthenticated},
		{"empty Bearer", "Bearer ", nil, stranger, "", "", ErrUnauthenticated},
		{"no scheme", "s3cret", nil, stranger, "", "", ErrUnauthenticated},
		{"another scheme", "Digest s3cret", nil, stranger, "", "", ErrUnauthenticated},
		{"huge Bearer", "Bearer " + strings.Repeat("x", 4096), nil, stranger, "", "", ErrUnauthenticated},
		{"Basic", basic("SHIP-01", "s3cret"), nil, stranger, "", "SHIP-01", nil},
		{"Basic of another", basic("SHIP-02", "s3cret"), nil, stranger, "", "", ErrUnauthenticated},
		{"Basic of nobody", basic("", "s3cret"), nil, stranger, "", "", ErrUnauthenticated},
		{"Basic that is not base64", "Basic ###", nil, stranger, "", "", ErrUnauthenticated},
		{"TLS certificate", "", mine, stranger, "", "SHIP-01", nil},
		{"TLS certificate of nobody", "", nobodys, stranger, "", "", ErrUnauthenticated},
		{"TLS certificate of one not in force", "", others, stranger, "", "", ErrForbidden},
		{"both, of one participant", "Bearer s3cret", mine, stranger, "", "SHIP-01", nil},
		{"both, of two participants", "Bearer s3cret", others, stranger, "", "", ErrForbidden},
		{"a secret behind a certificate of nobody", "Bearer s3cret", nobodys, stranger, "", "SHIP-01", nil},
		{"a wrong secret beside a good certificate", "Bearer wrong", mine, stranger, "", "", ErrUnauthenticated},
		// faults.md §5, row 19: the header counts from a trusted proxy only.
		{"header from anyone", "", nil, stranger, rfc9440(mine), "", ErrUnauthenticated},
		{"header from a proxy, RFC 9440", "", nil, proxy, rfc9440(mine), "SHIP-01", nil},
		{"header from a proxy, IPv4 in IPv6", "", nil, "[::ffff:10.0.0.7]:1", rfc9440(mine), "SHIP-01", nil},
		{"header from a proxy, IPv6", "", nil, "[fd00::1]:1", rfc9440(mine), "SHIP-01", nil},
		{"header from a proxy, nginx", "", nil, proxy, escaped(mine), "SHIP-01", nil},
		{"header from a proxy, HAProxy", "", nil, proxy, base64.StdEncoding.EncodeToString(mine.Raw), "SHIP-01", nil},
		{"header from a proxy, nobody's", "", nil, proxy, rfc9440(nobodys), "", ErrUnauthenticated},
		{"header from a proxy, nonsense", "", nil, proxy, ":####:", "", ErrForbidden},
		{"header from a proxy, no certificate", "", nil, proxy, ":AAAA:", "", ErrForbidden},
		{"header from a proxy, a key", "", nil, proxy, "-----BEGIN%20PRIVATE%20KEY-----", "", ErrForbidden},
		{"header from a proxy, bad escape", "", nil, proxy, "-----BEGIN%2", "", ErrForbidden},
		{"the proxy's own certificate is not the client's", "", mine, proxy, "", "", ErrUnauthenticated},
		{"proxy and secret", "Bearer s3cret", nil, proxy, "", "SHIP-01", nil},
		{"header twice", "", nil, proxy, "twice", "", ErrForbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/v1/documents", nil)
			r.RemoteAddr = tt.from
			if tt.authorization != "" {
				r.Header.Set("Authorization", tt.authorization)
			}
			if tt.tls != nil {
				r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{tt.tls}}
			}
			switch tt.header {
			case "":
			case "twice":
				r.Header.Add("Client-Cert", rfc9440(mine))
				r.Header.Add("Client-Cert", rfc9440(mine))
			default:
				r.Header.Set("Client-Cert", tt.header)
			}
			got, err := credentials.Authenticate(r)
			if got.Code != tt.want || !errors.Is(err, tt.wantErr) {
				t.Errorf("got %q, %v, want %q, %v", got.Code, err, tt.want, tt.wantErr)
			}
		})
	}
	t.Run("two Authorizations", func(t *testing.T) {
		r := httptest.NewRequest(http.MethodPost, "/v1/documents", nil)
		r.Header.Add("Authorization", "Bearer s3cret")
		r.Header.Add("Authorization", "Bearer wrong")
		if got, err := credentials.Authenticate(r); !errors.Is(err, ErrUnauthenticated) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// Whichever look-up fails, the caller is neither let in nor refused.
func TestCredentialsCannotBeChecked(t *testing.T) {
	mine, _, _ := callers(t)
	for _, fails := range []string{"secret", "certificate", "client"} {
		failing := func(what string) error {
			if what == fails {
				return gateway.ErrStopping
			}
			return nil
		}
		credentials := Credentials{
			Secret:      func(string, string) (string, bool, error) { return "SHIP-01", true, failing("secret") },
			Certificate: func(string) (string, bool, error) { return "SHIP-01", true, failing("certificate") },
			Client:      func(string) (Client, bool, error) { return Client{Code: "SHIP-01"}, true, failing("client") },
		}
		r := httptest.NewRequest(http.MethodGet, "/v1/outbox", nil)
		r.Header.Set("Authorization", "Bearer s3cret")
		r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{mine}}
		c, err := credentials.Authenticate(r)
		if c.Code != "" || !errors.Is(err, gateway.ErrStopping) || errors.Is(err, ErrUnauthenticated) || errors.Is(err, ErrForbidden) {
			t.Errorf("%s: got %q, %v", fails, c.Code, err)
		}
	}
}

// Nothing that concerns a participant is told to a stranger; the answer says how to come back.
func TestNoAnonymousMode(t *testing.T) {
	w := newWorld(t)
	for _, rt := range routes {
		path := strings.NewReplacer("{$}", "", "{id}", "x", "{name}", "waybill.xsd").Replace(rt.path)
		r := w.do(rt.method, path, nil, "Authorization: Bearer wrong")
		if rt.open {
			if r.StatusCode == 401 {
				t.Errorf("%s %s is not open", rt.method, path)
			}
			continue
		}
		if p := w.problem(t, r); p.Status != 401 || len(r.Header.Values("WWW-Authenticate")) != 2 {
			t.Errorf("%s %s: %+v %v", rt.method, path, p, r.Header)
		}
	}
}

// Whatever a proxy hands on, reading it ends with a certificate or an error.
func FuzzDecodeForwarded(f *testing.F) {
	f.Add(":AAAA:")
	f.Add("-----BEGIN%20CERTIFICATE-----%0AAAAA%0A-----END%20CERTIFICATE-----")
	f.Fuzz(func(t *testing.T, value string) {
		der, err := decodeForwarded(value)
		if (der == nil) == (err == nil) {
			t.Errorf("%q: %v, %v", value, der, err)
		}
	})
}
