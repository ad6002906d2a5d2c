package bolt

import (
	"fmt"
	"testing"

	"asugate/store"
)

// TestLongRead: while somebody reads, what others write beside him does not take the pages that he sees.
// The file grows by what is written meanwhile and no more, he goes on seeing what he saw, and when he has
// done the pages are used again.
func TestLongRead(t *testing.T) {
	s := openStore(t, newPath(t), Options{})
	const keys = 100
	round := func(n int) {
		t.Helper()
		err := s.Update(func(tx store.Tx) error {
			for i := range keys {
				tx.Put(things, fmt.Append(nil, i), []byte(value(fmt.Sprint(n, "/", i))))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for n := range 10 {
		round(n)
	}
	before := s.Stats().Size
	const rounds = 30
	begun, end, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- s.View(func(tx store.Reader) error {
			close(begun)
			<-end
			for i := range keys {
				if got, want := string(tx.Get(things, fmt.Append(nil, i))), value(fmt.Sprint(9, "/", i)); got != want {
					return fmt.Errorf("%d has become %.20q", i, got)
				}
			}
			return nil
		})
	}()
	<-begun
	written := int64(0)
	for n := range rounds {
		round(10 + n)
		for i := range keys {
			written += int64(len(value(fmt.Sprint(10+n, "/", i))))
		}
	}
	beside := s.Stats().Size
	close(end)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if grown := beside - before; grown > 4*written+1<<20 {
		t.Errorf("%d bytes were written beside a reader, and the file grew by %d", written, grown)
	}
	for n := range 3 * rounds {
		round(100 + n)
	}
	if after := s.Stats().Size; after > beside+beside/4 {
		t.Errorf("without the reader the file grew from %d to %d", beside, after)
	}
}
