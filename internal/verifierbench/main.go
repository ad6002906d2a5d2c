// Command verifierbench answers: how quick is our verifier, beside others and beside what is possible? It parses and
// verifies the same signed documents with each of them, on one core, in one run.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"syscall"
	"time"
)

func main() {
	each := flag.Duration("time", 500*time.Millisecond, "how long a measurement runs")
	rounds := flag.Int("rounds", 5, "measurements, of which the median is shown")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "verifierbench: %q is too much\n", flag.Args())
		flag.Usage()
		os.Exit(2)
	}
	if err := onOneCore(); err != nil {
		fmt.Fprintln(os.Stderr, "verifierbench:", err)
		os.Exit(1)
	}
	if err := run(*each, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "verifierbench:", err)
		os.Exit(1)
	}
}

// onOneCore starts the program again, bound to one core together with everything that it starts. Where there is no
// taskset it only keeps Go to one.
func onOneCore() error {
	runtime.GOMAXPROCS(1)
	taskset, err := exec.LookPath("taskset")
	if err != nil || os.Getenv("VERIFIERBENCH_BOUND") != "" {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c := exec.Command(taskset, append([]string{"-c", "0", self}, os.Args[1:]...)...)
	c.Env = append(os.Environ(), "VERIFIERBENCH_BOUND=1")
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return err
	}
	os.Exit(0)
	return nil
}

// verifier is one column of the table: the time that each document takes, by its index.
type verifier struct {
	name    string
	measure func(documents []document, each time.Duration, rounds int) ([]time.Duration, error)
}

func run(each time.Duration, rounds int) error {
	dir, err := os.MkdirTemp("", "verifierbench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	documents, err := makeDocuments(dir)
	if err != nil {
		return err
	}
	fmt.Printf("%s, one core, µs of CPU time a document: parse and verify, median of %d measurements of %v\n\n", runtime.Version(), rounds, each)
	list := append([]verifier{{"gatewayd", ours}, {"limit", limit}, {"goxmldsig", goxmldsig}}, peers(dir)...)
	fmt.Print("| |")
	for _, d := range documents {
		fmt.Printf(" %s |", d.name)
	}
	fmt.Print("\n|---|")
	for range documents {
		fmt.Print("---|")
	}
	fmt.Println()
	var first []time.Duration
	for _, v := range list {
		took, err := v.measure(documents, each, rounds)
		if err != nil {
			fmt.Printf("| %s: %v |\n", v.name, err)
			continue
		}
		if first == nil {
			first = took
		}
		fmt.Printf("| %s |", v.name)
		for i, t := range took {
			if t == 0 {
				fmt.Print(" – |")
				continue
			}
			fmt.Printf(" %.0f (%.1f) |", float64(t.Nanoseconds())/1e3, float64(t)/float64(first[i]))
		}
		fmt.Println()
	}
	fmt.Println("\nIn brackets: times the time of gatewayd. The limit is one SHA-256 of the bytes and one verification of the key.")
	return nil
}

// median measures how much CPU time one call of f takes, several times. The garbage that it makes
// is collected meanwhile, and counts.
func median(each time.Duration, rounds int, f func()) time.Duration {
	f() // caches are warm in all of them
	var took []time.Duration
	for range rounds {
		start, n := cpuTime(), 0
		for begin := time.Now(); time.Since(begin) < each; n++ {
			f()
		}
		took = append(took, (cpuTime()-start)/time.Duration(n))
	}
	slices.Sort(took)
	return took[len(took)/2]
}

// cpuTime is what the process has used so far. On a machine that others use, too, it says more than
// the time on the wall.
func cpuTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // it fails for a wrong argument only
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
