package faults

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"asugate/internal/faults/lossyfs"
	"asugate/internal/pki"
	"asugate/internal/rabbittest"
	"asugate/internal/scene"
)

// What the store and the spool lie on.
const (
	Plain = "plain" // a folder
	Small = "small" // a small disk (tmpfs) that can be filled
	Lossy = "lossy" // a disk that loses what was not synced
)

// Options of a run.
type Options struct {
	Seed    uint64
	Program string           // what Build has built
	Dir     string           // an empty folder, on a path short enough for a socket
	Node    *rabbittest.Node // the broker; nil: the back office exchanges files
	Medium  string           // Plain by default
	Plan    []string         // names of what is to happen, in this order: see Names
	Clients int              // of SHIP-01; 4 by default
	Keep    string           // a new folder for what the disk holds in the end; empty: it is not kept
	Log     func(format string, arguments ...any)
}

// The participants: the crowd does everything that clients do wrong; the neighbour does nothing wrong,
// and expects to be served whatever others do.
const (
	crowd     = "SHIP-01"
	neighbour = "SHIP-02"
	railway   = "RZD"
)

// world is everything that is there in a run.
type world struct {
	Options
	*scene.Scene
	history *History
	daemon  *daemon
	proxy   *proxy           // before the broker, nil without one
	lossy   *lossyfs.Process // nil on another medium
	mounted string           // tmpfs, empty without one
	secrets map[string]string
	started [2]int64 // descriptors and memory at the first start

	answered atomic.Int64 // documents, by an ЭСИД
	phase    atomic.Int64 // answered when the newest fault began

	staff   sync.Mutex // held while a new list comes into force
	version int        // of the newest list made, under staff

	mu      sync.Mutex          // protects below
	sent    map[string][][]byte // what each participant has sent
	held    map[string][]note1  // ЭД №1 accepted, of each participant
	numbers int                 // memos and acts so far
}

// note1 is an accepted ЭД №1.
type note1 struct {
	scene.Reference
	placed bool // an ЭД №2 has been sent on it
}

const configuration = `listen: {address: "127.0.0.1:0", insecure: true, read_timeout: 5s}
ops: {address: "127.0.0.1:0"}
admin: {socket: admin.sock}
store: {path: disk/gatewayd.db, min_free: %s}
signing: {keys: [{key: %s.key, certificate: %[2]s.pem}]}
office: {transport: %s, railway: RZD}
spool: {dir: disk/spool, interval: 50ms}
broker: {url: "amqp://%s/", heartbeat: 1s, confirm_timeout: 3s}
log: {level: warn}
`

// at is a path in the folder of the run.
func (w *world) at(name string) string { return filepath.Join(w.Dir, name) }

func (w *world) log(format string, arguments ...any) {
	if w.Log != nil {
		w.Log("%6.2fs "+format, append([]any{w.history.now().Seconds()}, arguments...)...)
	}
}

// configure writes the configuration with one of the two signing keys.
func (w *world) configure(key string) error {
	transport, broker, free := "spool", "127.0.0.1:1", "0B"
	if w.Node != nil {
		transport, broker = "rabbit", w.proxy.address()
	}
	if w.Medium == Small && w.Seed%2 == 0 {
		free = "1MiB" // otherwise the disk itself says that it is full
	}
	return os.WriteFile(w.at("gatewayd.yaml"), fmt.Appendf(nil, configuration, free, key, transport, broker), 0o600)
}

// build makes everything up to a daemon that could be started.
func build(ctx context.Context, o Options) (w *world, err error) {
	w = &world{
		Options: o, history: NewHistory(o.Seed), secrets: make(map[string]string), version: 1,
		sent: make(map[string][][]byte), held: make(map[string][]note1),
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.Scene, err = scene.New(time.Now()); err != nil {
		return w, err
	}
	if err := w.mountMedium(); err != nil {
		return w, err
	}
	if o.Node != nil {
		if w.proxy, err = newProxy(o.Node.Address()); err != nil {
			return w, err
		}
	}
	w.daemon = &daemon{history: w.history, program: o.Program, dir: o.Dir, environ: append(os.Environ(),
		"GATEWAYD_CONFIG="+w.at("gatewayd.yaml"), "GATEWAYD_CLOCK="+w.at("clock"))}
	for name, c := range map[string]pki.Credential{"gateway": w.Gateway, "successor": w.Successor} {
		if _, _, err := c.Write(o.Dir, name); err != nil {
			return w, err
		}
	}
	for name, text := range map[string][]byte{
		"participants.yaml": w.Participants(scene.Participants{More: []string{neighbour}}),
		"staff.xml":         w.Office.MustSign(w.StaffList(1)),
		"clock":             []byte("0s"),
	} {
		if err := os.WriteFile(w.at(name), text, 0o600); err != nil {
			return w, err
		}
	}
	if err := w.configure("gateway"); err != nil {
		return w, err
	}
	for _, arguments := range [][]string{
		{"init", "--environment", "test"},
		{"participants", "import", w.at("participants.yaml")},
		{"staff", "import", w.at("staff.xml")},
	} {
		if _, err := w.daemon.command(ctx, arguments...); err != nil {
			return w, err
		}
	}
	for _, code := range []string{crowd, neighbour} {
		secret, err := w.daemon.command(ctx, "participants", "secret", code)
		if err != nil {
			return w, err
		}
		w.secrets[code] = strings.TrimSpace(secret)
	}
	return w, nil
}

// mountMedium makes the folder disk be what the options say.
func (w *world) mountMedium() (err error) {
	if err := os.Mkdir(w.at("disk"), 0o700); err != nil {
		return err
	}
	switch w.Medium {
	case Small:
		if err := mountTmpfs(w.at("disk")); err != nil {
			return fmt.Errorf("mounting a small disk: %w", err)
		}
		w.mounted = w.at("disk")
	case Lossy:
		w.lossy, err = lossyfs.Start(w.at("disk"))
	}
	return err
}

// close gives everything back.
func (w *world) close() error {
	var errs []error
	if w.daemon != nil {
		errs = append(errs, w.daemon.kill())
	}
	if w.Keep != "" {
		errs = append(errs, w.keep())
	}
	if w.proxy != nil {
		w.proxy.close()
	}
	if w.lossy != nil {
		errs = append(errs, w.lossy.Unmount())
	}
	if w.mounted != "" {
		errs = append(errs, unmount(w.mounted))
	}
	return errors.Join(errs...)
}

// keep copies what can be copied: not the socket.
func (w *world) keep() error {
	return filepath.WalkDir(w.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(w.Dir, path)
		if err != nil {
			return err
		}
		to := filepath.Join(w.Keep, name)
		if d.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		if !d.Type().IsRegular() {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o600)
	})
}

// random is a source of its own for each who acts.
func (w *world) random(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(w.Seed, stream)) }

// Mountable says why a medium cannot be had here, if it cannot.
func Mountable(medium, dir string) error {
	switch medium {
	case Small:
		if err := mountTmpfs(dir); err != nil {
			return fmt.Errorf("no small disk can be mounted here: %w", err)
		}
		return unmount(dir)
	case Lossy:
		f, err := lossyfs.Start(dir)
		if err != nil {
			return fmt.Errorf("FUSE cannot be used here: %w", err)
		}
		return f.Unmount()
	}
	return nil
}

// pause waits, or less when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// breathe is the pause between two documents. A fault that takes long is not to fill the disk.
func (w *world) breathe(ctx context.Context, d time.Duration) {
	const many = 150
	if w.answered.Load()-w.phase.Load() > many {
		d += time.Second / 2
	}
	pause(ctx, d)
}

// between is a duration, by random.
func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)))
}

// syncFolder makes names durable.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// refused says whether nobody listens there, which is an answer too: nothing was sent.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
