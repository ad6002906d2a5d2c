package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"asugate/internal/pki"
	"asugate/internal/scene"
)

// expected is more than can be sent in a second, by the size; GOST signatures take a process each to make,
// so that there are fewer of them and a round may end before its time.
func expected(size int, key string) float64 {
	perSecond := 3500.0
	switch {
	case size > 50<<10:
		perSecond = 900
	case size > 5<<10:
		perSecond = 2500
	}
	if key == "gost" {
		perSecond = min(perSecond, 300)
	}
	return perSecond
}

// runDocuments prints the table of sizes, clients and keys. Every row has a daemon and a store of its own; rows
// that differ by the clients alone get the same documents.
func runDocuments(ctx context.Context, p plan, m *machine) error {
	s, err := scene.New(time.Now())
	if err != nil {
		return err
	}
	signers := make(map[string]*signer)
	for _, kind := range orAll(p.keys, keys) {
		k, err := newSigner(s, kind)
		if err != nil && !errors.Is(err, errAbsent) {
			return err
		}
		if err == nil {
			defer k.close()
			if err := m.measureKey(k); err != nil {
				return err
			}
		}
		signers[kind] = k
	}
	m.print()
	fmt.Printf("\n| document | key | clients | accepted/s | 503 or 429 | of the limit | p50 ms | p99 ms | p99.9 ms | daemon's CPU ms a document | " +
		"bytes written per byte | memory MiB |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, kind := range orAll(p.keys, keys) {
		if signers[kind] == nil {
			fmt.Printf("| all | %s | | absent: no OpenSSL with a GOST engine | | | | | | | | |\n", kind)
			continue
		}
		for _, size := range orAll(p.sizes, []int{1 << 10, 10 << 10, 100 << 10}) {
			if err := runRows(ctx, p, m, s, signers[kind], size); err != nil {
				return err
			}
		}
	}
	fmt.Println("\nThe limit is the sum of the unavoidable: verify the document's signature and hash its bytes, sign the ЭСИД and\n" +
		"verify it once more before it leaves, on as many cores as there are requests; and one fdatasync shared by all of them.")
	return nil
}

func orAll[T any](chosen, all []T) []T {
	if len(chosen) > 0 {
		return chosen
	}
	return all
}

// runRows prints the rows of one size and key.
func runRows(ctx context.Context, p plan, m *machine, s *scene.Scene, k *signer, size int) error {
	clients := p.clients
	switch {
	case len(clients) > 0:
	case p.full || size == 10<<10 && k.kind == "ecdsa":
		clients = []int{1, 8, 64, 256}
	default:
		clients = []int{64}
	}
	each := int(expected(size, k.kind) * p.each.Seconds())
	documents, err := makeDocuments(s, k.hands, first, size, each*p.rounds)
	if err != nil {
		return err
	}
	for _, n := range clients {
		r, err := runRow(ctx, p, s, k, documents, n)
		if err != nil {
			return err
		}
		limit := m.limit(k.kind, len(documents[0]), n)
		fmt.Printf("| %d KiB | %s | %d | %.0f | %d | %.0f %% of %.0f | %.1f | %.1f | %.1f | %.2f | %.1f | %d |\n", size>>10, k.kind, n, r.rate, r.again,
			100*r.rate/limit, limit, r.p50.Seconds()*1e3, r.p99.Seconds()*1e3, r.p99_9.Seconds()*1e3, r.cpu.Seconds()*1e3, r.amplification, r.memory>>20)
	}
	return nil
}

// runRow is the median of the rounds, which follow one another in one store.
func runRow(ctx context.Context, p plan, s *scene.Scene, k *signer, documents [][]byte, clients int) (r result, err error) {
	dir, err := os.MkdirTemp(p.dir, "row-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	config := unlimited
	if p.profile != "" {
		config = strings.Replace(config, `ops: {`, `ops: {pprof: true, `, 1)
	}
	d, err := newDaemon(ctx, s, p.gatewayd, dir, config, pki.EncodeCertificates(k.roots...))
	if err != nil {
		return r, err
	}
	if err := d.start(ctx); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	profiled := make(chan error, 1)
	if p.profile != "" {
		go func() { profiled <- d.saveProfile(ctx, p.profile, time.Duration(p.rounds)*p.each*8/10) }()
	} else {
		profiled <- nil
	}
	var all []result
	each := len(documents) / p.rounds
	for n := range p.rounds {
		r, err := d.round(documents[n*each:(n+1)*each], clients, p.each)
		if err != nil {
			return r, err
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b result) int { return int(a.rate - b.rate) })
	return all[len(all)/2], <-profiled
}

// storePath is the store of a daemon.
func (d *daemon) storePath() string { return filepath.Join(d.dir, "gatewayd.db") }
