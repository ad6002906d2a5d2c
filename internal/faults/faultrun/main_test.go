package main

import (
	"slices"
	"testing"

	"asugate/internal/faults"
)

// A round has every fault in it, whichever seed it begins with, and each seed has each that it can have once.
func TestRound(t *testing.T) {
	if err := faults.Straced(); err != nil {
		t.Skip(err)
	}
	names, _ := faults.All()
	for first := range uint64(rounds) {
		var there []string
		for seed := first; seed < first+rounds; seed++ {
			rabbit, medium := surroundings(seed)
			there = append(there, faults.Names(rabbit, medium)...)
		}
		for _, name := range names {
			if !slices.Contains(there, name) && !slices.Contains(faults.Acts(), name) {
				t.Errorf("%s does not happen in the %d seeds from %d on", name, rounds, first)
			}
		}
	}
}

// What is asked for decides on broker and disk, where the seed has others.
func TestNeeded(t *testing.T) {
	for _, c := range []struct {
		names  []string
		seed   uint64
		rabbit bool
		medium string
	}{
		{[]string{"kill"}, 1, false, faults.Small},      // the seed's own will do
		{[]string{"power-cut"}, 5, false, faults.Lossy}, // likewise
		{[]string{"power-cut"}, 4, false, faults.Lossy}, // no broker that is not needed
		{[]string{"alarm"}, 1, true, faults.Plain},      // a broker where there was none
		{[]string{"alarm", "full-disk"}, 3, true, faults.Small},
		{[]string{"power-cut", "full-disk"}, 2, true, faults.Lossy}, // not both: one of them
	} {
		rabbit, medium := surroundings(c.seed)
		rabbit, medium = (&session{names: c.names}).needed(rabbit, medium)
		if rabbit != c.rabbit || medium != c.medium {
			t.Errorf("%v with seed %d: broker %t, %s; want %t, %s", c.names, c.seed, rabbit, medium, c.rabbit, c.medium)
		}
	}
}

// The seed decides the order, and the same one the same.
func TestPlan(t *testing.T) {
	plan := func(seed uint64, names ...string) []string {
		o := faults.Options{Seed: seed, Medium: faults.Plain}
		if err := (&session{names: names}).plan(&o); err != nil {
			t.Fatal(err)
		}
		return o.Plan
	}
	one, again, other := plan(1), plan(1), plan(2)
	if !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Errorf("seed 1: %v, again %v; seed 2: %v", one, again, other)
	}
	slices.Sort(one)
	if slices.Sort(other); !slices.Equal(one, other) || len(slices.Compact(one)) != len(other) {
		t.Errorf("not everything once: %v, %v", one, other)
	}
	if got := slices.Compact(plan(1, "kill", "power-cut")); !slices.Equal(got, []string{"kill"}) {
		t.Errorf("of kill and power-cut on a plain disk: %v", got)
	}
	if got := plan(1, "kill", "pause"); len(got) != least {
		t.Errorf("of two kinds: %v", got)
	}
	o := faults.Options{Medium: faults.Plain}
	if err := (&session{names: []string{"flood"}}).plan(&o); err == nil {
		t.Errorf("a plan of a fault that nobody knows: %v", o.Plan)
	}
}
