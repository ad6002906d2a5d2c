package faults

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"asugate/internal/faults/lossyfs"
	"asugate/internal/rabbittest"
)

func TestMain(m *testing.M) {
	lossyfs.Main()
	code := rabbittest.Main(m)
	if built.dir != "" {
		_ = os.RemoveAll(built.dir) // what is left of it harms nobody
	}
	os.Exit(code)
}

// built is the program, made by the first test that wants it.
var built struct {
	once sync.Once
	dir  string
	path string
	err  error
}

func program(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "faults-"); built.err == nil {
			built.path, built.err = Build(t.Context(), built.dir)
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.path
}

// survives runs a seed, and holds its history against the invariants.
func survives(t *testing.T, o Options) *History {
	t.Helper()
	if slices.ContainsFunc(o.Plan, func(name string) bool { return !slices.Contains(Names(o.Node != nil, o.Medium), name) }) {
		if err := Straced(); err != nil {
			t.Skip(err)
		}
	}
	o.Program = program(t)
	dir, err := os.MkdirTemp("", "faults-run-") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := Mountable(o.Medium, dir); err != nil {
		t.Skip(err)
	}
	if o.Dir = dir; o.Clients == 0 {
		o.Clients = 3
	}
	o.Log = t.Logf
	t.Logf("SEED=%d NEMESIS=%s", o.Seed, strings.Join(o.Plan, ","))
	h, err := Run(t.Context(), o)
	for _, v := range h.Check() {
		t.Error(v)
	}
	for _, i := range h.Incidents {
		if i.Missed {
			t.Errorf("it has not come to %s (%s): this run shows nothing of it", i.Name, i.How)
		}
	}
	if err != nil {
		t.Error(err)
	}
	if t.Failed() && len(h.Endings) > 0 {
		t.Logf("the daemon's last words:\n%s", h.Endings[len(h.Endings)-1].Log)
	}
	return h
}

// The process is killed, stopped and paused; clock, staff list and configuration are replaced.
func TestProcess(t *testing.T) {
	t.Parallel()
	h := survives(t, Options{Seed: 101, Plan: []string{
		"kill", "staff", "pause", "restart", "clock", "reload", "kill-in-stop", "broken-reload", "kill",
	}})
	if got := outcomes(h); !t.Failed() && (got["positive"] == 0 || got["negative"] == 0 || got[""] == 0) {
		t.Errorf("outcomes %v: this run shows nothing", got)
	}
}

// outcomes counts the answers.
func outcomes(h *History) map[string]int {
	count := make(map[string]int)
	for _, a := range h.Attempts {
		if !a.Drain {
			count[a.Result]++
		}
	}
	return count
}

// The process is killed in the middle of writing.
func TestKilledAtCall(t *testing.T) {
	t.Parallel()
	survives(t, Options{Seed: 102, Plan: []string{
		"kill-at-fdatasync", "kill-at-pwrite64", "kill-at-ftruncate", "kill-at-fsync",
	}})
}

// A sync that has failed leaves unknown what is on disk: the daemon ends with the code that says so, and has
// told nobody anything that its next start contradicts.
func TestFailedSync(t *testing.T) {
	t.Parallel()
	h := survives(t, Options{Seed: 103, Plan: []string{"eio-at-fdatasync", "enospc-at-fdatasync", "eio-at-fdatasync"}})
	stopped := 0
	for _, e := range h.Endings {
		if e.Code == exitStopped {
			stopped++
		}
	}
	if stopped != 3 && !t.Failed() {
		t.Errorf("%d ends with code %d; want each failed sync to be one", stopped, exitStopped)
	}
}

// Writes fail, and the daemon goes on or ends by itself; what it has said stays true.
func TestFailedCalls(t *testing.T) {
	t.Parallel()
	survives(t, Options{Seed: 104, Plan: []string{
		"enospc-at-pwrite64", "eio-at-fsync", "eio-at-pwrite64", "enospc-at-ftruncate",
	}})
}

// The disk is full and has room again: once refused ahead of time, once by the disk itself.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	survives(t, Options{Seed: 105, Medium: Small, Plan: []string{"full-disk"}})
	if !t.Failed() {
		survives(t, Options{Seed: 106, Medium: Small, Plan: []string{"full-disk", "kill"}})
	}
}

// The power goes, and with it what was not synced.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	survives(t, Options{Seed: 107, Medium: Lossy, Plan: []string{"power-cut", "power-cut-at-fdatasync", "power-cut", "kill"}})
}

// The folder of the spool had no name on disk when the power went for the first time: what lay there for
// the back office, and was delivered as far as the gateway knew, went with it. The first cut takes all that
// is not synced, and many clients see to it that something lies there. TestPowerCut of adapter/spool goes
// through the folders one by one.
func TestSeed_5023(t *testing.T) {
	t.Parallel()
	survives(t, Options{Seed: 5023, Medium: Lossy, Clients: 6, Plan: []string{"power-cut-all", "power-cut-all", "kill"}})
}

// The broker stops, blocks, loses its queue; the network before it is cut, or swallows everything.
func TestBroker(t *testing.T) {
	t.Parallel() // it is the only one with a broker
	survives(t, Options{Seed: 108, Node: rabbittest.Shared(t), Plan: []string{
		"cut-after-publish", "half-open", "alarm", "kill", "queue-deleted", "broker-stop",
	}})
}
