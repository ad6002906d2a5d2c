package schema

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"asugate/xmltree"
	"asugate/xmltree/xsd"
)

// The envelope is known by its first tag alone, in the encodings that documents come in.
func TestIsSigned(t *testing.T) {
	for text, want := range map[string]bool{
		"<Signed>": true, "<Signed/>": true, "<s:Signed xmlns:s='urn:asugate:1'>": true, "\ufeff<?x?><Signed\n>": true,
		"<!-- <a> --><Signed ": true, "\xff\xfe<\x00S\x00i\x00g\x00n\x00e\x00d\x00>\x00": true,
		"": false, "<": false, "Signed": false, "<SignedX>": false, "<a><Signed>": false,
		"<!-- ": false, "<?": false, "<Waybill Signed='1'>": false, "<s:>": false,
	} {
		if got := IsSigned([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

const envelope = `<Signed xmlns="urn:asugate:1"><Content>PGEvPg==</Content><CMS>MAA=</CMS></Signed>`

// What honest clients write, and that its schema says the same.
func TestReadSigned(t *testing.T) {
	inUTF16 := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune(envelope)) {
		inUTF16 = append(inUTF16, byte(u), byte(u>>8))
	}
	tests := []struct{ name, body string }{
		{"the shortest", envelope},
		{"a declaration and a byte order mark", "\ufeff<?xml version='1.0' encoding='utf-8'?>\n" + envelope + "\n"},
		{"a prefix", `<s:Signed xmlns:s="urn:asugate:1"><s:Content>PGEvPg==</s:Content><s:CMS>MAA=</s:CMS></s:Signed>`},
		{"pretty printed, in lines", "<Signed xmlns=\"urn:asugate:1\">\n\t<Content>\n\tPGE\r\n vPg==\n</Content>\n <CMS> MAA= </CMS>\n</Signed>"},
		{"CDATA", strings.Replace(envelope, "PGEvPg==", "<![CDATA[PGEv]]>Pg==", 1)},
		{"name spaces and a hint, as generators write them", strings.Replace(envelope, "<Signed ", `<Signed xmlns:xs="http://www.w3.org/2001/XMLSchema"`+
			` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:asugate:1 Signed.xsd" `, 1)},
		{"line ends as references (1С)", strings.Replace(envelope, "PGEvPg==", "PGEv&#xD;\r\nPg==&#13;\n", 1)},
		{"comments around it", "<!-- a -->" + envelope + "<!-- b -->"},
		{"UTF-16", string(inUTF16)},
		{"what we write", string(AppendSigned(nil, []byte("<a/>"), []byte("\x30\x00")))},
	}
	set, err := xsd.Load(Schemas(), "Signed.xsd")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree, err := xmltree.Parse([]byte(tt.body), xmltree.DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			if wrong := set.Validate(tree.Root(), 10); len(wrong) > 0 {
				t.Errorf("by its schema: %v", wrong)
			}
			document, cms, err := ReadSigned([]byte(tt.body))
			if err != nil || string(document) != "<a/>" || string(cms) != "\x30\x00" {
				t.Errorf("%q, %q, %v", document, cms, err)
			}
		})
	}
}

// Anything else inside is refused, at its place.
func TestReadSignedRefuses(t *testing.T) {
	change := func(from, to string) string { return strings.Replace(envelope, from, to, 1) }
	const content, cms = "<Content>PGEvPg==</Content>", "<CMS>MAA=</CMS>"
	tests := []struct {
		name, body, reason string
		offset             int
	}{
		{"another name space", change("urn:asugate:1", "urn:asugate:2"), ReasonBadEnvelope, 0},
		{"no name space", change(` xmlns="urn:asugate:1"`, ""), ReasonBadEnvelope, 0},
		{"an attribute", change("<Signed ", `<Signed ID="x" `), ReasonBadEnvelope, 0},
		{"text", change(content, content+"x"), ReasonBadEnvelope, 0},
		{"a comment inside", change(content, "<!-- x -->"+content), ReasonBadEnvelope, 0},
		{"no content", change(content, ""), ReasonBadEnvelope, 30},
		{"no signature", change(cms, ""), ReasonBadEnvelope, 0},
		{"nothing", change(content+cms, ""), ReasonBadEnvelope, 0},
		{"wrong order", change(content+cms, cms+content), ReasonBadEnvelope, 30},
		{"an element of another name space", change("<CMS>", `<CMS xmlns="urn:x">`), ReasonBadEnvelope, 57},
		{"an attribute of a child", change("<CMS>", `<CMS encoding="base64">`), ReasonBadEnvelope, 57},
		{"a comment within base64", change("MAA=", "MA<!-- x -->A="), ReasonBadEnvelope, 57},
		{"three elements", change(cms, cms+"<X/>"), ReasonBadEnvelope, 72},
		{"the document as it is", change("PGEvPg==", "<a><b/></a>"), ReasonBadEnvelope, 39},
		{"many comments", change(content, strings.Repeat("<!---->", 100)), ReasonBadEnvelope, 471},
		{"three attributes", change("<CMS>", `<CMS a="" b="" c="">`), ReasonBadEnvelope, 72},
		{"a type", change("<Signed ", `<Signed xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="Signed" `), ReasonBadEnvelope, 0},
		{"an empty document", change("PGEvPg==", " "), ReasonBadBase64, 30},
		{"an empty signature", change("<CMS>MAA=</CMS>", "<CMS/>"), ReasonBadBase64, 57},
		{"no base64", change("PGEvPg==", "&lt;a/&gt;"), ReasonBadBase64, 30},
		{"base64 of URLs", change("PGEvPg==", "_-_-"), ReasonBadBase64, 30},
		{"base64 without its end", change("MAA=", "MAA"), ReasonBadBase64, 57},
		{"base64 twice", change("MAA=", "MAA=MAA="), ReasonBadBase64, 57},
		{"bits beside the encoded ones", change("MAA=", "MAB="), ReasonBadBase64, 57},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := ReadSigned([]byte(tt.body))
			e, ok := errors.AsType[*ContainerError](err)
			if !ok || e.Reason != tt.reason || e.Offset != tt.offset {
				t.Fatalf("got %v at %+v, want %s at %d", err, e, tt.reason, tt.offset)
			}
			if its := e.Finding().ITS("ru"); !strings.Contains(its, e.Detail) {
				t.Errorf("people read %q", its)
			}
		})
	}
	// What is no XML is not even read.
	for reason, body := range map[string]string{
		xmltree.ReasonMalformed: strings.TrimSuffix(envelope, "</Signed>"),
		xmltree.ReasonDTD:       "<!DOCTYPE Signed>" + envelope,
	} {
		_, _, err := ReadSigned([]byte(body))
		if e, ok := errors.AsType[*xmltree.SyntaxError](err); !ok || e.Reason != reason {
			t.Errorf("%s: %v", reason, err)
		}
	}
}

// Base64 as most programs write it, in lines that end with CR LF, takes no more memory than that in one
// line: some three times the body, of which the document is a part.
func TestReadSignedMemory(t *testing.T) {
	body := AppendSigned(nil, bytes.Repeat([]byte("груз "), 1<<18), []byte("\x30\x00"))
	lines := []byte(strings.ReplaceAll(string(body), "0LPRgNGD0LcgINCz", "0LPRgNGD0LcgINCz\r\n"))
	lines = bytes.ReplaceAll(lines, []byte("0LPRgNGD0Lcg"), []byte("0LPRgNGD0Lcg\r\n"))
	if len(lines) < len(body)*11/10 {
		t.Fatal("no lines")
	}
	for name, body := range map[string][]byte{"one line": body, "lines": lines} {
		result := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := ReadSigned(body); err != nil {
					b.Fatal(err)
				}
			}
		})
		if got, most := result.AllocedBytesPerOp(), int64(3*len(body)); got > most {
			t.Errorf("%s: %d bytes for %d", name, got, len(body))
		}
	}
}

// What is taken comes back when it is written and read again.
func FuzzReadSigned(f *testing.F) {
	f.Add([]byte(envelope))
	f.Add(AppendSigned(nil, []byte("<?xml version='1.0'?>\r\n<a>\n</a>"), []byte("\x30\x80\x00\x00")))
	f.Add([]byte(strings.Replace(envelope, "MAA=", "<![CDATA[MAA=]]>", 1)))
	f.Fuzz(func(t *testing.T, body []byte) {
		document, cms, err := ReadSigned(bytes.Clone(body))
		if err != nil {
			if e, ok := errors.AsType[*ContainerError](err); ok && (e.Offset < 0 || e.Offset > len(body)) {
				t.Fatalf("offset %d of %d", e.Offset, len(body))
			}
			return
		}
		if !IsSigned(body) {
			// Only a prolog longer than what is looked at hides the root.
			if len(body) < 4<<10 {
				t.Fatalf("read, and not known as an envelope: %q", body)
			}
		}
		again, cmsAgain, err := ReadSigned(AppendSigned(nil, document, cms))
		if err != nil || !bytes.Equal(document, again) || !bytes.Equal(cms, cmsAgain) {
			t.Fatalf("%q, %q became %q, %q, %v", document, cms, again, cmsAgain, err)
		}
	})
}
