package signature

// Indication is the status of a validation as ETSI EN 319 102-1 section 5.1.3 has it.
type Indication string

// The indications. What policy of ours refuses is indeterminate there unless it is proven that the
// signature never was one.
const (
	TotalPassed             Indication = "TOTAL-PASSED"
	TotalFailed             Indication = "TOTAL-FAILED"
	IndicationIndeterminate Indication = "INDETERMINATE"
)

// SubIndication says why, in the words of ETSI EN 319 102-1 tables 5 and 6.
type SubIndication string

// The sub-indications that we come to.
const (
	FormatFailure             SubIndication = "FORMAT_FAILURE"
	HashFailure               SubIndication = "HASH_FAILURE"
	SigCryptoFailure          SubIndication = "SIG_CRYPTO_FAILURE"
	NotYetValid               SubIndication = "NOT_YET_VALID"
	SignedDataNotFound        SubIndication = "SIGNED_DATA_NOT_FOUND"
	SigConstraintsFailure     SubIndication = "SIG_CONSTRAINTS_FAILURE"
	CryptoConstraintsFailure  SubIndication = "CRYPTO_CONSTRAINTS_FAILURE"
	NoSigningCertificateFound SubIndication = "NO_SIGNING_CERTIFICATE_FOUND"
	NoCertificateChainFound   SubIndication = "NO_CERTIFICATE_CHAIN_FOUND"
	ChainGeneralFailure       SubIndication = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
	ChainConstraintsFailure   SubIndication = "CHAIN_CONSTRAINTS_FAILURE"
	OutOfBoundsNoPOE          SubIndication = "OUT_OF_BOUNDS_NO_POE"
	RevokedNoPOE              SubIndication = "REVOKED_NO_POE"
	RevokedCANoPOE            SubIndication = "REVOKED_CA_NO_POE"
	TryLater                  SubIndication = "TRY_LATER"
	noSubIndication           SubIndication = ""
)

// indication is where a sub-indication belongs. A claimed signing time proves nothing in the sense
// of the standard, so that EXPIRED and REVOKED, which need a proof, never come up.
func (s SubIndication) indication() Indication {
	switch s {
	case FormatFailure, HashFailure, SigCryptoFailure, NotYetValid:
		return TotalFailed
	}
	return IndicationIndeterminate
}

// Indication is what the report amounts to. A fault by which the validation failed in total counts
// more than one that leaves it indeterminate, else the first counts.
func (r *Report) Indication() (Indication, SubIndication) {
	if r.Outcome == Holds {
		return TotalPassed, noSubIndication
	}
	chosen := noSubIndication
	for _, f := range r.Faults {
		sub := r.subIndication(reason{f.Code, f.Reason})
		if chosen == noSubIndication || sub.indication() == TotalFailed && chosen.indication() != TotalFailed {
			chosen = sub
		}
	}
	return chosen.indication(), chosen
}

// subIndication of one reason. A document that was there before its certificate proves that the
// signature is none; one that only states such a time does not.
func (r *Report) subIndication(why reason) SubIndication {
	if why == certificateNotYetValid && r.Certificate != nil && !r.Received.Before(r.Certificate.NotBefore) {
		return OutOfBoundsNoPOE
	}
	return verdictOf(why).sub
}

// verdict is what a reason means: which check it answers, and what it amounts to by the standard.
type verdict struct {
	why       reason
	check     check
	sub       SubIndication
	undecided bool // it may be otherwise later
}

// verdicts has a row for every reason of the closed list.
var verdicts = []verdict{
	{why: noSignature, check: checkShape, sub: FormatFailure},

	{why: digestMismatch, check: checkDigest, sub: HashFailure},
	{why: digestMalformed, check: checkDigest, sub: FormatFailure},
	{why: signatureMismatch, check: checkSignature, sub: SigCryptoFailure},
	{why: signatureMalformed, check: checkSignature, sub: SigCryptoFailure},
	{why: keyKindMismatch, check: checkSignature, sub: SigCryptoFailure},

	{why: algorithmSHA1, check: checkAlgorithm, sub: CryptoConstraintsFailure},
	{why: algorithmMD5, check: checkAlgorithm, sub: CryptoConstraintsFailure},
	{why: algorithmHMAC, check: checkAlgorithm, sub: CryptoConstraintsFailure},
	{why: algorithmDSA, check: checkAlgorithm, sub: CryptoConstraintsFailure},
	{why: algorithmGOST, check: checkAlgorithm, sub: CryptoConstraintsFailure},
	{why: algorithmGOST2001, check: checkAlgorithm, sub: CryptoConstraintsFailure},
	{why: algorithmDSTU, check: checkAlgorithm, sub: CryptoConstraintsFailure},
	{why: pssParameters, check: checkAlgorithm, sub: CryptoConstraintsFailure},
	{why: algorithmUnknown, check: checkAlgorithm, sub: CryptoConstraintsFailure},
	{why: algorithmEnded, check: checkAlgorithm, sub: CryptoConstraintsFailure},
	{why: legacyUsed, check: checkLegacy, sub: CryptoConstraintsFailure},
	{why: keyTooShort, check: checkKeySize, sub: CryptoConstraintsFailure},
	{why: keyTooLong, check: checkKeySize, sub: CryptoConstraintsFailure},
	{why: curveTooShort, check: checkKeySize, sub: CryptoConstraintsFailure},
	{why: keyNotSupported, check: checkAlgorithm, sub: CryptoConstraintsFailure},
	{why: providerSilent, check: checkSignature, sub: TryLater, undecided: true},
	{why: keyValueOnly, check: checkCertificate, sub: NoSigningCertificateFound},

	{why: noTrust, check: checkTrust, sub: NoCertificateChainFound},
	{why: noCertificate, check: checkCertificate, sub: NoSigningCertificateFound},
	{why: tooManyCertificates, check: checkCertificate, sub: NoSigningCertificateFound},
	{why: certificateUnreadable, check: checkCertificate, sub: NoSigningCertificateFound},
	{why: untrustedCertificate, check: checkTrust, sub: NoCertificateChainFound},
	{why: issuerNotCA, check: checkPath, sub: ChainGeneralFailure},
	{why: pathConstraint, check: checkPath, sub: ChainGeneralFailure},

	{why: certificateExpired, check: checkCertificateValidity, sub: OutOfBoundsNoPOE},
	{why: certificateNotYetValid, check: checkCertificateValidity, sub: NotYetValid},
	{why: keyPeriodOver, check: checkKeyPeriod, sub: ChainConstraintsFailure},
	{why: issuerExpired, check: checkIssuerValidity, sub: ChainGeneralFailure},
	{why: issuerNotYetValid, check: checkIssuerValidity, sub: ChainGeneralFailure},

	{why: certificateRevoked, check: checkRevoked, sub: RevokedNoPOE},
	{why: issuerRevoked, check: checkRevoked, sub: RevokedCANoPOE},
	{why: revocationPending, check: checkRevocation, sub: TryLater, undecided: true},
	{why: revocationUnconfigured, check: checkRevocationSource, sub: TryLater},

	{why: signatureMisplaced, check: checkShape, sub: FormatFailure},
	{why: severalSignatures, check: checkShape, sub: FormatFailure},
	{why: signatureShape, check: checkShape, sub: FormatFailure},
	{why: referenceCount, check: checkReference, sub: FormatFailure},
	{why: referenceTarget, check: checkReference, sub: SignedDataNotFound},
	{why: transformNotAllowed, check: checkReference, sub: SigConstraintsFailure},
	{why: canonNotAllowed, check: checkReference, sub: SigConstraintsFailure},
	{why: tooManyPrefixes, check: checkReference, sub: SigConstraintsFailure},
	{why: cmsMalformed, check: checkShape, sub: FormatFailure},
	{why: cmsAttributes, check: checkShape, sub: FormatFailure},
	{why: cmsContentType, check: checkShape, sub: FormatFailure},
	{why: attachedContentDiffers, check: checkReference, sub: SignedDataNotFound},
	{why: algorithmsDiffer, check: checkReference, sub: SigConstraintsFailure},
	{why: signingCertificateMismatch, check: checkSignature, sub: NoSigningCertificateFound},

	{why: keyUsageMissing, check: checkKeyUsage, sub: ChainConstraintsFailure},
	{why: tlsOnly, check: checkExtendedKeyUsage, sub: ChainConstraintsFailure},
	{why: extendedUsage, check: checkExtendedKeyUsage, sub: ChainConstraintsFailure},
	{why: unknownCritical, check: checkCriticalExtension, sub: ChainConstraintsFailure},
	{why: issuerKeyUsage, check: checkPath, sub: ChainGeneralFailure},
	{why: issuerCritical, check: checkPath, sub: ChainGeneralFailure},

	{why: identifierWrong, check: checkIdentifier, sub: SigConstraintsFailure},
	{why: signingTimeAhead, check: checkSigningTime, sub: SigConstraintsFailure},
	{why: signingTimeNoZone, check: checkSigningTime, sub: SigConstraintsFailure},
	{why: signingTimeOld, check: checkSigningTime, sub: SigConstraintsFailure},
}

// verdictOf finds the row of a reason. One that has none fails a check that nothing relaxes.
func verdictOf(why reason) verdict {
	for _, v := range verdicts {
		if v.why == why {
			return v
		}
	}
	return verdict{why: why, check: checkShape, sub: FormatFailure}
}

func checkOf(why reason) check { return verdictOf(why).check }

// undecided says that the reason may be gone later, so that the document waits for it.
func (why reason) undecided() bool { return verdictOf(why).undecided }
