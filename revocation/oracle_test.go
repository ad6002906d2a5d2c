package revocation

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asugate/internal/gostengine"
	"asugate/internal/pki"
	"asugate/signature"
)

// openssl is an authority whose lists and answers the program of that name makes.
type openssl struct {
	*world
	settings string // file
}

const opensslConfig = `[ca]
default_ca = issuer
[issuer]
database = index.txt
crlnumber = crlnumber
default_md = sha256
[v2]
authorityKeyIdentifier = keyid
`

func newOpenSSL(t *testing.T, kind pki.KeyKind) *openssl {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	o := &openssl{world: newWorld(t)}
	o.ca = pki.Must(pki.NewAuthorityFor(pki.Request{Subject: pki.Subject{CommonName: "Issuing CA"}, Key: kind}, time.Now()))
	o.good, o.bad = o.issue("Good"), o.issue("Bad")
	for name, c := range map[string]pki.Credential{"ca": o.ca.Credential, "good": o.good, "bad": o.bad} {
		if _, _, err := c.Write(o.dir, name); err != nil {
			t.Fatal(err)
		}
	}
	o.settings = o.write("openssl.cnf", []byte(opensslConfig))
	o.write("crlnumber", []byte("0A\n"))
	return o
}

func (o *openssl) run(args ...string) (string, error) {
	command := exec.CommandContext(o.t.Context(), "openssl", args...)
	command.Dir = o.dir
	out, err := command.CombinedOutput()
	return string(out), err
}

func (o *openssl) must(args ...string) string {
	o.t.Helper()
	out, err := o.run(args...)
	if err != nil {
		o.t.Fatalf("openssl %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// revoke writes the database in which openssl looks up what is revoked; since is YYMMDDhhmmssZ and a
// reason by its name. Good is in it as valid.
func (o *openssl) revoke(since string) {
	line := func(state, since string, c pki.Credential) string {
		serial := fmt.Sprintf("%X", c.Certificate.SerialNumber)
		if len(serial)%2 == 1 {
			serial = "0" + serial
		}
		return fmt.Sprintf("%s\t%s\t%s\t%s\tunknown\t/CN=x\n", state, c.Certificate.NotAfter.UTC().Format("060102150405Z"), since, serial)
	}
	o.write("index.txt", []byte(line("R", since, o.bad)+line("V", "", o.good)))
}

// What openssl makes we read as it is meant, and openssl verify says the same of it as we.
func TestListsOfOpenSSL(t *testing.T) {
	day := time.Now().Add(-24 * time.Hour).UTC().Format("060102150405Z")
	for name, one := range map[string]struct {
		key       pki.KeyKind
		index     string
		options   []string
		bad, good string
	}{
		"ECDSA, version 1":  {pki.P256, day, nil, "revoked unspecified", "good"},
		"ECDSA, version 2":  {pki.P256, day + ",keyCompromise", []string{"-crlexts", "v2"}, "revoked keyCompromise", "good"},
		"RSA":               {pki.RSA2048, day + ",superseded", []string{"-crlexts", "v2"}, "revoked superseded", "good"},
		"P-384 and SHA-384": {pki.P384, day + ",CACompromise", []string{"-md", "sha384"}, "revoked cACompromise", "good"},
		"RSA-PSS":           {pki.RSA2048, day, []string{"-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"}, "revoked unspecified", "good"},
		"Ed25519":           {pki.Ed25519, day, []string{"-md", "null"}, "revoked unspecified", "good"},
		"on hold":           {pki.P256, day + ",certificateHold", nil, "revoked certificateHold", "good"},
		"when it was known": {pki.P256, day + ",keyTime,20200101000000Z", []string{"-crlexts", "v2"}, "revoked keyCompromise", "good"},
		"put back":          {pki.P256, day + ",removeFromCRL", []string{"-crlexts", "v2"}, "good", "good"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOpenSSL(t, one.key)
			o.revoke(one.index)
			o.must(append([]string{"ca", "-config", o.settings, "-gencrl", "-crldays", "7", "-cert", "ca.pem", "-keyfile", "ca.key",
				"-out", "one.crl"}, one.options...)...)
			k := o.using(o.config(o.in("one.crl")))
			for who, want := range map[string]string{"good": one.good, "bad": one.bad} {
				c := map[string]pki.Credential{"good": o.good, "bad": o.bad}[who]
				got := state(o.status(k, c, time.Now()))
				out, err := o.run("verify", "-CAfile", "ca.pem", "-CRLfile", "one.crl", "-crl_check", who+".pem")
				if got != want || (err == nil) != (got == "good") {
					t.Errorf("%s: %s, want %s; openssl verify:\n%s", who, got, want, out)
				}
			}
		})
	}
}

// using is a keeper with the time by which openssl works.
func (o *openssl) using(c Config) *Keeper {
	o.t.Helper()
	k := New(Options{Now: time.Now, Log: slog.New(slog.DiscardHandler), transport: o.transport})
	k.Use(pki.Must(k.Prepare(c)))
	return k
}

// A list that is signed with SHA-1 is refused by that name.
func TestWeakLists(t *testing.T) {
	for _, key := range []pki.KeyKind{pki.P256, pki.RSA2048} {
		o := newOpenSSL(t, key)
		o.revoke(time.Now().Add(-24 * time.Hour).UTC().Format("060102150405Z"))
		o.must("ca", "-config", o.settings, "-gencrl", "-crldays", "7", "-cert", "ca.pem", "-keyfile", "ca.key", "-md", "sha1", "-out", "one.crl")
		if _, err := o.keeper().Prepare(o.config(o.in("one.crl"))); !errors.Is(err, errAlgorithm) {
			t.Error(err)
		}
	}
}

// The lists of our tests are lists to openssl too.
func TestOpenSSLReadsOurList(t *testing.T) {
	o := newOpenSSL(t, pki.P256)
	c := pki.CRL{Number: 77, ThisUpdate: time.Now().Add(-time.Hour), Revoked: []pki.Revoked{
		{Serial: o.bad.Certificate.SerialNumber, At: time.Now().Add(-2 * time.Hour), Reason: 1},
	}}
	o.write("one.crl", pki.Must(o.ca.CRL(c)))
	if out, err := o.run("verify", "-CAfile", "ca.pem", "-CRLfile", "one.crl", "-crl_check", "good.pem"); err != nil {
		t.Error(out)
	}
	if out, err := o.run("verify", "-CAfile", "ca.pem", "-CRLfile", "one.crl", "-crl_check", "bad.pem"); err == nil {
		t.Error(out)
	}
}

// openssl ocsp understands our questions and we its answers.
func TestAnswersOfOpenSSL(t *testing.T) {
	day := time.Now().Add(-24 * time.Hour).UTC().Format("060102150405Z")
	for name, one := range map[string]struct {
		key     pki.KeyKind
		options []string
		bad     string
		other   string // of a certificate that is not in its database
	}{
		"by the issuer":           {pki.P256, []string{"-rsigner", "ca.pem", "-rkey", "ca.key", "-ndays", "1"}, "revoked affiliationChanged", "unknown"},
		"by a responder":          {pki.RSA2048, []string{"-rsigner", "responder.pem", "-rkey", "responder.key", "-ndays", "1"}, "revoked affiliationChanged", "unknown"},
		"named by its key":        {pki.P256, []string{"-rsigner", "responder.pem", "-rkey", "responder.key", "-resp_key_id", "-nmin", "5"}, "revoked affiliationChanged", "unknown"},
		"without a next":          {pki.P256, []string{"-rsigner", "responder.pem", "-rkey", "responder.key"}, "revoked affiliationChanged", "unknown"},
		"without its certificate": {pki.P256, []string{"-rsigner", "ca.pem", "-rkey", "ca.key", "-resp_no_certs"}, "revoked affiliationChanged", "unknown"},
		"signed with SHA-1":       {pki.RSA2048, []string{"-rsigner", "ca.pem", "-rkey", "ca.key", "-rmd", "sha1"}, "unknown", "unknown"},
		"by somebody":             {pki.P256, []string{"-rsigner", "good.pem", "-rkey", "good.key"}, "unknown", "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOpenSSL(t, one.key)
			o.revoke(day + ",affiliationChanged")
			if _, _, err := signer(t, o.ca, pki.Request{Key: one.key}).Write(o.dir, "responder"); err != nil {
				t.Fatal(err)
			}
			o.transport = o.responds(one.options)
			k := o.using(o.withResponder(o.responder()))
			ctx := t.Context()
			k.running.Store(&ctx)
			good := "good"
			if one.bad == "unknown" {
				good = "unknown"
			}
			other := o.issue("Other")
			for _, c := range []struct {
				credential pki.Credential
				want       string
			}{{o.bad, one.bad}, {o.good, good}, {other, one.other}} {
				r := k.patiently(c.credential, o.ca.Certificate)
				if state(r) != c.want {
					t.Errorf("%s: %s (%s %s), want %s", c.credential.Certificate.Subject.CommonName, state(r), r.Why, k.Sources()[0].Failure, c.want)
				}
			}
		})
	}
}

// patiently asks as long as it takes: a process of openssl may need more than patience on a busy machine.
func (k *Keeper) patiently(c pki.Credential, issuer *x509.Certificate) signature.Revocation {
	a := k.book.Load().issuers.Load().find(issuer)
	r := k.book.Load().responders[0]
	r.mu.Lock()
	r.until, r.probing = time.Time{}, false
	flight := r.launch(r.remember(c.Certificate, a, serialOf(c.Certificate)))
	r.mu.Unlock()
	<-flight
	return k.Status(c.Certificate, issuer, time.Now())
}

// responds has openssl answer what is asked.
func (o *openssl) responds(options []string) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		question, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		o.write("question.der", question)
		args := append([]string{"ocsp", "-index", "index.txt", "-CA", "ca.pem", "-reqin", "question.der", "-respout", "answer.der"}, options...)
		if out, err := o.run(args...); err != nil {
			return nil, fmt.Errorf("%w: %s", err, out)
		}
		der, err := os.ReadFile(filepath.Join(o.dir, "answer.der"))
		return answering(der), err
	})
}

// Lists of GOST authorities are verified like others.
func TestListsOfGOST(t *testing.T) {
	e := gostengine.New(t)
	for _, a := range []gostengine.Algorithm{gostengine.GOST2012_256, gostengine.GOST2012_512, gostengine.GOST2001} {
		t.Run(a.Key, func(t *testing.T) {
			ca := e.Authority(a, "УЦ ГОСТ")
			good, bad := e.Issue(ca, a, "/CN=Good"), e.Issue(ca, a, "/CN=Bad")
			der := e.CRL(ca, bad.Certificate)
			w := newWorld(t)
			w.write("ca.pem", pki.EncodeCertificates(ca.Certificate))
			w.write("one.crl", der)
			k := New(Options{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
			k.Use(pki.Must(k.Prepare(w.config(w.in("one.crl")))))
			at := time.Now().Add(time.Minute)
			if got := state(k.Status(bad.Certificate, ca.Certificate, at)); got != "revoked unspecified" {
				t.Errorf("bad: %s", got)
			}
			if got := state(k.Status(good.Certificate, ca.Certificate, at)); got != "good" {
				t.Errorf("good: %s", got)
			}
			der[len(der)-9] ^= 1
			w.write("one.crl", der)
			if _, err := k.Prepare(w.config(w.in("one.crl"))); err == nil {
				t.Error("a damaged signature is accepted")
			}
			other := e.Authority(a, "УЦ ГОСТ")
			w.write("one.crl", e.CRL(other, bad.Certificate))
			if _, err := k.Prepare(w.config(w.in("one.crl"))); err == nil {
				t.Error("another key of the same name is accepted")
			}
		})
	}
}
