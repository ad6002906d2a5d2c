//go:build !faults

package main

import "time"

// clock is the wall clock. The tests' main replaces it to let time pass.
var clock = time.Now
