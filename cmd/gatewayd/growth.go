//go:build !faults

package main

// growth is by how much the store's file grows: as the store has it.
const growth = 0
