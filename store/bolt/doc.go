// Package bolt answers: how is the store kept on one disk? It is the embedded engine: one bbolt
// file, one writer.
//
// # Group commit
//
// One goroutine commits. It takes every Update that is waiting, runs their functions one after the
// other in one bbolt transaction, syncs once, and answers all. Whoever arrives meanwhile rides in
// the next one; nobody waits on a timer. All members of a batch share its fate, also those that
// only looked: what they saw may have been a neighbour's write. A member that fails before its
// first Put costs its neighbours nothing; one that fails later, or panics, makes the others run
// again without it. A panic continues in the goroutine that called Update.
//
// # Errors
//
// An Update that returns nil is on disk: pages, sync, meta page, sync. When a page could not be
// written, and the file still shows the transaction before, nothing of it will ever be found:
// [store.ErrNotWritten]. When a sync failed, the kernel may have dropped what it could not write,
// and marked it clean, and no later read tells the truth: [store.ErrUnknown], from then on and for
// everything. The process has to end; the next Open drops the kernel's cached pages and reads what
// the disk has.
//
// # Reading
//
// bbolt shows a transaction to readers between the write of its meta page and the sync of it. View
// does not: it waits for that sync, so that nothing is told that a power cut could take back.
//
// # Damage
//
// bbolt has checksums on its two meta pages only, and falls back to the older one silently. Here
// every value carries a CRC-32C over its key and itself, checked at each read, and Open refuses a
// file whose newest transaction cannot be told. A store is never made but by [Create].
package bolt
