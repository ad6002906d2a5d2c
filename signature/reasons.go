package signature

// reason is one word of the closed list together with the code it belongs to, so that a fault
// cannot be reported under a foreign code.
type reason struct{ code, word string }

// A02: there is nothing to verify.
var noSignature = reason{"A02", "no-signature"} // no ds:Signature in the document

// A03: the mathematics says no. The content, the signature value or the certificate was exchanged.
var (
	// The content is not what was signed.
	digestMismatch = reason{"A03", "digest-mismatch"}
	// DigestValue is no base64, or of another length.
	digestMalformed = reason{"A03", "digest-malformed"}
	// No certificate's key verifies SignatureValue.
	signatureMismatch = reason{"A03", "signature-mismatch"}
	// SignatureValue is no base64, or of another length.
	signatureMalformed = reason{"A03", "signature-malformed"}
	// No certificate has a key of the method's kind.
	keyKindMismatch = reason{"A03", "key-kind-mismatch"}
)

// A04: this installation does not verify it, or policy forbids it. Never said as «signature wrong».
var (
	// Digest or signature with SHA-1.
	algorithmSHA1 = reason{"A04", "sha1"}
	// Digest or signature with MD5.
	algorithmMD5 = reason{"A04", "md5"}
	// A shared secret proves no person.
	algorithmHMAC = reason{"A04", "hmac"}
	// DSA with any digest.
	algorithmDSA = reason{"A04", "dsa"}
	// GOST algorithms that are not in the tables, named in Actual.
	algorithmGOST = reason{"A04", "gost-not-supported"}
	// ГОСТ Р 34.10-2001, or ГОСТ Р 34.11-94, without the switch for them.
	algorithmGOST2001 = reason{"A04", "gost-2001"}
	// Any other URI, or none.
	algorithmUnknown = reason{"A04", "algorithm-unknown"}
	// RSA below 2048 bits.
	keyTooShort = reason{"A04", "rsa-key-too-short"}
	// RSA above 8192 bits.
	keyTooLong = reason{"A04", "rsa-key-too-long"}
	// A curve or kind of key we do not verify with.
	keyNotSupported = reason{"A04", "key-not-supported"}
	// An elliptic-curve key, ECDSA or GOST, below the minimum.
	curveTooShort = reason{"A04", "ec-key-too-short"}
	// The register has ended the algorithm; the day is in Expected.
	algorithmEnded = reason{"A04", "algorithm-ended"}
	// What a legacy switch lets pass, named in Actual.
	legacyUsed = reason{"A04", "legacy-used"}
	// The GOST provider could not say: nothing is decided, the outcome is Undecided.
	providerSilent = reason{"A04", "provider-silent"}
	// A bare key instead of a certificate.
	keyValueOnly = reason{"A04", "key-value-only"}
	// ДСТУ 4145, or a digest that goes with it, named in Actual.
	algorithmDSTU = reason{"A04", "dstu-not-supported"}
	// RSASSA-PSS with other digests than that of the content.
	pssParameters = reason{"A04", "pss-parameters"}
)

// A05: the certificate is not believed.
var (
	// No certificate is registered to believe in.
	noTrust = reason{"A05", "no-trust"}
	// KeyInfo holds no X509Certificate.
	noCertificate = reason{"A05", "no-certificate"}
	// More certificates than maxCertificates.
	tooManyCertificates = reason{"A05", "too-many-certificates"}
	// Not base64, or not X.509.
	certificateUnreadable = reason{"A05", "certificate-unreadable"}
	// No path to a registered certificate.
	untrustedCertificate = reason{"A05", "untrusted"}
	// Issued by a certificate that is no CA.
	issuerNotCA = reason{"A05", "issuer-not-ca"}
	// Path length or name constraint of a CA.
	pathConstraint = reason{"A05", "path-constraint"}
)

// A06: outside a period of validity; the moment is in Expected, the period in Actual.
var (
	// The signer's certificate.
	certificateExpired = reason{"A06", "expired"}
	// The signer's certificate.
	certificateNotYetValid = reason{"A06", "not-yet-valid"}
	// Outside the period of use of the private key.
	keyPeriodOver = reason{"A06", "key-period"}
	// A CA of the path.
	issuerExpired = reason{"A06", "issuer-expired"}
	// A CA of the path.
	issuerNotYetValid = reason{"A06", "issuer-not-yet-valid"}
)

// A07: revocation, judged at receipt whatever the moment: a stolen key can state any time.
var (
	// The signer's certificate is revoked or on hold; the reason and its time are in Actual.
	certificateRevoked = reason{"A07", "revoked"}
	// A CA of the path is.
	issuerRevoked = reason{"A07", "issuer-revoked"}
	// The sources are silent or what they said is too old: to be asked again.
	revocationPending = reason{"A07", "revocation-pending"}
	// No source is configured for the issuer, named in Actual.
	revocationUnconfigured = reason{"A07", "revocation-unconfigured"}
)

// D01, D03: what certificate and signer say of themselves.
var (
	// A number in the certificate is none that was given out; it is not used.
	identifierWrong = reason{"D01", "identifier-check-digit"}
	// The stated signing time is still to come; receipt is the moment.
	signingTimeAhead = reason{"D03", "signing-time-ahead"}
	// It is older than the register allows.
	signingTimeOld = reason{"D03", "signing-time-old"}
	// It has no zone and can be any of a day; receipt is the moment.
	signingTimeNoZone = reason{"D03", "signing-time-no-zone"}
)

// A10: what is signed is not what is said.
var (
	// The ds:Signature is not a child of the root.
	signatureMisplaced = reason{"A10", "signature-misplaced"}
	// more than one ds:Signature anywhere.
	severalSignatures = reason{"A10", "several-signatures"}
	// Unknown, missing or repeated parts.
	signatureShape = reason{"A10", "signature-shape"}
	// Not exactly one Reference.
	referenceCount = reason{"A10", "reference-count"}
	// The Reference is not to the root.
	referenceTarget = reason{"A10", "reference-target"}
	// Outside the allow-list, or out of order.
	transformNotAllowed = reason{"A10", "transform-not-allowed"}
	// CanonicalizationMethod outside the allow-list.
	canonNotAllowed = reason{"A10", "canonicalization-not-allowed"}
	// PrefixList above maxPrefixes.
	tooManyPrefixes = reason{"A10", "too-many-prefixes"}
	// The signed reference to the signer's certificate is to another one.
	signingCertificateMismatch = reason{"A10", "signing-certificate-mismatch"}
	// No CMS SignedData, or one that cannot be read in one way only.
	cmsMalformed = reason{"A10", "cms-malformed"}
	// Signed attributes missing, repeated or not in DER.
	cmsAttributes = reason{"A10", "cms-attributes"}
	// A CMS that signs no data but something of another kind.
	cmsContentType = reason{"A10", "cms-content-type"}
	// An attached CMS with other content than the document.
	attachedContentDiffers = reason{"A10", "attached-content-differs"}
	// The algorithms of a CMS contradict one another.
	algorithmsDiffer = reason{"A10", "algorithms-differ"}
)

// A12: the certificate is genuine but not made for signing documents.
var (
	// Neither digitalSignature nor nonRepudiation.
	keyUsageMissing = reason{"A12", "key-usage"}
	// Extended key usage for TLS only.
	tlsOnly = reason{"A12", "tls-only"}
	// For code, time stamps or OCSP only.
	extendedUsage = reason{"A12", "extended-key-usage"}
	// A critical extension nobody here understands.
	unknownCritical = reason{"A12", "critical-extension"}
	// A CA of the path may not sign certificates.
	issuerKeyUsage = reason{"A12", "issuer-key-usage"}
	// The same of a CA of the path.
	issuerCritical = reason{"A12", "issuer-critical-extension"}
)

// closedList is every reason that Open can report.
var closedList = []reason{
	noSignature,
	digestMismatch, digestMalformed, signatureMismatch, signatureMalformed, keyKindMismatch,
	algorithmSHA1, algorithmMD5, algorithmHMAC, algorithmDSA, algorithmGOST, algorithmGOST2001, algorithmUnknown,
	keyTooShort, keyTooLong, keyNotSupported, curveTooShort, algorithmEnded, legacyUsed, providerSilent, keyValueOnly, algorithmDSTU, pssParameters,
	noTrust, noCertificate, tooManyCertificates, certificateUnreadable, untrustedCertificate,
	issuerNotCA, pathConstraint,
	certificateExpired, certificateNotYetValid, keyPeriodOver, issuerExpired, issuerNotYetValid,
	certificateRevoked, issuerRevoked, revocationPending, revocationUnconfigured,
	identifierWrong, signingTimeAhead, signingTimeOld, signingTimeNoZone,
	signatureMisplaced, severalSignatures, signatureShape, referenceCount, referenceTarget,
	transformNotAllowed, canonNotAllowed, tooManyPrefixes, signingCertificateMismatch,
	cmsMalformed, cmsAttributes, cmsContentType, attachedContentDiffers, algorithmsDiffer,
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
