package signature

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"asugate/internal/pki"
	"asugate/xmltree"

	"golang.org/x/text/encoding/charmap"
)

// Sign adds a Signature as the last child of the root and changes no other byte, whatever stands
// in the document or around its root.
func TestSignChangesNothingElse(t *testing.T) {
	s := newSigner(t, pki.P256)
	for _, c := range []struct{ name, document, start, end string }{
		{"plain", document, strings.TrimSuffix(document, "</Placement>"), "</Placement>"},
		{"odd", odd, strings.TrimSuffix(odd, "</Placement>\n"), "</Placement>\n"},
		{"empty root", `<a x="/>"/>`, `<a x="/>">`, `</a>`},
		{"empty root with prefix and blanks", "<p:a\txmlns:p='urn:p'  />\n", "<p:a\txmlns:p='urn:p'  >", "</p:a>\n"},
		{"empty pair", `<a></a >`, `<a>`, `</a >`},
		{"comments behind", "<a>x</a><!-- </a> --> <!-- <b/> -->\r\n", "<a>x", "</a><!-- </a> --> <!-- <b/> -->\r\n"},
		{"empty root, comment behind", "<!--a--><a/><!--/>-->", "<!--a--><a>", "</a><!--/>-->"},
		{"byte order mark", "\ufeff<a/>", "\ufeff<a>", "</a>"},
		{"prefix ds bound to something else", `<a xmlns:ds="urn:x"><ds:b/></a>`, `<a xmlns:ds="urn:x"><ds:b/>`, `</a>`},
		{"our namespace as the default", `<Object xmlns="` + nsDSig + `"/>`, `<Object xmlns="` + nsDSig + `">`, `</Object>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			signed := s.sign(t, c.document)
			middle, ok := strings.CutPrefix(signed, c.start)
			middle, also := strings.CutSuffix(middle, c.end)
			if !ok || !also || !strings.HasPrefix(middle, "<ds:Signature ") || !strings.HasSuffix(middle, "</ds:Signature>") {
				t.Errorf("got\n%s", signed)
			}
			if _, report := open(t, signed, s.trust, now); report.Outcome != Holds {
				t.Errorf("%v in\n%s", report.Faults, signed)
			}
		})
	}
}

// The Reference is to the root's ID under any of its names; an ID that no other reader could be
// sure of is not referred to.
func TestSignReference(t *testing.T) {
	s := newSigner(t, pki.P256)
	for document, uri := range map[string]string{
		`<a ID="x"/>`: "#x", `<a Id="x"/>`: "#x", `<a id="x"/>`: "#x", `<a xml:id="x"/>`: "#x",
		`<a/>`: "", `<a ID="x&quot;y"/>`: "", `<a ID="д"/>`: "", `<a ID=""/>`: "", `<a ID="x y"/>`: "",
		`<a><b ID="x"/></a>`: "",
	} {
		signed := s.sign(t, document)
		if !strings.Contains(signed, `<ds:Reference URI="`+uri+`">`) {
			t.Errorf("%s: %s", document, signed)
		}
		if _, report := open(t, signed, s.trust, now); report.Outcome != Holds {
			t.Errorf("%s: %v", document, report.Faults)
		}
	}
}

// A document in an encoding with one byte a letter is signed as it is; UTF-16 is refused.
func TestSignEncodings(t *testing.T) {
	s := newSigner(t, pki.P256)
	text := `<?xml version="1.0" encoding="windows-1251"?><Акт ID="d1">Груз размещён</Акт>`
	signed := s.sign(t, pki.Must(charmap.Windows1251.NewEncoder().String(text)))
	if shown, report := open(t, signed, s.trust, now); report.Outcome != Holds || shown.Root().Text() != "Груз размещён" {
		t.Errorf("%v", report.Faults)
	}
	wide := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune("<a/>")) {
		wide = append(wide, byte(unit), byte(unit>>8))
	}
	if _, err := s.key.Sign(wide); !errors.Is(err, ErrWide) {
		t.Errorf("UTF-16: %v", err)
	}
}

// What cannot be signed is an error that says why.
func TestSignRefuses(t *testing.T) {
	s := newSigner(t, pki.P256)
	signed := s.sign(t, document)
	nested := `<b xmlns="urn:b">` + signed + `</b>`
	for _, document := range []string{signed, nested} {
		if _, err := s.key.Sign([]byte(document)); !errors.Is(err, ErrSigned) {
			t.Errorf("signed document: %v", err)
		}
	}
	var syntax *xmltree.SyntaxError
	for _, document := range []string{"", "x", "<a>", "<a/><b/>", "<!DOCTYPE a><a/>"} {
		if _, err := s.key.Sign([]byte(document)); !errors.As(err, &syntax) {
			t.Errorf("%q: %v", document, err)
		}
	}
}

// An ECDSA signature verifies also with n−s in the place of s: the duplicate is found by content.
func TestHighS(t *testing.T) {
	s := newSigner(t, pki.P256)
	signed := s.sign(t, document)
	_, first := open(t, signed, s.trust, now)
	_, second := open(t, setValue(signed, mirrored(value(t, signed))), s.trust, now)
	if second.Outcome != Holds || second.Content != first.Content {
		t.Errorf("%v", second.Faults)
	}
}

// Older JDKs leave out the zeros that r and s share at their beginning: that and nothing else may
// be missing.
func TestShortScalars(t *testing.T) {
	s := newSigner(t, pki.P521)
	short := func(v []byte) bool { return v[0] == 0 && v[66] == 0 }
	signed := s.sign(t, document)
	for range 200 {
		if short(value(t, signed)) {
			break
		}
		signed = s.sign(t, document)
	}
	v := value(t, signed)
	if !short(v) {
		t.Fatal("no value of 200 begins with zeros")
	}
	cut := func(n int) []byte { return append(append([]byte{}, v[n:66]...), v[66+n:]...) }
	if _, report := open(t, setValue(signed, cut(1)), s.trust, now); report.Outcome != Holds {
		t.Errorf("%v", report.Faults)
	}
	long := s.sign(t, document)
	for short(value(t, long)) {
		long = s.sign(t, document)
	}
	v = value(t, long)
	if _, report := open(t, setValue(long, cut(1)), s.trust, now); report.Outcome != Fails {
		t.Error("a value with a missing byte holds")
	}
}
