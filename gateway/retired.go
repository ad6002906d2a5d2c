package gateway

import (
	"fmt"
	"time"

	"asugate/store"
)

// recordRetired says whether a verdict, a notice or a piece of evidence has been let go.
func recordRetired(tx store.Reader, id string) bool { return tx.Get(retired, []byte(id)) != nil }

// retiredAt is what a row of retired says.
func retiredAt(now time.Time) []byte { return []byte(now.UTC().Format(time.RFC3339Nano)) }

// bodyRetired says whether the bytes of a verdict's document have been let go since: then it is right that
// they are not kept.
func bodyRetired(tx store.Reader, e Entry) (bool, error) {
	v := tx.Get(retired, key(e.Participant, e.Raw))
	if v == nil {
		return false, nil
	}
	at, err := time.Parse(time.RFC3339Nano, string(v))
	if err != nil {
		return false, fmt.Errorf("reading when the document of %s was let go: %w", e.ID, err)
	}
	return !e.Judged.After(at) || e.Withdraws != "", nil // a withdrawal brings no bytes
}
