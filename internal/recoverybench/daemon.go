package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// daemon is the real program on the store.
type daemon struct {
	process *exec.Cmd
	ops     string
	ready   time.Duration // from its start
}

// start starts the daemon, the lanes paused or not, and waits until it is ready. The file is cold: the
// daemon itself lets the kernel forget what it has cached of it, see store/bolt.
func start(ctx context.Context, p plan, paused bool) (*daemon, error) {
	word := map[bool]string{true: "pause", false: "resume"}[paused]
	if err := command(ctx, p, "queue", word).Run(); err != nil {
		return nil, fmt.Errorf("gatewayd queue %s: %w", word, err)
	}
	addresses := filepath.Join(p.dir, "addresses")
	if err := os.Remove(addresses); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	d := &daemon{process: command(ctx, p, "run", "--address-file", addresses)}
	begun := time.Now()
	if err := d.process.Start(); err != nil {
		return nil, err
	}
	for deadline := begun.Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if d.ops == "" {
			text, err := os.ReadFile(addresses)
			if err != nil {
				continue
			}
			_, rest, _ := strings.Cut(string(text), "ops=")
			d.ops, _, _ = strings.Cut(rest, "\n")
		}
		response, err := http.Get("http://" + d.ops + "/readyz")
		if err != nil {
			continue
		}
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			d.ready = time.Since(begun)
			return d, nil
		}
	}
	return nil, errors.Join(errors.New("the daemon was not ready within a minute"), d.stop())
}

func (d *daemon) stop() error {
	if err := d.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return d.process.Wait()
}

// kill ends the daemon as a crash does.
func (d *daemon) kill() error {
	if err := d.process.Process.Kill(); err != nil {
		return err
	}
	_ = d.process.Wait() // killed, as it should be
	return nil
}

// depth is how many messages are in the lane, by the daemon's metrics.
func (d *daemon) depth(ctx context.Context) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.ops+"/metrics", nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if rest, ok := strings.CutPrefix(lines.Text(), `gatewayd_lane_depth{lane="office"} `); ok {
			depth, err := strconv.ParseFloat(rest, 64)
			return int(depth), err
		}
	}
	return 0, lines.Err() // an empty lane is not told of
}

// memory is what the daemon holds of its own (RssAnon).
func (d *daemon) memory() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", d.process.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			var kib int64
			if _, err := fmt.Sscanf(strings.TrimSpace(rest), "%d kB", &kib); err == nil {
				return kib << 10
			}
		}
	}
	return 0
}

// spread is the median, and what is farthest from it.
func spread(rates []float64) (median, farthest float64) {
	if len(rates) == 0 {
		return 0, 0
	}
	sorted := slices.Sorted(slices.Values(rates))
	median, farthest = sorted[len(sorted)/2], sorted[len(sorted)/2]
	for _, r := range sorted {
		if math.Abs(r-median) > math.Abs(farthest-median) {
			farthest = r
		}
	}
	return median, farthest
}
