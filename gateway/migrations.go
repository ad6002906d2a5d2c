package gateway

import "asugate/store"

// Migrations are the steps from each format of the store to the next, see store/FORMAT.md. A step goes by
// nothing but the tables: the types of today may have changed by the time when it runs.
func Migrations() []store.Step {
	return []store.Step{
		// A program of format 1 would misread what is written now: it knows no deadlines of memos and
		// acts, and would let terms pass in silence; and it would write verdicts of which the ledger
		// does not know. What is there needs no rewriting: FillLedger does the rest at the next start.
		{From: 1, What: "deadlines of memos and acts; the ledger, which the next start fills"},
	}
}
