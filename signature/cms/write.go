package cms

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Draft is a detached SignedData before it is signed. The first certificate is the signer's.
type Draft struct {
	Digest, Signature Algorithm
	MessageDigest     []byte // of the content, made with Digest
	SigningTime       time.Time
	CertificateHash   []byte   // of the first certificate, made with Digest
	Certificates      [][]byte // DER
}

var errDraft = errors.New("writing a CMS SignedData")

// Attributes are the octets to be signed: the DER of the signed attributes contentType,
// messageDigest, signingTime and signingCertificateV2.
func (d Draft) Attributes() ([]byte, error) {
	if len(d.Certificates) == 0 {
		return nil, fmt.Errorf("%w: no certificate", errDraft)
	}
	own := ReadCertificate(d.Certificates[0])
	attributes := [][]byte{
		attribute(oidContentType, func(b *cryptobyte.Builder) { addOID(b, OIDData) }),
		attribute(oidMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(d.MessageDigest) }),
		attribute(oidSigningTime, func(b *cryptobyte.Builder) { addTime(b, d.SigningTime) }),
		attribute(oidSigningCertificateV2, func(b *cryptobyte.Builder) { d.addSigningCertificate(b, own) }),
	}
	if slices.ContainsFunc(attributes, func(one []byte) bool { return one == nil }) {
		return nil, fmt.Errorf("%w: an attribute cannot be encoded", errDraft)
	}
	slices.SortFunc(attributes, bytes.Compare) // X.690 section 11.6
	var b cryptobyte.Builder
	b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) {
		for _, one := range attributes {
			b.AddBytes(one)
		}
	})
	return b.Bytes()
}

// attribute is one signed attribute with one value, nil when it cannot be encoded.
func attribute(oid string, value cryptobyte.BuilderContinuation) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, oid)
		b.AddASN1(asn1.SET, value)
	})
	octets, err := b.Bytes()
	if err != nil {
		return nil
	}
	return octets
}

// addTime is section 11.3: UTCTime through 2049.
func addTime(b *cryptobyte.Builder, t time.Time) {
	if t = t.UTC(); t.Year() >= 1950 && t.Year() < 2050 {
		b.AddASN1UTCTime(t)
		return
	}
	b.AddASN1GeneralizedTime(t)
}

// addSigningCertificate is SigningCertificateV2; SHA-256, the default, is left out as DER wants it.
func (d Draft) addSigningCertificate(b *cryptobyte.Builder, own Certificate) {
	sequence := asn1.SEQUENCE
	b.AddASN1(sequence, func(b *cryptobyte.Builder) {
		b.AddASN1(sequence, func(b *cryptobyte.Builder) {
			b.AddASN1(sequence, func(b *cryptobyte.Builder) {
				if d.Digest.OID != oidSHA256 {
					addAlgorithm(b, d.Digest)
				}
				b.AddASN1OctetString(d.CertificateHash)
				b.AddASN1(sequence, func(b *cryptobyte.Builder) {
					b.AddASN1(sequence, func(b *cryptobyte.Builder) {
						b.AddASN1(asn1.Tag(context(4)), func(b *cryptobyte.Builder) { b.AddBytes(own.Issuer) })
					})
					b.AddASN1(asn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes(own.Serial) })
				})
			})
		})
	})
}

// Signed is the whole SignedData (DER) with the value of the signature over the attributes.
func (d Draft) Signed(attributes, value []byte) ([]byte, error) {
	own := ReadCertificate(d.Certificates[0])
	sequence := asn1.SEQUENCE
	var b cryptobyte.Builder
	b.AddASN1(sequence, func(b *cryptobyte.Builder) {
		addOID(b, oidSignedData)
		b.AddASN1(asn1.Tag(context(0)), func(b *cryptobyte.Builder) {
			b.AddASN1(sequence, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { addAlgorithm(b, d.Digest) })
				b.AddASN1(sequence, func(b *cryptobyte.Builder) { addOID(b, OIDData) })
				b.AddASN1(asn1.Tag(context(0)), d.addCertificates)
				b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) {
					b.AddASN1(sequence, func(b *cryptobyte.Builder) { d.addSigner(b, own, attributes, value) })
				})
			})
		})
	})
	octets, err := b.Bytes()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDraft, err)
	}
	return octets, nil
}

// addCertificates writes the SET OF certificates in the order of DER.
func (d Draft) addCertificates(b *cryptobyte.Builder) {
	sorted := slices.Clone(d.Certificates)
	slices.SortFunc(sorted, bytes.Compare)
	for _, der := range sorted {
		b.AddBytes(der)
	}
}

func (d Draft) addSigner(b *cryptobyte.Builder, own Certificate, attributes, value []byte) {
	b.AddASN1Int64(1)
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(own.Issuer)
		b.AddASN1(asn1.INTEGER, func(b *cryptobyte.Builder) { b.AddBytes(own.Serial) })
	})
	addAlgorithm(b, d.Digest)
	b.AddBytes(append([]byte{context(0)}, attributes[1:]...))
	addAlgorithm(b, d.Signature)
	b.AddASN1OctetString(value)
}

func addAlgorithm(b *cryptobyte.Builder, a Algorithm) {
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addOID(b, a.OID)
		b.AddBytes(a.Parameters)
	})
}

func addOID(b *cryptobyte.Builder, dotted string) {
	oid, err := x509.ParseOID(dotted)
	if err != nil {
		b.SetError(err)
		return
	}
	contents, err := oid.MarshalBinary()
	if err != nil {
		b.SetError(err)
		return
	}
	b.AddASN1(asn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes(contents) })
}
