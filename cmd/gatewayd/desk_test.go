package main

import (
	"errors"
	"testing"

	"asugate/store"
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
