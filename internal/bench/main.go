// Command bench answers: how many documents a second, and what is in the way? It drives a real daemon over loopback with
// signed documents, synced commits on, and measures in the same run what the machine could do at best.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"
)

func main() {
	gatewayd := flag.String("gatewayd", "bin/gatewayd", "the program to drive")
	clients := flag.Int("clients", 64, "requests under way at once")
	each := flag.Duration("time", 5*time.Second, "how long each row runs")
	rounds := flag.Int("rounds", 3, "rounds a row, of which the median is shown")
	dir := flag.String("dir", "", "where the store is put; a temporary folder by default")
	var sizes []int
	flag.Func("size", "KiB of the documents, any number of times (default 1, 10 and 100)", func(s string) error {
		n, err := strconv.Atoi(s)
		sizes = append(sizes, n<<10)
		return err
	})
	flag.Parse()
	if sizes == nil {
		sizes = []int{1 << 10, 10 << 10, 100 << 10}
	}
	if err := run(context.Background(), *gatewayd, *dir, sizes, *clients, *each, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, gatewayd, dir string, sizes []int, clients int, each time.Duration, rounds int) error {
	if dir == "" {
		temporary, err := os.MkdirTemp("", "gatewayd-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	}
	m, err := measureMachine(dir)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d cores, client and daemon on the same machine, %d requests under way\n\n", runtime.Version(), runtime.NumCPU(), clients)
	m.print()
	d, err := startDaemon(ctx, gatewayd, dir)
	if err != nil {
		return err
	}
	defer d.stop()
	fmt.Printf("\n| document | accepted/s | of the limit | p50 ms | p99 ms | daemon's CPU ms a document | peak memory MiB |\n|---|---|---|---|---|---|---|\n")
	for _, size := range sizes {
		r, err := d.drive(ctx, size, clients, each, rounds)
		if err != nil {
			return err
		}
		limit := m.limit(size)
		fmt.Printf("| %d KiB | %.0f | %.0f %% of %.0f | %.1f | %.1f | %.2f | %d |\n", size>>10, r.rate, 100*r.rate/limit, limit,
			r.p50.Seconds()*1e3, r.p99.Seconds()*1e3, r.cpu.Seconds()*1e3, r.memory>>20)
	}
	fmt.Println("\nThe limit is what the cores could do if there were nothing but cryptography: verify the document,\nsign the ЭСИД, verify the ЭСИД once more before it leaves, on all cores.")
	return d.stop()
}
