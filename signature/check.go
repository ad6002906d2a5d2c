package signature

import "strings"

// check is one question that is asked of a signature. Each reason is an answer to one of them.
type check uint8

// The checks in the order in which they are made.
const (
	checkShape               check = iota // is it a signature, of the shape that is taken?
	checkReference                        // is all of the document signed?
	checkAlgorithm                        // is the algorithm known, allowed and not yet ended?
	checkLegacy                           // does it need what the register lets pass for a while?
	checkDigest                           // is the content what was signed?
	checkCertificate                      // is the signer's certificate there, and can it be read?
	checkSignature                        // does the certificate's key verify the value?
	checkKeySize                          // are the keys strong enough?
	checkTrust                            // does a path lead to what the register trusts?
	checkPath                             // does the path keep the constraints of its authorities?
	checkIssuerValidity                   // are its authorities valid at the moment?
	checkCertificateValidity              // is the signer's certificate?
	checkKeyPeriod                        // is the period of the private key running?
	checkKeyUsage                         // may the key sign documents?
	checkExtendedKeyUsage                 // is it for something else alone?
	checkCriticalExtension                // is there anything critical that nobody here understands?
	checkRevoked                          // is a certificate of the path revoked?
	checkRevocation                       // is there evidence that is fresh enough?
	checkRevocationSource                 // is there a source for the issuer at all?
	checkSigningTime                      // can the time that the signer states be true?
	checkIdentifier                       // are the holder's numbers some that were given out?
	checkCount
)

// checkRow is what is known of a check before any document.
type checkRow struct {
	name      string
	level     Level // when the rules do not say
	relaxable bool  // the rules may say
}

// checkRows have no relaxable row for what makes a signature one: the mathematics, what they are
// over, whose they are. docs/policy.md is held to this table by a test.
var checkRows = [checkCount]checkRow{
	checkShape:               {"shape", Fail, false},
	checkReference:           {"reference", Fail, false},
	checkAlgorithm:           {"algorithm", Fail, false},
	checkLegacy:              {"legacy", Warn, true},
	checkDigest:              {"digest", Fail, false},
	checkCertificate:         {"certificate", Fail, false},
	checkSignature:           {"signature", Fail, false},
	checkKeySize:             {"key-size", Fail, false},
	checkTrust:               {"trust", Fail, false},
	checkPath:                {"path", Fail, false},
	checkIssuerValidity:      {"issuer-validity", Fail, true},
	checkCertificateValidity: {"certificate-validity", Fail, true},
	checkKeyPeriod:           {"key-period", Fail, true},
	checkKeyUsage:            {"key-usage", Fail, true},
	checkExtendedKeyUsage:    {"extended-key-usage", Fail, true},
	checkCriticalExtension:   {"critical-extension", Fail, true},
	checkRevoked:             {"revoked", Fail, false},
	checkRevocation:          {"revocation", Fail, true},
	checkRevocationSource:    {"revocation-unconfigured", Warn, true},
	checkSigningTime:         {"signing-time", Warn, true},
	checkIdentifier:          {"identifier-check-digit", Warn, true},
}

func (c check) String() string { return checkRows[c].name }

// Relaxable are the names of the checks whose level Rules may set, in the order of the checks.
func Relaxable() []string {
	var names []string
	for _, row := range checkRows {
		if row.relaxable {
			names = append(names, row.name)
		}
	}
	return names
}

// DefaultLevel is the level of a check when the rules do not say; Fail for a name that is none.
func DefaultLevel(name string) Level {
	for _, row := range checkRows {
		if row.name == name {
			return row.level
		}
	}
	return Fail
}

// Result is what became of one check.
type Result string

// The results of a check.
const (
	Passed        Result = "passed"
	Failed        Result = "failed"
	Indeterminate Result = "indeterminate" // cannot be decided now
	Warned        Result = "warned"        // it did not pass, and the rules say to go on
	Ignored       Result = "ignored"       // the same, without a word
	NotReached    Result = "not-reached"   // an earlier one failed, or there was nothing to ask
)

// Check is one check of a report. Reason and Detail are those of its first finding.
type Check struct {
	Name   string `json:"name"`
	Result Result `json:"result"`
	Reason string `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"`
}

// Checks are all checks and what became of each, in the order in which they are made.
func (r *Report) Checks() []Check {
	list := make([]Check, checkCount)
	for c := range checkCount {
		list[c] = Check{Name: c.String(), Result: NotReached}
		if r.reached(c) {
			list[c].Result = Passed
		}
	}
	// What weighs more is written last.
	for _, of := range []struct {
		faults []Fault
		result Result
	}{{r.ignored, Ignored}, {r.Warnings, Warned}, {r.Faults, Failed}} {
		for _, f := range of.faults {
			why := reason{f.Code, f.Reason}
			found := &list[checkOf(why)]
			result := of.result
			if result == Failed && why.undecided() {
				result = Indeterminate
			}
			if found.Result != result && found.Result != Failed {
				*found = Check{found.Name, result, f.Reason, detail(f)}
			}
		}
	}
	return list
}

func detail(f Fault) string {
	var parts []string
	if f.Expected != "" {
		parts = append(parts, "expected "+f.Expected)
	}
	if f.Actual != "" {
		parts = append(parts, "actual "+f.Actual)
	}
	return strings.Join(parts, ", ")
}

// reached says whether a check that has no finding has been made. Where that cannot be told from
// what was found, it has not.
func (r *Report) reached(c check) bool {
	shaped := !r.failed(checkShape) && !r.failed(checkReference) && r.Container != ""
	switch c {
	case checkShape:
		return r.Container != ""
	case checkReference, checkAlgorithm:
		return shaped
	case checkDigest:
		return shaped && !r.failed(checkAlgorithm) && r.Digest != ""
	case checkCertificate:
		return shaped && (r.Certificate != nil || r.failed(checkSignature))
	case checkSignature, checkIdentifier, checkTrust:
		return r.Certificate != nil
	case checkSigningTime:
		return !r.ClaimedTime.IsZero()
	case checkRevoked, checkRevocation, checkRevocationSource:
		return len(r.Revocations) > 0
	case checkLegacy, checkKeySize, checkKeyPeriod, checkKeyUsage, checkExtendedKeyUsage, checkCertificateValidity:
		return r.Certificate != nil
	}
	return len(r.Chain) > 0
}

// failed says whether a check has a finding for which the signature does not hold.
func (r *Report) failed(c check) bool {
	for _, f := range r.Faults {
		if checkOf(reason{f.Code, f.Reason}) == c {
			return true
		}
	}
	return false
}
