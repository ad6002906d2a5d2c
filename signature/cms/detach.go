package cms

import (
	"errors"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// ErrDetached: the SignedData carries no content.
var ErrDetached = errors.New("no content inside")

// Octets are the DER or BER of what may have been written down in PEM or base64. False: it is none of
// these, or too large.
func Octets(input []byte) ([]byte, bool) { return octetsOf(input) }

// Detach takes the content out of a SignedData, and answers both. What is signed is untouched: section
// 5.4 signs the content or the signed attributes, not the place where the content stands. The signers
// are not looked at; Parse does that.
func Detach(input []byte) (content, detached []byte, err error) {
	signed, err := open(input)
	if err != nil {
		return nil, nil, err
	}
	version, digests := signed.take(tagInteger).full, signed.take(tagSet).full
	encapsulated := signed.inside(tagSequence)
	contentType := encapsulated.take(tagOID).full
	if encapsulated.done() {
		return nil, nil, ErrDetached
	}
	inside := encapsulated.inside(context(0))
	content = inside.octets()
	if !inside.done() || !encapsulated.done() || signed.failed {
		return nil, nil, malformed("EncapsulatedContentInfo")
	}
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, oidSignedData)
		b.AddASN1(asn1.Tag(context(0)), func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddBytes(version)
				b.AddBytes(digests)
				b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddBytes(contentType) })
				b.AddBytes(signed.rest) // certificates, CRLs, signers
			})
		})
	})
	if detached, err = b.Bytes(); err != nil {
		return nil, nil, malformed("SignedData")
	}
	return content, detached, nil
}
