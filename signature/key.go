package signature

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
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
	ErrKeyNotSupported = errors.New("key is neither RSA of 2048 bits or more, nor ECDSA on P-256, P-384 or P-521, nor GOST R 34.10-2012")
)

// Key signs what the gateway sends. It is immutable and for concurrent use as far as its
// crypto.Signer is.
type Key struct {
	signer crypto.Signer // writes the bytes that stand in SignatureValue
	chain  []*x509.Certificate
	hash   crypto.Hash // of the signature; 0 for GOST, whose digest crypto does not know
	method *method
	digest *digest              // of the signature; digests of content are made with the same
	dsig   *dsig.SigningContext // nil for what goxmldsig does not know
	info   string               // the KeyInfo, ready to be written
}

// PublicKey is the DER SubjectPublicKeyInfo of a key that crypto/x509 does not know (GOST): the
// Public of a crypto.Signer that signs with one.
type PublicKey []byte

// Equal says whether the other one is the same key, written the same way.
func (k PublicKey) Equal(other crypto.PublicKey) bool {
	o, ok := other.(PublicKey)
	return ok && bytes.Equal(k, o)
}

// Message is the options with which a crypto.Signer of a GOST key is called: beside the digest it
// gets the octets themselves, because a certified provider may have to make the digest itself. The
// value that it returns is s||r, as RFC 9215 section 2 has it.
type Message struct {
	Algorithm string // short name: gost2012-256, gost2012-512
	Octets    []byte
}

// HashFunc is 0: crypto has no name for the digest.
func (Message) HashFunc() crypto.Hash { return 0 }

// NewKey makes a key of a private key, which may live elsewhere (PKCS #11, another program), and
// its certificate, followed by the certificates that lead to a root. It makes a trial signature, so
// that a key that is not the certificate's is found now and not in front of a client.
func NewKey(signer crypto.Signer, chain ...*x509.Certificate) (*Key, error) {
	if signer == nil || len(chain) == 0 {
		return nil, errors.New("a signing key needs a private key and a certificate")
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(publicKeyOf(chain[0])) {
		return nil, fmt.Errorf("%w: certificate of %s", ErrKeyMismatch, quoted(chain[0].Subject.String()))
	}
	k := &Key{signer: signer, chain: chain}
	if err := k.chooseMethod(); err != nil {
		return nil, err
	}
	if err := k.try(); err != nil {
		return nil, err
	}
	var der [][]byte
	for _, c := range chain {
		der = append(der, c.Raw)
		k.info += "<ds:X509Certificate>" + base64.StdEncoding.EncodeToString(c.Raw) + "</ds:X509Certificate>"
	}
	k.info = "<ds:KeyInfo><ds:X509Data>" + k.info + "</ds:X509Data></ds:KeyInfo>"
	if k.hash == 0 {
		return k, nil
	}
	context, err := dsig.NewSigningContext(k.signer, der)
	if err != nil {
		return nil, fmt.Errorf("preparing a signing key: %w", err)
	}
	context.Hash = k.hash
	context.Canonicalizer = ownCanonicalizer{}
	k.dsig = context
	return k, nil
}

// publicKeyOf is the certificate's key in the form in which a signer knows it.
func publicKeyOf(c *x509.Certificate) crypto.PublicKey {
	if c.PublicKey == nil {
		return PublicKey(c.RawSubjectPublicKeyInfo)
	}
	return c.PublicKey
}

// chooseMethod takes the method that suits the key: a digest as strong as the key.
func (k *Key) chooseMethod() error {
	var methodURI, digestURI string
	switch public := k.signer.Public().(type) {
	case *rsa.PublicKey:
		if bits := public.N.BitLen(); bits < minRSABits || bits > maxRSABits {
			return fmt.Errorf("%w: RSA of %d bits", ErrKeyNotSupported, bits)
		}
		k.hash = crypto.SHA256
		methodURI, digestURI = nsMore+"rsa-sha256", nsDigest+"sha256"
	case *ecdsa.PublicKey:
		size := scalarSize(public.Curve)
		switch size {
		case 32:
			k.hash = crypto.SHA256
			methodURI, digestURI = nsMore+"ecdsa-sha256", nsDigest+"sha256"
		case 48:
			k.hash = crypto.SHA384
			methodURI, digestURI = nsMore+"ecdsa-sha384", nsMore+"sha384"
		case 66:
			k.hash = crypto.SHA512
			methodURI, digestURI = nsMore+"ecdsa-sha512", nsDigest+"sha512"
		default:
			return fmt.Errorf("%w: ECDSA on %s", ErrKeyNotSupported, public.Curve.Params().Name)
		}
		k.signer = plainSigner{k.signer, size}
	case PublicKey:
		bits := gostBits(public)
		if bits == "" {
			return fmt.Errorf("%w: the certificate's key is of an unknown kind", ErrKeyNotSupported)
		}
		const names = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:"
		methodURI = names + "gostr34102012-gostr34112012-" + bits
		digestURI = names + "gostr34112012-" + bits
	default:
		return fmt.Errorf("%w: %T", ErrKeyNotSupported, public)
	}
	k.method, k.digest = methodOf(methodURI), digestOf(digestURI)
	if k.method == nil || k.digest == nil {
		return fmt.Errorf("%w: no method %s", ErrKeyNotSupported, methodURI)
	}
	return nil
}

// gostBits is the length of a key of ГОСТ Р 34.10-2012 by its algorithm (RFC 9215 section 4), empty
// for any other. We do not sign by ГОСТ Р 34.10-2001.
func gostBits(spki PublicKey) string {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(spki, &info); err != nil {
		return ""
	}
	switch id := info.Algorithm.Algorithm; {
	case id.Equal(asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 1, 1}):
		return "256"
	case id.Equal(asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 1, 2}):
		return "512"
	}
	return ""
}

// trial is what a new key signs first.
const trial = "asugate: trial of a signing key"

// try signs and verifies. Whoever asked for the key is told which of the two failed: a signer that
// cannot be reached is no wrong key.
func (k *Key) try() error {
	value, err := k.sign([]byte(trial))
	if err != nil {
		return fmt.Errorf("trying the signing key: %w", err)
	}
	if why := k.method.verify(Policy{}, k.chain[0], []byte(trial), value); why != (reason{}) {
		return fmt.Errorf("%w: the trial signature does not verify (%s) by the certificate of %s",
			ErrKeyMismatch, why.word, quoted(k.chain[0].Subject.String()))
	}
	return nil
}

// Certificate is the certificate of the key.
func (k *Key) Certificate() *x509.Certificate { return k.chain[0] }

// Chain is the certificate and those that lead from it to a root.
func (k *Key) Chain() []*x509.Certificate { return k.chain }

// sign makes the bytes of SignatureValue for the octets of a SignedInfo.
func (k *Key) sign(octets []byte) ([]byte, error) {
	var options crypto.SignerOpts = k.hash
	if k.hash == 0 {
		options = Message{Algorithm: k.method.name, Octets: octets}
	}
	value, err := k.signer.Sign(rand.Reader, k.sum(octets), options)
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
