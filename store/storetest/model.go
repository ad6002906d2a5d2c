package storetest

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
)

var seed = flag.Uint64("storetest.seed", 0, "seed of the model test; 0: a new one each time")

// testModel plays random transactions on the store and on a map, and compares.
func testModel(t *testing.T, s store.Store) {
	seed := *seed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-storetest.seed=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	model := map[string]string{}
	givenUp := errors.New("given up")
	for round := range 150 {
		after := maps.Clone(model)
		giveUp := random.IntN(5) == 0
		plan := random.Uint64() // so that the function does the same each time it runs
		err := s.Update(func(tx store.Tx) error {
			after = maps.Clone(model)
			random := rand.New(rand.NewPCG(plan, 0))
			for range 1 + random.IntN(60) {
				play(t, random, tx, after)
			}
			if giveUp {
				return givenUp
			}
			return nil
		})
		switch {
		case giveUp && err == givenUp:
		case !giveUp && err == nil:
			model = after
		default:
			t.Fatalf("round %d: %v", round, err)
		}
		view(t, s, func(r store.Reader) { compare(t, random, r, model) })
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
}

// play does one thing to both.
func play(t *testing.T, random *rand.Rand, tx store.Tx, model map[string]string) {
	key := fmt.Sprintf("%03d", random.IntN(400))
	switch random.IntN(10) {
	case 0, 1, 2, 3, 4:
		value := fmt.Sprintf("%d %0*d", random.Uint32(), random.IntN(300), 0)
		if random.IntN(20) == 0 {
			value = fmt.Sprintf("%0*d", 3000+random.IntN(9000), 7) // more than a page
		}
		tx.Put(things, []byte(key), []byte(value))
		model[key] = value
	case 5, 6:
		tx.Delete(things, []byte(key))
		delete(model, key)
	case 7: // a row of keys
		var gone []string
		tx.Range(things, []byte(key), nil, 1+random.IntN(10)*random.IntN(40), func(key, _ []byte) bool {
			gone = append(gone, string(key))
			tx.Delete(things, key)
			return true
		})
		for _, key := range gone {
			delete(model, key)
		}
	default:
		compare(t, random, tx, model)
	}
}

// compare reads a random range both ways, and a random key.
func compare(t *testing.T, random *rand.Rand, r store.Reader, model map[string]string) {
	t.Helper()
	from, to := fmt.Sprintf("%03d", random.IntN(400)), fmt.Sprintf("%03d", random.IntN(500))
	limit := 1 + random.IntN(500)
	var want []string
	for _, key := range slices.Sorted(maps.Keys(model)) {
		if key >= from && key < to {
			want = append(want, key+"="+model[key])
		}
	}
	var got, back []string
	r.Range(things, []byte(from), []byte(to), limit, func(key, value []byte) bool {
		got = append(got, string(key)+"="+string(value))
		return true
	})
	r.RangeBack(things, []byte(from), []byte(to), limit, func(key, value []byte) bool {
		back = append(back, string(key)+"="+string(value))
		return true
	})
	slices.Reverse(back)
	if diff := cmp.Diff(want[:min(limit, len(want))], got); diff != "" {
		t.Errorf("forward %s ≤ key < %s: %s", from, to, diff)
	}
	if diff := cmp.Diff(want[max(0, len(want)-limit):], back); diff != "" {
		t.Errorf("back %s ≤ key < %s: %s", from, to, diff)
	}
	value, there := model[from]
	if v := r.Get(things, []byte(from)); (v != nil) != there || string(v) != value {
		t.Errorf("%s is %.20q, want %.20q", from, v, value)
	}
}
