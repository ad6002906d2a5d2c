// Command recoverybench answers: how soon is the daemon there again with a long queue, and how evenly does it
// drain? It makes a store with so many messages by the queue's own moves, starts the real daemon on it from a
// cold cache, and counts what leaves.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"
)

// plan is what the command line asks for.
type plan struct {
	gatewayd  string
	dir       string
	messages  int
	starts    int
	transport string
	drain     time.Duration
}

func main() {
	var p plan
	flag.StringVar(&p.gatewayd, "gatewayd", "bin/gatewayd", "the program to start")
	flag.StringVar(&p.dir, "dir", "", "where the store is put; a temporary folder by default")
	flag.IntVar(&p.messages, "messages", 1_000_000, "messages in the lane of the back office")
	flag.IntVar(&p.starts, "starts", 5, "starts, of which the median and the slowest are shown")
	flag.StringVar(&p.transport, "transport", "spool", "spool, or rabbit, which needs an installed RabbitMQ")
	flag.DurationVar(&p.drain, "drain", 2*time.Minute, "for how long the lane is watched while it drains")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "recoverybench: %q is too much\n", flag.Args())
		flag.Usage()
		os.Exit(2)
	}
	if err := run(context.Background(), p); err != nil {
		fmt.Fprintln(os.Stderr, "recoverybench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, p plan) (err error) {
	if p.dir == "" {
		if p.dir, err = os.MkdirTemp("", "gatewayd-recovery-"); err != nil {
			return err
		}
		defer os.RemoveAll(p.dir)
	}
	to, err := openOffice(p.transport, p.dir)
	if err != nil {
		return err
	}
	defer to.close()
	begun := time.Now()
	size, err := fill(ctx, p, to)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d cores; %d messages in the lane of the back office, a file of %d MiB, made in %v\n\n",
		runtime.Version(), runtime.NumCPU(), p.messages, size>>20, time.Since(begun).Round(time.Second))
	if err := starts(ctx, p); err != nil {
		return err
	}
	return drains(ctx, p, to)
}

// starts prints how long it takes from the start of the process until /readyz says yes.
func starts(ctx context.Context, p plan) error {
	fmt.Println("| start | ready after |\n|---|---|")
	for n := range p.starts {
		d, err := start(ctx, p, true)
		if err != nil {
			return err
		}
		fmt.Printf("| %d | %.2f s |\n", n+1, d.ready.Seconds())
		if err := d.stop(); err != nil {
			return err
		}
	}
	return nil
}

// interval is that of the rows.
const interval = 10 * time.Second

// drains prints how many messages leave in each interval.
func drains(ctx context.Context, p plan, to office) error {
	consuming, stop := context.WithCancel(ctx)
	defer stop()
	go to.consume(consuming)
	d, err := start(ctx, p, false)
	if err != nil {
		return err
	}
	fmt.Printf("\n| seconds | left for the %s, a second | daemon's memory MiB |\n|---|---|---|\n", p.transport)
	var rates []float64
	left, at := p.messages, time.Now()
	for since := time.Duration(0); since < p.drain && left > 0; {
		time.Sleep(interval)
		now, err := d.depth(ctx)
		if err != nil {
			return err
		}
		took := time.Since(at)
		at, since = time.Now(), since+took
		rate := float64(left-now) / took.Seconds()
		if left = now; left > 0 { // the last one is not whole
			rates = append(rates, rate)
		}
		fmt.Printf("| %.0f | %.0f | %d |\n", since.Seconds(), rate, d.memory()>>20)
	}
	if median, worst := spread(rates); median > 0 {
		fmt.Printf("\nmedian %.0f a second, the farthest interval %+.0f %%\n", median, 100*(worst/median-1))
	}
	// Whoever is killed in the middle of that is there again as soon.
	if err := d.kill(); err != nil {
		return err
	}
	stop()
	if d, err = start(ctx, p, true); err != nil {
		return err
	}
	fmt.Printf("killed meanwhile, ready after %.2f s with %d messages\n", d.ready.Seconds(), left)
	return d.stop()
}
