package signature

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"asugate/internal/gostengine"
	"asugate/internal/pki"
	"asugate/signature/cms"
)

// legacyPolicy lets ГОСТ Р 34.10-2001 pass.
var legacyPolicy = Policy{Rules: &Rules{Legacy: LegacyGOST2001}}

// What the engine signs with each GOST holds in every form, ГОСТ Р 34.10-2001 with its switch alone;
// changed content does not.
func TestEngineSignsCMS(t *testing.T) {
	e := gostengine.New(t)
	forms := map[string][]string{
		"plain": nil, "key identifier": {"-keyid"}, "CAdES": {"-cades"}, "without attributes": {"-noattr"},
		"attached": {"-nodetach"}, "attached, BER": {"-nodetach", "-stream", "-cades"},
	}
	changed := strings.Replace(document, "размещен", "брошен", 1)
	for name, a := range map[string]gostengine.Algorithm{
		"gost2012-256": gostengine.GOST2012_256, "gost2012-512": gostengine.GOST2012_512, "gost2001": gostengine.GOST2001,
	} {
		ca := e.Authority(a, "Корень")
		leaf := e.Issue(ca, a, "/CN=Петрова/title=инженер")
		trust := NewTrust([]*x509.Certificate{ca.Certificate})
		for form, more := range forms {
			signature := e.SignCMS(leaf, []byte(document), more...)
			_, report := openCMS(t, []byte(document), signature, trust, legacyPolicy, time.Now())
			if report.Outcome != Holds || report.Signature != name || len(report.Chain) != 2 {
				t.Errorf("%s, %s: %s %v", name, form, report.Signature, report.Faults)
			}
			if legacy := name == "gost2001"; legacy != (report.Legacy == LegacyGOST2001) {
				t.Errorf("%s, %s: needs the switch %v", name, form, report.Legacy)
			}
			if _, report := openCMS(t, []byte(changed), signature, trust, legacyPolicy, time.Now()); report.Outcome == Holds {
				t.Errorf("%s, %s: changed content holds", name, form)
			}
			_, report = openCMS(t, []byte(document), signature, trust, Policy{}, time.Now())
			if legacy := name == "gost2001"; legacy && words(report) != "A04 gost-2001" || !legacy && report.Outcome != Holds {
				t.Errorf("%s, %s, without the switch: %s", name, form, words(report))
			}
		}
	}
}

// A flipped byte of a GOST signature, of its attributes or of its value, and no other place is
// looked at here, does not hold.
func TestFlippedGOST(t *testing.T) {
	e := gostengine.New(t)
	ca := e.Authority(gostengine.GOST2012_256, "Корень")
	leaf := e.Issue(ca, gostengine.GOST2012_256, "/CN=Петрова")
	trust := NewTrust([]*x509.Certificate{ca.Certificate})
	signature := e.SignCMS(leaf, []byte(document), "-cades")
	data := pki.Must(cms.Parse(signature))
	attributes := strings.Index(string(signature), string(data.Signer.Attributes.Octets[1:]))
	for i := attributes; i < len(signature); i += 3 {
		signature[i] ^= 0x10
		if _, report := openCMS(t, []byte(document), signature, trust, Policy{}, time.Now()); report.Outcome == Holds {
			t.Errorf("byte %d", i)
		}
		signature[i] ^= 0x10
	}
}

// engineSigner is a crypto.Signer whose key the engine holds, as a certified provider would.
type engineSigner struct {
	engine *gostengine.Engine
	cred   gostengine.Credential
}

func (s engineSigner) Public() crypto.PublicKey {
	return PublicKey(s.cred.Certificate.RawSubjectPublicKeyInfo)
}

func (s engineSigner) Sign(_ io.Reader, octets []byte, options crypto.SignerOpts) ([]byte, error) {
	if m, ok := options.(Message); ok {
		octets = m.Octets
	}
	return s.engine.Sign(s.cred, octets), nil
}

// What a key of a GOST provider signs the engine verifies, and so do we.
func TestEngineVerifiesCMS(t *testing.T) {
	e := gostengine.New(t)
	for _, a := range []gostengine.Algorithm{gostengine.GOST2012_256, gostengine.GOST2012_512} {
		ca := e.Authority(a, "Корень")
		leaf := e.Issue(ca, a, "/CN=Шлюз")
		key := pki.Must(NewKey(engineSigner{e, leaf}, leaf.Certificate))
		sealed, signature, err := key.SealDetached(esid("e1", hostile))
		if err != nil {
			t.Fatal(err)
		}
		e.VerifyCMS(ca, sealed, signature)
		trust := NewTrust([]*x509.Certificate{ca.Certificate})
		if _, report := openCMS(t, sealed, signature, trust, Policy{}, time.Now()); report.Outcome != Holds {
			t.Errorf("%v: %v", a, report.Faults)
		}
	}
}

// The signature of a memo («памятка», ГУ-45ВЦ) as ОАО «РЖД» makes it: ГОСТ Р 34.10-2001 with the
// parameters CryptoPro-XchA and ГОСТ Р 34.11-94; the attributes contentType, signingTime,
// messageDigest, signingCertificateV2 and one of Microsoft's; a certificate of a corporate authority
// for a usage of its own, with the period of the private key, СНИЛС and post, and without numbers of
// the organisation.
func TestRailwaySignature(t *testing.T) {
	e := gostengine.New(t)
	ca := e.Authority(gostengine.GOST2001, "ЦС_3")
	leaf := railwayCertificate(t, e, ca)
	own := cms.ReadCertificate(leaf.Certificate.Raw)
	sum := func(octets []byte) []byte { return e.Digest("md_gost94", octets) }
	digest := algorithm("1.2.643.2.2.9", []byte{5, 0})
	at := time.Now()
	f := &forge{
		version: number(1), contentType: cms.OIDData, infos: 1, infoVersion: number(1),
		signer: tlv(0x30, own.Issuer, tlv(0x02, own.Serial)), digest: digest,
		certificates: [][]byte{own.Raw}, key: engineSigner{e, leaf},
		signature: algorithm("1.2.643.2.2.19", []byte{5, 0}),
		attributes: [][]byte{
			attribute(contentTypeOID, oid(cms.OIDData)), attribute(messageDigestOID, tlv(0x04, sum([]byte(document)))),
			attribute(signingTimeOID, tlv(0x17, []byte(at.UTC().Format("060102150405Z")))),
			attribute(certificateV2OID, tlv(0x30, tlv(0x30, tlv(0x30, digest, tlv(0x04, sum(own.Raw)))))),
			attribute("1.3.6.1.4.1.311.2.1.120", tlv(0x30, wide("eEcp"), wide("1.0"))),
		},
	}
	signature := f.write(t, document)
	e.VerifyCMS(ca, []byte(document), signature)
	trust := NewTrust([]*x509.Certificate{ca.Certificate})
	_, report := openCMS(t, []byte(document), signature, trust, legacyPolicy, at)
	if report.Outcome != Holds || report.Legacy != LegacyGOST2001 || report.Signer.SNILS == "" || report.Signer.Title == "" {
		t.Errorf("%v %v %+v", report.Faults, report.Legacy, report.Signer)
	}
	if !report.SigningTime.Equal(at.Truncate(time.Second)) {
		t.Errorf("signed at %s, not %s", report.SigningTime, at)
	}
	// Half a year later the period of the private key is over, while the certificate still verifies.
	late := at.Add(200 * day)
	f.attributes = f.attributes[:0]
	f.attributes = append(f.attributes, attribute(contentTypeOID, oid(cms.OIDData)),
		attribute(messageDigestOID, tlv(0x04, sum([]byte(document)))))
	_, report = openCMS(t, []byte(document), f.write(t, document), trust, legacyPolicy, late)
	if words(report) != "A06 key-period" {
		t.Errorf("late: %s", words(report))
	}
}

// wide is a BMPString.
func wide(s string) []byte {
	var octets []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		octets = append(octets, byte(unit>>8), byte(unit))
	}
	return tlv(0x1e, octets)
}

// railwayCertificate is one such as corporate authorities of the railway issue.
func railwayCertificate(t *testing.T, e *gostengine.Engine, ca gostengine.Credential) gostengine.Credential {
	t.Helper()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	until := time.Now().AddDate(0, 3, 0).UTC().Format("20060102150405Z")
	period := tlv(0x30, tlv(0x81, []byte(until)))
	var hexadecimal []string
	for _, b := range period {
		hexadecimal = append(hexadecimal, string("0123456789abcdef"[b>>4])+string("0123456789abcdef"[b&15]))
	}
	extensions := "keyUsage = critical, digitalSignature, nonRepudiation\nextendedKeyUsage = 1.2.643.2.65.23.1\n" +
		"2.5.29.16 = DER:" + strings.Join(hexadecimal, ":") + "\n"
	if err := os.WriteFile(file("extensions"), []byte(extensions), 0o600); err != nil {
		t.Fatal(err)
	}
	c := gostengine.Credential{Algorithm: gostengine.GOST2001, KeyFile: e.Key(gostengine.GOST2001), CertificateFile: file("certificate.pem")}
	e.Run(nil, "req", "-new", "-md_gost94", "-key", c.KeyFile, "-utf8", "-subj",
		"/CN=Иванов Иван Иванович/title=приемосдатчик/O=ОАО РЖД/SNILS=11223344595", "-out", file("request.pem"))
	e.Run(nil, "x509", "-req", "-md_gost94", "-in", file("request.pem"), "-CA", ca.CertificateFile, "-CAkey", ca.KeyFile,
		"-set_serial", "77", "-days", "365", "-extfile", file("extensions"), "-out", c.CertificateFile)
	block, _ := pem.Decode(pki.Must(os.ReadFile(c.CertificateFile)))
	c.Certificate = pki.Must(x509.ParseCertificate(block.Bytes))
	return c
}
