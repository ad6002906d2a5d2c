package signature

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"

	"asugate/signature/gost"
)

// Why CheckSignatureBy does not say yes, besides x509.ErrUnsupportedAlgorithm for an algorithm
// that nobody here verifies.
var (
	// ErrNotSignedBy: the value is not the signature of the octets by the issuer's key.
	ErrNotSignedBy = errors.New("not signed by this key")
	// ErrProvider: the GOST provider of the policy could not say. Nothing is decided.
	ErrProvider = errors.New("the GOST provider does not answer")
)

// CheckSignatureBy says whether value is the signature of the octets tbs by the issuer's key: of a
// certificate, a CRL, an OCSP response. algorithm is the DER of the AlgorithmIdentifier that stands
// beside the signature. It knows GOST (RFC 9215, RFC 4491), RSASSA-PSS (RFC 4055) and what crypto/x509
// knows. Nothing is said about whether the issuer may sign such a thing, nor about the strength of the algorithm:
// SHA-1 and ГОСТ Р 34.10-2001 pass here, and the caller asks the rules (see signedWith).
func CheckSignatureBy(issuer *x509.Certificate, algorithm, tbs, value []byte) error {
	return Policy{}.CheckSignatureBy(issuer, algorithm, tbs, value)
}

// CheckSignatureBy is the same with the provider that the policy names for GOST.
func (p Policy) CheckSignatureBy(issuer *x509.Certificate, algorithm, tbs, value []byte) error {
	var id pkix.AlgorithmIdentifier
	if rest, err := asn1.Unmarshal(algorithm, &id); err != nil || len(rest) > 0 {
		return fmt.Errorf("reading an algorithm identifier: %w", x509.ErrUnsupportedAlgorithm)
	}
	if scheme := gostScheme509(id.Algorithm); scheme != nil {
		return p.checkGOST(scheme, issuer, tbs, value)
	}
	if id.Algorithm.String() == oidRSAPSS {
		return checkPSS(issuer, id.Parameters.FullBytes, tbs, value)
	}
	known, ok := classicAlgorithm(id.Algorithm)
	if !ok {
		return fmt.Errorf("verifying %s: %w", id.Algorithm, x509.ErrUnsupportedAlgorithm)
	}
	return checkClassic(issuer, known, tbs, value)
}

// gostScheme509 is what the identifier of a signature means: RFC 9215 section 2, RFC 4491 section
// 2.2.2. Both leave its parameters out; some programs write NULL, and as nothing is taken from them it
// is all one. nil: it is no GOST that is known here.
func gostScheme509(id asn1.ObjectIdentifier) *gostScheme {
	switch id.String() {
	case "1.2.643.7.1.1.3.2":
		return &gost256
	case "1.2.643.7.1.1.3.3":
		return &gost512
	case "1.2.643.2.2.3":
		return &gost2001
	}
	return nil
}

// checkGOST verifies by the key that the issuer's certificate holds as octets: crypto/x509 knows no
// such keys.
func (p Policy) checkGOST(scheme *gostScheme, issuer *x509.Certificate, tbs, value []byte) error {
	key, err := gostKeys.parse(issuer.RawSubjectPublicKeyInfo)
	switch {
	case errors.Is(err, gost.ErrNotGOST), err == nil && key.Algorithm() != scheme.key:
		return ErrNotSignedBy
	case err != nil:
		return fmt.Errorf("%w: %w", x509.ErrUnsupportedAlgorithm, err)
	}
	holds, err := p.verifyGOST(scheme, key, issuer, tbs, value)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrProvider, err)
	case !holds:
		return ErrNotSignedBy
	}
	return nil
}

// checkClassic has crypto/x509 verify. It does so for SHA-1 too; a key on which one verification
// takes minutes is refused.
func checkClassic(issuer *x509.Certificate, algorithm x509.SignatureAlgorithm, tbs, value []byte) error {
	if oversized(issuer) {
		return ErrNotSignedBy
	}
	err := issuer.CheckSignature(algorithm, tbs, value)
	var insecure x509.InsecureAlgorithmError
	if err == nil || errors.Is(err, x509.ErrUnsupportedAlgorithm) || errors.As(err, &insecure) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrNotSignedBy, err)
}

// checkIssued says whether the issuer's key made the signature of the certificate itself: a link
// of a path. Its errors are those of CheckSignatureBy.
func (p Policy) checkIssued(issuer, child *x509.Certificate) error {
	if child.SignatureAlgorithm != x509.UnknownSignatureAlgorithm && issuer.PublicKey != nil {
		return checkClassic(issuer, child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature)
	}
	parts, err := takeSigned(child.Raw)
	if err != nil {
		return err
	}
	return p.CheckSignatureBy(issuer, parts.Algorithm.FullBytes, parts.TBS.FullBytes, parts.Value.RightAlign())
}

// signedParts is SIGNED of X.509: a certificate or a CRL (RFC 5280 sections 4.1 and 5.1).
type signedParts struct {
	TBS       asn1.RawValue
	Algorithm asn1.RawValue
	Value     asn1.BitString
}

func takeSigned(der []byte) (signedParts, error) {
	var parts signedParts
	if rest, err := asn1.Unmarshal(der, &parts); err != nil || len(rest) > 0 {
		return parts, fmt.Errorf("taking a signed structure apart: %w", x509.ErrUnsupportedAlgorithm)
	}
	return parts, nil
}

// signedWith is the identifier of the algorithm of a certificate's own signature, which crypto/x509
// does not keep where it does not know it, and the switch that it needs.
func signedWith(c *x509.Certificate) (id asn1.ObjectIdentifier, legacy Legacy) {
	parts, err := takeSigned(c.Raw)
	if err != nil {
		return nil, 0
	}
	var algorithm pkix.AlgorithmIdentifier
	if _, err := asn1.Unmarshal(parts.Algorithm.FullBytes, &algorithm); err != nil {
		return nil, 0
	}
	switch c.SignatureAlgorithm {
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1:
		legacy = LegacySHA1
	}
	if gostScheme509(algorithm.Algorithm) == &gost2001 {
		legacy = LegacyGOST2001
	}
	return algorithm.Algorithm, legacy
}

// classic are the algorithms of crypto/x509 with fixed or no parameters.
var classic = []struct {
	id        asn1.ObjectIdentifier
	algorithm x509.SignatureAlgorithm
}{
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 5}, x509.SHA1WithRSA},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, x509.SHA256WithRSA},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 12}, x509.SHA384WithRSA},
	{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 13}, x509.SHA512WithRSA},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 1}, x509.ECDSAWithSHA1},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}, x509.ECDSAWithSHA256},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 3}, x509.ECDSAWithSHA384},
	{asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 4}, x509.ECDSAWithSHA512},
	{asn1.ObjectIdentifier{1, 3, 101, 112}, x509.PureEd25519},
}

func classicAlgorithm(id asn1.ObjectIdentifier) (x509.SignatureAlgorithm, bool) {
	for _, one := range classic {
		if one.id.Equal(id) {
			return one.algorithm, true
		}
	}
	return 0, false
}

// oversized says that one check with the issuer's key would take minutes: a document may bring
// such a certificate along.
func oversized(issuer *x509.Certificate) bool {
	key, _ := rsaOf(issuer)
	return key != nil && key.N.BitLen() > maxRSABits
}
