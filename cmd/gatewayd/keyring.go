package main

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"asugate/conf"
	"asugate/signature"
)

// keyring is the keys that the gateway signs with, each from its start on. It is replaced as a whole.
type keyring struct {
	now  func() time.Time
	keys atomic.Pointer[[]ringKey] // ordered by from
}

type ringKey struct {
	from time.Time
	key  *signature.Key
}

// loadKeys reads all configured keys, or none.
func loadKeys(configured []conf.SigningKey) ([]ringKey, error) {
	var keys []ringKey
	for _, c := range configured {
		k, err := signature.LoadKey(c.Key, c.Certificate)
		if err != nil {
			return nil, err
		}
		keys = append(keys, ringKey{from: c.From, key: k})
	}
	slices.SortStableFunc(keys, func(a, b ringKey) int { return a.from.Compare(b.from) })
	return keys, nil
}

// current is the newest key whose start has come and whose certificate is valid now, nil when there is none.
func (r *keyring) current() *signature.Key {
	now := r.now()
	for _, k := range slices.Backward(*r.keys.Load()) {
		c := k.key.Certificate()
		if !k.from.After(now) && !now.Before(c.NotBefore) && !now.After(c.NotAfter) {
			return k.key
		}
	}
	return nil
}

var errNoKey = errors.New("no signing key is in force")

// check says why nothing can be signed.
func (r *keyring) check() error {
	if r.current() != nil {
		return nil
	}
	if len(*r.keys.Load()) == 0 {
		return fmt.Errorf("%w: none is configured", errNoKey)
	}
	return fmt.Errorf("%w: each has a start to come or a certificate out of its validity", errNoKey)
}
