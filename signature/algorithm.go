package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"math/big"
	"strings"
)

// Algorithm identifiers of XML Signature 1.1, section 6, and of RFC 9231 (former RFC 6931).
const (
	nsDigest = "http://www.w3.org/2001/04/xmlenc#"
	nsMore   = "http://www.w3.org/2001/04/xmldsig-more#"
	nsMore07 = "http://www.w3.org/2007/05/xmldsig-more#"
	nsMore21 = "http://www.w3.org/2021/04/xmldsig-more#"
)

// RSA keys below minRSABits are broken soon, those above maxRSABits only cost us time.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// digest is a way to make a digest of the content.
type digest struct {
	uri, name string
	size      int
	sum       func(octets []byte) []byte
	legacy    Legacy // the switch that it needs
}

var digests = []digest{
	{uri: nsDigest + "sha256", name: "sha256", size: sha256.Size, sum: sum256},
	{uri: nsMore + "sha384", name: "sha384", size: sha512.Size384, sum: sum384},
	{uri: nsDigest + "sha512", name: "sha512", size: sha512.Size, sum: sum512},
}

func sum256(octets []byte) []byte { s := sha256.Sum256(octets); return s[:] }
func sum384(octets []byte) []byte { s := sha512.Sum384(octets); return s[:] }
func sum512(octets []byte) []byte { s := sha512.Sum512(octets); return s[:] }

// method is a way to sign: the table that further algorithms join. A verifier gets the whole
// certificate, because crypto/x509 knows no public key of some algorithms (GOST).
type method struct {
	uri, name string
	verify    verifier
	legacy    Legacy // the switch that it needs
}

// verifier says whether value is the signature of octets by the certificate's key: the zero
// reason when it is, else why not.
type verifier func(p Policy, c *x509.Certificate, octets, value []byte) reason

var methods = []method{
	{uri: nsMore + "rsa-sha256", name: "rsa-sha256", verify: rsaPKCS1(crypto.SHA256, sum256)},
	{uri: nsMore + "rsa-sha384", name: "rsa-sha384", verify: rsaPKCS1(crypto.SHA384, sum384)},
	{uri: nsMore + "rsa-sha512", name: "rsa-sha512", verify: rsaPKCS1(crypto.SHA512, sum512)},
	{uri: nsMore + "ecdsa-sha256", name: "ecdsa-sha256", verify: ecdsaPlain(sum256)},
	{uri: nsMore + "ecdsa-sha384", name: "ecdsa-sha384", verify: ecdsaPlain(sum384)},
	{uri: nsMore + "ecdsa-sha512", name: "ecdsa-sha512", verify: ecdsaPlain(sum512)},
	{uri: nsMore07 + "sha256-rsa-MGF1", name: "rsa-pss-sha256", verify: rsaPSS(crypto.SHA256, sum256)},
	{uri: nsMore07 + "sha384-rsa-MGF1", name: "rsa-pss-sha384", verify: rsaPSS(crypto.SHA384, sum384)},
	{uri: nsMore07 + "sha512-rsa-MGF1", name: "rsa-pss-sha512", verify: rsaPSS(crypto.SHA512, sum512)},
	{uri: nsMore21 + "eddsa-ed25519", name: "ed25519", verify: ed25519Pure},
}

// supportedDigests and supportedMethods are what a refusal offers instead.
const (
	supportedDigests = "sha256 sha384 sha512"
	supportedMethods = "rsa-sha256 rsa-sha384 rsa-sha512 ecdsa-sha256 ecdsa-sha384 ecdsa-sha512 " +
		"rsa-pss-sha256 rsa-pss-sha384 rsa-pss-sha512 ed25519"
)

func digestOf(uri string) *digest {
	for i := range digests {
		if digests[i].uri == uri {
			return &digests[i]
		}
	}
	return nil
}

func methodOf(uri string) *method {
	for i := range methods {
		if methods[i].uri == uri {
			return &methods[i]
		}
	}
	return nil
}

// refusalOf names why an identifier outside the tables is refused. The words are looked for
// anywhere in the fragment, because the field knows many spellings of one algorithm (GOST above
// all) and all of them are to be named alike.
func refusalOf(uri string) reason {
	name := strings.ToLower(uri[strings.LastIndexAny(uri, "#:/")+1:])
	switch {
	case strings.Contains(name, "hmac"):
		return algorithmHMAC
	case strings.Contains(name, "gost"):
		return algorithmGOST
	case strings.HasPrefix(name, "dsa-"):
		return algorithmDSA
	case strings.Contains(name, "md5"):
		return algorithmMD5
	case strings.HasSuffix(name, "sha1"), strings.HasPrefix(name, "sha1-"):
		return algorithmSHA1
	}
	return algorithmUnknown
}

// rsaKey is the certificate's RSA key, or why it is not to be used.
func rsaKey(p Policy, c *x509.Certificate) (*rsa.PublicKey, reason) {
	key, ok := c.PublicKey.(*rsa.PublicKey)
	switch {
	case !ok:
		return nil, keyKindMismatch
	case key.N.BitLen() < p.minRSA():
		return nil, keyTooShort
	case key.N.BitLen() > maxRSABits:
		return nil, keyTooLong
	}
	return key, reason{}
}

// rsaPKCS1 is RSASSA-PKCS1-v1_5, XML Signature section 6.4.2.
func rsaPKCS1(hash crypto.Hash, sum func([]byte) []byte) verifier {
	return func(p Policy, c *x509.Certificate, octets, value []byte) reason {
		key, why := rsaKey(p, c)
		if key == nil {
			return why
		}
		if rsa.VerifyPKCS1v15(key, hash, sum(octets), value) != nil {
			return signatureMismatch
		}
		return reason{}
	}
}

// rsaPSS is RSASSA-PSS «without parameters» of RFC 9231: MGF1 with the same hash, a salt of its
// length.
func rsaPSS(hash crypto.Hash, sum func([]byte) []byte) verifier {
	return func(p Policy, c *x509.Certificate, octets, value []byte) reason {
		key, why := rsaKey(p, c)
		if key == nil {
			return why
		}
		options := rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
		if rsa.VerifyPSS(key, hash, sum(octets), value, &options) != nil {
			return signatureMismatch
		}
		return reason{}
	}
}

// ecdsaPlain is ECDSA with the value r||s, each as long as the order of the curve: XML Signature
// section 6.4.3. The ASN.1 form that some libraries write is no such value. Older JDKs leave out
// the zeros with which both begin, on P-521 every fourth time; just that is let pass.
func ecdsaPlain(sum func([]byte) []byte) verifier {
	return func(p Policy, c *x509.Certificate, octets, value []byte) reason {
		key, ok := c.PublicKey.(*ecdsa.PublicKey)
		if !ok {
			return keyKindMismatch
		}
		size := scalarSize(key.Curve)
		if size == 0 {
			return keyNotSupported
		}
		half := len(value) / 2
		if len(value)%2 != 0 || half > size || half < size && value[0] == 0 && value[half] == 0 {
			return signatureMalformed
		}
		r, s := new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:])
		if !ecdsa.Verify(key, sum(octets), r, s) {
			return signatureMismatch
		}
		return reason{}
	}
}

// scalarSize is the length of r and of s in bytes, 0 for a curve that we do not verify with.
func scalarSize(curve elliptic.Curve) int {
	switch curve {
	case elliptic.P256():
		return 32
	case elliptic.P384():
		return 48
	case elliptic.P521():
		return 66
	}
	return 0
}

// ed25519Pure is PureEdDSA over the octets themselves, RFC 9231.
func ed25519Pure(_ Policy, c *x509.Certificate, octets, value []byte) reason {
	key, ok := c.PublicKey.(ed25519.PublicKey)
	switch {
	case !ok:
		return keyKindMismatch
	case len(value) != ed25519.SignatureSize:
		return signatureMalformed
	case !ed25519.Verify(key, octets, value):
		return signatureMismatch
	}
	return reason{}
}
