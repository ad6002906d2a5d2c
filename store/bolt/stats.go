package bolt

import "fmt"

// Stats are for metrics and for the operator.
type Stats struct {
	Size      int64 // of the file
	Free      int64 // bytes of Size that can be used again; the file itself never shrinks but by Compact
	OpenViews int   // now; a long one keeps pages from being used again
	Batches   int64 // commits since Open
	Updates   int64 // answered since Open; Updates/Batches shared a sync on average
	Redone    int64 // batches that ran again because a member failed late
}

// Stats is cheap.
func (s *Store) Stats() Stats {
	now := s.db.Stats()
	stats := Stats{
		Free:      int64(now.FreeAlloc),
		OpenViews: now.OpenTxN,
		Batches:   s.batches.Load(),
		Updates:   s.members.Load(),
		Redone:    s.redone.Load(),
	}
	if info, err := s.file.Stat(); err == nil {
		stats.Size = info.Size()
	}
	return stats
}

// Room says why new documents are not taken for want of space on the disk, nil when there is
// enough.
func (s *Store) Room() error { return s.room() }

// roomFor is ErrNoRoom when less than want bytes are free on the disk. The file never gives any
// back, so as many bytes in pages that are free again are as good, while a quarter of want is left
// on the disk for small writes.
func (s *Store) roomFor(path string, want int64) error {
	if want <= 0 {
		return nil
	}
	free, ok := freeOn(path)
	if !ok || free >= want { // not known: a full disk will say so itself
		return nil
	}
	if reusable := int64(s.db.Stats().FreePageN) * s.pageSize; reusable >= want && free >= want/4 {
		return nil
	}
	return fmt.Errorf("%w: %d MiB are free, %d MiB are kept free", ErrNoRoom, free>>20, want>>20)
}
