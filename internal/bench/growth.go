package main

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"asugate/store"
	"asugate/store/bolt"
)

// runGrowth prints what a document costs when so many have been stored before it, all of them by the real road.
func runGrowth(ctx context.Context, p plan) (err error) {
	last := cmp.Or(p.stored, 10_000)
	if p.full {
		last = cmp.Or(p.stored, 1_000_000)
	}
	dir, err := os.MkdirTemp(p.dir, "growth-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	d, err := startDaemon(ctx, p.gatewayd, dir, unlimited)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	fmt.Printf("\n| documents stored | accepted/s | p99 ms | daemon's CPU ms a document | bytes written per byte | memory MiB | store MiB |\n" +
		"|---|---|---|---|---|---|---|\n")
	const size, clients, sample = 1 << 10, 64, 2_000
	next, stored := 1_000, 0
	for stored < last {
		count := min(sample, last-stored)
		if stored+count > next { // the sample ends where the row is
			count = next - stored
		}
		r, err := d.round(d.documents(first, size, count), clients, time.Hour)
		if err != nil {
			return err
		}
		if stored += count; stored < next && stored < last {
			continue
		}
		info, err := os.Stat(d.storePath())
		if err != nil {
			return err
		}
		fmt.Printf("| %d | %.0f | %.1f | %.2f | %.1f | %d | %d |\n", stored, r.rate, r.p99.Seconds()*1e3, r.cpu.Seconds()*1e3,
			r.amplification, r.memory>>20, info.Size()>>20)
		if next *= 10; stored >= 100_000 {
			next = stored + 100_000
		}
	}
	return nil
}

// runIndex prints what a commit costs when a table has so many keys: those of an index of documents, in the
// order of chance that clients' ids have.
func runIndex(p plan) error {
	last := cmp.Or(p.indexed, 1_000_000)
	if p.full {
		last = cmp.Or(p.indexed, 10_000_000)
	}
	fmt.Printf("\n| keys in the index | a commit of 64 new ones, ms | a look, µs | file MiB |\n|---|---|---|---|\n")
	for keys := 1_000; keys <= last; keys *= 10 {
		if err := runKeys(p.dir, keys); err != nil {
			return err
		}
	}
	return nil
}

func runKeys(dir string, keys int) (err error) {
	dir, err = os.MkdirTemp(dir, "index-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "index.db")
	if err := bolt.Create(path, bolt.Meta{Environment: bolt.Test}); err != nil {
		return err
	}
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := fillIndex(s, keys); err != nil {
		return err
	}
	commit, err := rate(func() error {
		return s.Update(func(tx store.Tx) error {
			for range 64 {
				putKey(tx, uuid.New())
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	look, err := rate(func() error {
		return s.View(func(tx store.Reader) error {
			for range 64 {
				tx.Get(indexed, keyOf(uuid.New()))
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Printf("| %d | %.2f | %.1f | %d |\n", keys, 1e3/commit, 1e6/look/64, info.Size()>>20)
	return nil
}

// fillIndex puts keys in their order, spread evenly: then each commit adds pages and frees none. A list of as
// many free pages as there are others would be written with each commit afterwards, which one that
// has grown by and by does not have.
func fillIndex(s *bolt.Store, keys int) error {
	const each = 10_000
	for begin := 0; begin < keys; begin += each {
		err := s.Update(func(tx store.Tx) error {
			for i := begin; i < min(begin+each, keys); i++ {
				id := uuid.New()
				binary.BigEndian.PutUint32(id[:], uint32(uint64(i)<<32/uint64(keys)))
				putKey(tx, id)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// indexed stands for the table ids of the gateway: a table is like another.
const indexed = store.Blobs

func keyOf(id uuid.UUID) []byte {
	return binary.BigEndian.AppendUint32([]byte(first+"\x00"+id.String()+"\x00"), 1)
}

func putKey(tx store.Tx, id uuid.UUID) {
	tx.Put(indexed, keyOf(id), []byte(`{"entry":"20261122101500000-0000001","content":"`+sixtyFour+`"}`))
}

// sixtyFour is as long as a digest.
const sixtyFour = "0000000000000000000000000000000000000000000000000000000000000000"
