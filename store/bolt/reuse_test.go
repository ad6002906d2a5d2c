package bolt

import (
	"fmt"
	"testing"

	"asugate/store"
)

// Pages that deletions have freed are used again: where as much goes as comes, the file does not grow,
// whatever the sizes.
func TestFreedPagesAreUsedAgain(t *testing.T) {
	s := openStore(t, newPath(t), Options{MaxSize: 64 << 20}) // with a limit the file does not begin with 16 MiB
	const kept, each = 200, 20
	next := 0
	round := func() {
		t.Helper()
		err := s.Update(func(tx store.Tx) error {
			for i := next; i < next+each; i++ {
				key := fmt.Sprintf("%06d", i)
				tx.Put(things, []byte(key), []byte(value(key)))
				tx.Delete(things, []byte(fmt.Sprintf("%06d", i-kept)))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		next += each
	}
	for next < 5*kept {
		round()
	}
	before := s.Stats().Size
	for next < 50*kept {
		round()
	}
	if after := s.Stats().Size; after > before+before/4 {
		t.Errorf("the file had %d bytes and has %d", before, after)
	}
}
