package signature

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"asugate/internal/pki"
)

// opensslCMS is the independent implementation that both directions are held against. It signs by the
// clock of the machine, so that its certificates are of now.
type opensslCMS struct {
	t                        *testing.T
	dir                      string
	cred                     pki.Credential
	trust                    *Trust
	key, certificate, ca, in string // files
}

func newOpenSSL(t *testing.T, kind pki.KeyKind) opensslCMS {
	t.Helper()
	root := pki.Must(pki.NewAuthority("Корень", time.Now()))
	// openssl finds a certificate by this extension where it is asked to.
	keyID := pki.Request{Subject: person, Key: kind, Extensions: keyIDExtension([]byte{1, 2, 3, 4})}
	return opensslOf(t, pki.Must(root.Issue(keyID)), root.Certificate)
}

func opensslOf(t *testing.T, cred pki.Credential, root *x509.Certificate) opensslCMS {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	o := opensslCMS{t: t, dir: t.TempDir(), cred: cred, trust: NewTrust([]*x509.Certificate{root})}
	var err error
	if o.key, o.certificate, err = cred.Write(o.dir, "signer"); err != nil {
		t.Fatal(err)
	}
	o.ca = o.put("root.pem", pki.EncodeCertificates(root))
	o.in = o.put("document.xml", []byte(document))
	return o
}

func (o opensslCMS) put(name string, content []byte) string {
	path := filepath.Join(o.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		o.t.Fatal(err)
	}
	return path
}

// sign is openssl cms -sign of the document; more are further arguments.
func (o opensslCMS) sign(more ...string) []byte {
	o.t.Helper()
	command := exec.Command("openssl", append([]string{"cms", "-sign", "-binary", "-outform", "DER",
		"-signer", o.certificate, "-inkey", o.key, "-in", o.in}, more...)...)
	var problems bytes.Buffer
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		o.t.Fatalf("openssl cms -sign %s: %v\n%s", more, err, problems.Bytes())
	}
	return out
}

// verify says whether openssl finds our signature good and the certificate below the root.
func (o opensslCMS) verify(content, signature []byte, more ...string) error {
	o.t.Helper()
	command := exec.Command("openssl", append([]string{"cms", "-verify", "-binary", "-inform", "DER",
		"-in", o.put("signature.p7s", signature), "-content", o.put("content", content), "-CAfile", o.ca,
		"-purpose", "any", "-out", os.DevNull}, more...)...)
	if out, err := command.CombinedOutput(); err != nil {
		o.t.Logf("openssl: %s", out)
		return err
	}
	return nil
}

// What openssl signs holds: every kind of key, digest, way to name the certificate, with attributes
// and without, in DER and in BER. Changed content does not, whatever the form.
func TestOpenSSLSigns(t *testing.T) {
	pss := func(digest, salt, mask string) []string {
		return []string{"-md", digest, "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:" + salt,
			"-keyopt", "rsa_mgf1_md:" + mask}
	}
	keys := []struct {
		kind pki.KeyKind
		ways map[string][]string // short name and what is special → arguments
	}{
		{pki.RSA2048, map[string][]string{
			"rsa-sha256": {"-md", "sha256"}, "rsa-sha384": {"-md", "sha384"}, "rsa-sha512": {"-md", "sha512"},
			"rsa-pss-sha256, salt as long": pss("sha256", "32", "sha256"),
			"rsa-pss-sha256, longest salt": pss("sha256", "max", "sha256"), "rsa-pss-sha256, salt of 20": pss("sha256", "20", "sha256"),
			"rsa-pss-sha512, salt as long": pss("sha512", "64", "sha512"), "rsa-pss-sha384, no salt": pss("sha384", "0", "sha384"),
		}},
		{pki.P256, map[string][]string{"ecdsa-sha256": {"-md", "sha256"}, "ecdsa-sha384": {"-md", "sha384"}}},
		{pki.P384, map[string][]string{"ecdsa-sha384": {"-md", "sha384"}, "ecdsa-sha256": {"-md", "sha256"}}},
		{pki.P521, map[string][]string{"ecdsa-sha512": {"-md", "sha512"}}},
	}
	forms := map[string][]string{
		"plain": nil, "key identifier": {"-keyid"}, "CAdES": {"-cades"}, "without attributes": {"-noattr"},
		"attached": {"-nodetach"}, "attached, BER": {"-nodetach", "-stream"},
		"attached without attributes, BER": {"-nodetach", "-noattr", "-stream", "-keyid"},
		"with the root":                    {"-certfile", ""},
	}
	changed := strings.Replace(document, "размещен", "брошен", 1)
	for _, k := range keys {
		o := newOpenSSL(t, k.kind)
		forms["with the root"][1] = o.ca
		for way, arguments := range k.ways {
			for form, more := range forms {
				if slices.Contains(arguments, "-keyopt") && slices.Contains(more, "-stream") {
					continue // openssl 3.0 writes no BER with RSASSA-PSS
				}
				name, _, _ := strings.Cut(way, ",")
				signature := o.sign(slices.Concat(arguments, more)...)
				shown, report := openCMS(t, []byte(document), signature, o.trust, Policy{}, time.Now())
				if report.Outcome != Holds || !shown.Valid() || report.Signature != name {
					t.Errorf("%s, %s: %s %v", way, form, report.Signature, report.Faults)
				}
				if attributes := !slices.Contains(more, "-noattr"); attributes == report.SigningTime.IsZero() {
					t.Errorf("%s, %s: signed at %s", way, form, report.SigningTime)
				}
				if _, report := openCMS(t, []byte(changed), signature, o.trust, Policy{}, time.Now()); report.Outcome == Holds {
					t.Errorf("%s, %s: changed content holds", way, form)
				}
				content, detached, err := Detach(signature)
				attached := slices.Contains(more, "-nodetach")
				if attached != (err == nil) || attached && string(content) != document || !attached && !errors.Is(err, ErrNotAttached) {
					t.Errorf("%s, %s: content %q, %v", way, form, content, err)
				}
				if !attached {
					continue
				}
				if _, report := openCMS(t, content, detached, o.trust, Policy{}, time.Now()); report.Outcome != Holds || len(detached) >= len(signature) {
					t.Errorf("%s, %s, detached: %v", way, form, report.Faults)
				}
			}
		}
	}
}

// A signature without the certificate holds where the certificate is trusted as itself, and names
// whom it wants where it is not.
func TestCertificateFromTrust(t *testing.T) {
	o := newOpenSSL(t, pki.P256)
	pinned := NewTrust([]*x509.Certificate{o.cred.Certificate})
	for _, more := range [][]string{{"-nocerts"}, {"-nocerts", "-keyid"}, {"-nocerts", "-certfile", o.ca}} {
		signature := o.sign(more...)
		if _, report := openCMS(t, []byte(document), signature, pinned, Policy{}, time.Now()); report.Outcome != Holds {
			t.Errorf("%s: %v", more, report.Faults)
		}
		_, report := openCMS(t, []byte(document), signature, o.trust, Policy{}, time.Now())
		if words(report) != "A05 no-certificate" || report.Faults[0].Actual == "" {
			t.Errorf("%s: %+v", more, report.Faults)
		}
	}
}

// What we refuse of openssl's, by name.
func TestOpenSSLRefused(t *testing.T) {
	o := newOpenSSL(t, pki.RSA2048)
	other := newOpenSSL(t, pki.P256)
	twice := o.put("first.p7s", o.sign())
	for _, c := range []struct {
		name, want string
		more       []string
	}{
		{"SHA-1", "A04 sha1", []string{"-md", "sha1"}},
		{"MD5", "A04 md5", []string{"-md", "md5"}},
		{"SHA-224", "A04 algorithm-unknown", []string{"-md", "sha224"}},
		{"PSS with another digest in MGF1", "A04 pss-parameters", []string{"-md", "sha256",
			"-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_mgf1_md:sha1"}},
		{"another type of content", "A10 cms-content-type", []string{"-econtent_type", "1.2.3.4"}},
		{"two signers", "A10 several-signatures", []string{"-signer", other.certificate, "-inkey", other.key}},
	} {
		_, report := openCMS(t, []byte(document), o.sign(c.more...), o.trust, Policy{}, time.Now())
		if got := words(report); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	resigned, err := exec.Command("openssl", "cms", "-resign", "-inform", "DER", "-outform", "DER", "-in", twice,
		"-signer", other.certificate, "-inkey", other.key, "-binary").Output()
	if err == nil {
		if _, report := openCMS(t, []byte(document), resigned, o.trust, Policy{}, time.Now()); words(report) != "A10 several-signatures" {
			t.Errorf("signed again: %s", words(report))
		}
	}
	if _, report := openCMS(t, []byte(document), o.sign(), other.trust, Policy{}, time.Now()); words(report) != "A05 untrusted" {
		t.Errorf("another's trust: %s", words(report))
	}
}

// SHA-1 passes with the switch of a partner who cannot do better, and the report says so.
func TestLegacySHA1InCMS(t *testing.T) {
	policy := Policy{Rules: &Rules{Legacy: LegacySHA1}}
	for kind, name := range map[pki.KeyKind]string{pki.RSA2048: "rsa-sha1", pki.P256: "ecdsa-sha1"} {
		o := newOpenSSL(t, kind)
		_, report := openCMS(t, []byte(document), o.sign("-md", "sha1"), o.trust, policy, time.Now())
		if report.Outcome != Holds || report.Legacy != LegacySHA1 || report.Signature != name {
			t.Errorf("%s: %+v", name, report)
		}
	}
}

// What we sign openssl verifies, and does not when the content was changed.
func TestOpenSSLVerifies(t *testing.T) {
	for _, kind := range []pki.KeyKind{pki.RSA2048, pki.P256, pki.P384, pki.P521} {
		root := pki.Must(pki.NewAuthority("Корень", time.Now()))
		middle := pki.Must(root.Intermediate(pki.Request{Subject: pki.Subject{CommonName: "Промежуточный"}}))
		cred := pki.Must(middle.Issue(pki.Request{Subject: person, Key: kind}))
		o := opensslOf(t, cred, root.Certificate)
		key := pki.Must(NewKey(cred.Key, cred.Chain...))
		sealed, signature, err := key.SealDetached(esid("e1", hostile))
		if err != nil {
			t.Fatal(err)
		}
		for _, more := range [][]string{nil, {"-cades"}} {
			if err := o.verify(sealed, signature, more...); err != nil {
				t.Errorf("kind %d, %s: openssl refuses", kind, more)
			}
		}
		if o.verify(append(sealed, ' '), signature) == nil {
			t.Errorf("kind %d: openssl takes changed content", kind)
		}
		_, report := openCMS(t, sealed, signature, o.trust, Policy{}, time.Now())
		if report.Outcome != Holds || len(report.Chain) != 3 || len(report.Warnings) > 1 {
			t.Errorf("kind %d: %v %v", kind, report.Faults, report.Warnings)
		}
	}
}

// keyIDExtension is a subjectKeyIdentifier, which openssl -keyid writes in place of issuer and serial
// number.
func keyIDExtension(id []byte) []pkix.Extension {
	return []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 14}, Value: pki.Must(asn1.Marshal(id))}}
}
