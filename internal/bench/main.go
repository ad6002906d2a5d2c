// Command bench answers: how many documents a second, and what is in the way? It drives a real daemon over loopback with
// signed documents, synced commits on, and measures in the same run what the machine could do at best.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// plan is what the command line asks for.
type plan struct {
	gatewayd string
	dir      string
	profile  string        // file for a profile of the daemon's processor time, or empty
	sizes    []int         // bytes of the documents
	clients  []int         // requests under way at once
	keys     []string      // of the signers
	each     time.Duration // how long a round runs
	rounds   int
	parts    []string // which of the measurements
	stored   int      // how many documents are stored by the real path
	indexed  int      // how many keys are loaded for the index
	messages int      // for the back office
	full     bool
}

// The parts of a run, in their order.
var parts = []string{"documents", "growth", "index", "queue"}

func main() {
	var p plan
	flag.StringVar(&p.gatewayd, "gatewayd", "bin/gatewayd", "the program to drive")
	flag.StringVar(&p.dir, "dir", "", "where stores are put; a temporary folder by default")
	flag.StringVar(&p.profile, "profile", "", "file for a profile of the daemon's processor time; of the last row of documents")
	flag.DurationVar(&p.each, "time", 2*time.Second, "how long each round runs")
	flag.IntVar(&p.rounds, "rounds", 3, "rounds a row, of which the median is shown")
	flag.IntVar(&p.stored, "stored", 0, "documents that are stored to see the cost grow (default 10000, -full 1000000)")
	flag.IntVar(&p.indexed, "indexed", 0, "keys that are loaded into the index (default 1000000, -full 10000000)")
	flag.IntVar(&p.messages, "messages", 50_000, "messages that leave for RabbitMQ")
	flag.BoolVar(&p.full, "full", false, "every size with every number of clients and every key, and growth to the end; takes hours")
	overload := flag.Bool("overload", false, "measure what the daemon does beyond what it can do, instead of its speed")
	numbers := func(to *[]int, unit int) func(string) error {
		return func(s string) error {
			n, err := strconv.Atoi(s)
			if err == nil && n < 1 {
				err = errors.New("less than 1")
			}
			*to = append(*to, n*unit)
			return err
		}
	}
	words := func(to *[]string, known []string) func(string) error {
		return func(s string) error {
			*to = append(*to, s)
			if !slices.Contains(known, s) {
				return fmt.Errorf("is none of %s", strings.Join(known, ", "))
			}
			return nil
		}
	}
	flag.Func("size", "KiB of the documents, any number of times (default 1, 10 and 100)", numbers(&p.sizes, 1<<10))
	flag.Func("clients", "requests under way at once, any number of times (default 64, and for 10 KiB with ECDSA all of 1, 8, 64, 256)", numbers(&p.clients, 1))
	flag.Func("key", "rsa, ecdsa or gost, any number of times (default all)", words(&p.keys, keys))
	flag.Func("part", strings.Join(parts, ", ")+", any number of times (default all)", words(&p.parts, parts))
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "bench: %q is too much\n", flag.Args())
		flag.Usage()
		os.Exit(2)
	}
	err := inFolder(&p, func() error {
		if *overload {
			return runOverload(context.Background(), p.gatewayd, p.dir, p.each, p.rounds)
		}
		return run(context.Background(), p)
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// inFolder runs f with a folder, which is removed when it was not named.
func inFolder(p *plan, f func() error) (err error) {
	if p.dir == "" {
		if p.dir, err = os.MkdirTemp("", "gatewayd-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(p.dir)
	}
	return f()
}

func run(ctx context.Context, p plan) error {
	m, err := measureMachine(p.dir)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d cores, client and daemon on the same machine; load %s\n\n", runtime.Version(), runtime.NumCPU(), loadAverage())
	measure := map[string]func() error{
		"documents": func() error { return runDocuments(ctx, p, &m) },
		"growth":    func() error { return runGrowth(ctx, p) },
		"index":     func() error { return runIndex(p) },
		"queue":     func() error { return runQueue(ctx, p) },
	}
	for _, part := range parts {
		if len(p.parts) > 0 && !slices.Contains(p.parts, part) {
			continue
		}
		if err := measure[part](); err != nil {
			return fmt.Errorf("%s: %w", part, err)
		}
	}
	return nil
}

// loadAverage is how many processes of the whole machine have wanted a core in the last minute.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	load, _, _ := strings.Cut(string(text), " ")
	return load
}
