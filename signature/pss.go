package signature

import (
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"

	"asugate/signature/cms"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

const (
	oidRSAPSS = "1.2.840.113549.1.1.10"
	oidMGF1   = "1.2.840.113549.1.1.8"
)

// pssHashes are the digests that parameters may name. SHA-1, which they name by saying nothing, is
// read and never verified with.
var pssHashes = map[string]crypto.Hash{
	oidSHA1:                  crypto.SHA1,
	"2.16.840.1.101.3.4.2.1": crypto.SHA256,
	"2.16.840.1.101.3.4.2.2": crypto.SHA384,
	"2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

// pssParams is RSASSA-PSS-params of RFC 4055 section 3.1.
type pssParams struct {
	hash, mask    crypto.Hash // mask is that of MGF1
	salt, trailer int
}

// pssOf are the parameters that go with a digest where none are written: RFC 9231 section 2.3.10.
func pssOf(hash crypto.Hash) pssParams { return pssParams{hash, hash, hash.Size(), 1} }

// sound says that a signature with these parameters is verified here. The length of the salt is the
// signer's choice: OpenSSL takes the longest that fits, older programs 20, and RSASSA-PSS is safe with
// any. MGF1 with another digest than that of the content RFC 4055 section 3.1 advises against.
func (with pssParams) sound() bool {
	return with.hash != crypto.SHA1 && with.mask == with.hash && with.salt <= maxRSABits/8 && with.trailer == 1
}

// within says that a key with these limits may sign so: RFC 4055 section 3.3, RFC 4056 section 3. No
// limits at all are nil.
func (with pssParams) within(limits *pssParams) bool {
	return limits == nil || with.hash == limits.hash && with.mask == limits.mask &&
		with.trailer == limits.trailer && with.salt >= limits.salt
}

// verifies says whether value is the signature of the octets; with is sound. A salt of no length at
// all crypto/rsa takes for «any»: it finds it in the value.
func (with pssParams) verifies(key *rsa.PublicKey, octets, value []byte) bool {
	h := with.hash.New()
	h.Write(octets)
	return rsa.VerifyPSS(key, with.hash, h.Sum(nil), value, &rsa.PSSOptions{SaltLength: with.salt}) == nil
}

// rsaPSS is RSASSA-PSS with sound parameters.
func rsaPSS(with pssParams) verifier {
	return func(p Policy, c *x509.Certificate, octets, value []byte) reason {
		key, limits := rsaOf(c)
		if why := p.judgeRSA(key); why != (reason{}) {
			return why
		}
		switch {
		case !with.within(limits):
			return keyKindMismatch
		case !with.verifies(key, octets, value):
			return signatureMismatch
		}
		return reason{}
	}
}

// checkPSS is CheckSignatureBy for RSASSA-PSS.
func checkPSS(issuer *x509.Certificate, parameters, tbs, value []byte) error {
	with, ok := readPSS(parameters)
	if !ok || !with.sound() {
		return fmt.Errorf("verifying RSASSA-PSS with these parameters: %w", x509.ErrUnsupportedAlgorithm)
	}
	key, limits := rsaOf(issuer)
	if key == nil || oversized(issuer) || !with.within(limits) || !with.verifies(key, tbs, value) {
		return ErrNotSignedBy
	}
	return nil
}

// rsaOf is the certificate's RSA key, nil when it has none. crypto/x509 knows nothing of keys that
// are for RSASSA-PSS alone (RFC 4055 section 1.2) and leaves PublicKey empty, so that nobody signs
// with them in another way; limits are how they may sign, nil for any parameters.
func rsaOf(c *x509.Certificate) (key *rsa.PublicKey, limits *pssParams) {
	if c.PublicKey != nil {
		key, _ = c.PublicKey.(*rsa.PublicKey)
		return key, nil
	}
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	rest, err := asn1.Unmarshal(c.RawSubjectPublicKeyInfo, &info)
	if err != nil || len(rest) > 0 || info.Algorithm.Algorithm.String() != oidRSAPSS || info.Key.BitLength%8 != 0 {
		return nil, nil
	}
	if key, err = x509.ParsePKCS1PublicKey(info.Key.Bytes); err != nil {
		return nil, nil
	}
	if len(info.Algorithm.Parameters.FullBytes) == 0 {
		return key, nil
	}
	read, ok := readPSS(info.Algorithm.Parameters.FullBytes)
	if !ok {
		return nil, nil // limits that nobody here can keep
	}
	return key, &read
}

// readPSS reads the parameters. False: they are none, or name what is not known.
func readPSS(parameters []byte) (pssParams, bool) {
	p := pssParams{hash: crypto.SHA1, mask: crypto.SHA1, salt: 20, trailer: 1} // by default
	input := cryptobyte.String(parameters)
	var inner cryptobyte.String
	if !input.ReadASN1(&inner, der.SEQUENCE) || !input.Empty() {
		return p, false
	}
	explicit := func(tag uint8) (field cryptobyte.String, present, ok bool) {
		ok = inner.ReadOptionalASN1(&field, &present, der.Tag(tag).Constructed().ContextSpecific())
		return field, present, ok
	}
	number := func(tag uint8, to *int) bool {
		field, present, ok := explicit(tag)
		return ok && (!present || field.ReadASN1Integer(to) && field.Empty() && *to >= 0)
	}
	if field, present, ok := explicit(0); !ok || present && !readHash(field, &p.hash) {
		return p, false
	}
	if field, present, ok := explicit(1); !ok || present && !readMask(field, &p.mask) {
		return p, false
	}
	return p, number(2, &p.salt) && number(3, &p.trailer) && inner.Empty()
}

// readHash reads the AlgorithmIdentifier of a digest, whose parameters are NULL or absent.
func readHash(identifier []byte, hash *crypto.Hash) bool {
	a, ok := cms.ReadAlgorithm(identifier)
	*hash = pssHashes[a.OID]
	return ok && a.Plain() && *hash != 0
}

// readMask reads that of MGF1, whose parameters are the digest.
func readMask(identifier []byte, hash *crypto.Hash) bool {
	a, ok := cms.ReadAlgorithm(identifier)
	return ok && a.OID == oidMGF1 && readHash(a.Parameters, hash)
}
