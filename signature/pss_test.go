package signature

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asugate/internal/pki"
)

// pssScene is a CA and a signer, made by openssl, whose keys are for RSASSA-PSS alone; limits are
// options of genpkey.
type pssScene struct {
	t        *testing.T
	dir      string
	ca, leaf *x509.Certificate
}

func newPSSScene(t *testing.T, limits ...string) pssScene {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	s := pssScene{t: t, dir: t.TempDir()}
	s.put("document.xml", []byte(document))
	s.put("extensions", []byte("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"))
	generate := append([]string{"genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"}, limits...)
	s.run(append(generate, "-out", "ca.key")...)
	s.run("req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=Root", "-days", "30", "-set_serial", "1",
		"-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign", "-out", "ca.pem")
	s.run(append(generate, "-out", "leaf.key")...)
	s.run("req", "-new", "-key", "leaf.key", "-subj", "/CN=Signer", "-out", "leaf.csr")
	s.run("x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "20",
		"-set_serial", "5", "-extfile", "extensions", "-out", "leaf.pem")
	s.ca, s.leaf = s.certificate("ca.pem"), s.certificate("leaf.pem")
	return s
}

func (s pssScene) put(name string, content []byte) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), content, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s pssScene) run(arguments ...string) []byte {
	s.t.Helper()
	command := exec.Command("openssl", arguments...)
	command.Dir = s.dir
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		s.t.Fatalf("openssl %s: %v\n%s", arguments, err, complaint.Bytes())
	}
	return out
}

func (s pssScene) certificate(name string) *x509.Certificate {
	s.t.Helper()
	block, _ := pem.Decode(pki.Must(os.ReadFile(filepath.Join(s.dir, name))))
	c := pki.Must(x509.ParseCertificate(block.Bytes))
	if c.PublicKey != nil {
		s.t.Fatal("crypto/x509 knows the key by now: rsaOf can go")
	}
	return c
}

func (s pssScene) sign(more ...string) []byte {
	return s.run(append([]string{"cms", "-sign", "-binary", "-outform", "DER", "-signer", "leaf.pem", "-inkey", "leaf.key",
		"-in", "document.xml", "-keyopt", "rsa_padding_mode:pss"}, more...)...)
}

var sha256Limits = []string{"-pkeyopt", "rsa_pss_keygen_md:sha256", "-pkeyopt", "rsa_pss_keygen_mgf1_md:sha256",
	"-pkeyopt", "rsa_pss_keygen_saltlen:32"}

// What keys for RSASSA-PSS alone sign holds, in a CMS and by the method of XML, under a path of such
// keys; altered it does not, and with RSASSA-PKCS1-v1_5 nothing does.
func TestPSSKeys(t *testing.T) {
	for name, limits := range map[string][]string{"any parameters": nil, "SHA-256 and a salt of 32": sha256Limits} {
		s := newPSSScene(t, limits...)
		trust := NewTrust([]*x509.Certificate{s.ca})
		signature := s.sign("-md", "sha256")
		_, report := openCMS(t, []byte(document), signature, trust, Policy{}, time.Now())
		if report.Outcome != Holds || report.Signature != "rsa-pss-sha256" || len(report.Chain) != 2 {
			t.Errorf("%s: %s %v", name, report.Signature, report.Faults)
		}
		changed := strings.Replace(document, "размещен", "брошен", 1)
		if _, report := openCMS(t, []byte(changed), signature, trust, Policy{}, time.Now()); report.Outcome == Holds {
			t.Errorf("%s: changed content holds", name)
		}
		strange := NewTrust([]*x509.Certificate{newPSSScene(t).ca})
		if _, report := openCMS(t, []byte(document), signature, strange, Policy{}, time.Now()); words(report) != "A05 untrusted" {
			t.Errorf("%s, under another root of the same name: %s", name, words(report))
		}
		if words := words(second(openCMS(t, []byte(document), signature, trust, Policy{Rules: &Rules{MinRSA: 3072}}, time.Now()))); words != "A04 rsa-key-too-short" {
			t.Errorf("%s, below the rules: %s", name, words)
		}

		value := s.run("dgst", "-sha256", "-sign", "leaf.key", "-sigopt", "rsa_pss_saltlen:32", "document.xml")
		for method, want := range map[string]reason{
			"rsa-pss-sha256": {}, "rsa-sha256": keyKindMismatch, "ecdsa-sha256": keyKindMismatch, "ed25519": keyKindMismatch,
			"gost2012-256": keyKindMismatch,
		} {
			if why := methodNamed(method).verify(Policy{}, s.leaf, []byte(document), value); why != want {
				t.Errorf("%s, %s: %v, want %v", name, method, why, want)
			}
		}
		value[7] ^= 1
		if why := methodNamed("rsa-pss-sha256").verify(Policy{}, s.leaf, []byte(document), value); why != signatureMismatch {
			t.Errorf("%s, altered: %v", name, why)
		}
	}
}

func second(_ Signed, report Report) Report { return report }

// A key is used within its limits only, for documents and for certificates.
func TestPSSLimits(t *testing.T) {
	s := newPSSScene(t, sha256Limits...)
	_, limits := rsaOf(s.leaf)
	if limits == nil || *limits != pssOf(crypto.SHA256) {
		t.Fatalf("the limits are %+v", limits)
	}
	for _, c := range []struct {
		with pssParams
		want bool
	}{
		{pssOf(crypto.SHA256), true},
		{pssParams{crypto.SHA256, crypto.SHA256, 200, 1}, true}, // a longer salt
		{pssParams{crypto.SHA256, crypto.SHA256, 31, 1}, false},
		{pssOf(crypto.SHA512), false},
		{pssParams{crypto.SHA256, crypto.SHA384, 32, 1}, false},
		{pssParams{crypto.SHA256, crypto.SHA256, 32, 2}, false},
	} {
		if c.with.within(limits) != c.want || !c.with.within(nil) {
			t.Errorf("%+v", c.with)
		}
	}
	if why := rsaPSS(pssOf(crypto.SHA512))(Policy{}, s.leaf, nil, nil); why != keyKindMismatch {
		t.Errorf("a digest outside of the limits: %v", why)
	}
	parts := pki.Must(takeSigned(s.leaf.Raw))
	short := algorithm(oidRSAPSS, pssParameters256(20))
	if err := CheckSignatureBy(s.ca, short, parts.TBS.FullBytes, parts.Value.RightAlign()); !errors.Is(err, ErrNotSignedBy) {
		t.Errorf("a certificate with a salt below the limits: %v", err)
	}
	for name, identifier := range map[string][]byte{
		"SHA-1 by default": algorithm(oidRSAPSS, tlv(0x30)), "no parameters": algorithm(oidRSAPSS),
		"a salt longer than any key": algorithm(oidRSAPSS, pssParameters256(0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
	} {
		if err := CheckSignatureBy(s.ca, identifier, parts.TBS.FullBytes, parts.Value.RightAlign()); !errors.Is(err, x509.ErrUnsupportedAlgorithm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// pssParameters256 are those of SHA-256 with a salt of this length.
func pssParameters256(salt ...byte) []byte {
	return tlv(0x30, tlv(0xa0, algorithm(sha256OID)), tlv(0xa1, algorithm(oidMGF1, algorithm(sha256OID))), tlv(0xa2, tlv(2, salt)))
}

// What is not a key for RSASSA-PSS, or has limits that nobody can keep, is no key.
func TestPSSKeyRefused(t *testing.T) {
	genuine := newPSSScene(t).leaf.RawSubjectPublicKeyInfo
	_, body, _ := cut(genuine)
	at := bytes.IndexByte(body, 0x03) // the BIT STRING
	key := body[at:]
	for name, spki := range map[string][]byte{
		"a tail":           append(bytes.Clone(genuine), 0),
		"NULL":             tlv(0x30, algorithm(oidRSAPSS, []byte{5, 0}), key),
		"unknown digest":   tlv(0x30, algorithm(oidRSAPSS, tlv(0x30, tlv(0xa0, algorithm("1.2.3")))), key),
		"another mask":     tlv(0x30, algorithm(oidRSAPSS, tlv(0x30, tlv(0xa1, algorithm("1.2.3")))), key),
		"no key inside":    tlv(0x30, algorithm(oidRSAPSS), tlv(0x03, []byte{0, 1})),
		"unused bits":      tlv(0x30, algorithm(oidRSAPSS), tlv(0x03, []byte{1}, key[len(key)-20:len(key)-1], []byte{2})),
		"another key kind": tlv(0x30, algorithm("1.2.3"), key),
		"nothing":          nil,
	} {
		if key, _ := rsaOf(&x509.Certificate{RawSubjectPublicKeyInfo: spki}); key != nil {
			t.Errorf("%s is a key", name)
		}
	}
	if key, limits := rsaOf(&x509.Certificate{RawSubjectPublicKeyInfo: tlv(0x30, algorithm(oidRSAPSS), key)}); key == nil || limits != nil {
		t.Error("the genuine one is none")
	}
}
