package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"hash"
	"math/big"
	"strings"

	"asugate/signature/gost"
	"asugate/xmltree"
)

// Algorithm identifiers of XML Signature 1.1, section 6, and of RFC 9231 (former RFC 6931).
const (
	nsDigest = "http://www.w3.org/2001/04/xmlenc#"
	nsMore   = "http://www.w3.org/2001/04/xmldsig-more#"
	nsMore07 = "http://www.w3.org/2007/05/xmldsig-more#"
	nsMore21 = "http://www.w3.org/2021/04/xmldsig-more#"
)

const uriSHA256 = nsDigest + "sha256"

// RSA keys below minRSABits are broken soon, those above maxRSABits only cost us time.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// digest is a way to make a digest of the content.
type digest struct {
	uri, name string
	size      int
	new       func() hash.Hash
	legacy    Legacy // the switch that it needs
}

// sum is the digest of octets.
func (d *digest) sum(octets []byte) []byte {
	h := d.new()
	h.Write(octets)
	return h.Sum(nil)
}

// of is the digest of the canonical form of e. A digest takes whatever is written to it.
func (d *digest) of(e xmltree.Element, form xmltree.Form) []byte {
	h := d.new()
	e.WriteCanonical(h, form)
	return h.Sum(nil)
}

var digests = []digest{
	{uri: uriSHA256, name: "sha256", size: sha256.Size, new: sha256.New},
	{uri: nsMore + "sha384", name: "sha384", size: sha512.Size384, new: sha512.New384},
	{uri: nsDigest + "sha512", name: "sha512", size: sha512.Size, new: sha512.New},
	{uri: nsDSig + "sha1", name: "sha1", size: sha1.Size, new: sha1.New, legacy: LegacySHA1},

	{uri: nsGOST + "gostr34112012-256", name: "streebog256", size: 32, new: gost.NewStreebog256},
	{uri: nsGOST + "gostr34112012-512", name: "streebog512", size: 64, new: gost.NewStreebog512},
	{uri: nsGOST + "gostr3411", name: "gost94", size: 32, new: gost.NewR341194, legacy: LegacyGOST2001},
	{uri: nsMore + "gostr34112012-256", name: "streebog256", size: 32, new: gost.NewStreebog256},
	{uri: nsMore + "gostr34112012-512", name: "streebog512", size: 64, new: gost.NewStreebog512},
	{uri: nsMore + "gostr3411", name: "gost94", size: 32, new: gost.NewR341194, legacy: LegacyGOST2001},
	{uri: nsGOST + "gostr34112012256", name: "streebog256", size: 32, new: gost.NewStreebog256},
	{uri: nsGOST + "gostr34112012512", name: "streebog512", size: 64, new: gost.NewStreebog512},
}

func sum1(octets []byte) []byte   { s := sha1.Sum(octets); return s[:] }
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
	{uri: nsMore07 + "sha256-rsa-MGF1", name: "rsa-pss-sha256", verify: rsaPSS(pssOf(crypto.SHA256))},
	{uri: nsMore07 + "sha384-rsa-MGF1", name: "rsa-pss-sha384", verify: rsaPSS(pssOf(crypto.SHA384))},
	{uri: nsMore07 + "sha512-rsa-MGF1", name: "rsa-pss-sha512", verify: rsaPSS(pssOf(crypto.SHA512))},
	{uri: nsMore21 + "eddsa-ed25519", name: "ed25519", verify: ed25519Pure},
	{uri: nsDSig + "rsa-sha1", name: "rsa-sha1", verify: rsaPKCS1(crypto.SHA1, sum1), legacy: LegacySHA1},
	{uri: nsMore + "ecdsa-sha1", name: "ecdsa-sha1", verify: ecdsaPlain(sum1), legacy: LegacySHA1},

	{uri: nsGOST + "gostr34102012-gostr34112012-256", name: nameGOST256, verify: gostSignature(&gost256)},
	{uri: nsGOST + "gostr34102012-gostr34112012-512", name: nameGOST512, verify: gostSignature(&gost512)},
	{uri: nsGOST + "gostr34102001-gostr3411", name: nameGOST2001, verify: gostSignature(&gost2001), legacy: LegacyGOST2001},
	{uri: nsMore + "gostr34102012-gostr34112012-256", name: nameGOST256, verify: gostSignature(&gost256)},
	{uri: nsMore + "gostr34102012-gostr34112012-512", name: nameGOST512, verify: gostSignature(&gost512)},
	{uri: nsMore + "gostr34102001-gostr3411", name: nameGOST2001, verify: gostSignature(&gost2001), legacy: LegacyGOST2001},
	{uri: nsGOST + "gostr34102012-gostr34112012256", name: nameGOST256, verify: gostSignature(&gost256)},
	{uri: nsGOST + "gostr34102012-gostr34112012512", name: nameGOST512, verify: gostSignature(&gost512)},
}

// supportedDigests and supportedMethods are what a refusal offers instead.
const (
	supportedDigests = "sha256 sha384 sha512 streebog256 streebog512"
	supportedMethods = "rsa-sha256 rsa-sha384 rsa-sha512 ecdsa-sha256 ecdsa-sha384 ecdsa-sha512 " +
		"rsa-pss-sha256 rsa-pss-sha384 rsa-pss-sha512 ed25519 gost2012-256 gost2012-512"
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
	case strings.Contains(name, "gostr34102001"), name == "gostr3411":
		return algorithmGOST2001
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

// judgeRSA is why an RSA key is not to be used; nil is none.
func (p Policy) judgeRSA(key *rsa.PublicKey) reason {
	switch {
	case key == nil:
		return keyKindMismatch
	case key.N.BitLen() < p.minRSA():
		return keyTooShort
	case key.N.BitLen() > maxRSABits:
		return keyTooLong
	}
	return reason{}
}

// rsaPKCS1 is RSASSA-PKCS1-v1_5, XML Signature section 6.4.2.
func rsaPKCS1(hash crypto.Hash, sum func([]byte) []byte) verifier {
	return func(p Policy, c *x509.Certificate, octets, value []byte) reason {
		key, _ := c.PublicKey.(*rsa.PublicKey)
		if why := p.judgeRSA(key); why != (reason{}) {
			return why
		}
		if rsa.VerifyPKCS1v15(key, hash, sum(octets), value) != nil {
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
		switch {
		case size == 0:
			return keyNotSupported
		case key.Curve.Params().BitSize < p.minEC():
			return curveTooShort
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
