package signature

import (
	"crypto/sha256"
	"strings"
	"testing"
	"unicode/utf8"

	"asugate/internal/pki"
	"asugate/xmltree"
)

// The zero value of Signed shows nothing, that of Outcome never holds.
func TestZeroValues(t *testing.T) {
	if (Signed{}).Valid() || !(Signed{}).Root().IsZero() || Outcome(0) != Fails {
		t.Error("a zero value says something")
	}
}

// A detached signature of no octets is one that cannot be read, not a document without a signature.
func TestDetachedIsNamed(t *testing.T) {
	s := newSigner(t, pki.P256)
	tree := pki.Must(xmltree.Parse([]byte(document), xmltree.DefaultLimits()))
	signed, report := Open(Input{Tree: tree, Detached: []byte{}}, s.trust, Policy{}, now)
	if signed.Valid() || words(report) != "A10 cms-malformed" || report.Container != "cms" {
		t.Errorf("%+v", report)
	}
}

// The content digest is there whenever the one Signature is a child of the root, whatever else is
// wrong: by it the journal knows a document again.
func TestContentOfFailing(t *testing.T) {
	s := newSigner(t, pki.P256)
	signed := s.sign(t, document)
	_, rest := taken(signed)
	want := sha256.Sum256(pki.Must(xmltree.Parse([]byte(rest), xmltree.DefaultLimits())).Root().
		AppendCanonical(nil, xmltree.Form{}))
	for name, failing := range map[string]string{
		"bad value": setValue(signed, make([]byte, 64)), "bad shape": before(signed, "</ds:Signature>", "x"),
		"bad digest": setDigest(signed, make([]byte, 32)), "bad method": replace(t, signed, "ecdsa-sha256", "rsa-md5"),
		"bad digest method": replace(t, signed, nsDigest+"sha256", nsDSig+"sha1"),
		"bad transform":     replace(t, signed, transformEnveloped, "urn:x"), "bad certificate": setKeyInfo(signed, ""),
		"inclusive form": strings.Replace(signed, nsExclusive, inclusive10.uri, 2),
		"long digest":    replace(t, signed, nsDigest+"sha256", nsDigest+"sha512"),
	} {
		_, report := open(t, failing, s.trust, now)
		if report.Outcome != Fails || report.Content != want {
			t.Errorf("%s: outcome %d, content %x, want %x", name, report.Outcome, report.Content, want)
		}
	}
	_, rest = taken(signed)
	if _, report := open(t, rest, s.trust, now); report.Content != [32]byte{} {
		t.Error("a document without Signature has a content digest")
	}
}

// What a fault repeats of the document is short and harmless.
func TestQuoted(t *testing.T) {
	for text, want := range map[string]string{
		"http://x#y": "http://x#y", "груз": "груз", "a\nb": `"a\nb"`, `"`: `"\""`, "\x1b[31m": `"\x1b[31m"`,
		"\u202eabc": `"\u202eabc"`, "\xff": `"\xff"`, "": "",
	} {
		if got := quoted(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
	for _, letter := range []string{"x", "ж", "𝔛", "\x01", "\xff"} {
		got := quoted("a" + strings.Repeat(letter, 1000))
		if len(got) > 4*maxQuoted+8 || !strings.HasSuffix(got, "…") || !utf8.ValidString(got) {
			t.Errorf("%q: %d bytes: %s", letter, len(got), got)
		}
	}
}
