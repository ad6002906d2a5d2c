package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"asugate/internal/scene"
)

// runOverload measures the four things that the daemon says of itself under overload, with the limits as they
// are shipped: what is not taken is told to come again; what is taken is answered soon; memory stays within
// its formula; and nobody waits for another one's documents. Each row is the median of a few rounds, and the
// rows of a round follow one another, so that a machine that slows down does so for all of them.
func runOverload(ctx context.Context, gatewayd, dir string, each time.Duration, rounds int) error {
	d, err := startDaemon(ctx, gatewayd, dir, usual)
	if err != nil {
		return err
	}
	defer d.stop()
	fmt.Printf("%s, %d cores, client and daemon on the same machine, 10 KiB, limits as shipped\n\n", runtime.Version(), runtime.NumCPU())
	var capacities []float64
	var calm, flooded, alone, beside, readers []load
	for range rounds {
		capacity := d.saturate(ctx, each)
		capacities = append(capacities, capacity)
		calm = append(calm, d.offer(ctx, first, capacity*0.8, d.prepare(first, capacity*0.8, each)))
		flooded = append(flooded, d.offer(ctx, first, capacity*2, d.prepare(first, capacity*2, each)))
		alone = append(alone, d.offer(ctx, second, seldom, d.prepare(second, seldom, each)))
		beside = append(beside, d.besideFlood(ctx, capacity*2, each))
		l, err := d.besideReaders(ctx, each)
		if err != nil {
			return err
		}
		readers = append(readers, l)
	}
	fmt.Printf("| | offered/s | accepted/s | 503 or 429 | other answers | p50 ms | p99 ms |\n|---|---|---|---|---|---|---|\n")
	fmt.Printf("| as fast as 64 clients can | | %.0f | | | | |\n", median(capacities, func(c float64) float64 { return c }))
	for _, row := range []struct {
		name  string
		loads []load
	}{
		{"80 % of that", calm}, {"200 %", flooded}, {"a second participant, alone", alone},
		{"beside one at full speed", beside}, {"beside one that fetches and does not read", readers},
	} {
		printLoad(row.name, row.loads)
	}
	for _, loads := range [][]load{calm, flooded, alone, beside, readers} {
		for _, l := range loads {
			if l.strange != "" {
				fmt.Printf("\nOther answers, the first: %s\n", l.strange)
			}
		}
	}
	ratio := func(a, b []load) float64 {
		var all []float64
		for i := range a {
			all = append(all, float64(a[i].quantile(99))/float64(b[i].quantile(99)))
		}
		return median(all, func(r float64) float64 { return r })
	}
	fmt.Printf("\np99 at 200 %% is %.1f times that at 80 %%; of the second participant beside the first %.1f times that alone, "+
		"beside the slow reader %.1f times.\n", ratio(flooded, calm), ratio(beside, alone), ratio(readers, alone))
	fmt.Printf("Memory with 256 of the largest documents under way: %d MiB; 256 MiB + 4 × max_document × max_in_flight are %d MiB.\n",
		d.memoryUnderLoad(ctx, each)>>20, 256+4*5*64)
	return d.stop()
}

// seldom is how many documents a second somebody sends who should not notice the others.
const seldom = 50

// load is what became of the documents of one participant that were sent at a rate of their own, whatever
// the answers.
type load struct {
	offered, accepted float64 // a second
	refused, other    int     // with 429 or 503 and Retry-After; with anything else
	strange           string  // the first of the others
	took              []time.Duration
}

// quantile of the times of what was accepted, in hundredths.
func (l load) quantile(q int) time.Duration {
	if len(l.took) == 0 {
		return 0
	}
	return l.took[len(l.took)*q/100]
}

func printLoad(name string, loads []load) {
	milliseconds := func(q int) float64 {
		return median(loads, func(l load) float64 { return l.quantile(q).Seconds() * 1e3 })
	}
	fmt.Printf("| %s | %.0f | %.0f | %.0f | %.0f | %.1f | %.1f |\n", name,
		median(loads, func(l load) float64 { return l.offered }), median(loads, func(l load) float64 { return l.accepted }),
		median(loads, func(l load) float64 { return float64(l.refused) }), median(loads, func(l load) float64 { return float64(l.other) }),
		milliseconds(50), milliseconds(99))
}

func median[T any](all []T, of func(T) float64) float64 {
	var values []float64
	for _, v := range all {
		values = append(values, of(v))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

const overloadSize = 10 << 10

// saturate is how many documents a second are accepted of 64 clients, each of which sends the next when it
// has its answer.
func (d *daemon) saturate(ctx context.Context, each time.Duration) float64 {
	documents := d.documents(first, overloadSize, int(each.Seconds()*2500))
	var next, accepted atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range 64 {
		all.Go(func() {
			for time.Since(start) < each {
				i := int(next.Add(1)) - 1
				if i >= len(documents) {
					return
				}
				if status, _, _ := d.send(ctx, first, documents[i]); status == http.StatusOK {
					accepted.Add(1)
				}
			}
		})
	}
	all.Wait()
	return float64(accepted.Load()) / time.Since(start).Seconds()
}

// warmUp is sent and not counted: lines fill in it, and it is known that this is no burst.
const warmUp = 5 * time.Second

// prepare signs what is sent at a rate for a time.
func (d *daemon) prepare(participant string, rate float64, each time.Duration) [][]byte {
	return d.documents(participant, overloadSize, int(rate*(warmUp+each).Seconds()))
}

// offer sends documents at a rate, without waiting for answers.
func (d *daemon) offer(ctx context.Context, participant string, rate float64, documents [][]byte) load {
	uncounted := int(rate * warmUp.Seconds())
	var mu sync.Mutex // protects l
	var l load
	var all sync.WaitGroup
	start := time.Now()
	for i, document := range documents {
		time.Sleep(time.Until(start.Add(time.Duration(float64(i) / rate * float64(time.Second)))))
		all.Go(func() {
			sent := time.Now()
			status, again, err := d.send(ctx, participant, document)
			took := time.Since(sent)
			if i < uncounted {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case status == http.StatusOK:
				l.took = append(l.took, took)
			case again && (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable):
				l.refused++
			default:
				l.other++
				l.strange = cmp.Or(l.strange, fmt.Sprintf("%s: %d %v", participant, status, err))
			}
		})
	}
	took := time.Since(start) - warmUp
	all.Wait()
	slices.Sort(l.took)
	l.offered, l.accepted = float64(len(documents)-uncounted)/took.Seconds(), float64(len(l.took))/took.Seconds()
	return l
}

// send is the status of the answer, and whether it says when to come again.
func (d *daemon) send(ctx context.Context, participant string, document []byte) (status int, again bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+d.address+"/v1/documents", bytes.NewReader(document))
	if err != nil {
		return 0, false, err
	}
	r.Header.Set("Authorization", "Bearer "+d.secrets[participant])
	r.Header.Set("Content-Type", "application/xml")
	response, err := d.client.Do(r)
	if err != nil {
		return 0, false, err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0, false, err
	}
	return response.StatusCode, response.Header.Get("Retry-After") != "", nil
}

// besideFlood is the second participant's few documents while the first sends twice what can be done.
func (d *daemon) besideFlood(ctx context.Context, rate float64, each time.Duration) load {
	flood, few := d.prepare(first, rate, each), d.prepare(second, seldom, each)
	var all sync.WaitGroup
	all.Go(func() { d.offer(ctx, first, rate, flood) })
	l := d.offer(ctx, second, seldom, few)
	all.Wait()
	return l
}

// besideReaders is the second participant's few documents while the first asks for its outbox on many
// connections and reads nothing of it.
func (d *daemon) besideReaders(ctx context.Context, each time.Duration) (load, error) {
	for range 200 {
		c, err := net.Dial("tcp", d.address)
		if err != nil {
			return load{}, err
		}
		defer c.Close()
		if err := c.(*net.TCPConn).SetReadBuffer(1 << 10); err != nil {
			return load{}, err
		}
		request := "GET /v1/outbox?limit=1000 HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + d.secrets[first] + "\r\n\r\n"
		if _, err := io.WriteString(c, strings.Repeat(request, 20)); err != nil {
			return load{}, err
		}
	}
	return d.offer(ctx, second, seldom, d.prepare(second, seldom, each)), nil
}

// memoryUnderLoad is the most memory that the daemon has while 256 requests are under way with the largest
// documents that can be: those of one text, and those of as many elements as there may be. What follows the
// document makes each of them new, so that it is read and verified.
func (d *daemon) memoryUnderLoad(ctx context.Context, each time.Duration) int64 {
	large := [][]byte{
		d.Signatory.MustSign(d.Waybill(scene.Waybill{Cargo: strings.Repeat("щебень ", 4<<20/13)})),
		d.documents(first, 5<<20-64<<10, 1)[0],
	}
	var peak int64
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { d.watchMemory(done, &peak) })
	var number atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for i := range 256 {
		participant := []string{first, second}[i%2]
		all.Go(func() {
			for time.Since(start) < each {
				d.send(ctx, participant, fmt.Appendf(bytes.Clone(large[i/2%2]), "<!-- %d -->", number.Add(1)))
			}
		})
	}
	all.Wait()
	close(done)
	watching.Wait()
	return peak
}
