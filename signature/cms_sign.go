package signature

import (
	"errors"
	"fmt"
	"math/big"
	"time"

	"asugate/signature/cms"

	"github.com/beevik/etree"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// SignDetached makes a detached CMS signature (DER) over the bytes as they are: with the signed
// attributes contentType, messageDigest, signingTime and signingCertificateV2, and the certificates
// of the key. Because there are always attributes, nobody can give out a document that was signed
// for the attributes of another.
func (k *Key) SignDetached(document []byte) ([]byte, error) {
	return k.signDetached(document, time.Now())
}

func (k *Key) signDetached(document []byte, at time.Time) ([]byte, error) {
	draft, err := k.draft()
	if err != nil {
		return nil, fmt.Errorf("signing with a CMS: %w", err)
	}
	draft.MessageDigest, draft.SigningTime = k.sum(document), at
	attributes, err := draft.Attributes()
	if err != nil {
		return nil, fmt.Errorf("signing with a CMS: %w", err)
	}
	value, err := k.sign(attributes)
	if err != nil {
		return nil, fmt.Errorf("signing with a CMS: %w", err)
	}
	if _, ok := k.signer.(plainSigner); ok {
		value = derValue(value)
	}
	return draft.Signed(attributes, value)
}

// SealDetached writes an element out and signs the bytes with a detached CMS signature (DER).
func (k *Key) SealDetached(root *etree.Element) (document, signature []byte, err error) {
	document, err = write(root.Copy())
	if err != nil {
		return nil, nil, err
	}
	signature, err = k.SignDetached(document)
	return document, signature, err
}

// signedAs are the identifiers that we write, by the short name of a method. RSA has the key's own
// with NULL for parameters (RFC 3370 section 3.2), because older programs read no other.
var signedAs = map[string]cms.Algorithm{
	"rsa-sha256":   {OID: "1.2.840.113549.1.1.1", Parameters: []byte{5, 0}},
	"rsa-sha384":   {OID: "1.2.840.113549.1.1.1", Parameters: []byte{5, 0}},
	"rsa-sha512":   {OID: "1.2.840.113549.1.1.1", Parameters: []byte{5, 0}},
	"ecdsa-sha256": {OID: "1.2.840.10045.4.3.2"},
	"ecdsa-sha384": {OID: "1.2.840.10045.4.3.3"},
	"ecdsa-sha512": {OID: "1.2.840.10045.4.3.4"},
	"gost2012-256": {OID: "1.2.643.7.1.1.1.1"},
	"gost2012-512": {OID: "1.2.643.7.1.1.1.2"},
}

// draft is what is the same in every signature of the key.
func (k *Key) draft() (cms.Draft, error) {
	d := cms.Draft{CertificateHash: k.sum(k.chain[0].Raw)}
	for oid, name := range cmsDigests {
		if name == k.digest.name {
			d.Digest = cms.Algorithm{OID: oid}
		}
	}
	algorithm, ok := signedAs[k.method.name]
	if !ok || d.Digest.OID == "" {
		return d, fmt.Errorf("%w: no CMS with %s", ErrKeyNotSupported, k.method.name)
	}
	d.Signature = algorithm
	if len(k.chain) > cms.MaxCertificates {
		return d, errors.New("the chain of the signing key is too long")
	}
	for _, c := range k.chain {
		d.Certificates = append(d.Certificates, c.Raw)
	}
	return d, nil
}

// derValue is the Ecdsa-Sig-Value of r||s: RFC 5753 section 7.2.
func derValue(plain []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(new(big.Int).SetBytes(plain[:len(plain)/2]))
		b.AddASN1BigInt(new(big.Int).SetBytes(plain[len(plain)/2:]))
	})
	return b.BytesOrPanic()
}
