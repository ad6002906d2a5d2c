package rest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"mime"
	"mime/multipart"
	"strings"
	"testing"

	"asugate/schema"
)

// someCMS begins like a SEQUENCE; what is inside is for the gateway to say.
var someCMS = []byte("\x30\x05\r\n--x")

// twoParts is the multipart body that everything in the tests is a deviation from.
const twoParts = "--b\r\nContent-Type: application/xml\r\n\r\n<a/>\r\n" +
	"--b\r\nContent-Type: application/pkcs7-signature\r\n\r\n\x30\x01\x00\r\n--b--\r\n"

// What honest clients write: the two parts come out, byte for byte.
func TestReadMultipart(t *testing.T) {
	in64 := base64.StdEncoding.EncodeToString
	const cms = "\x30\x01\x00"
	tests := []struct{ name, body, document string }{
		{"the shortest", twoParts, "<a/>"},
		{"no line end after the last delimiter", strings.TrimSuffix(twoParts, "\r\n"), "<a/>"},
		{"an empty line before the first delimiter (.NET)", "\r\n" + twoParts, "<a/>"},
		{"white space after delimiters", strings.ReplaceAll(twoParts, "--b\r\n", "--b \t\r\n"), "<a/>"},
		{"the older name of the signature's type", strings.Replace(twoParts, "pkcs7", "x-pkcs7", 1), "<a/>"},
		{"charset, which the document says itself",
			strings.Replace(twoParts, "application/xml", `text/xml; charset="windows-1251"`, 1), "<a/>"},
		{"a broken parameter", strings.Replace(twoParts, "application/xml", "application/xml; charset", 1), "<a/>"},
		{"fields as curl writes them, a name in UTF-8", strings.Replace(twoParts, "Content-Type: application/xml",
			"Content-Disposition: form-data; name=\"d\"; filename=\"накладная.xml\"\r\nContent-Type: application/xml", 1), "<a/>"},
		{"a folded field", strings.Replace(twoParts, "application/xml", "application/xml;\r\n\tname=\"a.xml\"", 1), "<a/>"},
		{"values that begin on the next line", strings.Replace(strings.Replace(twoParts, ": application/xml",
			":\r\n application/xml\r\nContent-Transfer-Encoding:\r\n\t8bit", 1), ": application/pkcs7", ":\r\n\tapplication/pkcs7", 1), "<a/>"},
		{"fields that mean nothing", strings.Replace(twoParts, "\r\n\r\n<a/>", "\r\nX-A: 1\r\nMIME-Version: 1.0\r\n\r\n<a/>", 1), "<a/>"},
		{"names of fields in any case", strings.Replace(twoParts, "Content-Type", "content-type", 1), "<a/>"},
		{"line feeds and dashes in the document", strings.Replace(twoParts, "<a/>", "<a>\n--b\n--c\r\n-b</a>\n", 1), "<a>\n--b\n--c\r\n-b</a>\n"},
		{"both in base64, in lines", "--b\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: BASE64\r\n\r\nPGE\r\nvPg==\r\n\r\n" +
			"--b\r\nContent-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			in64([]byte(cms)) + "\r\n--b--", "<a/>"},
		{"a signature that is base64 and does not say so", strings.Replace(twoParts, cms, in64([]byte(cms)), 1), "<a/>"},
		{"a signature in PEM", strings.Replace(twoParts, cms, "-----BEGIN CMS-----\nMAEA\n-----END CMS-----\n", 1), "<a/>"},
		{"every encoding that is none", strings.Replace(strings.Replace(twoParts, "xml\r\n", "xml\r\nContent-Transfer-Encoding: 8bit\r\n", 1),
			"signature\r\n", "signature\r\nContent-Transfer-Encoding: Binary\r\n", 1), "<a/>"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			document, got, err := readMultipart([]byte(tt.body), "b")
			if err != nil || string(document) != tt.document || string(got) != cms {
				t.Errorf("%q, %q, %v", document, got, err)
			}
		})
	}
}

// What two readers could read in two ways, or is no document with its signature: each is refused, at its
// place.
func TestReadMultipartRefuses(t *testing.T) {
	change := func(from, to string) string {
		if !strings.Contains(twoParts, from) {
			t.Fatalf("%q is not there", from)
		}
		return strings.Replace(twoParts, from, to, 1)
	}
	const document = "--b\r\nContent-Type: application/xml\r\n\r\n<a/>\r\n"
	const signature = "--b\r\nContent-Type: application/pkcs7-signature\r\n\r\n\x30\x01\x00\r\n"
	tests := []struct {
		name, body string
		at         string // what stands where reading ended
		detail     string
	}{
		{"nothing but white space", "\r\n", "", "does not begin with the delimiter"},
		{"no delimiter at all", "<a/>", "<a/>", "does not begin with the delimiter"},
		{"another boundary", strings.ReplaceAll(twoParts, "--b", "--c"), "--c", "does not begin with the delimiter"},
		{"text before the first part", "A multipart message\r\n" + twoParts, "A multi", "does not begin with the delimiter"},
		{"text after the last part", twoParts + "<a/>", "<a/>", "something follows"},
		{"a second body after it", twoParts + twoParts, "--b\r\n", "something follows"},
		{"no parts", "--b--\r\n", "\r\n", "no parts"},
		{"one part", document + "--b--\r\n", "\r\n", "the signature is missing"},
		{"three parts", document + signature + signature + "--b--\r\n", "Content-Type: application/pkcs7", "more than two parts"},
		{"wrong order", signature + document + "--b--\r\n", "Content-Type: application/pkcs7", `the document is "application/pkcs7-signature", not application/xml`},
		{"two documents", document + document + "--b--\r\n", "Content-Type: application/xml", `the signature is "application/xml", not application/pkcs7-signature`},
		{"a part without a type", change("Content-Type: application/xml", "X: y"), "X: y", `the document is ""`},
		{"a type within another", change("application/xml", "text/plain; x=application/xml"), "Content-Type: text", "the document is"},
		{"a multipart within", change("application/xml", "multipart/mixed; boundary=c"), "Content-Type: multi", "the document is"},
		{"a message within", change("application/xml", "message/rfc822"), "Content-Type: message", "the document is"},
		{"quoted-printable", change("xml\r\n", "xml\r\nContent-Transfer-Encoding: quoted-printable\r\n"), "<a/>", "quoted-printable"},
		{"two encodings", change("xml\r\n", "xml\r\nContent-Transfer-Encoding: base64, 7bit\r\n"), "<a/>", "base64, 7bit"},
		{"a compressed part", change("xml\r\n", "xml\r\nContent-Encoding: gzip\r\n"), "Content-Enc", "Content-Encoding"},
		{"a range of a part", change("xml\r\n", "xml\r\nContent-Range: bytes 0-1/2\r\n"), "Content-Range", "Content-Range"},
		{"a type twice", change("xml\r\n", "xml\r\ncontent-type: text/xml\r\n"), "content-type", "Content-Type twice"},
		{"an encoding twice", change("xml\r\n", "xml\r\nContent-Transfer-Encoding: 7bit\r\nContent-transfer-encoding: base64\r\n"),
			"Content-transfer", "twice"},
		{"a space before the colon", change("Content-Type:", "Content-Type :"), "Content-Type :", "no header field"},
		{"no colon", change("Content-Type:", "Content-Type"), "Content-Type a", "no header field"},
		{"a line feed inside a field", change("application/xml", "application/xml\nContent-Type: text/xml"), "Content-Type", "no header field"},
		{"a folded line first", change("Content-Type: application/xml", " Content-Type: application/xml"), " Content", "folded line"},
		{"a line feed inside a folded line", change("application/xml", "application/xml;\r\n\tx=y\nContent-Transfer-Encoding: base64"),
			"\tx=y", "no header field"},
		{"a carriage return inside a folded line", change("application/xml", "application/xml;\r\n\tx=y\rContent-Type: text/xml"),
			"\tx=y", "no header field"},
		{"a null in a folded line", change("application/xml", "application/xml;\r\n\tx=\x00"), "\tx=", "no header field"},
		{"a folded line of blanks, to some the end of the head", change("xml\r\n", "xml\r\n \t\r\n"), " \t\r\n", "no header field"},
		{"a null in a field", change("application/xml", "application/xml\x00"), "Content-Type", "no header field"},
		{"a name in look-alike letters", change("Content-Type", "Соntent-Type"), "Соntent", "no header field"},
		{"no end of the head", "--b\r\nContent-Type: application/xml\r\n", "", "has no end"},
		{"a huge field", change("application/xml", "application/xml; x="+strings.Repeat("y", partHead)), "Content-Type", "has no end"},
		{"too many fields", change("xml\r\n", "xml\r\n"+manyFields(partFields)), "X-" + strings.Repeat("a", partFields), "more than 16 lines"},
		{"line feeds alone", strings.ReplaceAll(twoParts, "\r\n", "\n"), "\nContent", "CR LF"},
		{"carriage returns alone", strings.ReplaceAll(twoParts, "\r\n", "\r"), "\rContent", "CR LF"},
		{"a line feed after the second delimiter", change("--b\r\nContent-Type: application/pkcs7", "--b\nContent-Type: application/pkcs7"),
			"\nContent", "CR LF"},
		{"a line of the document that begins like a delimiter", change("<a/>", "<a>\r\n--bb\r\n</a>"), "b\r\n</a>", "CR LF"},
		{"the last delimiter in the document", change("<a/>", "<a>\r\n--b--\r\n</a>"), "\r\n</a>", "the signature is missing"},
		{"cut in the document", document[:len(document)-4], "", "no delimiter follows"},
		{"cut in the signature", document + signature[:len(signature)-2], "", "no delimiter follows"},
		{"cut in the last delimiter", strings.TrimSuffix(twoParts, "--\r\n"), "", "CR LF"},
		{"an empty document", change("<a/>", ""), "\r\n--b", "is empty"},
		{"a document without even a line", change("<a/>\r\n", ""), "--b", "is empty"},
		{"base64 that is none", change("xml\r\n\r\n", "xml\r\nContent-Transfer-Encoding: base64\r\n\r\n"), "<a/>", "no base64"},
		{"base64 that goes on after its end", change("xml\r\n\r\n<a/>", "xml\r\nContent-Transfer-Encoding: base64\r\n\r\nPGEvPg==PGEvPg=="),
			"PGE", "no base64"},
		{"base64 that is empty", change("xml\r\n\r\n<a/>", "xml\r\nContent-Transfer-Encoding: base64\r\n\r\n\t"), "\t", "is empty"},
		{"a signature that is no CMS", change("\x30\x01\x00", "<ds:Signature/>"), "Content-Type: application/pkcs7",
			"neither DER nor base64 nor PEM"},
		{"two signatures in PEM", change("\x30\x01\x00", strings.Repeat("-----BEGIN CMS-----\nMAEA\n-----END CMS-----\n", 2)),
			"Content-Type: application/pkcs7", "neither"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := readMultipart([]byte(tt.body), "b") // decoding overwrites its copy
			e, ok := errors.AsType[*schema.ContainerError](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			if rest := tt.body[e.Offset:]; !strings.HasPrefix(rest, tt.at) || tt.at == "" && rest != "" {
				t.Errorf("at %q, want %q", rest, tt.at)
			}
			// The detail is escaped for people where it repeats the body.
			if detail := strings.ReplaceAll(e.Detail, `\"`, `"`); !strings.Contains(detail, tt.detail) {
				t.Errorf("got %q, want %q", detail, tt.detail)
			}
		})
	}
}

func manyFields(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("X-" + strings.Repeat("a", i+1) + ": 1\r\n")
	}
	return b.String()
}

// The Content-Type of the whole: what may be a boundary, and what only one of two readers would take.
func TestContainerOf(t *testing.T) {
	tests := []struct {
		contentType, boundary string
		form                  containerForm
		want                  string // reason of the refusal
	}{
		{"application/xml", "", bare, ""},
		{"text/xml; charset", "", bare, ""},
		{"multipart/mixed; boundary=b", "b", inParts, ""},
		{`Multipart/Mixed; charset=utf-8; boundary="a b:c'()+_,-./=?"`, "a b:c'()+_,-./=?", inParts, ""},
		{"multipart/mixed; boundary=" + strings.Repeat("b", 70), strings.Repeat("b", 70), inParts, ""},
		{"application/pkcs7-mime", "", attached, ""},
		{"application/x-pkcs7-mime; smime-type=Signed-Data; name=a.p7m", "", attached, ""},

		{"multipart/mixed", "", 0, "bad-multipart"},
		{"multipart/mixed; boundary=", "", 0, "bad-multipart"},
		{`multipart/mixed; boundary=""`, "", 0, "bad-multipart"},
		{`multipart/mixed; boundary="b "`, "", 0, "bad-multipart"},
		{`multipart/mixed; boundary="b\"b"`, "", 0, "bad-multipart"},
		{`multipart/mixed; boundary="a\:b"`, "", 0, "bad-multipart"},
		{"multipart/mixed; boundary=\"б\"", "", 0, "bad-multipart"},
		{"multipart/mixed; boundary=" + strings.Repeat("b", 71), "", 0, "bad-multipart"},
		{"multipart/mixed; boundary=b; Boundary=b", "b", inParts, ""},
		{"multipart/mixed; boundary=b; boundary=c", "", 0, "content-type-not-supported"},
		{"multipart/mixed; boundary*=utf-8''b", "", 0, "bad-multipart"},
		{"multipart/mixed; boundary*0=b; boundary*1=c", "", 0, "bad-multipart"},
		{"multipart/mixed; boundary=b; x*0=c", "", 0, "bad-multipart"},
		{"multipart/signed; boundary=b; protocol=\"application/pkcs7-signature\"", "", 0, "container-not-supported"},
		{"multipart/form-data; boundary=b", "", 0, "container-not-supported"},
		{"multipart/related; boundary=b; type=\"application/xop+xml\"", "", 0, "container-not-supported"},
		{"application/pkcs7-mime; smime-type=enveloped-data", "", 0, "container-not-supported"},
		{"application/pkcs7-mime; smime-type", "", 0, "container-not-supported"},
		{"application/pkcs7-signature", "", 0, "content-type-not-supported"},
		{"application/soap+xml", "", 0, "content-type-not-supported"},
		{"application/xop+xml", "", 0, "content-type-not-supported"},
		{"", "", 0, "content-type-not-supported"},
	}
	for _, tt := range tests {
		c, err := containerOf([]string{tt.contentType})
		got := ""
		if e, ok := errors.AsType[*schema.ContainerError](err); ok {
			got = e.Reason
		} else if p, ok := errors.AsType[Problem](err); ok {
			got = p.Reason
		}
		if got != tt.want || err == nil && c != (container{tt.form, tt.boundary}) {
			t.Errorf("%s: %+v, %v", tt.contentType, c, err)
		}
	}
	if _, err := containerOf([]string{"application/xml", "multipart/mixed; boundary=b"}); err == nil {
		t.Error("two Content-Types were taken")
	}
}

// What we write, we and the library read alike, also where the document holds what looks like the
// boundary; it is the same each time.
func TestMultipartOf(t *testing.T) {
	documents := []string{"<a/>", "<a>\r\n</a>\r\n", "\r\n--gatewayd-id\r\n", "\r\n--gatewayd-id-\r\n--gatewayd-id--\r\n"}
	for _, document := range documents {
		mediaType, body := multipartOf("id", []byte(document), someCMS)
		again, repeated := multipartOf("id", []byte(document), someCMS)
		if mediaType != again || !bytes.Equal(body, repeated) {
			t.Errorf("%q has two forms", document)
		}
		c, err := containerOf([]string{mediaType})
		if err != nil {
			t.Fatal(err)
		}
		gotDocument, gotCMS, err := readMultipart(bytes.Clone(body), c.boundary)
		if err != nil || string(gotDocument) != document || !bytes.Equal(gotCMS, someCMS) {
			t.Errorf("%q: %q, %q, %v", document, gotDocument, gotCMS, err)
		}
		_, params, err := mime.ParseMediaType(mediaType)
		if err != nil {
			t.Fatal(err)
		}
		form, err := multipart.NewReader(bytes.NewReader(body), params["boundary"]).NextPart()
		if err != nil || form.Header.Get("Content-Type") != "application/xml" {
			t.Errorf("%q: the library reads %v, %v", document, form, err)
		}
	}
}

// Whatever is taken is there: both parts stand in the body or in its base64, and the library, lenient as
// it is, sees the same document first.
func FuzzReadMultipart(f *testing.F) {
	f.Add([]byte(twoParts))
	f.Add([]byte("\r\n" + strings.ReplaceAll(twoParts, "--b\r\n", "--b \r\n")))
	f.Add([]byte("--b\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: base64\r\n\r\nPGEvPg==\r\n" +
		"--b\r\nContent-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\nMAEA\r\n--b--\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		kept := bytes.Clone(body)
		document, cms, err := readMultipart(body, "b")
		if err != nil {
			e, ok := errors.AsType[*schema.ContainerError](err)
			if !ok || e.Offset < 0 || e.Offset > len(body) {
				t.Fatalf("%v", err)
			}
			return
		}
		if len(document) == 0 || len(cms) == 0 || len(document)+len(cms) > len(body) {
			t.Fatalf("%q, %q", document, cms)
		}
		part, err := multipart.NewReader(bytes.NewReader(kept), "b").NextRawPart()
		if err != nil {
			t.Fatalf("the library does not read it: %v", err)
		}
		var seen bytes.Buffer
		if _, err := seen.ReadFrom(part); err != nil {
			t.Fatalf("the library does not read the document: %v", err)
		}
		if part.Header.Get("Content-Transfer-Encoding") == "" && !bytes.Equal(seen.Bytes(), document) {
			t.Fatalf("the library reads %q, we %q", seen.Bytes(), document)
		}
	})
}
