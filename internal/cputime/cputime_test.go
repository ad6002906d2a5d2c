package cputime

import (
	"testing"
	"time"
)

// Work takes time, and twice the work takes more of it; waiting takes none to speak of.
func TestOf(t *testing.T) {
	sum := 0
	work := func(n int) func() {
		return func() {
			for i := range n {
				sum += i * i % 7
			}
		}
	}
	once, more := Of(work(1e7)), Of(work(8e7))
	if once <= 0 || more < 2*once {
		t.Errorf("%v and, for eight times the work, %v", once, more)
	}
	waited := make(chan struct{})
	time.AfterFunc(50*time.Millisecond, func() { close(waited) })
	if took := Of(func() { <-waited }); took > 40*time.Millisecond {
		t.Errorf("waiting took %v", took)
	}
}
