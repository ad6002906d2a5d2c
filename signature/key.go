package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"

	dsig "github.com/russellhaering/goxmldsig"
)

var (
	// ErrKeyMismatch: the certificate is not that of the private key.
	ErrKeyMismatch = errors.New("private key and certificate do not belong together")
	// ErrKeyNotSupported: the gateway does not sign with keys of this kind or size.
	ErrKeyNotSupported = errors.New("key is neither RSA of 2048 bits or more nor ECDSA on P-256, P-384 or P-521")
)

// Key signs what the gateway sends. It is immutable and for concurrent use as far as its
// crypto.Signer is.
type Key struct {
	signer crypto.Signer // writes the bytes that stand in SignatureValue
	chain  []*x509.Certificate
	hash   crypto.Hash // of the signature; digests are made with the same
	method *method
	digest *digest
	dsig   *dsig.SigningContext
	info   string // the KeyInfo, ready to be written
}

// NewKey makes a key of a private key, which may live elsewhere (PKCS #11), and its certificate,
// followed by the certificates that lead to a root.
func NewKey(signer crypto.Signer, chain ...*x509.Certificate) (*Key, error) {
	if signer == nil || len(chain) == 0 {
		return nil, errors.New("a signing key needs a private key and a certificate")
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(chain[0].PublicKey) {
		return nil, fmt.Errorf("%w: certificate of %s", ErrKeyMismatch, quoted(chain[0].Subject.String()))
	}
	k := &Key{signer: signer, chain: chain}
	if err := k.chooseMethod(); err != nil {
		return nil, err
	}
	for i := range digests {
		if digests[i].size == k.hash.Size() {
			k.digest = &digests[i]
		}
	}
	var der [][]byte
	for _, c := range chain {
		der = append(der, c.Raw)
		k.info += "<ds:X509Certificate>" + base64.StdEncoding.EncodeToString(c.Raw) + "</ds:X509Certificate>"
	}
	k.info = "<ds:KeyInfo><ds:X509Data>" + k.info + "</ds:X509Data></ds:KeyInfo>"
	context, err := dsig.NewSigningContext(k.signer, der)
	if err != nil {
		return nil, fmt.Errorf("preparing a signing key: %w", err)
	}
	context.Hash = k.hash
	context.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	k.dsig = context
	return k, nil
}

// chooseMethod takes the method that suits the key: SHA-2 as strong as the key.
func (k *Key) chooseMethod() error {
	var kind string
	switch public := k.signer.Public().(type) {
	case *rsa.PublicKey:
		if bits := public.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return fmt.Errorf("%w: RSA of %d bits", ErrKeyNotSupported, bits)
		}
		kind, k.hash = "rsa-", crypto.SHA256
	case *ecdsa.PublicKey:
		size := scalarSize(public.Curve)
		if size == 0 {
			return fmt.Errorf("%w: ECDSA on %s", ErrKeyNotSupported, public.Curve.Params().Name)
		}
		k.hash = map[int]crypto.Hash{32: crypto.SHA256, 48: crypto.SHA384, 66: crypto.SHA512}[size]
		kind, k.signer = "ecdsa-", plainSigner{k.signer, size}
	default:
		return fmt.Errorf("%w: %T", ErrKeyNotSupported, public)
	}
	name := kind + map[crypto.Hash]string{crypto.SHA256: "sha256", crypto.SHA384: "sha384", crypto.SHA512: "sha512"}[k.hash]
	for i := range methods {
		if methods[i].name == name {
			k.method = &methods[i]
		}
	}
	return nil
}

// Certificate is the certificate of the key.
func (k *Key) Certificate() *x509.Certificate { return k.chain[0] }

// Chain is the certificate and those that lead from it to a root.
func (k *Key) Chain() []*x509.Certificate { return k.chain }

// sign makes the bytes of SignatureValue for the octets of a SignedInfo.
func (k *Key) sign(octets []byte) ([]byte, error) {
	value, err := k.signer.Sign(rand.Reader, k.sum(octets), k.hash)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return value, nil
}

func (k *Key) sum(octets []byte) []byte { return k.digest.sum(octets) }

// plainSigner turns the ASN.1 form, which every crypto.Signer writes for ECDSA, into r||s: what
// XML Signature section 6.4.3 wants and goxmldsig would not write by itself.
type plainSigner struct {
	crypto.Signer
	size int // of r and of s in bytes
}

func (s plainSigner) Sign(random io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	der, err := s.Signer.Sign(random, digest, options)
	if err != nil {
		return nil, err
	}
	var value struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &value); err != nil || len(rest) > 0 {
		return nil, errors.New("the key's ECDSA signature is not an ASN.1 sequence of two integers")
	}
	if value.R.Sign() <= 0 || value.S.Sign() <= 0 ||
		value.R.BitLen() > 8*s.size || value.S.BitLen() > 8*s.size {
		return nil, errors.New("the key's ECDSA signature does not fit its curve")
	}
	plain := make([]byte, 2*s.size)
	value.R.FillBytes(plain[:s.size])
	value.S.FillBytes(plain[s.size:])
	return plain, nil
}
