package signature

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"asugate/internal/attack"
	"asugate/internal/pki"
)

// xmlsec is the independent implementation that both directions are held against: libxmlsec1 over
// libxml2 and OpenSSL.
type xmlsec struct {
	t          *testing.T
	dir        string
	key, chain string // files
	root       string
}

func newXMLSec(t *testing.T, s signer) xmlsec {
	t.Helper()
	if _, err := exec.LookPath("xmlsec1"); err != nil {
		t.Skip("xmlsec1 is not installed")
	}
	dir := t.TempDir()
	key, chain, err := s.cred.Write(dir, "signer")
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(dir, "root.pem")
	if err := os.WriteFile(root, pki.EncodeCertificates(s.root.Certificate), 0o644); err != nil {
		t.Fatal(err)
	}
	return xmlsec{t, dir, key, chain, root}
}

func (x xmlsec) run(document string, args ...string) (string, error) {
	x.t.Helper()
	file := filepath.Join(x.dir, "document.xml")
	if err := os.WriteFile(file, []byte(document), 0o644); err != nil {
		x.t.Fatal(err)
	}
	for _, kind := range []string{"Placement", "ESID", "a"} {
		args = append(args, "--id-attr:ID", "urn:asugate:1:"+kind)
	}
	for _, space := range []string{attack.XAdES, attack.XAdES122, attack.XAdES111} {
		args = append(args, "--id-attr:Id", space+":SignedProperties")
	}
	args = append(args, "--id-attr:ID", "a", file)
	command := exec.Command("xmlsec1", args...)
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	err := command.Run()
	if err != nil {
		x.t.Logf("xmlsec1: %s", problems.String())
	}
	return out.String(), err
}

// sign fills in a template.
func (x xmlsec) sign(template string) string {
	x.t.Helper()
	signed, err := x.run(template, "--sign", "--privkey-pem", x.key+","+x.chain)
	if err != nil {
		x.t.Fatalf("xmlsec1 does not sign\n%s", template)
	}
	return signed
}

// verify says whether xmlsec1 finds the signature good and the certificate below the root.
func (x xmlsec) verify(document string) bool {
	x.t.Helper()
	_, err := x.run(document, "--verify", "--trusted-pem", x.root, "--verification-time", "2026-11-22 12:00:00")
	return err == nil
}

// template is a document with an empty Signature for xmlsec1 to fill in.
type template struct {
	document  string // ends with the end tag of the root
	method    string // SignatureMethod
	canonical string // CanonicalizationMethod: URI, and after a space a PrefixList
	transform string // the same, empty for none
	digest    string
	uri       string
	prefix    string // of the Signature's elements
}

func (f template) String() string {
	algorithm := func(name, uri string) string {
		uri, prefixes, listed := strings.Cut(uri, " ")
		if !listed {
			return "<" + f.prefix + name + ` Algorithm="` + uri + `"/>`
		}
		return "<" + f.prefix + name + ` Algorithm="` + uri + `"><ec:InclusiveNamespaces xmlns:ec="` + nsExclusive +
			`" PrefixList="` + prefixes + `"/></` + f.prefix + name + ">"
	}
	xmlns := `xmlns="` + nsDSig + `"`
	if f.prefix != "" {
		xmlns = `xmlns:` + strings.TrimSuffix(f.prefix, ":") + `="` + nsDSig + `"`
	}
	transforms := algorithm("Transform", transformEnveloped)
	if f.transform != "" {
		transforms += "\n" + algorithm("Transform", f.transform)
	}
	text := `<Signature ` + xmlns + `>
  <SignedInfo>` + algorithm("CanonicalizationMethod", f.canonical) + algorithm("SignatureMethod", f.method) + `
    <Reference URI="` + f.uri + `"><Transforms>` + transforms + `</Transforms>
      ` + algorithm("DigestMethod", f.digest) + `<DigestValue/>
    </Reference>
  </SignedInfo>
  <SignatureValue/>
  <KeyInfo><X509Data/></KeyInfo>
</Signature>
`
	for _, name := range []string{"Signature ", "SignedInfo", "SignatureValue", "Reference", "Transforms", "DigestValue", "KeyInfo", "X509Data"} {
		text = strings.ReplaceAll(text, "<"+name, "<"+f.prefix+name)
	}
	for _, name := range []string{"Signature>", "SignedInfo", "Reference", "Transforms", "KeyInfo"} {
		text = strings.ReplaceAll(text, "</"+name, "</"+f.prefix+name)
	}
	return before(f.document, "</", text)
}

// odd has what canonicalization is about: inherited xml:* attributes and namespaces, attributes of
// several namespaces, references, CDATA, comments, white space in values, a default namespace
// taken back.
const odd = `<?xml version="1.0"?>
<!-- outside -->
<Placement xmlns="urn:asugate:1" xmlns:b="urn:b" xmlns:a="urn:z" xml:lang="ru" ID="d1" b:x="1" a:y="2"
    xmlns:unused="urn:unused">
  <!-- inside --><Text a:t="tab&#9;cr&#13;" q='&quot;"' empty="">груз &amp; <![CDATA[<размещён> & ]]>&#13; &lt;&gt;</Text>
  <none xmlns=""><b:deep xmlns:b="urn:other" b:z="" a="x
y"/></none><Empty/>
</Placement>
`

const (
	inclusive10WC  = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
	inclusive11URI = "http://www.w3.org/2006/12/xml-c14n11"
)

// Documents signed by xmlsec1 with every canonicalization hold, and show the content as it was.
func TestForeignCanonicalization(t *testing.T) {
	s := newSigner(t, pki.P256)
	x := newXMLSec(t, s)
	forms := []string{
		nsExclusive, nsExclusive + "WithComments", nsExclusive + " a unused #default b", nsExclusive + " none xml",
		inclusive10.uri, inclusive10WC, inclusive11URI, inclusive11URI + "#WithComments",
	}
	for i, canonical := range forms {
		for j, transform := range append(forms, "") {
			uri := []string{"", "#d1"}[(i+j)%2]
			f := template{
				document: odd, method: nsMore + "ecdsa-sha256", digest: nsDigest + "sha256",
				canonical: canonical, transform: transform, uri: uri, prefix: "ds:",
			}
			signed := x.sign(f.String())
			shown, report := open(t, signed, s.trust, now)
			if report.Outcome != Holds {
				t.Errorf("%s, %s: %v", canonical, transform, report.Faults)
				continue
			}
			if got := find(shown.Root(), "Text").Text(); got != "груз & <размещён> & \r <>" {
				t.Errorf("%s, %s: text %q", canonical, transform, got)
			}
			if !find(shown.Root(), "Signature").IsZero() {
				t.Errorf("%s, %s: the Signature is shown", canonical, transform)
			}
		}
	}
}

// Documents signed by xmlsec1 with every algorithm, prefix and form of reference hold, also with
// white space in the values and trailing comments.
func TestForeignAlgorithms(t *testing.T) {
	type algorithm struct{ method, digest string }
	lists := map[pki.KeyKind][]algorithm{pki.P384: {{"ecdsa-sha384", nsMore + "sha384"}}, pki.P521: {{"ecdsa-sha512", nsDigest + "sha512"}}}
	for _, sha := range []string{"sha256", "sha384", "sha512"} {
		digest := nsDigest + sha
		if sha == "sha384" {
			digest = nsMore + sha
		}
		lists[pki.RSA2048] = append(lists[pki.RSA2048], algorithm{"rsa-" + sha, digest})
		lists[pki.P256] = append(lists[pki.P256], algorithm{"ecdsa-" + sha, digest})
	}
	for kind, list := range lists {
		s := newSigner(t, kind)
		x := newXMLSec(t, s)
		for _, a := range list {
			for _, prefix := range []string{"", "ds:"} {
				for _, uri := range []string{"", "#d1"} {
					f := template{
						document: odd, method: nsMore + a.method, digest: a.digest,
						canonical: nsExclusive, transform: nsExclusive, uri: uri, prefix: prefix,
					}
					signed := x.sign(f.String()) + "<!-- behind -->\n"
					for _, variant := range []string{signed, indented(signed)} {
						_, report := open(t, variant, s.trust, now)
						if report.Outcome != Holds || report.Signature != a.method {
							t.Errorf("%s, prefix %q, URI %q: %s %v", a.method, prefix, uri, report.Signature, report.Faults)
						}
					}
				}
			}
		}
	}
}

// indented spreads SignatureValue and the certificates, which are not signed, over lines with
// blanks and tabs.
func indented(signed string) string {
	for _, name := range []string{"SignatureValue>", "X509Certificate>"} {
		from := strings.Index(signed, name) + len(name)
		to := from + strings.Index(signed[from:], "</")
		packed := strings.Join(strings.Fields(signed[from:to]), "")
		var b strings.Builder
		for i := 0; i < len(packed); i += 40 {
			b.WriteString("\n\t      " + packed[i:min(i+40, len(packed))])
		}
		signed = signed[:from] + b.String() + " \r\n  " + signed[to:]
	}
	return signed
}

// What we sign, xmlsec1 verifies, by both ways of signing and with every kind of key; and xmlsec1
// refuses it when it was changed, so that its consent means something.
func TestForeignVerification(t *testing.T) {
	for _, kind := range []pki.KeyKind{pki.P256, pki.P384, pki.P521, pki.RSA2048} {
		s := newSigner(t, kind)
		x := newXMLSec(t, s)
		for name, signed := range map[string]string{
			"signed": s.sign(t, document), "signed, odd": s.sign(t, odd), "signed, empty": s.sign(t, `<a ID="x"/>`),
			"sealed": string(pki.Must(s.key.Seal(esid("d1", hostile)))),
		} {
			if !x.verify(signed) {
				t.Errorf("kind %d, %s: xmlsec1 refuses\n%s", kind, name, signed)
			}
			if _, report := open(t, signed, s.trust, now); report.Outcome != Holds {
				t.Errorf("kind %d, %s: %v", kind, name, report.Faults)
			}
		}
	}
	s := newSigner(t, pki.P256)
	if newXMLSec(t, s).verify(strings.Replace(s.sign(t, document), "размещен", "брошен", 1)) {
		t.Error("xmlsec1 accepts a changed document")
	}
}

// XAdES signatures made by xmlsec1 hold in every version and form, also of inclusive canonicalization,
// which depends on where the properties stand; and xmlsec1 verifies those that the tests make
// themselves, so that these prove something.
func TestForeignXAdES(t *testing.T) {
	s := newSigner(t, pki.P256)
	x := newXMLSec(t, s)
	forms := []string{"", nsExclusive, nsExclusive + " a unused #default b", inclusive10.uri, inclusive10WC, inclusive11URI}
	for i, space := range []string{attack.XAdES, attack.XAdES122, attack.XAdES111} {
		for j, form := range forms {
			e := xadesEnvelope(t, s)
			e.Prefix = []string{"", "ds:"}[(i+j)%2]
			e.KeyInfo = e.Certificates(s.cred.Certificate)
			e.Properties.Space, e.Properties.Form, e.Properties.Second, e.Properties.First = space, form, i == 0, j%2 == 0
			e.Canonical = forms[1:][(i+j)%(len(forms)-1)]
			own := string(pki.Must(e.Enclose([]byte(odd))))
			if !x.verify(own) {
				t.Errorf("%s, %s: xmlsec1 refuses\n%s", space, form, own)
			}
			e.KeyInfo = e.Certificates()
			signed := x.sign(e.Template(odd))
			for _, one := range []string{own, signed} {
				_, report := open(t, one, s.trust, now)
				if report.Outcome != Holds || report.SigningTime.IsZero() {
					t.Errorf("%s, %s: %v\n%s", space, form, report.Faults, one)
				}
			}
		}
	}
}
