package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"asugate/internal/scene"
)

// The participants of the scene.
const first, second = "SHIP-01", "SHIP-02"

// daemon is the real program with the scene's registers.
type daemon struct {
	*scene.Scene
	gatewayd, dir string
	process       *exec.Cmd
	address       string            // for clients
	ops           string            // for the operator
	secrets       map[string]string // of participants
	client        *http.Client
	stopped       bool
}

// unlimited is a configuration in which nothing but the machine sets a limit, usual one with the limits as
// they are shipped; the quota, which is for the operator to say, is out of the way in both.
const (
	unlimited = common + spool + `limits: {outbox_limit: 10000000, rate: 100000, burst: 100000, max_in_flight: 512, max_in_flight_participant: 512, in_flight_wait: 1m}
`
	usual = common + spool + `limits: {outbox_limit: 10000000, rate: 100000, burst: 100000}
`
	spool = `office: {transport: spool, railway: RZD}
spool: {dir: spool}
`
	common = `listen: {address: "127.0.0.1:0", insecure: true}
ops: {address: "127.0.0.1:0"}
admin: {socket: admin.sock}
store: {path: gatewayd.db}
signing: {keys: [{key: gateway.key, certificate: gateway.pem}]}
log: {level: warn}
`
)

// newDaemon makes the folder of a daemon and its store, and does not start it. trusted is PEM of one more
// authority, or nil.
func newDaemon(ctx context.Context, s *scene.Scene, gatewayd, dir, config string, trusted []byte) (*daemon, error) {
	d := &daemon{
		Scene: s, gatewayd: gatewayd, dir: dir, secrets: make(map[string]string),
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4096}},
	}
	if _, _, err := s.Gateway.Write(dir, "gateway"); err != nil {
		return nil, err
	}
	for name, text := range map[string][]byte{
		"gatewayd.yaml":     []byte(config),
		"participants.yaml": s.Participants(scene.Participants{More: []string{second}, Trusted: trusted}),
		"staff.xml":         s.StaffList(1),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	for _, args := range [][]string{
		{"init", "--environment", "test"},
		{"participants", "import", filepath.Join(dir, "participants.yaml")},
		{"staff", "import", filepath.Join(dir, "staff.xml")},
	} {
		if err := d.command(ctx, args...).Run(); err != nil {
			return nil, fmt.Errorf("gatewayd %v: %w", args, err)
		}
	}
	for _, code := range []string{first, second} {
		secret, err := d.command(ctx, "participants", "secret", code).Output()
		if err != nil {
			return nil, err
		}
		d.secrets[code] = strings.TrimSpace(string(secret))
	}
	return d, nil
}

// startDaemon makes a daemon and waits until it serves.
func startDaemon(ctx context.Context, gatewayd, dir, config string) (*daemon, error) {
	s, err := scene.New(time.Now())
	if err != nil {
		return nil, err
	}
	d, err := newDaemon(ctx, s, gatewayd, dir, config, nil)
	if err != nil {
		return nil, err
	}
	return d, d.start(ctx)
}

func (d *daemon) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, d.gatewayd, args...)
	c.Env = append(os.Environ(), "GATEWAYD_CONFIG="+filepath.Join(d.dir, "gatewayd.yaml"))
	c.Stderr = os.Stderr
	return c
}

// start waits until the daemon serves.
func (d *daemon) start(ctx context.Context) error {
	addresses := filepath.Join(d.dir, "addresses")
	d.process = d.command(ctx, "run", "--address-file", addresses)
	if err := d.process.Start(); err != nil {
		return err
	}
	for range 500 {
		if text, err := os.ReadFile(addresses); err == nil {
			for line := range strings.Lines(string(text)) {
				switch name, value, _ := strings.Cut(strings.TrimSpace(line), "="); name {
				case "clients":
					d.address = value
				case "ops":
					d.ops = value
				}
			}
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return errors.Join(errors.New("the daemon did not begin to serve"), d.stop())
}

func (d *daemon) stop() error {
	if d.stopped || d.process == nil {
		return nil
	}
	d.stopped = true
	d.client.CloseIdleConnections()
	if err := d.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return d.process.Wait()
}

// saveProfile has the daemon watch itself for a time and writes what it has seen.
func (d *daemon) saveProfile(ctx context.Context, file string, each time.Duration) error {
	seconds := max(1, int(each.Seconds()))
	text, err := d.operator(ctx, fmt.Sprintf("/debug/pprof/profile?seconds=%d", seconds))
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// operator asks the operator's address.
func (d *daemon) operator(ctx context.Context, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.ops+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %.300s", path, response.Status, text)
	}
	return text, err
}
