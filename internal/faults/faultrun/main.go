// Command faultrun answers: does any seed break a promise of the gateway? It runs one seed after the other
// for so long, each with the back office of its turn and the disk of its turn, and ends at the first
// history that breaks an invariant, with all that is needed to run that seed again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"asugate/internal/faults"
	"asugate/internal/faults/lossyfs"
	"asugate/internal/rabbittest"
)

func main() {
	lossyfs.Main()
	seed := flag.Uint64("seed", 0, "the first seed; 0: one by chance. The seeds that follow are the next numbers")
	long := flag.Duration("for", 0, "how long seeds are run; 0: one, or where none is given so many that everything happens once")
	nemesis := flag.String("nemesis", "", "names of faults, separated by commas; empty: all that can be had")
	clients := flag.Int("clients", 6, "workers of the crowd")
	program := flag.String("gatewayd", "", "the program; empty: it is built")
	keep := flag.String("keep", "bin/faults", "folder in which the files of a seed that has found something are left")
	flag.Usage = func() {
		fmt.Fprintf(flag.CommandLine.Output(), "usage: faultrun [flags]\n\nfaults:\n%s\nflags:\n", faults.Describe())
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		usage("%q is too much", flag.Args())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	s := session{clients: *clients, program: *program, keep: *keep, happened: make(map[string]int), seeds: 1}
	if *nemesis != "" {
		s.names = strings.Split(*nemesis, ",")
		for _, name := range s.names {
			if !faults.Known(name) {
				usage("there is no fault %q", name)
			}
		}
	}
	if *seed == 0 {
		*seed = 1 + rand.Uint64N(1_000_000)
		if s.names == nil {
			s.seeds = rounds
		}
	}
	ok, err := s.run(ctx, *seed, *long)
	s.report()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "faultrun:", err)
		os.Exit(2)
	case !ok:
		os.Exit(1)
	}
}

// usage ends the program of somebody who wants something else.
func usage(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, "faultrun: "+format+"\n", arguments...)
	flag.Usage()
	os.Exit(2)
}

// errInterrupted: somebody has ended the program, in the middle of a seed.
var errInterrupted = errors.New("interrupted")

// session is one run of the program.
type session struct {
	names         []string
	clients       int
	program, keep string
	seeds         int // at least so many
	node          *rabbittest.Node
	dir           string

	held     int            // seeds
	happened map[string]int // faults, by name
	lacking  []string       // what cannot be had here
}

func (s *session) run(ctx context.Context, seed uint64, long time.Duration) (ok bool, err error) {
	if s.dir, err = os.MkdirTemp("", "faultrun-"); err != nil {
		return false, err
	}
	defer os.RemoveAll(s.dir)
	defer os.Remove(s.keep) // where nothing is left in it
	if s.program == "" {
		if s.program, err = faults.Build(ctx, s.dir); err != nil {
			return false, err
		}
	}
	defer func() {
		if s.node != nil {
			s.node.Stop()
		}
	}()
	if err := faults.Straced(); err != nil {
		s.lack("system calls do not fail: %v", err)
	}
	for began, n := time.Now(), 1; ; seed, n = seed+1, n+1 {
		if ok, err := s.one(ctx, seed); err != nil || !ok {
			return false, err
		}
		if n >= s.seeds && time.Since(began) >= long {
			return true, nil
		}
	}
}

// lack notes what this machine does not have, once.
func (s *session) lack(format string, arguments ...any) {
	if text := fmt.Sprintf(format, arguments...); !slices.Contains(s.lacking, text) {
		s.lacking = append(s.lacking, text)
		fmt.Println(text)
	}
}

// report says what has happened so far, and what has not.
func (s *session) report() {
	names, what := faults.All()
	fmt.Printf("\n%d seeds have kept every promise. What has happened in them:\n", s.held)
	var never []string
	for _, name := range names {
		switch n := s.happened[name]; {
		case n > 0:
			fmt.Printf("%6d  %-26s %s\n", n, name, what[name])
		case s.names == nil || slices.Contains(s.names, name):
			never = append(never, name)
		}
	}
	if never != nil {
		fmt.Printf("and what has not: %s\n", strings.Join(never, " "))
	}
	for _, text := range s.lacking {
		fmt.Println(text)
	}
}

// one runs a seed. Its number decides everything.
func (s *session) one(ctx context.Context, seed uint64) (ok bool, err error) {
	o := faults.Options{Seed: seed, Program: s.program, Clients: s.clients, Log: func(format string, arguments ...any) {
		fmt.Printf(format+"\n", arguments...)
	}}
	if err := s.choose(&o); err != nil {
		return false, err
	}
	if o.Dir, err = os.MkdirTemp(s.dir, "seed-"); err != nil {
		return false, err
	}
	defer os.RemoveAll(o.Dir)
	if s.keep != "" {
		o.Keep = filepath.Join(s.keep, fmt.Sprint(seed))
	}
	office := "files"
	if o.Node != nil {
		office = "RabbitMQ"
	}
	fmt.Printf("\nSEED=%d: a %s disk, a back office with %s\n", seed, o.Medium, office)
	h, err := faults.Run(ctx, o)
	for name, n := range h.Happened() {
		s.happened[name] += n
	}
	if ctx.Err() != nil {
		return false, errors.Join(errInterrupted, os.RemoveAll(o.Keep))
	}
	violations := h.Check()
	if err == nil && len(violations) == 0 {
		s.held++
		return true, os.RemoveAll(o.Keep)
	}
	s.failed(o, h, violations, err)
	if err != nil && !errors.Is(err, faults.ErrEnded) && len(violations) == 0 {
		return false, err
	}
	return false, nil
}

// failed says what a seed has found, and how to go on from there.
func (s *session) failed(o faults.Options, h *faults.History, violations []faults.Violation, err error) {
	fmt.Printf("\nSEED=%d FAILED\n", o.Seed)
	for _, v := range violations {
		fmt.Println(v)
	}
	if err != nil {
		fmt.Println(err)
	}
	if n := len(h.Endings); n > 0 && h.Endings[n-1].Log != "" {
		fmt.Printf("the daemon's last words:\n%s", h.Endings[n-1].Log)
	}
	again := fmt.Sprintf("make faults SEED=%d", o.Seed)
	if s.names != nil {
		again += " NEMESIS=" + strings.Join(s.names, ",")
	}
	broker := ""
	if o.Node != nil {
		broker = ", Node: rabbittest.Shared(t)"
	}
	fmt.Printf("\nits files:  %s\nonce more:  %s\nas a test of internal/faults, when the plan has been cut down to what is needed:\n\n"+
		"// What went wrong, in a sentence.\nfunc TestSeed_%[3]d(t *testing.T) {\n\tt.Parallel()\n"+
		"\tsurvives(t, Options{Seed: %[3]d, Medium: %[4]q, Clients: %[5]d%[6]s, Plan: []string{\n\t\t\"%[7]s\",\n\t}})\n}\n",
		o.Keep, again, o.Seed, o.Medium, o.Clients, broker, strings.Join(o.Plan, `", "`))
}

// rounds is after how many seeds, one after the other, there has been each disk with each back office.
const rounds = 6

// surroundings are whether there is a broker, and the disk, of a seed.
func surroundings(seed uint64) (rabbit bool, medium string) {
	return seed%2 == 0, []string{faults.Plain, faults.Small, faults.Lossy}[seed%3]
}

// choose is the transport, the disk and the plan of the seed.
func (s *session) choose(o *faults.Options) error {
	rabbit, medium := surroundings(o.Seed)
	o.Medium = medium
	if s.names != nil {
		rabbit, o.Medium = s.needed(rabbit, o.Medium)
	}
	if err := faults.Mountable(o.Medium, s.dir); err != nil {
		s.lack("a plain disk instead: %v", err)
		o.Medium = faults.Plain
	}
	if rabbit && rabbittest.Installed() {
		if s.node == nil {
			var err error
			if s.node, err = rabbittest.Start(); err != nil {
				return err
			}
		}
		// What an earlier seed has left is not this one's.
		for _, command := range [][]string{{"delete_vhost", "/"}, {"add_vhost", "/"}, {"set_permissions", "-p", "/", "guest", ".*", ".*", ".*"}} {
			if _, err := s.node.Ctl(command...); err != nil {
				return err
			}
		}
		o.Node = s.node
	} else if rabbit {
		s.lack("files instead of the broker: rabbitmq-server is not installed")
	}
	return s.plan(o)
}

// least is how many faults a seed has, of however few kinds.
const least = 10

// plan is everything that can be had, once, in an order that the seed decides; of few kinds more often.
func (s *session) plan(o *faults.Options) error {
	random := rand.New(rand.NewPCG(o.Seed, 0x91a7))
	o.Plan = faults.Names(o.Node != nil, o.Medium)
	if s.names != nil {
		o.Plan = slices.DeleteFunc(o.Plan, func(name string) bool { return !slices.Contains(s.names, name) })
	}
	if len(o.Plan) == 0 {
		return fmt.Errorf("none of %q can be had here", s.names)
	}
	for once := o.Plan; len(o.Plan) < least; {
		o.Plan = append(o.Plan, once...)
	}
	random.Shuffle(len(o.Plan), func(i, k int) { o.Plan[i], o.Plan[k] = o.Plan[k], o.Plan[i] })
	return nil
}

// needed are surroundings in which all that was asked for can happen: the seed's own, or the plainest.
func (s *session) needed(rabbit bool, medium string) (bool, string) {
	if s.possible(rabbit, medium) {
		return rabbit, medium
	}
	for _, broker := range []bool{false, true} {
		for _, disk := range []string{faults.Plain, faults.Small, faults.Lossy} {
			if s.possible(broker, disk) {
				return broker, disk
			}
		}
	}
	return rabbit, medium // as much of it as can be
}

// possible says whether all that was asked for can happen so.
func (s *session) possible(rabbit bool, medium string) bool {
	known := faults.Names(rabbit, medium)
	return !slices.ContainsFunc(s.names, func(name string) bool { return !slices.Contains(known, name) })
}
