package xmltree

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// forms are all canonical forms with the names that XML Signature has for them.
var forms = []struct {
	uri  string
	form Form
}{
	{"http://www.w3.org/2001/10/xml-exc-c14n#", Form{Algorithm: Exclusive}},
	{"http://www.w3.org/2001/10/xml-exc-c14n#WithComments", Form{Algorithm: Exclusive, Comments: true}},
	{"http://www.w3.org/2001/10/xml-exc-c14n#", Form{Algorithm: Exclusive, Prefixes: []string{"p", "#default"}}},
	{"http://www.w3.org/2001/10/xml-exc-c14n#", Form{Algorithm: Exclusive, Prefixes: []string{"q", "r", "none"}}},
	{"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", Form{Algorithm: Inclusive10}},
	{"http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", Form{Algorithm: Inclusive10, Comments: true}},
	{"http://www.w3.org/2006/12/xml-c14n11", Form{Algorithm: Inclusive11}},
	{"http://www.w3.org/2006/12/xml-c14n11#WithComments", Form{Algorithm: Inclusive11, Comments: true}},
}

// signatureTemplate refers to every element by its xml:id in every form, so that xmlsec1 writes
// each.
func signatureTemplate(elements int) string {
	var b strings.Builder
	b.WriteString(`<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>` +
		`<CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>` +
		`<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"/>`)
	for i := range elements {
		for _, f := range forms {
			list := ""
			if f.form.Prefixes != nil {
				list = `<InclusiveNamespaces xmlns="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="` +
					strings.Join(f.form.Prefixes, " ") + `"/>`
			}
			// The short form of the reference would drop comments.
			fmt.Fprintf(&b, `<Reference URI="#xpointer(id('i%d'))"><Transforms><Transform Algorithm="%s">%s</Transform>`+
				`</Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference>`,
				i+1, f.uri, list)
		}
	}
	b.WriteString(`</SignedInfo><SignatureValue/><KeyInfo><KeyName/></KeyInfo></Signature>`)
	return b.String()
}

// TestAgainstXMLSec holds the canonical forms of subtrees, with all that they inherit, against what
// xmlsec1 digests.
func TestAgainstXMLSec(t *testing.T) {
	program, err := exec.LookPath("xmlsec1")
	if err != nil {
		t.Skip("xmlsec1 is not installed")
	}
	dir := t.TempDir()
	key, file := filepath.Join(dir, "key"), filepath.Join(dir, "document.xml")
	if err := os.WriteFile(key, []byte("a key that signs nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := &author{Rand: newRandom(t), ids: true}
	for range max(1, *countFlag/10) {
		a.b.Reset()
		a.elements = 0
		a.element(map[string]string{"": "urn:0", "xml": xmlNamespace, "q": "urn:q"}, 1)
		// The base is deep, because libxml2 loses the "/" of the authority when ".." climbs over
		// it.
		document := `<box xmlns="urn:0" xmlns:q="urn:q" xmlns:unused="urn:u" xml:lang="ru" ` +
			`xml:base="http://example.org/1/2/3/4/5/6/7/8/9">` +
			a.b.String() + signatureTemplate(a.elements) + `</box>`
		if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
			t.Fatal(err)
		}
		command := exec.Command(program, "--sign", "--hmackey", key, "--store-references", "--print-debug",
			"--output", os.DevNull, file)
		var said bytes.Buffer
		command.Stderr = &said
		out, err := command.Output()
		if err != nil {
			t.Fatalf("xmlsec1: %v\n%s\n%s", err, said.String(), document)
		}
		theirs := strings.Split(string(out), "== PreDigest data - start buffer:\n")[1:]
		if len(theirs) != a.elements*len(forms) {
			t.Fatalf("xmlsec1 digested %d references, want %d", len(theirs), a.elements*len(forms))
		}
		tree := mustParse(t, document)
		for i, digested := range theirs {
			want, _, _ := strings.Cut(digested, "\n== PreDigest data - end buffer")
			e, ok := tree.ByID(fmt.Sprintf("i%d", i/len(forms)+1))
			if !ok {
				t.Fatal("an identifier is not found")
			}
			f := forms[i%len(forms)]
			if got := string(e.AppendCanonical(nil, f.form)); got != want {
				before, _, _ := strings.Cut(document, "<Signature")
				t.Errorf("%s %v of %s in %q\n got %q\nwant %q", f.uri, f.form, e.Path(), before, got, want)
			}
		}
		if t.Failed() {
			return // one document is enough to look at
		}
	}
}
