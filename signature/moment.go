package signature

import (
	"slices"
	"time"

	"asugate/xmltree"
)

// claimTime notes the time of signing that the signer states inside what he signs, and takes it for
// the moment where it can be believed: it is not ahead of the receipt by more than clocks differ,
// and not older than the rules allow. Else the receipt is the moment, and a finding says so. It is
// called before the certificate is judged, because that is done at the moment; what turns out not to
// be signed Open takes back.
func (r *Report) claimTime(t time.Time) {
	r.ClaimedTime = t
	oldest := r.policy.signingTimeAge()
	switch {
	case oldest < 0: // the rules want none of it
	case t.Sub(r.Received) > maxAhead:
		r.fault(signingTimeAhead, xmltree.Element{}, stamp(r.Received), stamp(t))
	case r.Received.Sub(t) > oldest:
		r.fault(signingTimeOld, xmltree.Element{}, stamp(r.Received), stamp(t))
	default:
		r.SigningTime, r.Moment = t, t
	}
}

// forgetTime takes back what claimTime noted, where no key verifies it: then nobody has stated it.
func (r *Report) forgetTime() {
	r.ClaimedTime, r.SigningTime, r.Moment = time.Time{}, time.Time{}, r.Received
	timed := func(f Fault) bool { return checkOf(reason{f.Code, f.Reason}) == checkSigningTime }
	for _, list := range []*[]Fault{&r.Faults, &r.Warnings, &r.ignored} {
		*list = slices.DeleteFunc(*list, timed)
	}
}
