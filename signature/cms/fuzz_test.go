package cms

import (
	"bytes"
	"encoding/base64"
	"testing"
)

// FuzzParse: no input makes Parse panic; what it reads refers to octets of the input, is within the
// limits, and its attributes are DER; in order they are read the same.
func FuzzParse(f *testing.F) {
	info := signerInfo(attributes(contentType, messageDigest))
	f.Add(good())
	f.Add([]byte(base64.StdEncoding.EncodeToString(good())))
	f.Add(indefinite(0x30, signedDataOID, indefinite(0xa0, indefinite(0x30, one, indefinite(0x31, shaAlgorithm),
		indefinite(0x30, dataOID, indefinite(0xa0, indefinite(0x24, der(4, []byte("<a/>"))))), indefinite(0x31, info)))))
	f.Fuzz(func(t *testing.T, input []byte) {
		s, err := Parse(input)
		if err != nil {
			if s != nil {
				t.Fatal("an error and a SignedData")
			}
			return
		}
		octets, ok := Octets(input)
		if !ok {
			t.Fatal("read, and no octets")
		}
		if len(s.Certificates) > MaxCertificates || len(s.Content) > len(octets) {
			t.Fatalf("%d certificates, %d bytes of content", len(s.Certificates), len(s.Content))
		}
		if a := s.Signer.Attributes; a != nil {
			field := append([]byte{0xa0}, a.Octets[1:]...)
			if !isDER(a.Octets, maxDepth) || !bytes.Contains(octets, field) || a.ContentType == "" {
				t.Fatalf("% x", a.Octets)
			}
			if a.Sorted != nil {
				again, err := parseAttributes(append([]byte{0xa0}, a.Sorted[1:]...))
				if err != nil || again.Sorted != nil || again.ContentType != a.ContentType ||
					!bytes.Equal(again.MessageDigest, a.MessageDigest) || !again.SigningTime.Equal(a.SigningTime) {
					t.Fatalf("% x in order: %v", a.Octets, err)
				}
			}
		}
		for _, c := range s.Certificates {
			if !bytes.Contains(octets, c.Raw) || !bytes.Contains(c.Raw, c.KeyID) {
				t.Fatal("a certificate that was not there")
			}
		}
	})
}

// FuzzDER: what isDER takes and encoding/asn1 reads is written again as the same octets.
func FuzzDER(f *testing.F) {
	f.Add(good())
	f.Add([]byte{0x30, 3, 1, 1, 0xff})
	f.Fuzz(func(t *testing.T, input []byte) {
		if !isDER(input, maxDepth) {
			return
		}
		v, rest, ok := read(input)
		if !ok || len(rest) > 0 || !bytes.Equal(v.full, input) || !bytes.Equal(der2(v), input) {
			t.Fatalf("% x", input)
		}
	})
}

// der2 writes a value again with the shortest length.
func der2(v value) []byte {
	header := v.full[:len(v.full)-len(v.body)]
	identifier := 1
	if header[0]&0x1f == 0x1f {
		for header[identifier]&0x80 != 0 {
			identifier++
		}
		identifier++
	}
	length := []byte{byte(len(v.body))}
	if len(v.body) > 0x7f {
		length = nil
		for n := len(v.body); n > 0; n >>= 8 {
			length = append([]byte{byte(n)}, length...)
		}
		length = append([]byte{0x80 | byte(len(length))}, length...)
	}
	return append(append(append([]byte{}, header[:identifier]...), length...), v.body...)
}
