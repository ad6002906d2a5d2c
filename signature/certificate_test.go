package signature

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	"asugate/internal/cputime"
	"asugate/internal/pki"
)

const day = 24 * time.Hour

// Each fault of the signer's certificate has its own code and reason, with the dates where there
// are dates; independent ones come together.
func TestSignerCertificate(t *testing.T) {
	critical := pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}
	tls := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	for _, c := range []struct {
		name    string
		request pki.Request
		want    string
	}{
		{"good", pki.Request{}, ""},
		{"no key usage at all", pki.Request{NoKeyUsage: true}, ""},
		{"nonRepudiation only", pki.Request{KeyUsage: x509.KeyUsageContentCommitment}, ""},
		{"expired", pki.Request{NotBefore: now.Add(-2 * day), NotAfter: now.Add(-day)}, "A06 expired"},
		{"not yet valid", pki.Request{NotBefore: now.Add(day), NotAfter: now.Add(2 * day)}, "A06 not-yet-valid"},
		{"the last second", pki.Request{NotBefore: now.Add(-day), NotAfter: now}, ""},
		{"the first second", pki.Request{NotBefore: now, NotAfter: now.Add(day)}, ""},
		{"encryption only", pki.Request{KeyUsage: x509.KeyUsageKeyEncipherment}, "A12 key-usage"},
		{"TLS only", pki.Request{ExtKeyUsage: tls}, "A12 tls-only"},
		{"TLS client only", pki.Request{ExtKeyUsage: tls[1:]}, "A12 tls-only"},
		{"TLS and mail", pki.Request{ExtKeyUsage: append(tls, x509.ExtKeyUsageEmailProtection)}, ""},
		{"any usage", pki.Request{ExtKeyUsage: append(tls, x509.ExtKeyUsageAny)}, ""},
		{"time stamps only", pki.Request{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}}, "A12 extended-key-usage"},
		{"an authority's own usage beside TLS", pki.Request{Extensions: []pkix.Extension{
			pki.Usages(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}, asn1.ObjectIdentifier{1, 2, 643, 2, 65, 23, 1}),
		}}, ""},
		{"unknown critical extension", pki.Request{Extensions: []pkix.Extension{critical}}, "A12 critical-extension"},
		{"Ukrainian qualified statements, critical", pki.Request{Extensions: []pkix.Extension{
			pki.Statements(asn1.ObjectIdentifier{1, 2, 804, 2, 1, 1, 1, 2, 1}),
		}}, ""},
		{"an unknown qualified statement, critical", pki.Request{Extensions: []pkix.Extension{
			pki.Statements(asn1.ObjectIdentifier{1, 2, 3}),
		}}, "A12 critical-extension"},
		{"period of the key over", pki.Request{Extensions: []pkix.Extension{pki.KeyPeriod(now.Add(-2*day), now.Add(-day))}}, "A06 key-period"},
		{"period of the key running", pki.Request{Extensions: []pkix.Extension{pki.KeyPeriod(now.Add(-day), now.Add(day))}}, ""},
		{"expired, for TLS, critical extension", pki.Request{
			NotBefore: now.Add(-2 * day), NotAfter: now.Add(-day), ExtKeyUsage: tls, Extensions: []pkix.Extension{critical},
		}, "A06 expired, A12 tls-only, A12 critical-extension"},
		{"RSA of 1024 bits", pki.Request{Key: pki.RSA1024}, "A04 rsa-key-too-short"},
		{"P-224", pki.Request{Key: pki.P224}, "A04 key-not-supported"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSigner(t, pki.P256)
			c.request.Subject = person
			cred := pki.Must(s.root.Issue(c.request))
			_, report := open(t, signedBy(t, s, cred), s.trust, now)
			if got := words(report); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// signedBy is the document signed by any credential, also one that NewKey would refuse.
func signedBy(t *testing.T, s signer, cred pki.Credential) string {
	t.Helper()
	signed := setKeyInfo(s.sign(t, document), "<ds:X509Data>"+certificateText(cred)+"</ds:X509Data>")
	if key, ok := cred.Key.Public().(*rsa.PublicKey); ok {
		signed = strings.Replace(signed, nsMore+"ecdsa-sha256", nsMore+"rsa-sha256", 1)
		if key.N.BitLen() < minRSABits {
			t.Logf("RSA of %d bits", key.N.BitLen())
		}
	}
	if scalarless(cred) {
		return signed // refused before its value is looked at
	}
	return resign(t, cred, signed)
}

// The dates of an expired certificate stand in the finding.
func TestExpiredSaysWhen(t *testing.T) {
	s := newSigner(t, pki.P256)
	cred := pki.Must(s.root.Issue(pki.Request{Subject: person, NotBefore: now.Add(-2 * day), NotAfter: now.Add(-day)}))
	_, report := open(t, signedBy(t, s, cred), s.trust, now)
	want := Fault{
		Code: "A06", Reason: "expired", Path: "/Placement/Signature/KeyInfo/X509Data/X509Certificate",
		Expected: "2026-11-22T10:00:00Z", Actual: "2026-11-20T10:00:00Z/2026-11-21T10:00:00Z",
	}
	if len(report.Faults) != 1 || report.Faults[0] != want {
		t.Errorf("got  %+v\nwant %+v", report.Faults, want)
	}
}

// Paths: through intermediates of the document or of the trust, to a CA of any level, or to the
// certificate itself; and the ways in which a path is none.
func TestPath(t *testing.T) {
	root := pki.Must(pki.NewAuthority("Корень", now))
	stranger := pki.Must(pki.NewAuthority("Корень", now)) // the same name, another key
	issue := func(a *pki.Authority) pki.Credential { return pki.Must(a.Issue(pki.Request{Subject: person})) }
	below := func(a *pki.Authority, r pki.Request) *pki.Authority {
		r.CommonName = "Промежуточный"
		return pki.Must(a.Intermediate(r))
	}
	middle := below(root, pki.Request{})
	leaf := issue(middle)
	expired := below(root, pki.Request{NotBefore: now.Add(-2 * day), NotAfter: now.Add(-day)})
	future := below(root, pki.Request{NotBefore: now.Add(day)})
	weak := below(root, pki.Request{Key: pki.RSA1024})
	forTLS := below(root, pki.Request{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	noSigning := below(root, pki.Request{KeyUsage: x509.KeyUsageCRLSign})
	critical := below(root, pki.Request{Extensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}})
	noDepth := below(root, pki.Request{PathLength: -1})
	tooDeep := pki.Must(noDepth.Intermediate(pki.Request{Subject: pki.Subject{CommonName: "Ниже"}}))
	constrained := below(root, pki.Request{PermittedDNS: []string{"rzd.example"}})
	named := pki.Must(constrained.Issue(pki.Request{Subject: person, Hosts: []string{"evil.example"}}))
	self := pki.Must(pki.NewAuthorityFor(pki.Request{
		Subject: person, KeyUsage: x509.KeyUsageDigitalSignature, Extensions: []pkix.Extension{noCA()},
	}, now))
	self.Chain = []*x509.Certificate{self.Certificate}
	fromLeaf := issue(pki.AuthorityOf(leaf, now))

	deep := root
	for range 7 {
		deep = pki.Must(deep.Intermediate(pki.Request{Subject: pki.Subject{CommonName: "Глубже"}}))
	}
	cut := func(c pki.Credential) pki.Credential { c.Chain = c.Chain[:1]; return c }
	trust := func(list ...*x509.Certificate) *Trust { return NewTrust(list) }
	for _, c := range []struct {
		name  string
		cred  pki.Credential
		trust *Trust
		want  string
	}{
		{"directly below the root", issue(root), trust(root.Certificate), ""},
		{"intermediate in the document", leaf, trust(root.Certificate), ""},
		{"intermediate in the trust", cut(leaf), trust(root.Certificate, middle.Certificate), ""},
		{"intermediate alone trusted", leaf, trust(middle.Certificate), ""},
		{"intermediate missing", cut(leaf), trust(root.Certificate), "A05 untrusted"},
		{"itself trusted", cut(leaf), trust(leaf.Certificate), ""},
		{"itself trusted, self-signed", self.Credential, trust(self.Certificate), ""},
		{"no trust", leaf, trust(), "A05 no-trust"},
		{"nil trust", leaf, nil, "A05 no-trust"},
		{"another root of the same name", leaf, trust(stranger.Certificate), "A05 untrusted"},
		{"self-signed stranger", self.Credential, trust(root.Certificate), "A05 untrusted"},
		{"issued by a person", fromLeaf, trust(root.Certificate), "A05 issuer-not-ca, A12 issuer-key-usage"},
		{"issued by a trusted person", fromLeaf, trust(leaf.Certificate), "A05 untrusted"},
		{"intermediate expired", issue(expired), trust(root.Certificate), "A06 issuer-expired"},
		{"intermediate not yet valid", issue(future), trust(root.Certificate), "A06 issuer-not-yet-valid"},
		{"intermediate with a weak key", issue(weak), trust(root.Certificate), "A04 rsa-key-too-short"},
		{"intermediate for TLS", issue(forTLS), trust(root.Certificate), "A12 tls-only"},
		{"intermediate may not issue", issue(noSigning), trust(root.Certificate), "A12 issuer-key-usage"},
		{"intermediate with a critical extension", issue(critical), trust(root.Certificate), "A12 issuer-critical-extension"},
		{"path length", issue(tooDeep), trust(root.Certificate), "A05 path-constraint"},
		{"path length kept", issue(noDepth), trust(root.Certificate), ""},
		{"name constraint", named, trust(root.Certificate), "A05 path-constraint"},
		{"a path of eight", issue(deep), trust(root.Certificate), "A05 untrusted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			key := pki.Must(NewKey(c.cred.Key, c.cred.Chain...))
			_, report := open(t, string(pki.Must(key.Sign([]byte(document)))), c.trust, now)
			if got := words(report); got != c.want {
				t.Errorf("got  %s\nwant %s: %v", got, c.want, report.Faults)
			}
			if c.want == "" && len(report.Chain) == 0 {
				t.Error("no chain reported")
			}
		})
	}
}

// A key of a million bits, brought along as an issuer's, costs nothing.
func TestEndlessIssuerKey(t *testing.T) {
	endless := &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1<<20), E: 65537}
	endless.N.SetBit(endless.N, 0, 1)
	issuer := &x509.Certificate{RawSubject: []byte("x"), PublicKey: endless}
	c := &x509.Certificate{
		RawIssuer: []byte("x"), SignatureAlgorithm: x509.SHA256WithRSA, Signature: make([]byte, 1<<17+1),
	}
	s := pathSearch{trust: NewTrust(nil), at: now}
	issued := false
	if took := cputime.Of(func() { issued = s.issued(issuer, c) }); issued || took > 100*time.Millisecond {
		t.Errorf("%v, took %v", issued, took)
	}
}

func noCA() pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Critical: true, Value: []byte{0x30, 0}}
}

// Keys that the document brings along create no trust (faults.md, row 23), wherever they stand.
func TestKeyConfusion(t *testing.T) {
	s := newSigner(t, pki.P256)
	signed := s.sign(t, document)
	genuine := certificateText(s.cred)
	attacker := newSigner(t, pki.P256)
	evil := certificateText(attacker.cred)
	byAttacker := attacker.sign(t, document)
	rsaKey := pki.Must(s.root.Issue(pki.Request{Subject: person, Key: pki.RSA2048}))
	bare := rsaKeyValue(rsaKey.Key.Public().(*rsa.PublicKey))
	data := func(certificates ...string) string {
		return "<ds:X509Data>" + strings.Join(certificates, "") + "</ds:X509Data>"
	}
	clone := pki.Must(attacker.root.Issue(pki.Request{Subject: person}))
	for _, c := range []struct{ name, document, want string }{
		{"attacker alone", byAttacker, "A05 untrusted"},
		{"attacker's signature, genuine certificate first", setKeyInfo(byAttacker, data(genuine, evil)), "A05 untrusted"},
		{"attacker's signature, genuine certificate last", setKeyInfo(byAttacker, data(evil, genuine)), "A05 untrusted"},
		{"attacker's signature, genuine certificate alone", setKeyInfo(byAttacker, data(genuine)), "A03 signature-mismatch"},
		{"genuine signature, attacker's certificate first", setKeyInfo(signed, data(evil, genuine)), ""},
		{"genuine signature, in a second X509Data", setKeyInfo(signed, data(evil)+data(genuine)), ""},
		{"the same names from the attacker's authority", setKeyInfo(resign(t, clone, signed), data(certificateText(clone))), "A05 untrusted"},
		{"a bare key", setKeyInfo(signed, bare), "A04 key-value-only"},
		{"a bare key beside the certificate", setKeyInfo(signed, bare+data(genuine)), ""},
		{"a name beside the certificate", setKeyInfo(signed, "<ds:KeyName>x</ds:KeyName>"+data(genuine)), ""},
		{"a name alone", setKeyInfo(signed, "<ds:KeyName>x</ds:KeyName>"), "A05 no-certificate"},
		{"a serial number alone", setKeyInfo(signed, data("<ds:X509IssuerSerial><ds:X509IssuerName>CN=x</ds:X509IssuerName>"+
			"<ds:X509SerialNumber>1</ds:X509SerialNumber></ds:X509IssuerSerial>")), "A05 no-certificate"},
		{"a foreign key reference", setKeyInfo(signed, `<w:SecurityTokenReference xmlns:w="urn:w"/>`), "A10 signature-shape"},
		{"nine certificates", setKeyInfo(signed, data(strings.Repeat(genuine, 9))), "A05 too-many-certificates"},
		{"200 certificates", setKeyInfo(signed, data(strings.Repeat(genuine, 200))), "A05 too-many-certificates"},
		{"no certificate in X509Certificate", setKeyInfo(signed, data("<ds:X509Certificate>AAAA</ds:X509Certificate>")), "A05 certificate-unreadable"},
		{"no base64 in X509Certificate", setKeyInfo(signed, data("<ds:X509Certificate>*</ds:X509Certificate>")), "A05 certificate-unreadable"},
		{"an unreadable certificate beside the good one", setKeyInfo(signed, data(genuine, "<ds:X509Certificate>AAAA</ds:X509Certificate>")), "A05 certificate-unreadable"},
		{"a certificate of 100 KB", setKeyInfo(signed, data("<ds:X509Certificate>"+strings.Repeat("AAAA", 25000)+"</ds:X509Certificate>")), "A05 certificate-unreadable"},
		{"certificate with white space", setKeyInfo(signed, data(spaced(s.cred))), ""},
		{"content changed and attacker's signature", strings.Replace(byAttacker, "размещен", "брошен", 1), "A03 digest-mismatch, A05 untrusted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, report := open(t, c.document, s.trust, now)
			if got := words(report); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func spaced(c pki.Credential) string {
	var b bytes.Buffer
	text := base64.StdEncoding.EncodeToString(c.Certificate.Raw)
	for i := 0; i < len(text); i += 60 {
		b.WriteString("\r\n\t  " + text[i:min(i+60, len(text))])
	}
	return "<ds:X509Certificate>" + strings.ReplaceAll(b.String(), "\r", "&#13;") + "\n</ds:X509Certificate>"
}

// A renewed certificate with the same key: whichever is good counts, in either order.
func TestRenewedCertificate(t *testing.T) {
	s := newSigner(t, pki.P256)
	old := s.cred
	old.Certificate = reissue(t, s, now.Add(-2*day), now.Add(-day))
	signed := s.sign(t, document)
	for _, order := range [][]pki.Credential{{old, s.cred}, {s.cred, old}} {
		var data string
		for _, c := range order {
			data += certificateText(c)
		}
		_, report := open(t, setKeyInfo(signed, "<ds:X509Data>"+data+"</ds:X509Data>"), s.trust, now)
		if report.Outcome != Holds || !report.Certificate.Equal(s.cred.Certificate) {
			t.Errorf("%v", report.Faults)
		}
	}
}
