package storetest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"asugate/store"
)

// testErrors: an error of the function comes back as it is, nothing of its transaction is kept, and
// neighbours that were committed at the same time are not touched.
func testErrors(t *testing.T, s store.Store) {
	wrong := errors.New("wrong")
	var all sync.WaitGroup
	for i := range 64 {
		key := fmt.Appendf(nil, "%02d", i)
		all.Go(func() {
			err := s.Update(func(tx store.Tx) error {
				if i%4 == 1 {
					return wrong // before the first Put
				}
				tx.Put(things, key, []byte("kept"))
				if i%4 == 2 {
					return wrong // and after
				}
				return nil
			})
			if want := i%4 == 1 || i%4 == 2; want != (err == wrong) || !want && err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	all.Wait()
	for i := range 64 {
		want := "kept"
		if i%4 == 1 || i%4 == 2 {
			want = "-"
		}
		if got := get(t, s, fmt.Sprintf("%02d", i)); got != want {
			t.Errorf("%d is %q, want %q", i, got, want)
		}
	}
	if err := s.View(func(store.Reader) error { return wrong }); err != wrong {
		t.Errorf("View returned %v", err)
	}
}

// testPanics: a panic of the function continues in the caller; the store and the neighbours live
// on.
func testPanics(t *testing.T, s store.Store) {
	var all sync.WaitGroup
	for i := range 32 {
		key := fmt.Appendf(nil, "%02d", i)
		all.Go(func() {
			defer func() {
				if r := recover(); (r != nil) != (i%8 == 0) || r != nil && !strings.Contains(fmt.Sprint(r), "an accident") {
					t.Errorf("%d: recovered %v", i, r)
				}
			}()
			err := s.Update(func(tx store.Tx) error {
				tx.Put(things, key, []byte("kept"))
				if i%8 == 0 {
					panic("an accident")
				}
				return nil
			})
			if err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	all.Wait()
	for i := range 32 {
		want := "kept"
		if i%8 == 0 {
			want = "-"
		}
		if got := get(t, s, fmt.Sprintf("%02d", i)); got != want {
			t.Errorf("%d is %q, want %q", i, got, want)
		}
	}
}

// testRefusals: what no store can keep is an error of the transaction, whole.
func testRefusals(t *testing.T, s store.Store) {
	for name, key := range map[string][]byte{"an empty key": nil, "a key of 1 MiB": make([]byte, 1<<20)} {
		err := s.Update(func(tx store.Tx) error {
			tx.Put(things, []byte("beside"), nil)
			tx.Put(things, key, []byte("value"))
			return nil
		})
		if !errors.Is(err, store.ErrNotWritten) {
			t.Errorf("%s: %v", name, err)
		}
		if got := get(t, s, "beside"); got != "-" {
			t.Errorf("%s: half of the transaction was kept", name)
		}
	}
}

// testSerializable: concurrent transactions that read and write one counter lose no step.
func testSerializable(t *testing.T, s store.Store) {
	const writers, steps = 16, 25
	var all sync.WaitGroup
	for range writers {
		all.Go(func() {
			for range steps {
				err := s.Update(func(tx store.Tx) error {
					putNumber(tx, things, []byte("n"), number(tx, things, []byte("n"))+1)
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := binary.BigEndian.Uint64([]byte(get(t, s, "n"))); got != writers*steps {
		t.Errorf("counted %d of %d steps", got, writers*steps)
	}
}

// testSnapshots: a View sees whole transactions only, and everything that had returned before it
// began.
func testSnapshots(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) {
		for i := range accounts {
			putNumber(tx, things, account(i), total/accounts)
		}
	})
	var done atomic.Uint64 // transfers that have returned
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for w := range 4 {
		writers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(w), 1))
			for range 50 {
				a, b := random.IntN(accounts), random.IntN(accounts)
				if err := s.Update(func(tx store.Tx) error { transfer(tx, a, b); return nil }); err != nil {
					t.Error(err)
				}
				done.Add(1)
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				before := done.Load()
				if err := s.View(func(r store.Reader) error { return audit(r, before) }); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
}

const (
	accounts              = 10
	total                 = 1000
	transfers store.Table = "storetest.transfers"
)

func account(i int) []byte { return []byte{'0' + byte(i)} }

func number(r store.Reader, t store.Table, key []byte) uint64 {
	if v := r.Get(t, key); v != nil {
		return binary.BigEndian.Uint64(v)
	}
	return 0
}

func putNumber(tx store.Tx, t store.Table, key []byte, n uint64) {
	tx.Put(t, key, binary.BigEndian.AppendUint64(nil, n))
}

func transfer(tx store.Tx, a, b int) {
	putNumber(tx, things, account(a), number(tx, things, account(a))-1)
	putNumber(tx, things, account(b), number(tx, things, account(b))+1)
	putNumber(tx, transfers, []byte("n"), number(tx, transfers, []byte("n"))+1)
}

// audit counts what there is; before is how many transfers it has to know of.
func audit(r store.Reader, before uint64) error {
	var sum uint64
	r.Range(things, nil, nil, accounts, func(_, v []byte) bool { sum += binary.BigEndian.Uint64(v); return true })
	if sum != total {
		return fmt.Errorf("a view sees half a transfer: %d", sum)
	}
	if n := number(r, transfers, []byte("n")); n < before {
		return fmt.Errorf("a view sees %d transfers, and %d had returned", n, before)
	}
	return nil
}

// testClose: what was accepted before is committed, what comes after is refused, and Close can be
// called twice.
func testClose(t *testing.T, s store.Store) {
	var all sync.WaitGroup
	var kept, refused atomic.Int64
	begun := make(chan struct{}, 64)
	for i := range 64 {
		all.Go(func() {
			begun <- struct{}{}
			err := s.Update(func(tx store.Tx) error { tx.Put(things, []byte{byte(i + 1)}, nil); return nil })
			switch {
			case err == nil:
				kept.Add(1)
			case errors.Is(err, store.ErrNotWritten):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	<-begun
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	all.Wait()
	if kept.Load()+refused.Load() != 64 {
		t.Errorf("%d kept and %d refused of 64", kept.Load(), refused.Load())
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if err := s.View(func(store.Reader) error { return nil }); err == nil {
		t.Error("a closed store can be read")
	}
}
