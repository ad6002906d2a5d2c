package faults

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Streams of random numbers: one for each who acts.
const (
	ofNemesis uint64 = iota
	ofOffice
	ofRecorder
	ofNeighbour
	ofOutbox
	ofNeighbourOutbox
	ofDrain
	ofClients // and above
)

// Run lets everything of the plan happen and returns the history, with everything that has to be known to
// judge it. An error means that it could not be judged, or that the daemon has ended by itself.
func Run(ctx context.Context, o Options) (h *History, err error) {
	if o.Clients == 0 {
		o.Clients = 4
	}
	w, err := build(ctx, o)
	if err != nil {
		return w.history, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.daemon.start(); err != nil {
		return w.history, err
	}
	w.started = [2]int64{int64(w.daemon.descriptors()), w.daemon.memory()}
	transport := w.transport()
	recording, stopRecording := context.WithCancel(ctx)
	var recorder sync.WaitGroup
	recorder.Go(func() { transport.record(recording) })
	defer recorder.Wait()
	defer stopRecording()

	acting, stopActing := context.WithCancel(ctx)
	defer stopActing()
	var actors sync.WaitGroup
	for i := range w.Clients {
		actors.Go(func() { w.newClient(crowd, ofClients+uint64(i)).run(acting) })
	}
	actors.Go(func() { w.newClient(neighbour, ofNeighbour).runQuietly(acting) })
	actors.Go(func() { w.newClient(crowd, ofOutbox).runOutbox(acting) })
	actors.Go(func() { w.newClient(neighbour, ofNeighbourOutbox).runOutbox(acting) })
	actors.Go(func() {
		(&office{world: w, random: w.random(ofOffice), transport: transport}).run(acting)
	})
	n := &nemesis{world: w, ctx: ctx, random: w.random(ofNemesis), transport: transport, queueMade: time.Now()}
	err = n.run()
	stopActing()
	actors.Wait()
	if err != nil {
		return w.history, err
	}
	return w.history, n.finish(transport, func() {
		stopRecording()
		recorder.Wait()
	})
}

// transport is that of the options.
func (w *world) transport() transport {
	if w.Node != nil {
		return newRabbit(w, w.Node)
	}
	return &spool{world: w, had: make(map[string]bool)}
}

// finish heals, drains and examines. From stopRecording on nobody writes into the history any more.
func (n *nemesis) finish(t transport, stopRecording func()) error {
	n.log("healed")
	h := n.history
	if err := n.setClock(0); err != nil {
		return err
	}
	h.End.Healed = h.now()
	var err error
	if h.End.Before, err = n.journal(); err != nil {
		return err
	}
	n.resendAll()
	n.drain(t)
	for _, code := range []string{crowd, neighbour} {
		c := n.newClient(code, ofDrain)
		err := c.everything()
		c.http.CloseIdleConnections()
		if err != nil {
			return err
		}
	}
	n.settle()
	stopRecording()
	n.notices()
	if err := n.unharmed("drain"); err != nil {
		return err
	}
	if err := n.daemon.stop(); err != nil {
		return err
	}
	if h.End.Journal, err = n.journal(); err != nil {
		return err
	}
	for _, arguments := range [][]string{{"store", "check"}, {"journal", "verify"}} {
		if out, err := n.daemon.command(n.ctx, arguments...); err != nil {
			h.End.Findings = append(h.End.Findings, Finding{fmt.Sprint(arguments), fmt.Sprintf("%v: %s", err, out)})
		}
	}
	n.verify()
	n.log("%s", h.Summary())
	return nil
}
