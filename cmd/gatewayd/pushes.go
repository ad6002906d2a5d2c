package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
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
	running := make(map[string]context.CancelFunc)
	failed := make(chan error, 1)
	tick := time.NewTicker(pushLook)
	defer tick.Stop()
	for {
		dir, err := d.directory()
		if err != nil {
			return err
		}
		for code, p := range dir.Participants {
			if p.Push == "" || running[code] != nil {
				continue
			}
			lane, stop := context.WithCancel(ctx)
			running[code] = stop
			go func() {
				err := d.queue.Run(lane, gateway.ClientLane(code), d.pushOptions(), d.push(code, roots))
				if lane.Err() == nil {
					select {
					case failed <- err:
					case <-ctx.Done():
					}
				}
			}()
		}
		for code, stop := range running {
			if p := dir.Participants[code]; p == nil || p.Push == "" {
				stop()
				delete(running, code)
			}
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

func (d *daemon) pushOptions() queue.Options {
	c := d.config.Push
	return queue.Options{Window: 4, Retry: c.RetryMax.Std(), Timeout: c.Timeout.Std()}
}

// push delivers to one participant, wherever the register says that it is now.
func (d *daemon) push(code string, roots *x509.CertPool) queue.Deliver {
	c := d.config.Push
	return d.metrics.Deliveries(rest.Push(rest.PushOptions{
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
	}))
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
