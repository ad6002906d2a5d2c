package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"asugate/adapter/rest"
	"asugate/gateway"
	"asugate/queue"
)

// pushLook is how often the register is asked whether participants have come to want pushes.
const pushLook = 5 * time.Second

// runPushes keeps a lane running for every participant that has a push URL, as the register in force
// says, until ctx ends. One that has no URL any more fetches again: its lane stops.
func (d *daemon) runPushes(ctx context.Context) error {
	roots, err := pushRoots(d.config.Push.CA)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	defer all.Wait() // what is under way is written down before the store is closed
	defer cancel()
	running := make(map[string]*pushLane)
	failed := make(chan error, 1)
	tick := time.NewTicker(pushLook)
	defer tick.Stop()
	for {
		dir, err := d.directory()
		if err != nil {
			return err
		}
		for code, lane := range running {
			if p := dir.Participants[code]; p == nil || p.Push == "" {
				lane.stop()
			}
			select {
			case <-lane.ended: // only now may another begin
				delete(running, code)
			default:
			}
		}
		for code, p := range dir.Participants {
			if p.Push == "" || running[code] != nil {
				continue
			}
			pushing, stop := context.WithCancel(ctx)
			lane := &pushLane{stop: stop, ended: make(chan struct{})}
			running[code] = lane
			all.Go(func() {
				defer close(lane.ended)
				err := d.queue.Run(pushing, gateway.ClientLane(code), d.pushOptions(), d.push(code, roots))
				if pushing.Err() == nil {
					select {
					case failed <- err:
					case <-ctx.Done():
					}
				}
			})
		}
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-tick.C:
		}
	}
}

// pushLane is the lane of one participant.
type pushLane struct {
	stop  context.CancelFunc
	ended chan struct{} // closed when its Run has returned
}

func (d *daemon) pushOptions() queue.Options {
	c := d.config.Push
	return queue.Options{Window: 4, Retry: c.RetryMax.Std(), Timeout: c.Timeout.Std()}
}

// push delivers to one participant, wherever the register says that it is now.
func (d *daemon) push(code string, roots *x509.CertPool) queue.Deliver {
	c := d.config.Push
	return d.metrics.Deliveries(delivering(rest.Push(rest.PushOptions{
		URL: func() string {
			dir, err := d.directory()
			if err != nil {
				return "" // said by whoever reads the register for a document
			}
			if p := dir.Participants[code]; p != nil {
				return p.Push
			}
			return ""
		},
		Timeout:       c.Timeout.Std(),
		RetryMax:      c.RetryMax.Std(),
		Roots:         roots,
		AllowLoopback: c.AllowLoopback,
		Insecure:      c.Insecure,
		Now:           d.now,
	})))
}

// pushRoots are the authorities of the participants' servers, nil for those of the system.
func pushRoots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of push servers: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("reading the authorities of push servers: " + file + " holds none")
	}
	return pool, nil
}
