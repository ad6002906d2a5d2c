package rabbit

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A broker that is away for hours is dialled all the time, though not often, and used at once when it
// is there.
func TestNeverGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := 3 * time.Hour
		f, began := &fakeBroker{}, time.Now()
		f.onDial = func(int) error {
			if time.Since(began) < away {
				return errNoRoute
			}
			return nil
		}
		b := running(t, f, nil, nil)
		err := b.Deliver(hourglass(t, time.Hour), message(1), nil, nil)
		if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), errNoRoute.Error()) {
			t.Errorf("while it is away: %v; want ErrUnavailable and why", err)
		}
		time.Sleep(time.Until(began.Add(away)))
		if err := b.Deliver(hourglass(t, longestPause), message(1), nil, nil); err != nil {
			t.Errorf("when it is back: %v", err)
		}
		// Two connections, each at least every longestPause, at most every half of it.
		if got, least := f.dialled(), 2*int(away/longestPause); got < least || got > 2*least+20 {
			t.Errorf("%d dials in %s; want between %d and %d", got, away, least, 2*least+20)
		}
		if s := b.State(); s.Publish.LastError != "" || !s.Publish.Connected {
			t.Errorf("state %+v; want connected without an error", s.Publish)
		}
	})
}

// What the operator has got wrong is told in the broker's words, and tried again without haste.
func TestRefusals(t *testing.T) {
	declare := func(name string, r refusal) func(*fakeBroker, *Config) {
		return func(f *fakeBroker, _ *Config) {
			f.onDeclare = func(_, declared string) *refusal {
				if declared == name {
					return &r
				}
				return nil
			}
		}
	}
	for _, test := range []struct {
		name   string
		set    func(*fakeBroker, *Config)
		link   string
		want   string
		others bool // the other connection is not concerned
	}{
		{name: "wrong password", link: "publish", want: "(403)", set: func(f *fakeBroker, _ *Config) {
			f.onStartOK = func(*fakeConn) bool { return false }
		}},
		{name: "no such virtual host", link: "publish", want: "no access to vhost", set: func(f *fakeBroker, _ *Config) {
			f.onOpen = func(*fakeConn) *refusal { return &refusal{530, "NOT_ALLOWED - no access to vhost 'x'"} }
		}},
		{name: "the exchange is of another type", link: "publish", others: true,
			want: "declaring exchange asugate.out: Exception (406)",
			set:  declare("asugate.out", refusal{406, "PRECONDITION_FAILED - inequivalent arg 'type'"})},
		{name: "the queue has other arguments", link: "consume", others: true,
			want: "delete it, or set topology to check",
			set:  declare("asugate.in", refusal{406, "PRECONDITION_FAILED - inequivalent arg 'x-queue-type'"})},
		{name: "check: the exchange is not there", link: "publish", others: true,
			want: "looking for exchange asugate.out: Exception (404)",
			set: func(f *fakeBroker, c *Config) {
				c.Topology = Check
				declare("asugate.out", refusal{404, "NOT_FOUND - no exchange"})(f, c)
			}},
		{name: "the credentials cannot be read", link: "publish", want: "no such file", set: func(_ *fakeBroker, c *Config) {
			c.URL = func() (string, error) { return "", errors.New("reading broker.credentials: no such file") }
		}},
		// The text of the error must not repeat it: it holds the password.
		{name: "the URL is none", link: "publish", want: "it is no amqp:// or amqps:// URL", set: func(_ *fakeBroker, c *Config) {
			c.URL = func() (string, error) { return "amqp://u:secret@[::1", nil }
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeBroker{}
				b := running(t, f, func(c *Config) { test.set(f, c) }, nil)
				time.Sleep(10 * time.Minute)
				s := b.State()
				got, other := s.Publish, s.Consume
				if test.link == "consume" {
					got, other = other, got
				}
				if got.Connected || !strings.Contains(got.LastError, test.want) || strings.Contains(got.LastError, "secret") {
					t.Errorf("%s: %+v; want %q", test.link, got, test.want)
				}
				if other.Connected != test.others {
					t.Errorf("the other connection: %+v; want connected: %v", other, test.others)
				}
				// For one link or two, at half of the longest pause at least.
				if got := f.dialled(); got > 4*int(10*time.Minute/longestPause)+20 {
					t.Errorf("%d dials in 10 min", got)
				}
			})
		})
	}
}

// A broker in alarm is sent nothing, and its connection is kept, however long the alarm lasts.
func TestBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeBroker{}
		b := running(t, f, nil, nil)
		synctest.Wait()
		f.link(t, "publish").method(0, 10, 60, "low on memory")
		synctest.Wait()
		if s := b.State(); !strings.Contains(s.Publish.Blocked, "low on memory") {
			t.Errorf("state %+v; want blocked and why", s.Publish)
		}
		err := b.Deliver(hourglass(t, time.Hour), message(1), nil, nil)
		if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "low on memory") {
			t.Errorf("Deliver = %v; want ErrUnavailable and why", err)
		}
		if got := f.published(); len(got) != 0 {
			t.Errorf("%d messages sent to a blocked broker", len(got))
		}
		time.AfterFunc(time.Second, func() { f.link(t, "publish").method(0, 10, 61) })
		if err := b.Deliver(hourglass(t, 2*time.Second), message(1), nil, nil); err != nil {
			t.Errorf("after the alarm: %v", err)
		}
		if got := f.dialled(); got != 2 {
			t.Errorf("%d connections; want the same 2", got)
		}
	})
}

// A message that was on its way when the alarm came is confirmed some time after it, and not sent twice.
func TestBlockedUnderway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeBroker{}
		f.onPublish = func(c *fakeConn, p published) {
			c.method(0, 10, 60, "low on disk")
			time.AfterFunc(10*time.Minute, func() {
				c.method(0, 10, 61)
				time.AfterFunc(20*time.Second, func() { c.ack(p, false) })
			})
		}
		b := running(t, f, nil, nil)
		if err := b.Deliver(hourglass(t, time.Minute), message(1), nil, nil); !errors.Is(err, ErrUnconfirmed) {
			t.Errorf("first try = %v; want ErrUnconfirmed", err)
		}
		if got := b.State().Underway; got != 1 {
			t.Errorf("%d under way; want 1", got)
		}
		time.Sleep(20 * time.Minute)
		if s := b.State(); s.Underway != 0 || len(f.published()) != 1 || f.dialled() != 2 {
			t.Errorf("%d under way, %d sent, %d connections; want 0, 1, 2", s.Underway, len(f.published()), f.dialled())
		}
	})
}

// Packets that vanish on the way are noticed by the missing heartbeats, within 20 s.
func TestHalfOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeBroker{}
		b := running(t, f, nil, nil)
		synctest.Wait()
		f.link(t, "publish").mute.Store(true)
		time.Sleep(20 * time.Second)
		if got := f.dialled(); got != 3 {
			t.Errorf("%d connections; want a third", got)
		}
		if err := b.Deliver(hourglass(t, time.Second), message(1), nil, nil); err != nil {
			t.Errorf("Deliver = %v", err)
		}
	})
}

// A peer that takes nothing does not keep Run from ending.
func TestStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeBroker{}
		b, err := newBroker(fakeConfig(f), nil)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := b.Run(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("Run = %v; want canceled", err)
			}
		}()
		synctest.Wait()
		for _, name := range []string{"publish", "consume"} {
			f.link(t, name).mute.Store(true)
		}
		began := time.Now()
		cancel()
		<-done
		if got := time.Since(began); got > 3*time.Second {
			t.Errorf("Run ended %s after it was told", got)
		}
		if s := b.State(); s.Publish.Connected || s.Consume.Connected {
			t.Errorf("state %+v; want not connected", s)
		}
		// Whoever delivers still gets an answer.
		if err := b.Deliver(hourglass(t, time.Second), message(1), nil, nil); !errors.Is(err, ErrUnavailable) {
			t.Errorf("Deliver after Run = %v; want ErrUnavailable", err)
		}
	})
}

// A broker that reads nothing more keeps a delivery for ConfirmTimeout, and Run from ending for no more
// than a moment. In real time: virtual time stands still while somebody waits for a mutex, as the
// library does here.
func TestDeaf(t *testing.T) {
	f := &fakeBroker{}
	deafen := func(c *fakeConn, p published) {
		c.ack(p, false)
		c.deaf.Store(true)
	}
	f.onPublish = deafen
	c := fakeConfig(f)
	c.ConfirmTimeout = time.Second
	b, err := newBroker(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.Run(ctx)
	}()
	for n := range 3 {
		// The first is confirmed, the next cannot be written; then there is a new connection.
		err := b.Deliver(hourglass(t, 10*time.Second), message(n), nil, nil)
		if n == 1 && !errors.Is(err, ErrUnconfirmed) {
			t.Errorf("to a deaf broker: %v; want ErrUnconfirmed", err)
		}
		if n != 1 && err != nil {
			t.Errorf("message %d: %v", n, err)
		}
	}
	go b.Deliver(hourglass(t, 10*time.Second), message(4), nil, nil)
	eventually(t, "the message to be on its way", func() bool { return b.State().Underway == 1 })
	began := time.Now()
	cancel()
	<-done
	if got := time.Since(began); got > 5*time.Second {
		t.Errorf("Run ended %s after it was told", got)
	}
}

// The pauses grow, never beyond the longest, and differ between daemons.
func TestBackoff(t *testing.T) {
	for _, jitter := range []float64{0, 0.999} {
		b := backoff{first: time.Second, most: 30 * time.Second, jitter: func() float64 { return jitter }}
		last := time.Duration(0)
		for try := range 100 {
			d := b.next()
			if d < last || d > 30*time.Second || d < 500*time.Millisecond {
				t.Fatalf("jitter %v, try %d: %s after %s", jitter, try, d, last)
			}
			last = d
		}
		if last < 15*time.Second {
			t.Errorf("jitter %v: the pause ends at %s", jitter, last)
		}
		b.reset()
		if d := b.next(); d > time.Second {
			t.Errorf("jitter %v: %s after reset", jitter, d)
		}
	}
}
