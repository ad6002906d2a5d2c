package gateway

import (
	"errors"
	"testing"

	"asugate/signature"
)

// That nobody can compute a signature now says nothing of the document: whoever asks for its wagon list, or
// what a staff list would do, is to ask again. What fails, or holds without a revocation that is known, is
// another matter.
func TestUnverifiable(t *testing.T) {
	for outcome, want := range map[signature.Outcome]error{
		signature.Undecided: ErrNotReady, signature.Fails: nil, signature.Holds: nil,
	} {
		err := unverifiable(Entry{ID: "e1"}, signature.Signed{}, signature.Report{Outcome: outcome})
		if !errors.Is(err, want) {
			t.Errorf("%v: got %v, want %v", outcome, err, want)
		}
	}
}
