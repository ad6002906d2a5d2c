// Package ledger answers: has anything been changed or taken out of the journal since?
//
// It is a Merkle tree as in Certificate Transparency (RFC 6962) over one leaf for each record of the
// journal. A leaf is a line of text with the digests of the record and of the bytes that came in and
// went out; it stays when these are let go. The hash at the root stands for all leaves in their order:
// who has kept a signed one, a checkpoint, finds out when any of them is another now. A proof of some
// twenty hashes shows to whoever has a checkpoint that one leaf is in the tree, without the rest of it.
//
// A leaf is appended in the transaction that writes its record: the one has not happened without the
// other. Nothing of the tree is kept in memory, so that a transaction that is run again, or fails, needs
// no care.
package ledger
