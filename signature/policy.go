package signature

import (
	"cmp"
	"slices"
	"time"
)

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

// legacyNames are the switches by the names that the register knows them by.
var legacyNames = []struct {
	legacy Legacy
	name   string
}{
	{LegacySHA1, "sha1"}, {LegacyRSA1024, "rsa-1024"}, {LegacyKeyValue, "key-value"}, {LegacyGOST2001, "gost-2001"},
}

// Names are those of the switches in the set, nil when there are none.
func (l Legacy) Names() []string {
	var names []string
	for _, one := range legacyNames {
		if l&one.legacy != 0 {
			names = append(names, one.name)
		}
	}
	return names
}

// LegacyOf is the switch of a name, 0 when there is none.
func LegacyOf(name string) Legacy {
	for _, one := range legacyNames {
		if one.name == name {
			return one.legacy
		}
	}
	return 0
}

// Algorithms are the short names of all algorithms of signatures and digests that Rules.Ends may
// name.
func Algorithms() []string {
	var names []string
	for _, m := range methods {
		names = append(names, m.name)
	}
	for _, d := range digests {
		names = append(names, d.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

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

// level is what follows when a check does not pass.
func (p Policy) level(c check) Level {
	row := checkRows[c]
	if p.Rules != nil && row.relaxable {
		if level, ok := p.Rules.Levels[row.name]; ok {
			return level
		}
	}
	return row.level
}

// allows says that all of these switches are on; what needs none is allowed.
func (p Policy) allows(l Legacy) bool {
	return l == 0 || p.Rules != nil && p.Rules.Legacy&l == l
}

// leastRSABits is what LegacyRSA1024 lets pass at least.
const leastRSABits = 1024

// minRSA is how many bits an RSA key must have.
func (p Policy) minRSA() int {
	wanted := 0
	if p.Rules != nil {
		wanted = p.Rules.MinRSA
	}
	if p.allows(LegacyRSA1024) {
		return max(cmp.Or(wanted, leastRSABits), leastRSABits)
	}
	return max(wanted, minRSABits)
}

// minECBits is what a key on an elliptic curve must have in any case.
const minECBits = 256

// minEC is how many bits an ECDSA or GOST key must have.
func (p Policy) minEC() int {
	if p.Rules == nil {
		return minECBits
	}
	return max(p.Rules.MinEC, minECBits)
}

// ended says from when an algorithm is refused, if that moment has come. It is judged at receipt: a
// time before the end could be stated by whoever broke the algorithm since.
func (p Policy) ended(algorithm string, received time.Time) (end time.Time, ended bool) {
	if p.Rules == nil || algorithm == "" {
		return time.Time{}, false
	}
	end, ended = p.Rules.Ends[algorithm]
	return end, ended && !received.Before(end)
}

// A stated signing time may be ahead of our clock by maxAhead, and is by default taken for the
// moment when it is at most signingTimeAge old.
const (
	maxAhead       = 5 * time.Minute
	signingTimeAge = 24 * time.Hour
)

// signingTimeAge is how old a stated signing time may be at receipt; negative: it is never taken.
func (p Policy) signingTimeAge() time.Duration {
	if p.Rules == nil || p.Rules.SigningTimeAge == 0 {
		return signingTimeAge
	}
	return p.Rules.SigningTimeAge
}
