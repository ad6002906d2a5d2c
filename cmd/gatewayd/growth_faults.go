//go:build faults

package main

// growth is by how much the store's file grows in a program that internal/faults has built: so little that
// a run meets its growing every few documents, and can let it fail.
const growth = 8 << 10
