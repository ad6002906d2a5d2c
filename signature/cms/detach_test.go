package cms

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"asugate/internal/cputime"
)

// attachedWith is a SignedData as far as Detach reads it, with these octets for its content.
func attachedWith(t testing.TB, content, rest []byte) []byte {
	t.Helper()
	var b cryptobyte.Builder
	sequence := asn1.SEQUENCE
	b.AddASN1(sequence, func(b *cryptobyte.Builder) {
		addOID(b, oidSignedData)
		b.AddASN1(asn1.Tag(context(0)), func(b *cryptobyte.Builder) {
			b.AddASN1(sequence, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddASN1(asn1.SET, func(*cryptobyte.Builder) {})
				b.AddASN1(sequence, func(b *cryptobyte.Builder) {
					addOID(b, OIDData)
					if content != nil {
						b.AddASN1(asn1.Tag(context(0)), func(b *cryptobyte.Builder) { b.AddBytes(content) })
					}
				})
				b.AddBytes(rest)
			})
		})
	})
	return b.BytesOrPanic()
}

// What is signed stays as it is; the content comes out whole, also where BER has it in pieces; what is
// left is what a detached signature would have been.
func TestDetach(t *testing.T) {
	rest := []byte{tagSet, 2, tagNull, 0}
	for name, content := range map[string][]byte{
		"DER":    {tagOctetString, 4, '<', 'a', '/', '>'},
		"pieces": {tagOctetString | constructed, 0x80, tagOctetString, 2, '<', 'a', tagOctetString, 2, '/', '>', 0, 0},
	} {
		got, detached, err := Detach(attachedWith(t, content, rest))
		if err != nil || string(got) != "<a/>" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if want := attachedWith(t, nil, rest); !bytes.Equal(detached, want) {
			t.Errorf("%s: %x is left, want %x", name, detached, want)
		}
	}
	whole := attachedWith(t, []byte{tagOctetString, 1, 'x'}, rest)
	for name, bad := range map[string][]byte{
		"nothing": nil, "no ASN.1": []byte("<a/>"), "cut": whole[:len(whole)-1], "more": append(bytes.Clone(whole), 0),
		"another type":   attachedWith(t, []byte{tagNull, 0}, rest),
		"two contents":   attachedWith(t, []byte{tagOctetString, 0, tagOctetString, 0}, rest),
		"no end":         attachedWith(t, []byte{tagOctetString | constructed, 0x80, tagOctetString, 0}, rest),
		"nothing inside": attachedWith(t, nil, rest),
	} {
		if content, detached, err := Detach(bad); err == nil || content != nil || detached != nil {
			t.Errorf("%s: %q, %x, %v", name, content, detached, err)
		} else if errors.Is(err, ErrDetached) != (name == "nothing inside") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// inPieces is a SignedData whose content is a quarter of a MiB of empty pieces, so many levels deep; every
// length above them is indefinite.
func inPieces(piece []byte, levels int) []byte {
	indefinite := func(tag byte, parts ...[]byte) []byte {
		return slices.Concat([]byte{tag, 0x80}, slices.Concat(parts...), []byte{0, 0})
	}
	oid := func(last byte) []byte { return []byte{tagOID, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, last} }
	content := bytes.Repeat(piece, 1<<18/len(piece))
	for range levels {
		content = indefinite(tagOctetString|constructed, content)
	}
	signed := indefinite(tagSequence, []byte{tagInteger, 1, 1, tagSet, 0},
		indefinite(tagSequence, oid(1), indefinite(context(0), content)))
	return indefinite(tagSequence, oid(2), indefinite(context(0), signed))
}

// Pieces within pieces cost no more than their octets: nothing is measured again at every level.
func TestDetachBomb(t *testing.T) {
	for _, piece := range [][]byte{{tagOctetString, 0}, {tagOctetString, 0x81, 0}, {tagOctetString | constructed, 0x80, 0, 0}} {
		bombs := [2][]byte{inPieces(piece, 1), inPieces(piece, 17)}
		best := [2]time.Duration{time.Hour, time.Hour}
		for range 5 { // the collector may spoil one measurement, not several
			for i, bomb := range bombs {
				var content []byte
				var err error
				best[i] = min(best[i], cputime.Of(func() { content, _, err = Detach(bomb) }))
				if err != nil || len(content) != 0 {
					t.Fatalf("% x: %d bytes, %v", piece, len(content), err)
				}
			}
		}
		// Measured at every level it would be 17 times as long.
		if best[1] > 6*best[0] {
			t.Errorf("% x: %s at 17 levels, %s at one", piece, best[1], best[0])
		}
	}
}

// Whatever Detach takes, what is left carries nothing and says the same of its signer.
func FuzzDetach(f *testing.F) {
	f.Add(attachedWith(f, []byte{tagOctetString, 4, '<', 'a', '/', '>'}, []byte{tagSet, 0}))
	f.Add(attachedWith(f, []byte{tagOctetString | constructed, 0x80, tagOctetString, 1, 'a', 0, 0}, nil))
	f.Fuzz(func(t *testing.T, input []byte) {
		content, detached, err := Detach(bytes.Clone(input))
		if err != nil {
			return
		}
		if len(content) > len(input) || len(detached) > len(input)+16 {
			t.Fatalf("%d and %d bytes of %d", len(content), len(detached), len(input))
		}
		if _, _, err := Detach(detached); !errors.Is(err, ErrDetached) {
			t.Fatalf("%x still carries something: %v", detached, err)
		}
		before, err := Parse(input)
		if err != nil {
			return
		}
		after, err := Parse(detached)
		if err != nil || after.Attached || !bytes.Equal(before.Content, content) || !bytes.Equal(before.Signer.Value, after.Signer.Value) {
			t.Fatalf("%+v became %+v, %v", before, after, err)
		}
	})
}
