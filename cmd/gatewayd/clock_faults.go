//go:build faults

package main

import (
	"os"
	"strings"
	"time"
)

var clock = stepped

// stepped is the clock of a program that internal/faults has built: off from that of the machine by the
// duration in the file $GATEWAYD_CLOCK, so that a clock can be stepped that no other process sees.
func stepped() time.Time {
	text, err := os.ReadFile(os.Getenv("GATEWAYD_CLOCK"))
	if err != nil {
		return time.Now()
	}
	off, err := time.ParseDuration(strings.TrimSpace(string(text)))
	if err != nil {
		panic(err) // whoever wrote the file has made a mistake
	}
	// Without the monotonic reading, so that a step shows in differences, too.
	return time.Now().Add(off).Round(0)
}
