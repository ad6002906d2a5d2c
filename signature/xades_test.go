package signature

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"strings"
	"testing"
	"time"

	"asugate/internal/attack"
	"asugate/internal/pki"
	"asugate/xmltree"
)

// xadesEnvelope is an ordinary XAdES-BES signature by s, made ten minutes before now.
func xadesEnvelope(t testing.TB, s signer) attack.Envelope {
	e := attack.Envelope{
		Prefix: "ds:", Method: nsMore + "ecdsa-sha256", Digest: uriSHA256, URI: "#d1",
		Canonical: nsExclusive, Transform: nsExclusive,
		Sign: func(octets []byte) []byte { return signOctets(t, s.cred.Key, octets) },
		Properties: &attack.Properties{
			Space: attack.XAdES, Form: nsExclusive, Time: "2026-11-22T12:50:00+03:00",
			Certificate: s.cred.Certificate, Second: true,
		},
	}
	e.KeyInfo = e.Certificates(s.cred.Certificate)
	return e
}

// changed lets one case differ from the ordinary.
func changed(t testing.TB, s signer, change func(e *attack.Envelope, p *attack.Properties)) string {
	t.Helper()
	e := xadesEnvelope(t, s)
	change(&e, e.Properties)
	return string(pki.Must(e.Enclose([]byte(document))))
}

// TestXAdES: signed properties are taken in every version and form, the signing time is the moment,
// and nothing of the Signature is shown.
func TestXAdES(t *testing.T) {
	s := newSigner(t, pki.P256)
	for _, space := range []string{attack.XAdES, attack.XAdES122, attack.XAdES111} {
		for _, form := range []string{"", nsExclusive, nsExclusive + " #default", inclusive10.uri, inclusive11URI, inclusive10WC} {
			for _, second := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %s %t", space, form, second), func(t *testing.T) {
					signed, report := open(t, changed(t, s, func(e *attack.Envelope, p *attack.Properties) {
						p.Space, p.Form, p.Second, p.First = space, form, second, second
						e.Canonical, e.Transform = strings.TrimSuffix(form, "#WithComments"), form
						if form == "" {
							e.Canonical = inclusive10.uri
						}
					}), s.trust, now)
					if report.Outcome != Holds {
						t.Fatal(report.Faults)
					}
					want := now.Add(-10 * time.Minute)
					if !report.ClaimedTime.Equal(want) || !report.SigningTime.Equal(want) || !report.Moment.Equal(want) {
						t.Errorf("claimed %v, signing time %v, moment %v", report.ClaimedTime, report.SigningTime, report.Moment)
					}
					for _, name := range []string{"Signature", "QualifyingProperties", "SigningTime"} {
						if !find(signed.Root(), name).IsZero() {
							t.Errorf("%s is shown", name)
						}
					}
				})
			}
		}
	}
}

// TestXAdESAccepted is what honest signers write beside the least.
func TestXAdESAccepted(t *testing.T) {
	s := newSigner(t, pki.P256)
	older := pki.Credential{Key: s.cred.Key, Certificate: reissue(t, s, now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))}
	for name, change := range map[string]func(e *attack.Envelope, p *attack.Properties){
		"no signing certificate":      func(e *attack.Envelope, p *attack.Properties) { p.Certificate = nil },
		"the Type of its own version": func(e *attack.Envelope, p *attack.Properties) { p.Type = p.Space + "SignedProperties" },
		"a policy, a role and a place": func(e *attack.Envelope, p *attack.Properties) {
			p.More = `<xades:SignaturePolicyIdentifier><xades:SignaturePolicyImplied/></xades:SignaturePolicyIdentifier>` +
				`<xades:SignatureProductionPlaceV2><xades:City>Москва</xades:City></xades:SignatureProductionPlaceV2>` +
				`<xades:SignerRole><xades:ClaimedRoles><xades:ClaimedRole>инженер</xades:ClaimedRole></xades:ClaimedRoles></xades:SignerRole>`
		},
		"a time stamp, not signed": func(e *attack.Envelope, p *attack.Properties) {
			p.Unsigned = `<xades:UnsignedSignatureProperties><xades:SignatureTimeStamp><ds:CanonicalizationMethod Algorithm="` + nsExclusive +
				`"/><xades:EncapsulatedTimeStamp>AAAA</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp>` +
				`<a:TimeStampValidationData xmlns:a="` + nsXAdES141 + `"/></xades:UnsignedSignatureProperties>`
		},
		"the older of two certificates of the key": func(e *attack.Envelope, p *attack.Properties) {
			p.Certificate = older.Certificate
			e.KeyInfo = e.Certificates(s.cred.Certificate, older.Certificate)
		},
		"the certificate by SHA-1, as of old": func(e *attack.Envelope, p *attack.Properties) {
			sum := base64.StdEncoding.EncodeToString(sum1(p.Certificate.Raw))
			p.More = `<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="` + nsDSig + `sha1"/><ds:DigestValue>` +
				sum + `</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>`
			p.Certificate = nil
		},
		"a time with fractions": func(e *attack.Envelope, p *attack.Properties) { p.Time = "2026-11-22T09:50:00.123456+00:00" },
	} {
		t.Run(name, func(t *testing.T) {
			_, report := open(t, changed(t, s, change), s.trust, now)
			if report.Outcome != Holds || report.ClaimedTime.IsZero() {
				t.Errorf("%v, claimed %v", report.Faults, report.ClaimedTime)
			}
			if strings.HasPrefix(name, "the older") && !report.Certificate.Equal(older.Certificate) {
				t.Error("the signer is not the one he signed for")
			}
		})
	}
}

// TestXAdESRefused: properties that the trusted key has signed, and that are wrong all the same.
func TestXAdESRefused(t *testing.T) {
	s := newSigner(t, pki.P256)
	other := pki.Must(s.root.Issue(pki.Request{Subject: person}))
	const shape, target = "A10 signature-shape", "A10 reference-target"
	for name, one := range map[string]struct {
		change func(e *attack.Envelope, p *attack.Properties)
		want   string
	}{
		"another's certificate": {func(e *attack.Envelope, p *attack.Properties) { p.Certificate = other.Certificate },
			"A10 signing-certificate-mismatch"},
		"another's certificate, first version": {func(e *attack.Envelope, p *attack.Properties) {
			p.Certificate, p.Second = other.Certificate, false
		}, "A10 signing-certificate-mismatch"},
		"another's certificate, there as well": {func(e *attack.Envelope, p *attack.Properties) {
			p.Certificate = other.Certificate
			e.KeyInfo = e.Certificates(other.Certificate, s.cred.Certificate)
		}, "A10 signing-certificate-mismatch"},
		"another's certificate by SHA-1": {func(_ *attack.Envelope, p *attack.Properties) {
			sum := base64.StdEncoding.EncodeToString(sum1(other.Certificate.Raw))
			p.More = `<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="` + nsDSig + `sha1"/><ds:DigestValue>` +
				sum + `</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2>`
			p.Certificate = nil
		}, "A10 signing-certificate-mismatch"},
		"a namespace that is none":    {func(e *attack.Envelope, p *attack.Properties) { p.Space = "http://uri.etsi.org/01903/v9#" }, shape},
		"that of the unsigned alone":  {func(e *attack.Envelope, p *attack.Properties) { p.Space = nsXAdES141 }, shape},
		"another Type":                {func(e *attack.Envelope, p *attack.Properties) { p.Type = nsDSig + "Object" }, target},
		"the Type of another version": {func(e *attack.Envelope, p *attack.Properties) { p.Type = nsXAdES122 + "SignedProperties" }, target},
		"a signing time that is none": {func(e *attack.Envelope, p *attack.Properties) { p.Time = "вчера" }, shape},
		"an unknown property":         {func(e *attack.Envelope, p *attack.Properties) { p.More = "<xades:Evil/>" }, shape},
		"two signing times":           {func(e *attack.Envelope, p *attack.Properties) { p.More = "<xades:SigningTime/>" }, shape},
		"two signing certificates":    {func(e *attack.Envelope, p *attack.Properties) { p.More = "<xades:SigningCertificate/>" }, shape},
		"a document as a role": {func(e *attack.Envelope, p *attack.Properties) {
			p.More = "<xades:SignerRole>" + document + "</xades:SignerRole>"
		}, "A01"},
		"a document as a policy": {func(e *attack.Envelope, p *attack.Properties) {
			p.More = "<xades:SignaturePolicyIdentifier>" + strings.Replace(document, ` ID="d1"`, "", 1) + "</xades:SignaturePolicyIdentifier>"
		}, shape},
		"a document not signed": {func(e *attack.Envelope, p *attack.Properties) {
			p.Unsigned = strings.Replace(document, ` ID="d1"`, "", 1)
		}, shape},
		"513 properties": {func(e *attack.Envelope, p *attack.Properties) {
			p.More = "<xades:SignerRole>" + strings.Repeat("<xades:ClaimedRole/>", 513) + "</xades:SignerRole>"
		}, shape},
		"a digest by SHA-1": {func(e *attack.Envelope, p *attack.Properties) { e.Digest = nsDSig + "sha1" }, "A04 sha1, A04 sha1"},
	} {
		t.Run(name, func(t *testing.T) {
			e := xadesEnvelope(t, s)
			one.change(&e, e.Properties)
			signed, err := e.Enclose([]byte(document))
			if one.want == "A01" {
				if err == nil {
					t.Error("it is XML")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if _, report := open(t, string(signed), s.trust, now); words(report) != one.want {
				t.Errorf("got  %s\nwant %s", words(report), one.want)
			}
		})
	}
}

// TestXAdESTime: a time that cannot be taken is not the moment, and says why.
func TestXAdESTime(t *testing.T) {
	s := newSigner(t, pki.P256)
	for stated, warning := range map[string]string{
		"2026-11-22T09:50:00":    "signing-time-no-zone",
		"2026-11-22T11:50:00Z":   "signing-time-ahead",
		"2026-10-22T09:50:00Z":   "signing-time-old",
		"2026-11-22T9:50:00Z":    "",
		"2026-11-22 09:50:00Z":   "",
		" 2026-11-22T09:50:00Z ": "holds",
	} {
		_, report := open(t, changed(t, s, func(_ *attack.Envelope, p *attack.Properties) { p.Time = stated }), s.trust, now)
		got := ""
		for _, w := range report.Warnings {
			if w.Code == "D03" {
				got = w.Reason
			}
		}
		switch {
		case warning == "":
			if words(report) != "A10 signature-shape" {
				t.Errorf("%q: %s", stated, words(report))
			}
		case report.Outcome != Holds:
			t.Errorf("%q: %s", stated, words(report))
		case warning == "holds":
			if report.SigningTime.IsZero() || got != "" {
				t.Errorf("%q: %v %s", stated, report.SigningTime, got)
			}
		case got != warning || !report.SigningTime.IsZero() || !report.Moment.Equal(now):
			t.Errorf("%q: %s, moment %v", stated, got, report.Moment)
		}
	}
}

// TestXAdESMismatch flips each byte of the properties' part of a signature: nothing that is read of
// them may change unnoticed.
func TestXAdESMismatch(t *testing.T) {
	s := newSigner(t, pki.P256)
	signed := changed(t, s, func(*attack.Envelope, *attack.Properties) {})
	_, genuine := open(t, signed, s.trust, now)
	if genuine.Outcome != Holds {
		t.Fatal(genuine.Faults)
	}
	judge := tried(s.trust, Policy{})
	from, to := strings.Index(signed, "<ds:Object>"), strings.Index(signed, "</ds:Object>")
	for i := from; i < to; i++ {
		forged := []byte(signed)
		forged[i] ^= 1
		if holds, _ := judge(forged); holds {
			t.Errorf("it holds with %q changed to %q in %s", signed[i], forged[i], signed[max(from, i-30):min(i+30, to)])
		}
	}
}

// FuzzProperties has the trusted key sign anything as its properties, and puts anything into the
// unsigned ones: no panic, and what holds holds for the same content, of the same signer, with no
// element that is not of XAdES or XML Signature.
func FuzzProperties(f *testing.F) {
	s := fuzzSigner(f)
	f.Add("", "", "2026-11-22T09:50:00Z")
	f.Add("<xades:SignerRole><xades:ClaimedRoles/></xades:SignerRole>", "<xades:UnsignedSignatureProperties/>", "2026-11-22T09:50:00")
	f.Add("<xades:SigningCertificate><xades:Cert/></xades:SigningCertificate>", "<ds:Object/>", "")
	f.Add("<xades:SigningCertificateV2><xades:Cert><xades:CertDigest/></xades:Cert></xades:SigningCertificateV2>", "<!--x-->", "x")
	_, genuine := open(f, s.sign(f, document), s.trust, now)
	f.Fuzz(func(t *testing.T, more, unsigned, stated string) {
		e := xadesEnvelope(t, s)
		e.Properties.More, e.Properties.Unsigned, e.Properties.Time = more, unsigned, stated
		if strings.Contains(more, "SigningCertificate") {
			e.Properties.Certificate = nil
		}
		text, err := e.Enclose([]byte(document))
		if err != nil {
			return
		}
		tree, err := xmltree.Parse(text, xmltree.DefaultLimits())
		if err != nil {
			return
		}
		shown, report := Open(Input{Tree: tree}, s.trust, Policy{}, now)
		if report.Outcome != Holds {
			if shown.Valid() || len(report.Faults) == 0 {
				t.Fatalf("outcome %d with faults %v", report.Outcome, report.Faults)
			}
			return
		}
		if report.Content != genuine.Content || !report.Certificate.Equal(s.cred.Certificate) || !find(shown.Root(), "Object").IsZero() {
			t.Fatalf("it holds with other content or another signer:\n%s", text)
		}
		again, err := xmltree.Parse(text, xmltree.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		var walk func(e xmltree.Element)
		walk = func(e xmltree.Element) {
			if space := e.Space(); space != nsDSig && space != nsExclusive && !strings.HasPrefix(space, "http://uri.etsi.org/01903/v1.") {
				t.Fatalf("it holds with an element of %q in the Signature:\n%s", space, text)
			}
			for child := range e.Children() {
				walk(child)
			}
		}
		walk(find(again.Root(), "Signature"))
	})
}

// What is too long for a certificate is not digested in each of the ways that the properties name.
func TestLongCertificateIsNotDigested(t *testing.T) {
	counting := &digest{new: func() hash.Hash {
		t.Error("a digest is made")
		return sha256.New()
	}}
	text := strings.Repeat("A", 2*maxCertificate)
	e := &envelope{certificates: []carried{{text: text}, {text: text}}, properties: &properties{digests: []certificateDigest{{digest: counting}}}}
	e.putSigningFirst()
}
