package spool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"asugate/gateway"
	"asugate/schema"
)

// The folders, within the folder of the spool.
const (
	tmpDir  = "tmp"
	outDir  = "out"
	inDir   = "in"
	doneDir = "in/done"
	deadDir = "in/dead"

	dirMode  = 0o700
	fileMode = 0o600
)

// Accept judges a document of the back office: Gateway.Accept.
type Accept func(context.Context, gateway.Submission) (gateway.Receipt, error)

// receipt is what is read of a gateway.Receipt. Only the gateway makes those; tests of this package
// make others.
type receipt interface {
	Valid() bool
	MessageID() string
	Result() schema.Result
	Findings() []schema.Finding
}

// Config is what the operator says about the spool. Zero values mean the default, but for Dir and
// Railway.
type Config struct {
	Dir     string // made when it is not there
	Railway string // the code as which the back office speaks

	MaxDocument int64         // bytes
	Interval    time.Duration // between two looks at in/
	Settle      time.Duration // how long files that do not fit together must stay as they are to count as such
	Handling    time.Duration // of one inbound document by the gateway
	Keep        time.Duration // of files in in/done/

	// Unwrap takes a document and its signature out of the envelope of another system, before anything else
	// is looked at; ok is false for a body that is no such envelope. nil: there are none.
	Unwrap func(body []byte) (document, detached []byte, e gateway.Envelope, ok bool, err error)

	Room func() error // says when there is no room to write; nil: there is
	Now  func() time.Time
	Log  *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.MaxDocument == 0 {
		c.MaxDocument = 5 << 20
	}
	for _, d := range []struct {
		value    *time.Duration
		standard time.Duration
	}{
		{&c.Interval, time.Second}, {&c.Settle, 10 * time.Second}, {&c.Handling, 30 * time.Second},
		{&c.Keep, 30 * 24 * time.Hour},
	} {
		if *d.value == 0 {
			*d.value = d.standard
		}
	}
	if c.Room == nil {
		c.Room = func() error { return nil }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Spool is the way to the back office and from it. It is safe for concurrent use.
type Spool struct {
	config Config
	accept func(context.Context, gateway.Submission) (receipt, error)
	root   *os.Root // nothing outside of the folder is touched, whatever links are put into it

	dirs   sync.Mutex            // protects places
	places map[string]*directory // of out/, by destination

	intake intake // used by Run

	mu    sync.Mutex // protects state
	state State
}

// State is how the spool is, for /readyz and /metrics. Numbers of messages are since the start.
type State struct {
	Delivered  uint64 // written to out/
	Taken      uint64 // moved to in/done/ after the gateway's write
	Dead       uint64 // moved to in/dead/
	Waiting    int    // in in/, incomplete: not all that belongs to a NAME.meta is there, or NoMeta
	NoMeta     int    // NAME.xml in in/ that are no longer being written, and have no NAME.meta
	Strange    int    // in in/, neither files of a message nor folders of ours; also a NAME.p7s that was left alone
	NotRead    string // why in/ could not be read, or not all in it be taken, at the latest look; empty: it could
	NotWritten string // why the latest message could not be written; empty: it was
}

// Open makes the folders where they are missing. accept gets what the back office sends.
func Open(c Config, accept Accept) (*Spool, error) {
	if accept == nil {
		return nil, errors.New("spool: nobody accepts what the back office sends")
	}
	return open(c, func(ctx context.Context, s gateway.Submission) (receipt, error) { return accept(ctx, s) })
}

func open(c Config, accept func(context.Context, gateway.Submission) (receipt, error)) (*Spool, error) {
	if c.Dir == "" || c.Railway == "" {
		return nil, errors.New("spool: no folder, or no code of the railway")
	}
	c = c.withDefaults()
	if err := makeFolder(c.Dir); err != nil {
		return nil, fmt.Errorf("making the spool: %w", err)
	}
	root, err := os.OpenRoot(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("opening the spool: %w", err)
	}
	s := &Spool{config: c, accept: accept, root: root, places: make(map[string]*directory)}
	s.intake.init()
	if err := s.prepare(); err != nil {
		root.Close()
		return nil, fmt.Errorf("making the spool: %w", err)
	}
	return s, nil
}

// prepare makes the folders, durably, and removes what an earlier process was writing.
func (s *Spool) prepare() error {
	for _, dir := range []string{tmpDir, outDir, doneDir, deadDir} {
		if err := s.root.MkdirAll(dir, dirMode); err != nil {
			return err
		}
	}
	for _, dir := range []string{".", inDir} {
		if err := syncDir(s.root, dir); err != nil {
			return err
		}
	}
	return s.sweep()
}

// Close lets go of the folder. Run and Deliver have ended before.
func (s *Spool) Close() error { return s.root.Close() }

// State is a copy of the state.
func (s *Spool) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Check says what keeps files from being exchanged.
func (s *Spool) Check() error {
	state := s.State()
	switch {
	case state.NotWritten != "":
		return fmt.Errorf("spool: nothing can be sent: %s", state.NotWritten)
	case state.NotRead != "":
		return fmt.Errorf("spool: not everything can be received: %s", state.NotRead)
	case state.NoMeta == 1:
		return errors.New("spool: 1 document in in/ waits for its NAME.meta, without which it is not taken")
	case state.NoMeta > 1:
		return fmt.Errorf("spool: %d documents in in/ wait for their NAME.meta, without which they are not taken", state.NoMeta)
	}
	return nil
}

func (s *Spool) change(change func(*State)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.state)
}
