package bolt

// Room says why new documents are not taken for want of space on the disk, nil when there is enough.
func (s *Store) Room() error { return s.room() }
