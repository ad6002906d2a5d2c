package queue

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
	"asugate/store/bolt"
)

var chaosSeed = flag.Uint64("queue.seed", 0, "seed of the chaos test; 0: a new one each time")

// receiver is an other side with moods. It notes what it took, and what it took is confirmed unless
// the process ends in between.
type receiver struct {
	mu     sync.Mutex
	random *rand.Rand
	took   map[string][]string // by lane and document, ids in the order in which they came first
	seen   map[string]bool
	calm   bool // takes everything from now on
}

func (r *receiver) deliver(ctx context.Context, m Message, body, _ []byte) error {
	r.mu.Lock()
	mood, wait := r.random.IntN(10), time.Duration(r.random.IntN(3000))*time.Millisecond
	calm := r.calm
	r.mu.Unlock()
	if !calm {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
		switch mood {
		case 0, 1:
			return errDown
		case 2:
			return fmt.Errorf("%w: a mood", ErrPermanent)
		case 3:
			return fmt.Errorf("%w: a mood", ErrRefused)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.seen[m.ID] {
		r.seen[m.ID] = true
		line := m.Lane + " " + m.DocumentID
		r.took[line] = append(r.took[line], m.ID)
	}
	if mood == 4 && !calm {
		return errors.New("connection reset") // it has taken the message, and its confirmation is lost
	}
	return nil
}

// TestChaos lets lanes run, fail, stop and start again while messages are added, clients confirm,
// and an operator retries. In the end everything that was added has arrived, by document in order.
func TestChaos(t *testing.T) {
	seed := *chaosSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-queue.seed=%d", seed)
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(seed, 0))
		other := &receiver{random: rand.New(rand.NewPCG(seed, 1)), took: map[string][]string{}, seen: map[string]bool{}}
		lanes := []string{"office", "kpedo", "client/A"}
		added := map[string][]string{}
		path := newPath(t)
		for round := range 12 {
			s, err := bolt.Open(path, bolt.Options{})
			if err != nil {
				t.Fatal(err)
			}
			q, ids := New(s, time.Now), newIDs(t, s, time.Now)
			var stops []func()
			for _, lane := range lanes {
				stops = append(stops, running(t, q, lane, Options{Window: 1 + random.IntN(6), Timeout: 2 * time.Second}, other.deliver))
			}
			for range random.IntN(40) {
				lane, doc := lanes[random.IntN(len(lanes))], fmt.Sprint(random.IntN(6))
				added[lane+" "+doc] = append(added[lane+" "+doc], add(t, q, s, ids, lane, doc))
				time.Sleep(time.Duration(random.IntN(1000)) * time.Millisecond)
				if random.IntN(10) == 0 {
					if _, err := q.RetryAll(random.IntN(5)); err != nil {
						t.Error(err)
					}
				}
			}
			time.Sleep(time.Duration(random.IntN(60)) * time.Second)
			if round == 11 {
				other.mu.Lock()
				other.calm = true
				other.mu.Unlock()
				time.Sleep(time.Minute) // what is under way may still be refused
				if _, err := q.RetryAll(listMost); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Hour)
			}
			for _, stop := range stops {
				stop()
			}
			checkQueue(t, s)
			if round == 11 {
				testNothingLeft(t, s, q)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(added, other.took); diff != "" {
			t.Errorf("added and arrived: %s", diff)
		}
	})
}

func testNothingLeft(t *testing.T, s store.Store, q *Queue) {
	t.Helper()
	if left, err := q.List("", "", 10); err != nil || len(left) > 0 {
		t.Errorf("left: %+v, %v", left, err)
	}
	for _, table := range []store.Table{unconfirmed, chains, ready, parked, lanes} {
		err := s.View(func(r store.Reader) error {
			r.Range(table, nil, nil, 1, func(key, _ []byte) bool { t.Errorf("table %s has %q", table, key); return false })
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}
