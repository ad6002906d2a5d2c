package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"asugate/internal/scene"
)

// daemon is the real program with the scene's registers.
type daemon struct {
	*scene.Scene
	process *exec.Cmd
	address string
	secret  string
	client  *http.Client
	stopped bool
}

const config = `listen: {address: "127.0.0.1:0", insecure: true}
ops: {address: "127.0.0.1:0"}
admin: {socket: admin.sock}
store: {path: gatewayd.db}
signing: {keys: [{key: gateway.key, certificate: gateway.pem}]}
office: {transport: spool, railway: RZD}
spool: {dir: spool}
limits: {outbox_limit: 10000000, rate: 100000, burst: 100000, max_in_flight: 512, max_in_flight_participant: 512}
log: {level: warn}
`

func startDaemon(ctx context.Context, gatewayd, dir string) (*daemon, error) {
	s, err := scene.New(time.Now())
	if err != nil {
		return nil, err
	}
	d := &daemon{Scene: s, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1024}}}
	if _, _, err := s.Gateway.Write(dir, "gateway"); err != nil {
		return nil, err
	}
	for name, text := range map[string][]byte{
		"gatewayd.yaml":     []byte(config),
		"participants.yaml": s.Participants(scene.Participants{}),
		"staff.xml":         s.StaffList(1),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	command := func(args ...string) *exec.Cmd {
		c := exec.CommandContext(ctx, gatewayd, args...)
		c.Env = append(os.Environ(), "GATEWAYD_CONFIG="+filepath.Join(dir, "gatewayd.yaml"))
		c.Stderr = os.Stderr
		return c
	}
	for _, args := range [][]string{
		{"init", "--environment", "test"},
		{"participants", "import", filepath.Join(dir, "participants.yaml")},
		{"staff", "import", filepath.Join(dir, "staff.xml")},
	} {
		if err := command(args...).Run(); err != nil {
			return nil, fmt.Errorf("gatewayd %v: %w", args, err)
		}
	}
	secret, err := command("participants", "secret", "SHIP-01").Output()
	if err != nil {
		return nil, err
	}
	d.secret = strings.TrimSpace(string(secret))
	addresses := filepath.Join(dir, "addresses")
	d.process = command("run", "--address-file", addresses)
	if err := d.process.Start(); err != nil {
		return nil, err
	}
	for range 500 {
		if text, err := os.ReadFile(addresses); err == nil {
			line, _, _ := strings.Cut(string(text), "\n")
			d.address = strings.TrimPrefix(line, "clients=")
			return d, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return nil, fmt.Errorf("the daemon did not begin to serve")
}

func (d *daemon) stop() error {
	if d.stopped {
		return nil
	}
	d.stopped = true
	if err := d.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return d.process.Wait()
}

// result is one row of the table.
type result struct {
	rate     float64
	p50, p99 time.Duration
	cpu      time.Duration // of the daemon, per document
	memory   int64         // bytes, the greatest seen
}

// drive sends fresh documents as fast as the clients can for a time, a few rounds, and keeps the median round.
func (d *daemon) drive(ctx context.Context, size, clients int, each time.Duration, rounds int) (result, error) {
	var all []result
	for range rounds {
		r, err := d.round(ctx, size, clients, each)
		if err != nil {
			return result{}, err
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b result) int { return int(a.rate - b.rate) })
	return all[len(all)/2], nil
}

func (d *daemon) round(ctx context.Context, size, clients int, each time.Duration) (result, error) {
	documents := d.documents(size, each)
	var (
		mu        sync.Mutex // protects latencies and failure
		latencies []time.Duration
		failure   error
		group     sync.WaitGroup
		next      = make(chan []byte, len(documents))
	)
	for _, doc := range documents {
		next <- doc
	}
	close(next)
	var peak int64
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { d.watchMemory(done, &peak) })
	start, used := time.Now(), d.used()
	for range clients {
		group.Go(func() {
			var mine []time.Duration
			for doc := range next {
				if time.Since(start) > each {
					break
				}
				sent := time.Now()
				if err := d.post(ctx, doc); err != nil {
					mu.Lock()
					failure = err
					mu.Unlock()
					return
				}
				mine = append(mine, time.Since(sent))
			}
			mu.Lock()
			latencies = append(latencies, mine...)
			mu.Unlock()
		})
	}
	group.Wait()
	took := time.Since(start)
	spent := d.used() - used
	close(done)
	watching.Wait()
	if failure != nil {
		return result{}, failure
	}
	slices.Sort(latencies)
	n := len(latencies)
	return result{
		rate: float64(n) / took.Seconds(), p50: latencies[n/2], p99: latencies[n*99/100],
		cpu: spent / time.Duration(n), memory: peak,
	}, nil
}

// documents are made and signed before the clock starts.
func (d *daemon) documents(size int, each time.Duration) [][]byte {
	count := int(each.Seconds() * 4000)
	if size > 50<<10 {
		count = int(each.Seconds() * 1000)
	}
	bare := len(d.Signatory.MustSign(d.Waybill(scene.Waybill{})))
	var wagons []string
	const row = len("  <Wagon number=\"63498000\"/>\n")
	for i := range max(1, (size-bare)/row+1) {
		wagons = append(wagons, wagon(6349800+i))
	}
	documents := make([][]byte, count)
	var group sync.WaitGroup
	for w := range 2 {
		group.Go(func() {
			for i := w; i < count; i += 2 {
				documents[i] = d.Signatory.MustSign(d.Waybill(scene.Waybill{Wagons: wagons}))
			}
		})
	}
	group.Wait()
	return documents
}

// wagon is a number with its check digit: weights 2 1 2 1 2 1 2, the digits of the products added up.
func wagon(seven int) string {
	s := fmt.Sprintf("%07d", seven)
	sum := 0
	for i := range s {
		p := int(s[i]-'0') * (2 - i%2)
		sum += p/10 + p%10
	}
	return fmt.Sprintf("%s%d", s, (10-sum%10)%10)
}

func (d *daemon) post(ctx context.Context, document []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+d.address+"/v1/documents", bytes.NewReader(document))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+d.secret)
	r.Header.Set("Content-Type", "application/xml")
	response, err := d.client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.300s", response.Status, answer)
	}
	return err
}

// used is the processor time that the daemon has taken so far (proc(5), fields 14 and 15, ticks of 10 ms).
func (d *daemon) used() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", d.process.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	var user, system int64
	if _, err := fmt.Sscan(fields[11]+" "+fields[12], &user, &system); err != nil {
		return 0
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memory is what the daemon holds of its own (RssAnon): pages of the store that are mapped into it are the
// kernel's cache, and go when others need the room.
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

// watchMemory keeps the greatest memory seen until done is closed.
func (d *daemon) watchMemory(done <-chan struct{}, peak *int64) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		*peak = max(*peak, d.memory())
		select {
		case <-done:
			return
		case <-tick.C:
		}
	}
}
