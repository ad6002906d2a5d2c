package signature

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"asugate/internal/gostengine"
	"asugate/signature/gost"
	"asugate/xmltree"

	"github.com/google/go-cmp/cmp"
)

// gostURIs are the identifiers of a key's method and digest in XML.
func gostURIs(a gostengine.Algorithm) (method, digest string) {
	switch a.Key {
	case "gost2012_256":
		return nsGOST + "gostr34102012-gostr34112012-256", nsGOST + "gostr34112012-256"
	case "gost2012_512":
		return nsGOST + "gostr34102012-gostr34112012-512", nsGOST + "gostr34112012-512"
	}
	return nsGOST + "gostr34102001-gostr3411", nsGOST + "gostr3411"
}

// gostSigned is a document that the engine has signed, with the certificates in its KeyInfo.
func gostSigned(t *testing.T, e *gostengine.Engine, c gostengine.Credential, method, digest string, more ...gostengine.Credential) string {
	t.Helper()
	const content = "<Накладная ID=\"d1\"><Груз>Лес</Груз></Накладная>"
	tree, err := xmltree.Parse([]byte(content), xmltree.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.StdEncoding.EncodeToString
	sum := digestOf(digest).sum(tree.Root().AppendCanonical(nil, xmltree.Form{}))
	certificates := ""
	for _, c := range append([]gostengine.Credential{c}, more...) {
		certificates += "<X509Certificate>" + encode(c.Certificate.Raw) + "</X509Certificate>"
	}
	signature := `<Signature xmlns="` + nsDSig + `"><SignedInfo>` +
		`<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></CanonicalizationMethod>` +
		`<SignatureMethod Algorithm="` + method + `"></SignatureMethod><Reference URI="#d1"><Transforms>` +
		`<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform>` +
		`<Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></Transform></Transforms>` +
		`<DigestMethod Algorithm="` + digest + `"></DigestMethod><DigestValue>` + encode(sum) + `</DigestValue>` +
		`</Reference></SignedInfo><SignatureValue></SignatureValue><KeyInfo><X509Data>` + certificates +
		`</X509Data></KeyInfo></Signature>`
	document := strings.Replace(content, "</Накладная>", signature+"</Накладная>", 1)
	tree, err = xmltree.Parse([]byte(document), xmltree.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	octets := find(tree.Root(), "SignedInfo").AppendCanonical(nil, xmltree.Form{})
	return replace(t, document, "<SignatureValue>", "<SignatureValue>"+encode(e.Sign(c, octets)))
}

// gostScene is a CA, one below it, and a signer.
func gostScene(t *testing.T, e *gostengine.Engine, a gostengine.Algorithm) (root, below, leaf gostengine.Credential) {
	t.Helper()
	root = e.Authority(a, "Корень")
	below = e.Intermediate(root, a, "Промежуточный")
	return root, below, e.Issue(below, a, "/CN=Иванов Иван/O=ООО Ромашка")
}

func openAt(t *testing.T, document string, trust *Trust, policy Policy) (Signed, Report) {
	t.Helper()
	tree, err := xmltree.Parse([]byte(document), xmltree.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	return Open(Input{Tree: tree}, trust, policy, time.Now().Add(time.Minute))
}

var allowGOST2001 = Policy{Rules: &Rules{Legacy: LegacyGOST2001}}

// A document that the engine signs, under a path of GOST certificates, holds; altered it does not.
func TestGOSTDocument(t *testing.T) {
	e := gostengine.New(t)
	for _, c := range []struct {
		algorithm         gostengine.Algorithm
		policy            Policy
		signature, digest string
	}{
		{gostengine.GOST2012_256, Policy{}, "gost2012-256", "streebog256"},
		{gostengine.GOST2012_512, Policy{}, "gost2012-512", "streebog512"},
		{gostengine.GOST2001, allowGOST2001, "gost2001", "gost94"},
	} {
		t.Run(c.signature, func(t *testing.T) {
			root, below, leaf := gostScene(t, e, c.algorithm)
			trust := NewTrust([]*x509.Certificate{root.Certificate})
			method, digest := gostURIs(c.algorithm)
			document := gostSigned(t, e, leaf, method, digest, below)
			signed, report := openAt(t, document, trust, c.policy)
			if !signed.Valid() || report.Outcome != Holds {
				t.Fatalf("refused: %+v", report.Faults)
			}
			got := []string{report.Signature, report.Digest, report.Signer.CommonName}
			if diff := cmp.Diff([]string{c.signature, c.digest, "Иванов Иван"}, got); diff != "" {
				t.Error(diff)
			}
			if len(report.Chain) != 3 {
				t.Errorf("a path of %d certificates, want 3", len(report.Chain))
			}
			if want := c.policy.allows(LegacyGOST2001); (report.Legacy == LegacyGOST2001) != want {
				t.Errorf("Report.Legacy is %b", report.Legacy)
			}
			if _, again := openAt(t, document, trust, c.policy); again.Outcome != Holds {
				t.Errorf("the second time refused: %+v", again.Faults)
			}
			for name, altered := range map[string]string{
				"digest-mismatch":    replace(t, document, "Лес", "Лом"),
				"signature-mismatch": flipValue(t, document),
			} {
				if _, report := openAt(t, altered, trust, c.policy); !refusedFor(report, name) {
					t.Errorf("altered: %+v, want %s", report.Faults, name)
				}
			}
			strange := NewTrust([]*x509.Certificate{e.Authority(c.algorithm, "Корень").Certificate})
			if _, report := openAt(t, document, strange, c.policy); !refusedFor(report, "untrusted") {
				t.Errorf("under another root of the same name: %+v", report.Faults)
			}
		})
	}
}

// flipValue alters one bit of the signature value.
func flipValue(t *testing.T, document string) string {
	t.Helper()
	found := regexp.MustCompile(`<SignatureValue>([^<]*)`).FindStringSubmatch(document)
	value, err := base64.StdEncoding.DecodeString(found[1])
	if err != nil {
		t.Fatal(err)
	}
	value[len(value)/3] ^= 4
	return replace(t, document, found[1], base64.StdEncoding.EncodeToString(value))
}

func refusedFor(report Report, word string) bool {
	for _, f := range report.Faults {
		if f.Reason == word {
			return report.Outcome == Fails
		}
	}
	return false
}

// The spellings of the field mean what those of the standard mean.
func TestGOSTSpellings(t *testing.T) {
	e := gostengine.New(t)
	for _, a := range []gostengine.Algorithm{gostengine.GOST2012_256, gostengine.GOST2012_512, gostengine.GOST2001} {
		root, below, leaf := gostScene(t, e, a)
		trust := NewTrust([]*x509.Certificate{root.Certificate, below.Certificate})
		method, digest := gostURIs(a)
		methodName, digestName := methodOf(method).name, digestOf(digest).name
		for _, m := range methods {
			for _, d := range digests {
				if m.name != methodName || d.name != digestName {
					continue
				}
				if _, report := openAt(t, gostSigned(t, e, leaf, m.uri, d.uri), trust, allowGOST2001); report.Outcome != Holds {
					t.Errorf("%s with %s: %+v", m.uri, d.uri, report.Faults)
				}
			}
		}
	}
}

// What is legacy, unknown or does not fit is refused by name, GOST or not.
func TestGOSTRefused(t *testing.T) {
	e := gostengine.New(t)
	root, below, leaf := gostScene(t, e, gostengine.GOST2012_256)
	trust := NewTrust([]*x509.Certificate{root.Certificate, below.Certificate})
	method, digest := gostURIs(gostengine.GOST2012_256)
	good := gostSigned(t, e, leaf, method, digest)
	old := e.Authority(gostengine.GOST2001, "Старый")
	oldLeaf := e.Issue(old, gostengine.GOST2001, "/CN=Петров")
	newUnderOld := e.Issue(old, gostengine.GOST2012_256, "/CN=Сидоров")
	oldTrust := NewTrust([]*x509.Certificate{old.Certificate})
	oldMethod, oldDigest := gostURIs(gostengine.GOST2001)
	for name, c := range map[string]struct {
		document string
		trust    *Trust
		policy   Policy
		want     string
	}{
		"2001 without the switch":        {gostSigned(t, e, oldLeaf, oldMethod, oldDigest), oldTrust, Policy{}, "gost-2001"},
		"2001 with another switch":       {gostSigned(t, e, oldLeaf, oldMethod, oldDigest), oldTrust, Policy{Rules: &Rules{Legacy: LegacySHA1}}, "gost-2001"},
		"a 2012 key certified with 2001": {gostSigned(t, e, newUnderOld, method, digest), oldTrust, Policy{}, "gost-2001"},
		"the digest of 2001 only":        {gostSigned(t, e, leaf, method, oldDigest), trust, Policy{}, "gost-2001"},
		"Kazakh":                         {replace(t, good, method, "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34102015-gostr34112015-512"), trust, Policy{}, "gost-not-supported"},
		"HMAC":                           {replace(t, good, method, nsGOST+"hmac-gostr34112012-256"), trust, Policy{}, "hmac"},
		"a key of another size":          {replace(t, good, method, nsGOST+"gostr34102012-gostr34112012-512"), trust, Policy{}, "key-kind-mismatch"},
		"a method of RSA":                {replace(t, good, method, nsMore+"rsa-sha256"), trust, Policy{}, "key-kind-mismatch"},
		"a key below the rules":          {good, trust, Policy{Rules: &Rules{MinEC: 512}}, "ec-key-too-short"},
		"an algorithm that has ended":    {good, trust, Policy{Rules: &Rules{Ends: map[string]time.Time{"gost2012-256": {}}}}, "algorithm-ended"},
	} {
		if signed, report := openAt(t, c.document, c.trust, c.policy); signed.Valid() || !refusedFor(report, c.want) {
			t.Errorf("%s: %v %+v, want %s", name, report.Outcome, report.Faults, c.want)
		}
	}
}

// provider is one whose answer the test decides.
type provider func(algorithm string, publicKey, octets, value []byte) (bool, error)

func (p provider) Verify(ctx context.Context, algorithm string, publicKey, octets, value []byte) (bool, error) {
	if _, bounded := ctx.Deadline(); !bounded {
		return false, errors.New("no deadline")
	}
	return p(algorithm, publicKey, octets, value)
}

// A provider replaces the mathematics, of the document and of its certificates: what it says counts,
// and what it cannot say leaves the document undecided.
func TestGOSTProvider(t *testing.T) {
	e := gostengine.New(t)
	root, below, leaf := gostScene(t, e, gostengine.GOST2012_256)
	certificates := []*x509.Certificate{root.Certificate, below.Certificate}
	method, digest := gostURIs(gostengine.GOST2012_256)
	document := gostSigned(t, e, leaf, method, digest)
	asked := 0
	right := provider(func(algorithm string, publicKey, octets, value []byte) (bool, error) {
		asked++
		key, err := gost.ParsePublicKey(publicKey)
		if err != nil || algorithm != "gost2012-256" {
			return false, errors.New("asked for something else")
		}
		sum := gost.Streebog256(octets)
		return key.Verify(sum[:], value), nil
	})
	if _, report := openAt(t, document, NewTrust(certificates), Policy{GOST: right}); report.Outcome != Holds {
		t.Errorf("a provider that says yes: %+v", report.Faults)
	}
	if asked != 2 {
		t.Errorf("asked %d times, want for the document and for one certificate", asked)
	}
	wrong := provider(func(string, []byte, []byte, []byte) (bool, error) { return false, nil })
	if _, report := openAt(t, document, NewTrust(certificates), Policy{GOST: wrong}); !refusedFor(report, "signature-mismatch") {
		t.Errorf("a provider that says no: %+v", report.Faults)
	}
	silent := provider(func(string, []byte, []byte, []byte) (bool, error) { return false, errors.New("no token") })
	signed, report := openAt(t, document, NewTrust(certificates), Policy{GOST: silent})
	if report.Outcome != Undecided || len(report.Faults) == 0 || report.Faults[0].Reason != "provider-silent" {
		t.Errorf("a provider that cannot say: %v %+v (valid %v)", report.Outcome, report.Faults, signed.Valid())
	}
	half := provider(func(_ string, publicKey, octets, value []byte) (bool, error) {
		if bytes.Equal(publicKey, leaf.Certificate.RawSubjectPublicKeyInfo) {
			return right("gost2012-256", publicKey, octets, value)
		}
		return false, errors.New("no token")
	})
	if _, report := openAt(t, document, NewTrust(certificates), Policy{GOST: half}); report.Outcome != Undecided {
		t.Errorf("a provider that falls silent in the path: %v %+v", report.Outcome, report.Faults)
	}
}

// CheckSignatureBy verifies certificates and CRLs by GOST and by what crypto/x509 knows, and what is
// altered it refuses.
func TestCheckSignatureBy(t *testing.T) {
	e := gostengine.New(t)
	for _, a := range []gostengine.Algorithm{gostengine.GOST2012_256, gostengine.GOST2012_512, gostengine.GOST2001} {
		root, below, leaf := gostScene(t, e, a)
		for name, der := range map[string][]byte{
			"root": root.Certificate.Raw, "below": below.Certificate.Raw, "CRL": e.CRL(root, below.Certificate),
		} {
			checkSigned(t, a.Key+" "+name, root.Certificate, der)
		}
		if err := (Policy{}).checkIssued(below.Certificate, leaf.Certificate); err != nil {
			t.Errorf("%s: the signer's certificate: %v", a.Key, err)
		}
		if err := (Policy{}).checkIssued(root.Certificate, leaf.Certificate); !errors.Is(err, ErrNotSignedBy) {
			t.Errorf("%s: the signer's certificate by another: %v", a.Key, err)
		}
		if id, legacy := signedWith(leaf.Certificate); (legacy == LegacyGOST2001) != (a.Key == "gost2001") {
			t.Errorf("%s: %v needs %b", a.Key, id, legacy)
		}
	}
}

func checkSigned(t *testing.T, name string, issuer *x509.Certificate, der []byte) {
	t.Helper()
	parts, err := takeSigned(der)
	if err != nil {
		t.Fatal(err)
	}
	tbs, algorithm, value := parts.TBS.FullBytes, parts.Algorithm.FullBytes, parts.Value.RightAlign()
	if err := CheckSignatureBy(issuer, algorithm, tbs, value); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for _, altered := range [][]byte{nil, value[1:], append([]byte{value[0] ^ 1}, value[1:]...)} {
		if err := CheckSignatureBy(issuer, algorithm, tbs, altered); !errors.Is(err, ErrNotSignedBy) {
			t.Errorf("%s with another value: %v", name, err)
		}
	}
	if err := CheckSignatureBy(issuer, algorithm, append([]byte{1}, tbs...), value); !errors.Is(err, ErrNotSignedBy) {
		t.Errorf("%s with other octets: %v", name, err)
	}
	if header := 2; len(algorithm) == header+int(algorithm[1]) { // without parameters: the same with NULL
		null := append(bytes.Clone(algorithm), 5, 0)
		null[1] += 2
		if err := CheckSignatureBy(issuer, null, tbs, value); err != nil {
			t.Errorf("%s with NULL for parameters: %v", name, err)
		}
	}
	unknown, err := asn1.Marshal([]asn1.ObjectIdentifier{{1, 2, 643, 9, 9}})
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range [][]byte{unknown, nil, []byte("x"), append(bytes.Clone(algorithm), 0)} {
		if err := CheckSignatureBy(issuer, other, tbs, value); !errors.Is(err, x509.ErrUnsupportedAlgorithm) {
			t.Errorf("%s with the algorithm %x: %v", name, other, err)
		}
	}
}

var (
	sampleCertificate = regexp.MustCompile(`<X509Certificate>([^<]*)`)
	sampleValue       = regexp.MustCompile(`<SignatureValue>([^<]*)`)
	sampleDigest      = regexp.MustCompile(`<DigestValue>([^<]*)`)
	sampleSignature   = regexp.MustCompile(`(?s)<Signature .*</Signature>`)
)

// The samples of xmlsec are refused for their XPath transform, which says here what «enveloped»
// says; the values in them are right all the same.
func TestGOSTSamples(t *testing.T) {
	dir := filepath.Join(vectors(t), "xmldsig", "xmlsec")
	for _, name := range []string{"gost2001", "gost2012-256", "gost2012-512"} {
		text, err := os.ReadFile(filepath.Join(dir, "enveloped-"+name+".xml"))
		if err != nil {
			t.Fatal(err)
		}
		decoded := func(of *regexp.Regexp) []byte {
			octets, err := decodeBase64(string(of.FindSubmatch(text)[1]))
			if err != nil {
				t.Fatal(err)
			}
			return octets
		}
		tree, err := xmltree.Parse(text, xmltree.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		info := find(tree.Root(), "SignedInfo")
		method := methodOf(algorithmOf(find(info, "SignatureMethod")))
		digest := digestOf(algorithmOf(find(info, "DigestMethod")))
		form := xmltree.Form{Algorithm: xmltree.Inclusive10}
		octets, value := info.AppendCanonical(nil, form), decoded(sampleValue)
		held := false
		for _, found := range sampleCertificate.FindAllSubmatch(text, -1) {
			der, err := decodeBase64(string(found[1]))
			if err != nil {
				t.Fatal(err)
			}
			c, err := x509.ParseCertificate(der)
			if err != nil {
				t.Fatal(err)
			}
			held = held || method.verify(Policy{}, c, octets, value) == reason{}
		}
		if !held {
			t.Errorf("%s: no certificate's key verifies the value", name)
		}
		rest, err := xmltree.Parse(sampleSignature.ReplaceAll(text, nil), xmltree.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(digest.sum(rest.Root().AppendCanonical(nil, form)), decoded(sampleDigest)) {
			t.Errorf("%s: the digest differs", name)
		}
		if _, report := openAt(t, string(text), NewTrust(nil), allowGOST2001); !refusedFor(report, "transform-not-allowed") {
			t.Errorf("%s: %+v", name, report.Faults)
		}
	}
}

// A key that is used stays in the cache however many strange ones come between.
func TestGOSTKeyCache(t *testing.T) {
	y, err := hex.DecodeString("8d91e471e0989cda27df505a453f2b7635294f2ddf23e3b122acc99c9e9f1e14")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(y)
	x := make([]byte, 32)
	x[0] = 1
	spki := tlv(0x30, algorithm("1.2.643.7.1.1.1.1", tlv(0x30, oid("1.2.643.2.2.36.0"))), tlv(0x03, []byte{0}, tlv(0x04, x, y)))
	var cache gostKeyCache
	first, err := cache.parse(spki)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 * maxGOSTKeys {
		cache.insert(sha256.Sum256(binary.BigEndian.AppendUint32(nil, uint32(i))), nil)
		if i%(maxGOSTKeys/2) != 0 {
			continue
		}
		if again, err := cache.parse(spki); err != nil || again != first {
			t.Errorf("after %d others it is parsed again: %v", i+1, err)
		}
	}
	if size := len(cache.present) + len(cache.former); size > 2*maxGOSTKeys {
		t.Errorf("the cache holds %d keys", size)
	}
}
