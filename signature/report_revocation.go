package signature

import (
	"crypto/x509"
	"slices"
	"strings"

	"asugate/xmltree"
)

// judgeRevocation asks after each certificate of the path except the one that is trusted itself. It
// does so for every document, and as of receipt: whoever has stolen a key can state any moment, but
// cannot have sent the document before (RFC 5280 section 6.3 is the source's part).
func (r *Report) judgeRevocation(place xmltree.Element) {
	if len(r.Chain) < 2 {
		return // no path, or the signer's certificate is trusted itself
	}
	r.Revocations = make([]Revocation, len(r.Chain)-1)
	for i := range r.Revocations {
		certificate, issuer := r.Chain[i], r.Chain[i+1]
		answer := Revocation{}
		if r.policy.Revocations != nil {
			answer = r.policy.Revocations.Status(certificate, issuer, r.Received)
		}
		r.Revocations[i] = answer
		switch answer.State {
		case RevocationGood:
		case RevocationRevoked:
			why := issuerRevoked
			if i == 0 {
				why = certificateRevoked
			}
			r.fault(why, place, stamp(r.Received), revokedWhen(answer))
		case RevocationUnconfigured:
			r.noteOnce(revocationUnconfigured, nameOf(issuer))
		default:
			// A document that is refused anyway waits for nothing.
			if len(r.Faults) == 0 {
				r.noteOnce(revocationPending, joined(nameOf(issuer), quoted(answer.Why)))
			}
		}
	}
	r.Revocation = consulted(r.Revocations)
}

// noteOnce notes a fault of the sources: of a chain the first, which the others mostly share.
func (r *Report) noteOnce(why reason, actual string) {
	same := func(f Fault) bool { return f.Code == why.code && f.Reason == why.word }
	if !slices.ContainsFunc(r.Faults, same) && !slices.ContainsFunc(r.Warnings, same) {
		r.fault(why, xmltree.Element{}, "", actual)
	}
}

// revokedWhen is for people: the reason, which may be a hold, and since when.
func revokedWhen(answer Revocation) string {
	since := ""
	if !answer.RevokedAt.IsZero() {
		since = stamp(answer.RevokedAt)
	}
	return joined(quoted(answer.Reason), since)
}

func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " ")
}

// consulted says in a word or two what was consulted: the oldest evidence, by which the answer
// stands or falls. «none» where there was none.
func consulted(answers []Revocation) string {
	oldest := Revocation{}
	for _, answer := range answers {
		if answer.Source != "" && (oldest.Source == "" || answer.Produced.Before(oldest.Produced)) {
			oldest = answer
		}
	}
	if oldest.Source == "" {
		return "none"
	}
	return oldest.Source + " " + oldest.Produced.UTC().Format(minute)
}

// minute is how exactly evidence is named: nobody publishes it more often.
const minute = "2006-01-02T15:04Z"

// nameOf an authority for people.
func nameOf(c *x509.Certificate) string { return quoted(c.Subject.CommonName) }
