package signature

import (
	"crypto/x509"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"asugate/xmltree"
)

// Outcome is the judgement on authenticity («проверка достоверности»).
type Outcome uint8

const (
	Fails     Outcome = iota // the zero value never holds
	Holds                    // what Signed shows is signed by Report.Signer, trusted at the moment
	Undecided                // cannot be decided now
)

// Fault is one reason why a signature does not hold.
type Fault struct {
	Code     string // A02 … A13 of the closed list
	Reason   string // a word of Reasons
	Path     string
	Expected string
	Actual   string
}

// Report is what was found, for the journal and for people.
type Report struct {
	Outcome          Outcome
	Faults           []Fault             // Fails: why. Undecided: what could not be found out
	Warnings         []Fault             // what policy lets pass, and what people should know
	Container        string              // xmldsig | cms
	Signature        string              // short algorithm name: rsa-sha256, ecdsa-sha256 …
	Digest           string              // sha256 …
	Canonicalization string              // exc-c14n …
	Content          [32]byte            // SHA-256, exclusive C14N of the root less its Signature
	Certificate      *x509.Certificate   // whose key verifies the signature, nil when none does
	Chain            []*x509.Certificate // leaf first, empty when no path
	Signer           Identity            // of Certificate; proven only when Outcome is Holds
	ClaimedTime      time.Time           // what the signer states and signs, else zero
	SigningTime      time.Time           // ClaimedTime when it is taken for the moment, else zero
	Received         time.Time           // of the document; revocation is judged by it
	Moment           time.Time           // at which all else was judged: SigningTime, else Received
	Revocation       string              // what was consulted, for ESID Basis
	Revocations      []Revocation        // of the certificates of Chain in order, the last one's issuer being trusted
	Legacy           Legacy              // the switches without which the signature would not hold

	policy  Policy
	ignored []Fault // what the rules say not to speak of
}

// fault notes a reason found at an element; expected and actual may be empty. What follows from it
// the policy says: this is the one place where it is asked.
func (r *Report) fault(why reason, at xmltree.Element, expected, actual string) {
	path := ""
	if !at.IsZero() {
		path = at.Path()
	}
	f := Fault{Code: why.code, Reason: why.word, Path: path, Expected: expected, Actual: actual}
	switch r.policy.level(checkOf(why)) {
	case Warn:
		r.Warnings = append(r.Warnings, f)
	case Ignore:
		r.ignored = append(r.ignored, f)
	default:
		r.Faults = append(r.Faults, f)
	}
}

// conclude comes to the outcome; held says that every step has been taken and nothing is left to
// verify but what the faults say.
func (r *Report) conclude(held bool) {
	for _, f := range r.Faults {
		if !(reason{f.Code, f.Reason}).undecided() {
			return // Fails is the zero value
		}
	}
	switch {
	case len(r.Faults) > 0:
		r.Outcome = Undecided
	case held:
		r.Outcome = Holds
	}
}

// uses notes the legacy switches without which the signature would not hold, each once.
func (r *Report) uses(l Legacy) {
	l &^= r.Legacy
	if l == 0 {
		return
	}
	r.Legacy |= l
	for _, name := range l.Names() {
		r.fault(legacyUsed, xmltree.Element{}, "", name)
	}
}

// judgeAlgorithms refuses what the register has ended, and notes what needs a switch.
func (r *Report) judgeAlgorithms(c claim) {
	for _, name := range [2]string{r.Signature, r.Digest} {
		if end, ended := r.policy.ended(name, r.Received); ended {
			r.fault(algorithmEnded, c.place, stamp(end), name)
		}
	}
	if c.method != nil && r.policy.allows(c.method.legacy) {
		r.uses(c.method.legacy)
	}
}

// maxQuoted bounds what a fault repeats of the document.
const maxQuoted = 160

// quoted is text of the document made fit to be shown: as it is where it is short and harmless,
// else escaped and cut.
func quoted(s string) string {
	cut := len(s) > maxQuoted
	if cut {
		s = s[:maxQuoted]
		for len(s) > 0 && !utf8.RuneStart(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if r, size := utf8.DecodeLastRuneInString(s); r == utf8.RuneError && size == 1 {
			s = s[:len(s)-1]
		}
	}
	for _, r := range s {
		if !unicode.IsPrint(r) || r == '"' || r == utf8.RuneError {
			s = strconv.QuoteToGraphic(s)
			break
		}
	}
	if cut {
		s += "…"
	}
	return s
}
