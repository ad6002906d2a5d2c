package register

import (
	"crypto/sha256"
	"sync"
)

// cache keeps what was compiled last, by the digest of what it was compiled from. Values are shared
// and immutable.
type cache[T any] struct {
	limit int // of the costs of all values; the newest value stays even if it alone costs more

	mu     sync.Mutex // protects what follows; never held while compiling
	values map[[sha256.Size]byte]cached[T]
	order  [][sha256.Size]byte // oldest first
	cost   int
}

type cached[T any] struct {
	value T
	cost  int
}

func (c *cache[T]) get(digest [sha256.Size]byte) (value T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.values[digest]
	return found.value, ok
}

// put keeps a value and forgets the oldest ones beyond the limit. Two goroutines may compile the
// same version at once; the first value stays.
func (c *cache[T]) put(digest [sha256.Size]byte, value T, cost int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.values[digest]; ok {
		return
	}
	if c.values == nil {
		c.values = map[[sha256.Size]byte]cached[T]{}
	}
	c.values[digest] = cached[T]{value, cost}
	c.order = append(c.order, digest)
	c.cost += cost
	for c.cost > c.limit && len(c.order) > 1 {
		oldest := c.order[0]
		c.cost -= c.values[oldest].cost
		delete(c.values, oldest)
		c.order = c.order[1:]
	}
}
