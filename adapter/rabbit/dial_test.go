package rabbit

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"asugate/internal/pki"
)

// Whom we take for the broker, and as whom it knows us.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	authority := pki.Must(pki.NewAuthority("Broker CA", time.Now()))
	ca := file("ca.pem", authority.CertificatePEM())
	other := file("other.pem", pki.Must(pki.NewAuthority("Another CA", time.Now())).CertificatePEM())
	server := pki.Must(authority.IssueServer("broker"))
	key, certificate, err := pki.Must(authority.IssueClient("gatewayd")).Write(dir, "client")
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AddCert(authority.Certificate)

	for _, test := range []struct {
		name   string
		auth   tls.ClientAuthType
		change func(*Config)
		url    string
		want   string // in the error; empty: connected
	}{
		{name: "its CA is known", change: func(c *Config) { c.CA = ca }},
		{name: "its CA is another", change: func(c *Config) { c.CA = other }, want: "signed by unknown authority"},
		{name: "the file of the CA holds none", change: func(c *Config) { c.CA = key }, want: "holds no certificate"},
		{name: "the file of the CA is not there", change: func(c *Config) { c.CA = dir + "/none" }, want: "no such file"},
		{name: "its name is another", url: "amqps://guest:secret@elsewhere/",
			change: func(c *Config) { c.CA = ca }, want: "not elsewhere"},
		{name: "its name is the one configured", url: "amqps://guest:secret@elsewhere/",
			change: func(c *Config) { c.CA, c.ServerName = ca, "broker" }},
		{name: "it knows us", auth: tls.RequireAndVerifyClientCert, url: "amqps://broker/?auth_mechanism=external",
			change: func(c *Config) { c.CA, c.Certificate, c.Key = ca, certificate, key }},
		{name: "it wants to know us", auth: tls.RequireAndVerifyClientCert,
			change: func(c *Config) { c.CA = ca }, want: "certificate required"},
		{name: "our key is not there", change: func(c *Config) { c.CA, c.Certificate, c.Key = ca, certificate, dir+"/none" },
			want: "reading our certificate"},
		{name: "a way to say who we are that there is not", url: "amqps://broker/?auth_mechanism=magic",
			change: func(c *Config) { c.CA = ca }, want: "none of plain, external"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fakeBroker{tls: &tls.Config{
				Certificates: []tls.Certificate{server.TLS()}, ClientAuth: test.auth, ClientCAs: clients,
			}}
			c := fakeConfig(f)
			c.URL = func() (string, error) {
				if test.url == "" {
					return "amqps://guest:secret@broker/", nil
				}
				return test.url, nil
			}
			test.change(&c)
			conn, transport, err := c.withDefaults().dial(t.Context(), "test", 0)
			if transport != nil {
				defer transport.Close()
			}
			if err == nil {
				defer quit(conn, transport)
			}
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("dial = %v; want %q", err, test.want)
			}
		})
	}
}

// A peer that takes the connection and says nothing is left after DialTimeout.
func TestDialSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeBroker{onStartOK: func(c *fakeConn) bool { c.mute.Store(true); return true }}
		b := running(t, f, nil, nil)
		time.Sleep(20 * time.Second)
		if s := b.State(); s.Publish.Connected || !strings.Contains(s.Publish.LastError, "deadline exceeded") {
			t.Errorf("state %+v; want the deadline", s.Publish)
		}
	})
}
