package store

// Step carries the tables of one format over into the next. The engine runs all steps that are needed,
// and changes the number, in one transaction: a store is of the old format or of the new one.
type Step struct {
	From int    // the format that it begins with; it ends with the next
	What string // what it does, for whoever runs it
	// Carry rewrites the tables, or is nil when nothing but the number changes.
	Carry func(Tx) error
}
