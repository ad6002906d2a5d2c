// Package lossyfs answers: what is left on a disk when the power goes?
//
// It is a file system in memory, mounted by FUSE, on which a process can be killed as by a power cut:
// bytes that were not synced since are lost, or some sectors of them are not, in any order; names that
// came, went or were moved since the last sync of their folder are lost, or the first of them are not. What has been
// synced stays. It is stricter than usual file systems, of which some keep the name of a new file with
// its fsync; a program that lives here lives on those.
package lossyfs
