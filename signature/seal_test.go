package signature

import (
	"strings"
	"testing"

	"asugate/internal/pki"

	"github.com/beevik/etree"
)

// hostile is what a shipper may have written where we echo it: everything that a parser changes
// when it is not written as a reference.
const hostile = "tab\tcr\rlf\ncrlf\r\n \"quotes\" 'x' <a> & ]]> \u0085\u2028\u00a0 конец "

// esid is an acknowledgment as the gateway builds it.
func esid(id, text string) *etree.Element {
	root := etree.NewElement("ESID")
	root.CreateAttr("xmlns", "urn:asugate:1")
	root.CreateAttr("ID", id)
	root.CreateAttr("Format", "1.0")
	finding := root.CreateElement("Finding")
	finding.CreateAttr("path", text)
	finding.CreateElement("Actual").SetText(text)
	its := finding.CreateElement("ITS")
	its.CreateAttr("xml:lang", "uk")
	its.SetText("Ї")
	root.CreateElement("Empty")
	return root
}

// A sealed element says, once opened, exactly what it said before, and stays usable itself.
func TestSealKeepsText(t *testing.T) {
	s := newSigner(t, pki.P256)
	root := esid("e1", hostile)
	before := len(root.Attr)
	sealed := string(pki.Must(s.key.Seal(root)))
	shown, report := open(t, sealed, s.trust, now)
	if report.Outcome != Holds {
		t.Fatalf("%v\n%s", report.Faults, sealed)
	}
	if got := find(shown.Root(), "Actual").Text(); got != hostile {
		t.Errorf("text %q", got)
	}
	if got, _ := find(shown.Root(), "Finding").Attr("", "path"); got != hostile {
		t.Errorf("attribute %q", got)
	}
	if len(root.Attr) != before || root.FindElement("Signature") != nil {
		t.Error("Seal changed the element")
	}
	if !strings.HasSuffix(sealed, "</ds:Signature></ESID>") {
		t.Errorf("the Signature is not the last child: %s", sealed)
	}
	if !strings.Contains(sealed, `URI="#e1"`) {
		t.Errorf("the Reference is not to the ID: %s", sealed)
	}
}

// What goxmldsig by itself would canonicalize wrongly, or not at all, is sealed all the same.
func TestSealBeyondGoxmldsig(t *testing.T) {
	s := newSigner(t, pki.P256)
	long := esid("e1", "")
	for range 3000 {
		long.CreateElement("Finding").SetText("x")
	}
	twoSpaces := esid("e1", "")
	twoSpaces.CreateAttr("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
	twoSpaces.CreateAttr("xsi:schemaLocation", "urn:asugate:1 x")
	twoSpaces.CreateAttr("xml:lang", "ru")
	undeclared := esid("e1", "")
	undeclared.CreateElement("none").CreateAttr("xmlns", "")
	plain := etree.NewElement("a")
	plain.CreateElement("b").CreateAttr("xmlns", "")
	cdata := esid("e1", "")
	cdata.CreateElement("Text").CreateCData("<x>\r")
	comment := esid("e1", "")
	comment.CreateComment(" x ")
	foreignID := esid("e1", "")
	foreignID.RemoveAttr("ID")
	foreignID.CreateAttr("xmlns:o", "urn:o")
	foreignID.CreateAttr("o:ID", "x")
	for name, root := range map[string]*etree.Element{
		"3000 elements": long, "attributes of two namespaces": twoSpaces, "a default namespace taken back": undeclared,
		"xmlns without effect": plain, "CDATA": cdata, "a comment": comment, "an ID of another namespace": foreignID,
	} {
		sealed := string(pki.Must(s.key.Seal(root)))
		if _, report := open(t, sealed, s.trust, now); report.Outcome != Holds {
			t.Errorf("%s: %v\n%s", name, report.Faults, sealed)
		}
		if x := newXMLSec(t, s); !x.verify(sealed) {
			t.Errorf("%s: xmlsec1 refuses\n%s", name, sealed)
		}
	}
}
