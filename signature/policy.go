package signature

import "time"

// Level is what follows when a check does not pass.
type Level uint8

const (
	Fail   Level = iota // the zero value: the signature does not hold
	Warn                // it is reported, and the signature may hold
	Ignore              // it is not even reported
)

// Legacy is a set of switches for a partner who cannot do better yet. Each lets one thing pass
// that is refused otherwise; every use is reported (Report.Legacy).
type Legacy uint8

const (
	LegacySHA1     Legacy = 1 << iota // digests and signatures with SHA-1
	LegacyRSA1024                     // RSA keys of 1024 to 2047 bits
	LegacyKeyValue                    // a bare key instead of a certificate, when it is that of a trusted one
	LegacyGOST2001                    // ГОСТ Р 34.10-2001 with ГОСТ Р 34.11-94
)

// Rules are what a partner's register entry says about checks. They are immutable once used in
// Open. The zero value is the strict default.
type Rules struct {
	Levels map[string]Level     // by the name of a check; only those that Relaxable names
	Legacy Legacy               //
	Ends   map[string]time.Time // short algorithm name → the moment from which it is refused
	MinRSA int                  // bits; 0: 2048. Below 2048 only with LegacyRSA1024
	MinEC  int                  // bits of ECDSA and GOST keys; 0: 256

	// SigningTimeAge is how old a signing time that the signer states and signs may be at receipt
	// to be taken for the moment; 0: 24 h; negative: it is never taken.
	SigningTimeAge time.Duration
}

// Policy is what is allowed besides the rules that no switch can change, and whom to ask. The zero
// value is the strict default.
type Policy struct {
	Rules       *Rules      // nil: the strict default
	Revocations Revocations // nil: nothing is known of any certificate
	GOST        Provider    // nil: our own verification
}

// minRSA is how many bits an RSA key must have.
func (p Policy) minRSA() int {
	switch {
	case p.Rules == nil || p.Rules.MinRSA == 0:
		return minRSABits
	default:
		return p.Rules.MinRSA
	}
}
