package signature

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"testing"
	"time"

	"asugate/internal/attack"
	"asugate/internal/pki"
	"asugate/xmltree"
)

// bareKeys are the forms in which a key stands without a certificate.
func bareKeys(c *x509.Certificate) map[string]string {
	encode := base64.StdEncoding.EncodeToString
	forms := map[string]string{
		"DEREncodedKeyValue": `<k:DEREncodedKeyValue xmlns:k="` + nsDSig11 + `">` + encode(c.RawSubjectPublicKeyInfo) + `</k:DEREncodedKeyValue>`,
	}
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		forms["RSAKeyValue"] = rsaKeyValue(key)
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			panic(err) // a key of a certificate of ours
		}
		forms["ECKeyValue"] = `<ds:KeyValue><k:ECKeyValue xmlns:k="` + nsDSig11 + `"><k:NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"/>` +
			`<k:PublicKey>` + encode(point) + `</k:PublicKey></k:ECKeyValue></ds:KeyValue>`
	}
	return forms
}

// TestKeyValue: a bare key stands for the one certificate that is trusted as itself and has it, where
// the switch allows; else never.
func TestKeyValue(t *testing.T) {
	allowed := Policy{Rules: &Rules{Legacy: LegacyKeyValue}}
	for _, kind := range []pki.KeyKind{pki.P256, pki.RSA2048} {
		s := newSigner(t, kind)
		mine, renewed := s.cred.Certificate, reissue(t, s, now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))
		expired := reissue(t, s, now.AddDate(-2, 0, 0), now.AddDate(-1, 0, 0))
		stranger := pki.Must(s.root.Issue(pki.Request{Subject: person, Key: kind})).Certificate
		signed := s.sign(t, document)
		for form, info := range bareKeys(mine) {
			for name, one := range map[string]struct {
				trusted []*x509.Certificate
				policy  Policy
				want    string
			}{
				"pinned":              {[]*x509.Certificate{mine, stranger}, allowed, ""},
				"pinned twice":        {[]*x509.Certificate{mine, mine}, allowed, ""},
				"switch off":          {[]*x509.Certificate{mine}, Policy{}, "A04 key-value-only"},
				"only issued":         {[]*x509.Certificate{s.root.Certificate}, allowed, "A05 untrusted"},
				"another's":           {[]*x509.Certificate{stranger}, allowed, "A05 untrusted"},
				"pinned and renewed":  {[]*x509.Certificate{mine, renewed}, allowed, "A04 key-value-only"},
				"pinned, but expired": {[]*x509.Certificate{expired}, allowed, "A06 expired"},
				"nobody is trusted":   {nil, allowed, "A05 no-trust"},
			} {
				report := judged(t, setKeyInfo(signed, info), NewTrust(one.trusted), one.policy)
				if got := words(report); got != one.want {
					t.Errorf("kind %d, %s, %s: got %q, want %q", kind, form, name, got, one.want)
				}
				if one.want == "" && (report.Outcome != Holds || report.Legacy != LegacyKeyValue || !report.Certificate.Equal(mine)) {
					t.Errorf("kind %d, %s: outcome %v, used %v", kind, form, report.Outcome, report.Legacy.Names())
				}
			}
		}
	}
}

// TestKeyValueMalformed: what is no key, two keys, and a certificate beside the key.
func TestKeyValueMalformed(t *testing.T) {
	allowed := Policy{Rules: &Rules{Legacy: LegacyKeyValue}}
	s := newSigner(t, pki.P256)
	signed, good := s.sign(t, document), bareKeys(s.cred.Certificate)["ECKeyValue"]
	rsaOf := func(modulus, exponent string) string {
		return "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>" + modulus + "</ds:Modulus><ds:Exponent>" + exponent +
			"</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"
	}
	ecOf := func(curve, point string) string {
		return `<ds:KeyValue><k:ECKeyValue xmlns:k="` + nsDSig11 + `"><k:NamedCurve URI="` + curve + `"/><k:PublicKey>` + point +
			`</k:PublicKey></k:ECKeyValue></ds:KeyValue>`
	}
	huge := base64.StdEncoding.EncodeToString(make([]byte, 2000))
	for info, want := range map[string]string{
		good + good: "A04 key-value-only",
		good + "<ds:X509Data>" + certificateText(s.cred) + "</ds:X509Data>": "",
		"<ds:KeyValue></ds:KeyValue>":                                       "A04 key-value-only",
		rsaOf("", "AQAB"):                                                   "A04 key-value-only",
		rsaOf("AQAB", "AQABAQAB"):                                           "A04 key-value-only",
		rsaOf("AQAB", "/////w=="):                                           "A04 key-value-only",
		rsaOf(huge, "AQAB"):                                                 "A04 key-value-only",
		rsaOf("AQAB", "AQAB"):                                               "A05 untrusted",
		ecOf("urn:oid:1.3.132.0.33", "BAAA"):                                "A04 key-value-only", // P-224
		ecOf("urn:oid:1.2.840.10045.3.1.7", "BAAA"):                         "A04 key-value-only",
		ecOf("urn:oid:1.2.840.10045.3.1.7", "*"):                            "A04 key-value-only",
		`<k:DEREncodedKeyValue xmlns:k="` + nsDSig11 + `">*</k:DEREncodedKeyValue>`:    "A10 signature-shape",
		`<k:DEREncodedKeyValue xmlns:k="` + nsDSig11 + `">AAAA</k:DEREncodedKeyValue>`: "A05 untrusted",
	} {
		trust := NewTrust([]*x509.Certificate{s.cred.Certificate})
		if got := words(judged(t, setKeyInfo(signed, info), trust, allowed)); got != want {
			t.Errorf("%.120s: got %q, want %q", info, got, want)
		}
	}
}

// judged opens with a policy.
func judged(t testing.TB, document string, trust *Trust, policy Policy) Report {
	t.Helper()
	tree, err := xmltree.Parse([]byte(document), xmltree.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	_, report := Open(Input{Tree: tree}, trust, policy, now)
	return report
}

// TestLegacySwitches: each switch lets pass what is its own, says that it did, and nothing else.
func TestLegacySwitches(t *testing.T) {
	curve := newSigner(t, pki.P256)
	short := signer{root: curve.root, trust: curve.trust} // our own key cannot be as short
	short.cred = pki.Must(curve.root.Issue(pki.Request{Subject: person, Key: pki.RSA1024}))
	envelope := func(s signer, method, digest string, sign attack.Signer) string {
		e := attack.Envelope{Prefix: "ds:", Method: method, Digest: digest, URI: "#d1", Canonical: nsExclusive, Transform: nsExclusive, Sign: sign}
		e.KeyInfo = e.Certificates(s.cred.Certificate)
		return string(pki.Must(e.Enclose([]byte(document))))
	}
	sha1ECDSA := envelope(curve, nsMore+"ecdsa-sha1", uriSHA256, func(octets []byte) []byte { return signSHA1(t, curve.cred.Key, octets) })
	sha1Digest := envelope(curve, nsMore+"ecdsa-sha256", nsDSig+"sha1", func(octets []byte) []byte { return signOctets(t, curve.cred.Key, octets) })
	rsa1024 := envelope(short, nsMore+"rsa-sha256", uriSHA256, func(octets []byte) []byte { return signOctets(t, short.cred.Key, octets) })
	both := envelope(short, nsDSig+"rsa-sha1", nsDSig+"sha1", func(octets []byte) []byte { return signSHA1(t, short.cred.Key, octets) })
	for name, one := range map[string]struct {
		signed string
		trust  *Trust
		rules  Rules
		want   string
		used   Legacy
	}{
		"SHA-1 in ECDSA":             {sha1ECDSA, curve.trust, Rules{}, "A04 sha1", 0},
		"SHA-1 in ECDSA, allowed":    {sha1ECDSA, curve.trust, Rules{Legacy: LegacySHA1}, "", LegacySHA1},
		"SHA-1 digest":               {sha1Digest, curve.trust, Rules{Legacy: LegacyRSA1024 | LegacyKeyValue | LegacyGOST2001}, "A04 sha1", 0},
		"SHA-1 digest, allowed":      {sha1Digest, curve.trust, Rules{Legacy: LegacySHA1}, "", LegacySHA1},
		"RSA 1024":                   {rsa1024, short.trust, Rules{Legacy: LegacySHA1}, "A04 rsa-key-too-short", 0},
		"RSA 1024 by the least size": {rsa1024, short.trust, Rules{MinRSA: 1024}, "A04 rsa-key-too-short", 0},
		"RSA 1024, allowed":          {rsa1024, short.trust, Rules{Legacy: LegacyRSA1024}, "", LegacyRSA1024},
		"RSA 1024, from 1025":        {rsa1024, short.trust, Rules{Legacy: LegacyRSA1024, MinRSA: 1025}, "A04 rsa-key-too-short", 0},
		"RSA 1024 with SHA-1":        {both, short.trust, Rules{Legacy: LegacyRSA1024}, "A04 sha1, A04 sha1", 0},
		"both, allowed":              {both, short.trust, Rules{Legacy: LegacyRSA1024 | LegacySHA1}, "", LegacyRSA1024 | LegacySHA1},
		"P-256 below the least":      {curve.sign(t, document), curve.trust, Rules{MinEC: 384}, "A04 ec-key-too-short", 0},
		"an algorithm that ended": {curve.sign(t, document), curve.trust, Rules{Ends: map[string]time.Time{"ecdsa-sha256": now}},
			"A04 algorithm-ended", 0},
		"a digest that ended": {curve.sign(t, document), curve.trust, Rules{Ends: map[string]time.Time{"sha256": now.Add(-time.Hour)}},
			"A04 algorithm-ended", 0},
		"an algorithm that is to end": {curve.sign(t, document), curve.trust, Rules{Ends: map[string]time.Time{"ecdsa-sha256": now.Add(1)}}, "", 0},
		"a digest that ended, of the properties alone": {changed(t, curve, func(*attack.Envelope, *attack.Properties) {}), curve.trust,
			Rules{Ends: map[string]time.Time{"sha256": now}}, "A04 algorithm-ended", 0},
	} {
		report := judged(t, one.signed, one.trust, Policy{Rules: &one.rules})
		if got := words(report); got != one.want {
			t.Errorf("%s: got %q, want %q", name, got, one.want)
		}
		if one.want != "" {
			continue
		}
		var warned []string
		for _, w := range report.Warnings {
			if w.Reason == "legacy-used" {
				warned = append(warned, w.Actual)
			}
		}
		if report.Legacy != one.used || len(warned) != len(one.used.Names()) {
			t.Errorf("%s: used %v, warned of %v", name, report.Legacy.Names(), warned)
		}
	}
}

// TestHMACHasNoSwitch: a shared secret proves no person, whatever the register says.
func TestHMACHasNoSwitch(t *testing.T) {
	s := newSigner(t, pki.P256)
	for _, uri := range []string{nsDSig + "hmac-sha1", nsMore + "hmac-sha256"} {
		forged := resign(t, s.cred, replace(t, s.sign(t, document), nsMore+"ecdsa-sha256", uri))
		if got := words(judged(t, forged, s.trust, everythingRelaxed())); got != "A04 hmac" {
			t.Errorf("%s: %s", uri, got)
		}
	}
}

// TestContentDigest: a digest as long as SHA-256 is not taken for it: the gateway knows content by
// SHA-256 alone, so that the same content is known whoever signed it how.
func TestContentDigest(t *testing.T) {
	s := newSigner(t, pki.P256)
	want := judged(t, s.sign(t, document), s.trust, Policy{}).Content
	for _, digest := range []string{uriSHA256, nsDigest + "sha512", nsDSig + "sha1"} {
		signed := changed(t, s, func(e *attack.Envelope, _ *attack.Properties) { e.Digest, e.Properties = digest, nil })
		if got := judged(t, signed, s.trust, everythingRelaxed()).Content; got != want {
			t.Errorf("%s: content %x, want %x", digest, got, want)
		}
	}
	streebog := replace(t, s.sign(t, document), uriSHA256, "urn:ietf:params:xml:ns:cpxmlsec:algorithms:gostr34112012-256")
	if got := judged(t, streebog, s.trust, Policy{}).Content; got != want {
		t.Errorf("Стрибог: content %x, want %x", got, want)
	}
}
