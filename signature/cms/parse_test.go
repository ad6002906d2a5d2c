package cms

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"asugate/internal/cputime"
)

// der is one value of DER.
func der(tag byte, contents ...[]byte) []byte {
	body := bytes.Join(contents, nil)
	switch {
	case len(body) > 0xff:
		return append([]byte{tag, 0x82, byte(len(body) >> 8), byte(len(body))}, body...)
	case len(body) > 0x7f:
		return append([]byte{tag, 0x81, byte(len(body))}, body...)
	}
	return append([]byte{tag, byte(len(body))}, body...)
}

// indefinite is a value whose length is not said beforehand.
func indefinite(tag byte, contents ...[]byte) []byte {
	return append(append([]byte{tag, 0x80}, bytes.Join(contents, nil)...), 0, 0)
}

var (
	signedDataOID = []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2}
	dataOID       = []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1}
	shaAlgorithm  = der(0x30, []byte{6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1})
	rsaAlgorithm  = der(0x30, []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1}, []byte{5, 0})
	one           = []byte{2, 1, 1}
	issuer        = der(0x30, der(0x31, der(0x30, []byte{6, 3, 0x55, 4, 3}, der(0x0c, []byte("A")))))
)

// attributes are signed ones in the order of DER, with the last arcs of PKCS #9.
func attributes(list ...[]byte) []byte {
	slices.SortFunc(list, bytes.Compare)
	return der(0xa0, list...)
}

func pkcs9(arcs []byte, value ...[]byte) []byte {
	oid := append([]byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9}, arcs...)
	return der(0x30, der(6, oid), der(0x31, value...))
}

var (
	contentType   = pkcs9([]byte{3}, dataOID)
	messageDigest = pkcs9([]byte{4}, der(4, make([]byte, 32)))
)

func signerInfo(attributes []byte) []byte {
	return der(0x30, one, der(0x30, issuer, []byte{2, 1, 7}), shaAlgorithm, attributes, rsaAlgorithm, der(4, []byte("value")))
}

// whole is a SignedData of these parts.
func whole(content []byte, rest ...[]byte) []byte {
	parts := append([][]byte{one, der(0x31, shaAlgorithm), content}, rest...)
	return der(0x30, signedDataOID, der(0xa0, der(0x30, parts...)))
}

func good() []byte {
	return whole(der(0x30, dataOID), der(0x31, signerInfo(attributes(contentType, messageDigest))))
}

// One SignedData in every way in which it is written down is read alike.
func TestEncodings(t *testing.T) {
	g := good()
	text := base64.StdEncoding.EncodeToString(g)
	block := func(label string) []byte { return pem.EncodeToMemory(&pem.Block{Type: label, Bytes: g}) }
	for name, input := range map[string][]byte{
		"DER": g, "base64": []byte(text), "base64 in lines": []byte("\n " + text[:10] + "\r\n\t" + text[10:] + " \n"),
		"PEM": block("CMS"), "PEM of PKCS #7": append([]byte("\n"), block("PKCS7")...),
	} {
		s, err := Parse(input)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s.ContentType != OIDData || s.Attached || s.Signer.Digest.OID != oidSHA256 || string(s.Signer.Value) != "value" ||
			!bytes.Equal(s.Signer.ID.Issuer, issuer) || !bytes.Equal(s.Signer.ID.Serial, []byte{7}) {
			t.Errorf("%s: %+v", name, s)
		}
	}
	for name, input := range map[string][]byte{
		"nothing": nil, "blanks": []byte(" \n"), "text": []byte("signature"), "base64 without its end": []byte(text[:len(text)-5]),
		"base64 of the URL alphabet": []byte("MII-"), "PEM of a certificate": block("CERTIFICATE"), "PEM with more": append(block("CMS"), 'x'),
		"two PEM blocks": append(block("CMS"), block("CMS")...), "XML": []byte("<a/>"), "too long": make([]byte, maxSize*2),
		"DER with a tail": append(good(), 0), "DER behind a blank": append([]byte(" "), g...),
	} {
		if _, err := Parse(input); !errors.Is(err, ErrNotSignedData) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// BER is read where RFC 5652 allows it: lengths that are not said beforehand, content in pieces.
func TestBER(t *testing.T) {
	info := signerInfo(attributes(contentType, messageDigest))
	pieces := func(tag byte) []byte {
		return indefinite(tag, der(4, []byte("<a")), indefinite(0x24, der(4, nil), der(4, []byte("/"))), der(0x24, der(4, []byte(">"))))
	}
	long := append(append([]byte{0x30, 0x84, 0, 0, 0, byte(len(dataOID) + 8)}, dataOID...), der(0xa0, der(4, []byte("<a/>")))...)
	for name, input := range map[string][]byte{
		"all indefinite": indefinite(0x30, signedDataOID, indefinite(0xa0, indefinite(0x30, one, indefinite(0x31, shaAlgorithm),
			indefinite(0x30, dataOID, indefinite(0xa0, pieces(0x24))), indefinite(0x31, info)))),
		"lengths longer than needed": whole(long, der(0x31, info)),
	} {
		s, err := Parse(input)
		if err != nil || !s.Attached || string(s.Content) != "<a/>" {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
	empty, err := Parse(whole(der(0x30, dataOID, der(0xa0, der(4, nil))), der(0x31, info)))
	if err != nil || !empty.Attached || len(empty.Content) != 0 {
		t.Errorf("empty content: %+v, %v", empty, err)
	}
	for name, content := range map[string][]byte{
		"a piece of another type": indefinite(0xa0, indefinite(0x24, der(0x0c, []byte("x")))),
		"no end":                  {0xa0, 0x80, 0x24, 0x80, 4, 1, 'x'},
		"two contents":            der(0xa0, der(4, []byte("a")), der(4, []byte("b"))),
		"no octet string":         der(0xa0, der(0x30)),
		"a primitive without end": der(0xa0, []byte{4, 0x80, 0, 0}),
	} {
		if _, err := Parse(whole(der(0x30, dataOID, content), der(0x31, info))); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

// What is refused, and by which word.
func TestRefused(t *testing.T) {
	info := signerInfo(attributes(contentType, messageDigest))
	content := der(0x30, dataOID)
	signed := func(list ...[]byte) []byte { return whole(content, der(0x31, signerInfo(attributes(list...)))) }
	both := func(more ...[]byte) []byte { return signed(append(more, contentType, messageDigest)...) }
	for _, c := range []struct {
		name  string
		input []byte
		want  error
	}{
		{"no signer", whole(content, der(0x31)), ErrNoSigner},
		{"two signers", whole(content, der(0x31, info, info)), ErrSeveralSigners},
		{"two signers, the second broken", whole(content, der(0x31, info, []byte{0x30, 1})), ErrSeveralSigners},
		{"nine certificates", whole(content, der(0xa0, bytes.Repeat(der(0x30), 9)), der(0x31, info)), ErrTooManyCertificates},
		{"eight certificates", whole(content, der(0xa0, bytes.Repeat(der(0x30), 8)), der(0x31, info)), nil},
		{"certificates of other kinds", whole(content, der(0xa0, der(0xa0), der(0xa2), der(0xa3)), der(0x31, info)), nil},
		{"a certificate of no kind", whole(content, der(0xa0, one), der(0x31, info)), ErrMalformed},
		{"CRLs", whole(content, der(0xa1, der(0x30, one)), der(0x31, info)), nil},
		{"certificates after CRLs", whole(content, der(0xa1), der(0xa0), der(0x31, info)), ErrMalformed},
		{"something after the signers", whole(content, der(0x31, info), one), ErrMalformed},
		{"enveloped data", der(0x30, []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 3}, der(0xa0, der(0x30))), ErrNotSignedData},
		{"attributes without contentType", signed(messageDigest), ErrAttributes},
		{"attributes without messageDigest", signed(contentType), ErrAttributes},
		{"no attribute at all", signed(), ErrAttributes},
		{"attributes of indefinite length", whole(content, der(0x31, signerInfo(indefinite(0xa0, contentType, messageDigest)))), ErrAttributes},
		{"signing time twice", both(pkcs9([]byte{5}, der(0x17, []byte("260101000000Z"))), pkcs9([]byte{5}, der(0x17, []byte("270101000000Z")))), ErrAttributes},
		{"33 attributes", both(many(31)...), ErrAttributes},
		{"32 attributes", both(many(30)...), nil},
		{"a boolean that is no DER", both(pkcs9([]byte{99}, []byte{1, 1, 1})), ErrAttributes},
		{"an integer that is no DER", both(pkcs9([]byte{99}, []byte{2, 2, 0, 1})), ErrAttributes},
		{"a string in pieces", both(pkcs9([]byte{99}, der(0x24, der(4, nil)))), ErrAttributes},
		{"a signing certificate that is none", both(pkcs9([]byte{16, 2, 47}, der(0x30))), ErrAttributes},
		{"a message digest that is none", signed(contentType, pkcs9([]byte{4}, one)), ErrAttributes},
		{"too deep", both(pkcs9([]byte{99}, nested(100))), ErrAttributes},
		{"a long identifier", both(der(0x30, der(6, bytes.Repeat([]byte{0x81}, 70), []byte{1}), der(0x31, one))), ErrAttributes},
	} {
		if _, err := Parse(c.input); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, err, c.want)
		}
	}
}

// many are attributes of so many kinds.
func many(n int) [][]byte {
	var list [][]byte
	for i := range n {
		list = append(list, pkcs9([]byte{100, byte(i)}, one))
	}
	return list
}

func nested(depth int) []byte {
	b := der(5)
	for range depth {
		b = der(0x30, b)
	}
	return b
}

// Lengths that are not there, and nesting without an end, cost no more than their bytes.
func TestBombs(t *testing.T) {
	info := signerInfo(attributes(contentType, messageDigest))
	huge := func(length ...byte) []byte { return append([]byte{0x30, 0x80 | byte(len(length))}, length...) }
	for name, input := range map[string][]byte{
		"4 GiB": huge(0xff, 0xff, 0xff, 0xff), "as long as an int": huge(0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		"negative": huge(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "127 octets of length": append([]byte{0x30, 0xff}, make([]byte, 200)...),
		"a million levels":                    bytes.Repeat([]byte{0x30, 0x80}, 1<<20),
		"a million levels of definite length": append([]byte{0x30, 0x83, 0x10, 0, 0}, bytes.Repeat([]byte{0x30, 0x80}, 1<<19)...),
		"a million pieces of nothing":         whole(der(0x30, dataOID, indefinite(0xa0, indefinite(0x24, bytes.Repeat([]byte{4, 0}, 1<<20)))), der(0x31, info)),
		"a million attributes":                bytes.Repeat(contentType, 1<<16),
	} {
		var err error
		if took := cputime.Of(func() { _, err = Parse(input) }); took > time.Second {
			t.Errorf("%s takes %s", name, took)
		}
		if err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

// The attributes are read as they stand, and what is signed has the tag of a SET.
func TestAttributes(t *testing.T) {
	hash := bytes.Repeat([]byte{9}, 32)
	general := der(0x30, der(0x30, der(0xa4, issuer)), []byte{2, 1, 5})
	input := whole(der(0x30, dataOID), der(0x31, signerInfo(attributes(contentType, messageDigest,
		pkcs9([]byte{5}, der(0x17, []byte("491231235959Z"))),
		pkcs9([]byte{16, 2, 47}, der(0x30, der(0x30, der(0x30, der(4, hash), general)), der(0x30))),
		pkcs9([]byte{16, 2, 12}, der(0x30, der(0x30, der(0x30, der(4, hash[:20]))))),
		pkcs9([]byte{52}, der(0x30, shaAlgorithm, append([]byte{0xa1}, rsaAlgorithm[1:]...))),
		pkcs9([]byte{99}, one, []byte{2, 1, 2}),
	))))
	s, err := Parse(input)
	if err != nil {
		t.Fatal(err)
	}
	a := s.Signer.Attributes
	if want := time.Date(2049, 12, 31, 23, 59, 59, 0, time.UTC); !a.SigningTime.Equal(want) {
		t.Errorf("signed at %s", a.SigningTime)
	}
	if a.Octets[0] != 0x31 || !bytes.Contains(input, a.Octets[1:]) {
		t.Errorf("signed is % x", a.Octets)
	}
	if len(a.Certificates) != 2 || a.Sorted != nil {
		t.Fatalf("%+v", a)
	}
	for _, id := range a.Certificates {
		if !bytes.HasPrefix(hash, id.Hash) || id.Digest.OID != map[int]string{20: oidSHA1, 32: oidSHA256}[len(id.Hash)] ||
			len(id.Hash) == 32 && !(bytes.Equal(id.Issuer, issuer) && bytes.Equal(id.Serial, []byte{5})) {
			t.Errorf("%+v", id)
		}
	}
	if a.Protection == nil || !a.Protection.Digest.Equal(s.Signer.Digest) || !a.Protection.Signature.Equal(s.Signer.Signature) {
		t.Errorf("protection %+v", a.Protection)
	}
	for text, want := range map[string]string{
		"500101000000Z": "1950-01-01T00:00:00Z", "20501231000000Z": "2050-12-31T00:00:00Z", "19500101000000Z": "1950-01-01T00:00:00Z",
	} {
		tag := byte(0x18)
		if len(text) == 13 {
			tag = 0x17
		}
		p := parts{rest: der(tag, []byte(text))}
		if got, ok := p.time(); !ok || got.Format(time.RFC3339) != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}

// Attributes in another order than that of DER are read alike; both orders are there to be verified.
// So are values of an attribute, and one value twice, which a SET OF may hold.
func TestAttributesInAnyOrder(t *testing.T) {
	two, three := []byte{2, 1, 2}, []byte{2, 1, 3}
	for name, c := range map[string]struct{ sent, sorted []byte }{
		"in order":   {der(0x31, contentType, messageDigest), nil},
		"attributes": {der(0x31, messageDigest, contentType), der(0x31, contentType, messageDigest)},
		"values": {
			der(0x31, pkcs9([]byte{99}, three, one, two), contentType, messageDigest),
			der(0x31, pkcs9([]byte{99}, one, two, three), contentType, messageDigest),
		},
		"a value twice": {der(0x31, pkcs9([]byte{99}, one, one), contentType, messageDigest), nil},
	} {
		field := append([]byte{0xa0}, c.sent[1:]...)
		s, err := Parse(whole(der(0x30, dataOID), der(0x31, signerInfo(field))))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		a := s.Signer.Attributes
		if !bytes.Equal(a.Octets, c.sent) || !bytes.Equal(a.Sorted, c.sorted) || a.ContentType != OIDData || len(a.MessageDigest) != 32 {
			t.Errorf("%s: sent % x\nsorted % x", name, a.Octets, a.Sorted)
		}
	}
}

// NULL and nothing are the same parameters; anything else is as it is written.
func TestAlgorithmEqual(t *testing.T) {
	null, none, other := Algorithm{"1.2", []byte{5, 0}}, Algorithm{OID: "1.2"}, Algorithm{"1.2", []byte{2, 1, 1}}
	if !null.Equal(none) || !other.Equal(other) || null.Equal(other) || none.Equal(Algorithm{OID: "1.3"}) {
		t.Error("Equal is wrong")
	}
}

// What is no certificate has no name to be found by.
func TestReadCertificate(t *testing.T) {
	for _, raw := range []string{"", "\x30\x00", "\x30\x02\x30\x00", strings.Repeat("\x30\x80", 50)} {
		if c := ReadCertificate([]byte(raw)); c.Serial != nil || c.Is(SignerID{}) || c.Is(SignerID{KeyID: []byte{}}) {
			t.Errorf("%q: %+v", raw, c)
		}
	}
}
