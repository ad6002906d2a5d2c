package signature

// reason is one word of the closed list together with the code it belongs to, so that a fault
// cannot be reported under a foreign code.
type reason struct{ code, word string }

// A02: there is nothing to verify.
var noSignature = reason{"A02", "no-signature"} // no ds:Signature in the document

// A03: the mathematics says no. The content, the signature value or the certificate was exchanged.
var (
	digestMismatch     = reason{"A03", "digest-mismatch"}     // the content is not what was signed
	digestMalformed    = reason{"A03", "digest-malformed"}    // DigestValue is no base64, or of another length
	signatureMismatch  = reason{"A03", "signature-mismatch"}  // no certificate's key verifies SignatureValue
	signatureMalformed = reason{"A03", "signature-malformed"} // SignatureValue is no base64, or of another length
	keyKindMismatch    = reason{"A03", "key-kind-mismatch"}   // no certificate has a key of the method's kind
)

// A04: this installation does not verify it, or policy forbids it. Never said as «signature wrong».
var (
	algorithmSHA1         = reason{"A04", "sha1"}                    // digest or signature with SHA-1
	algorithmMD5          = reason{"A04", "md5"}                     // digest or signature with MD5
	algorithmHMAC         = reason{"A04", "hmac"}                    // a shared secret proves no person
	algorithmDSA          = reason{"A04", "dsa"}                     // DSA with any digest
	algorithmGOST         = reason{"A04", "gost-not-supported"}      // GOST algorithms, named in Actual
	algorithmUnknown      = reason{"A04", "algorithm-unknown"}       // any other URI, or none
	keyTooShort           = reason{"A04", "rsa-key-too-short"}       // RSA below 2048 bits
	keyTooLong            = reason{"A04", "rsa-key-too-long"}        // RSA above 8192 bits
	keyNotSupported       = reason{"A04", "key-not-supported"}       // a curve or kind of key we do not verify with
	keyValueOnly          = reason{"A04", "key-value-only"}          // a bare key instead of a certificate
	containerNotSupported = reason{"A04", "container-not-supported"} // a detached signature
)

// A05: the certificate is not believed.
var (
	noTrust               = reason{"A05", "no-trust"}               // no certificate is registered to believe in
	noCertificate         = reason{"A05", "no-certificate"}         // KeyInfo holds no X509Certificate
	tooManyCertificates   = reason{"A05", "too-many-certificates"}  // more than maxCertificates
	certificateUnreadable = reason{"A05", "certificate-unreadable"} // not base64, or not X.509
	untrustedCertificate  = reason{"A05", "untrusted"}              // no path to a registered certificate
	issuerNotCA           = reason{"A05", "issuer-not-ca"}          // issued by a certificate that is no CA
	pathConstraint        = reason{"A05", "path-constraint"}        // path length or name constraint of a CA
)

// A06: outside a period of validity; the moment is in Expected, the period in Actual.
var (
	certificateExpired     = reason{"A06", "expired"}              // the signer's certificate
	certificateNotYetValid = reason{"A06", "not-yet-valid"}        // the signer's certificate
	keyPeriodOver          = reason{"A06", "key-period"}           // outside the period of use of the private key
	issuerExpired          = reason{"A06", "issuer-expired"}       // a CA of the path
	issuerNotYetValid      = reason{"A06", "issuer-not-yet-valid"} // a CA of the path
)

// A10: what is signed is not what is said.
var (
	signatureMisplaced  = reason{"A10", "signature-misplaced"}          // ds:Signature not a child of the root
	severalSignatures   = reason{"A10", "several-signatures"}           // more than one ds:Signature anywhere
	signatureShape      = reason{"A10", "signature-shape"}              // unknown, missing or repeated parts
	referenceCount      = reason{"A10", "reference-count"}              // not exactly one Reference
	referenceTarget     = reason{"A10", "reference-target"}             // the Reference is not to the root
	transformNotAllowed = reason{"A10", "transform-not-allowed"}        // outside the allow-list, or out of order
	canonNotAllowed     = reason{"A10", "canonicalization-not-allowed"} // CanonicalizationMethod outside the allow-list
	tooManyPrefixes     = reason{"A10", "too-many-prefixes"}            // PrefixList above maxPrefixes
)

// A12: the certificate is genuine but not made for signing documents.
var (
	keyUsageMissing = reason{"A12", "key-usage"}                 // neither digitalSignature nor nonRepudiation
	tlsOnly         = reason{"A12", "tls-only"}                  // extended key usage for TLS only
	extendedUsage   = reason{"A12", "extended-key-usage"}        // for code, time stamps or OCSP only
	unknownCritical = reason{"A12", "critical-extension"}        // a critical extension nobody here understands
	issuerKeyUsage  = reason{"A12", "issuer-key-usage"}          // a CA of the path may not sign certificates
	issuerCritical  = reason{"A12", "issuer-critical-extension"} // the same of a CA of the path
)

// closedList is every reason that Open can report.
var closedList = []reason{
	noSignature,
	digestMismatch, digestMalformed, signatureMismatch, signatureMalformed, keyKindMismatch,
	algorithmSHA1, algorithmMD5, algorithmHMAC, algorithmDSA, algorithmGOST, algorithmUnknown,
	keyTooShort, keyTooLong, keyNotSupported, keyValueOnly, containerNotSupported,
	noTrust, noCertificate, tooManyCertificates, certificateUnreadable, untrustedCertificate,
	issuerNotCA, pathConstraint,
	certificateExpired, certificateNotYetValid, keyPeriodOver, issuerExpired, issuerNotYetValid,
	signatureMisplaced, severalSignatures, signatureShape, referenceCount, referenceTarget,
	transformNotAllowed, canonNotAllowed, tooManyPrefixes,
	keyUsageMissing, tlsOnly, extendedUsage, unknownCritical, issuerKeyUsage, issuerCritical,
}

// Reasons is the closed list of reasons by code, for whoever writes the text of each.
func Reasons() map[string][]string {
	list := make(map[string][]string)
	for _, r := range closedList {
		list[r.code] = append(list[r.code], r.word)
	}
	return list
}
