package rest

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

var (
	// ErrUnauthenticated: the request has no credentials, or none that anybody has.
	ErrUnauthenticated = errors.New("unauthenticated")
	// ErrForbidden: the credentials are good, but may not be used so: they belong to different
	// participants, or to one that is no longer in the register.
	ErrForbidden = errors.New("forbidden")
)

// Credentials finds out who is calling: by TLS client certificate, by the certificate that a trusted
// proxy hands on, by Bearer or by Basic (1C). Whatever is presented must name one participant. An error
// of a function is a failure of ours: the client must not hear that its credentials are wrong.
type Credentials struct {
	// Secret finds the participant of a secret; code is empty for Bearer.
	Secret func(code, secret string) (participant string, ok bool, err error)
	// Certificate finds the participant of a client certificate by the SHA-256 of its DER, hex.
	Certificate func(sha256hex string) (participant string, ok bool, err error)
	// Client is the participant of a code, in the register in force.
	Client func(participant string) (c Client, ok bool, err error)

	Proxies []netip.Prefix // that are believed about certificates
	Header  string         // in which they hand them on
}

// maxSecret bounds what is hashed for a stranger.
const maxSecret = 512

// Authenticate is a function for Options.
func (c Credentials) Authenticate(r *http.Request) (Client, error) {
	bySecret, secretGiven, err := c.bySecret(r)
	if err != nil {
		return Client{}, err
	}
	byCertificate, err := c.byCertificate(r)
	if err != nil {
		return Client{}, err
	}
	code := byCertificate
	if secretGiven {
		// A wrong secret is not mended by a good certificate: somebody means to be somebody else.
		if byCertificate != "" && byCertificate != bySecret {
			return Client{}, fmt.Errorf("%w: secret and certificate belong to different participants", ErrForbidden)
		}
		code = bySecret
	}
	if code == "" {
		return Client{}, ErrUnauthenticated
	}
	client, ok, err := c.Client(code)
	if err != nil {
		return Client{}, fmt.Errorf("finding participant %s: %w", code, err)
	}
	if !ok {
		return Client{}, fmt.Errorf("%w: not in the register in force", ErrForbidden)
	}
	return client, nil
}

// bySecret reads Authorization: Bearer (RFC 6750) or Basic (RFC 7617).
func (c Credentials) bySecret(r *http.Request) (code string, given bool, err error) {
	values := r.Header.Values("Authorization")
	if len(values) == 0 {
		return "", false, nil
	}
	if len(values) > 1 {
		return "", true, fmt.Errorf("%w: more than one Authorization", ErrUnauthenticated)
	}
	user, secret, basic := r.BasicAuth()
	if !basic {
		scheme, token, _ := strings.Cut(values[0], " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return "", true, fmt.Errorf("%w: scheme is neither Bearer nor Basic", ErrUnauthenticated)
		}
		user, secret = "", strings.TrimSpace(token)
	}
	if secret == "" || len(secret) > maxSecret || (basic && user == "") {
		return "", true, fmt.Errorf("%w: no secret", ErrUnauthenticated)
	}
	code, ok, err := c.Secret(user, secret)
	if err != nil {
		return "", true, fmt.Errorf("checking a secret: %w", err)
	}
	if !ok {
		return "", true, fmt.Errorf("%w: unknown secret", ErrUnauthenticated)
	}
	return code, true, nil
}

// byCertificate is the participant of the client's certificate, empty when there is none or nobody
// has it: it may be the certificate of the client's own proxy.
func (c Credentials) byCertificate(r *http.Request) (code string, err error) {
	var der []byte
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		der = r.TLS.PeerCertificates[0].Raw
	}
	if c.fromProxy(r) {
		// The proxy's own certificate says nothing of the client behind it.
		if der, err = c.forwarded(r); err != nil {
			return "", err
		}
	}
	if der == nil {
		return "", nil
	}
	sum := sha256.Sum256(der)
	code, ok, err := c.Certificate(hex.EncodeToString(sum[:]))
	if err != nil {
		return "", fmt.Errorf("checking a certificate: %w", err)
	}
	if !ok {
		return "", nil
	}
	return code, nil
}

// fromProxy says that the connection itself comes from a trusted proxy. Headers that name addresses
// are not looked at: everyone can write them.
func (c Credentials) fromProxy(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	ip := peer.Addr().Unmap().WithZone("")
	for _, p := range c.Proxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// forwarded is the DER of the certificate in the proxy's header, nil when there is none.
func (c Credentials) forwarded(r *http.Request) ([]byte, error) {
	values := r.Header.Values(c.Header)
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return nil, nil
	case len(values) > 1:
		// A proxy that appends instead of replacing would let the client choose.
		return nil, fmt.Errorf("%w: more than one %s", ErrForbidden, c.Header)
	}
	der, err := decodeForwarded(values[0])
	if err != nil {
		return nil, fmt.Errorf("%w: reading %s: %w", ErrForbidden, c.Header, err)
	}
	return der, nil
}

// decodeForwarded reads the three forms in which proxies hand certificates on.
func decodeForwarded(value string) ([]byte, error) {
	var der []byte
	switch {
	case strings.HasPrefix(value, "-----BEGIN") || strings.HasPrefix(value, "-----BEGIN%20"):
		text := value
		if strings.Contains(text, "%") { // nginx: $ssl_client_escaped_cert
			unescaped, err := url.PathUnescape(text)
			if err != nil {
				return nil, errors.New("not URL-encoded PEM")
			}
			text = unescaped
		}
		block, _ := pem.Decode([]byte(text))
		if block == nil || block.Type != "CERTIFICATE" {
			return nil, errors.New("not the PEM of a certificate")
		}
		der = block.Bytes
	default:
		// RFC 9440 §2.1: a Structured Field byte sequence, which is base64 between colons (RFC 8941
		// §3.3.5); HAProxy writes it without them.
		text := strings.TrimSuffix(strings.TrimPrefix(value, ":"), ":")
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, errors.New("not base64")
		}
		der = decoded
	}
	if _, err := x509.ParseCertificate(der); err != nil {
		return nil, errors.New("not a certificate")
	}
	return der, nil
}
