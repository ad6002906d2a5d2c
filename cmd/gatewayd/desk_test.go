package main

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/register"
	"asugate/store"
	"asugate/store/bolt"
)

// outcome is a store whose writes end so.
type outcome struct {
	store.Store
	err error
}

func (o outcome) Update(func(store.Tx) error) error { return o.err }

// Whosever write leaves unknown what is on disk, a confirmation's or an operator's: it is told, and no
// other outcome is.
func TestWatched(t *testing.T) {
	for _, err := range []error{nil, store.ErrNotWritten, errors.New("moved"), store.ErrUnknown} {
		var told error
		w := &watched{Store: outcome{err: err}, unknown: func(err error) { told = err }}
		if got := w.Update(nil); !errors.Is(got, err) {
			t.Errorf("got %v, want %v", got, err)
		}
		if (told != nil) != errors.Is(err, store.ErrUnknown) {
			t.Errorf("after %v told %v", err, told)
		}
	}
}

// A participant that cannot be looked up is not one that is unknown: the clients' adapter hears an error.
func TestClientCannotBeLookedUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	if err := bolt.Create(path, bolt.Meta{Environment: bolt.Test}); err != nil {
		t.Fatal(err)
	}
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d := &daemon{desk: &desk{store: s, register: register.Open(s, time.Now)}}
	if c, ok, err := d.client("SHIP-01"); ok || err != nil {
		t.Errorf("an empty register knows %+v, %v", c, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if c, ok, err := d.client("SHIP-01"); ok || !errors.Is(err, gateway.ErrNotReady) || !errors.Is(err, bolt.ErrClosed) {
		t.Errorf("a closed store knows %+v, %v, %v", c, ok, err)
	}
}

// What a failing store means, in the words that the adapters know.
func TestUnreadable(t *testing.T) {
	for _, tt := range []struct{ err, want error }{
		{nil, nil},
		{fmt.Errorf("reading: %w", store.ErrUnknown), gateway.ErrStopping},
		{errors.New("a head is damaged"), gateway.ErrNotReady},
	} {
		got := unreadable(tt.err)
		if !errors.Is(got, tt.want) || !errors.Is(got, tt.err) {
			t.Errorf("%v: got %v, want %v", tt.err, got, tt.want)
		}
	}
}

// Whoever did something while the disk failed is not told that it was not done.
func TestComplain_unknown(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
		says string
	}{
		{fmt.Errorf("%w: %w", gateway.ErrStopping, store.ErrUnknown), exitStopped, "look whether this was done"},
		{unknown(store.ErrUnknown), exitStopped, "clients resend"},
		{store.ErrNotWritten, exitCould, ""},
	} {
		var said bytes.Buffer
		if code := complain(&said, c.err); code != c.code || !strings.Contains(said.String(), c.says) {
			t.Errorf("%v: %d, %s", c.err, code, &said)
		}
	}
}
