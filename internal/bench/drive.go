package main

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"asugate/internal/scene"
	"asugate/signature"
)

// result is one row of the table.
type result struct {
	rate            float64
	p50, p99, p99_9 time.Duration
	cpu             time.Duration // of the daemon, per document
	amplification   float64       // bytes written per byte received
	memory          int64         // bytes, the greatest seen
	again           int           // answers with 503 or 429; the document is sent again and its time goes on
}

// pause is before a document is sent again that was not taken.
const pause = 100 * time.Millisecond

// round sends the documents as fast as the clients can, until there are no more or the time is over.
func (d *daemon) round(documents [][]byte, clients int, each time.Duration) (result, error) {
	var (
		mu        sync.Mutex // protects latencies, received and failure
		latencies []time.Duration
		received  int
		failure   error
		group     sync.WaitGroup
		next      atomic.Int64
		again     atomic.Int64
		peak      int64
		watching  sync.WaitGroup
	)
	done := make(chan struct{})
	watching.Go(func() { d.watchMemory(done, &peak) })
	start, used, written := time.Now(), d.used(), d.written()
	for range clients {
		group.Go(func() {
			var mine []time.Duration
			var bytes int
			c, err := d.dial()
			if err == nil {
				defer c.Close()
			}
			for time.Since(start) < each && err == nil {
				i := int(next.Add(1)) - 1
				if i >= len(documents) {
					break
				}
				sent := time.Now()
				for err = c.post(documents[i]); errors.Is(err, errAgain) && time.Since(start) < each; err = c.post(documents[i]) {
					again.Add(1)
					time.Sleep(pause)
				}
				if errors.Is(err, errAgain) {
					err = nil
					break
				}
				if err == nil {
					mine, bytes = append(mine, time.Since(sent)), bytes+len(documents[i])
				}
			}
			mu.Lock()
			defer mu.Unlock()
			latencies, received = append(latencies, mine...), received+bytes
			if err != nil {
				failure = err
			}
		})
	}
	group.Wait()
	took := time.Since(start)
	spent, wrote := d.used()-used, d.written()-written
	close(done)
	watching.Wait()
	n := len(latencies)
	if failure != nil || n == 0 {
		return result{}, fmt.Errorf("%d documents taken: %w", n, failure)
	}
	slices.Sort(latencies)
	return result{
		rate: float64(n) / took.Seconds(), p50: latencies[n/2], p99: latencies[n*99/100], p99_9: latencies[n*999/1000],
		cpu: spent / time.Duration(n), amplification: float64(wrote) / float64(received), memory: peak,
		again: int(again.Load()),
	}, nil
}

// documents are made and signed before the clock starts, as the scene's signatory does.
func (d *daemon) documents(sender string, size, count int) [][]byte {
	k, err := signature.NewKey(d.Signatory.Key, d.Signatory.Chain...)
	if err != nil {
		panic(err) // a key of the scene's own
	}
	documents, err := makeDocuments(d.Scene, []*signature.Key{k, k}, sender, size, count)
	if err != nil {
		panic(err) // a document of the scene's own
	}
	return documents
}

// makeDocuments makes fresh documents of about a size, with one goroutine for each key.
func makeDocuments(s *scene.Scene, hands []*signature.Key, sender string, size, count int) ([][]byte, error) {
	with := func(n int) []byte {
		wagons := make([]string, n)
		for i := range wagons {
			wagons[i] = wagon(6349800 + i)
		}
		return s.Waybill(scene.Waybill{Sender: sender, Wagons: wagons})
	}
	// What does not grow with the wagons, and one wagon.
	one, err := hands[0].Sign(with(1))
	if err != nil {
		return nil, err
	}
	each := (len(with(101)) - len(with(1))) / 100
	n := max(1, 1+(size-len(one))/each)
	documents := make([][]byte, count)
	failures := make([]error, len(hands))
	var group sync.WaitGroup
	for h, k := range hands {
		group.Go(func() {
			for i := h; i < count && failures[h] == nil; i += len(hands) {
				documents[i], failures[h] = k.Sign(with(n))
			}
		})
	}
	group.Wait()
	for _, err := range failures {
		if err != nil {
			return nil, err
		}
	}
	return documents, nil
}

// wagon is a number with its check digit: weights 2 1 2 1 2 1 2, the digits of the products added up.
func wagon(seven int) string {
	s := fmt.Sprintf("%07d", seven)
	sum := 0
	for i := range s {
		p := int(s[i]-'0') * (2 - i%2)
		sum += p/10 + p%10
	}
	return fmt.Sprintf("%s%d", s, (10-sum%10)%10)
}
