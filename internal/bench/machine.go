package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// machine is what this machine can do at best.
type machine struct {
	syncs    float64            // fdatasync of 4 KiB a second
	sign     float64            // ECDSA P-256 signatures a second and core
	verified map[string]float64 // verifications a second and core, by the kind of the key
	hashed   map[string]float64 // bytes a second and core of the digest that goes with it
}

func measureMachine(dir string) (machine, error) {
	m := machine{verified: make(map[string]float64), hashed: make(map[string]float64)}
	f, err := os.OpenFile(filepath.Join(dir, "syncs"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return m, err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	page := make([]byte, 4<<10)
	m.syncs, err = rate(func() error {
		if _, err := f.WriteAt(page, 0); err != nil {
			return err
		}
		return syscall.Fdatasync(int(f.Fd()))
	})
	if err != nil {
		return m, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return m, err
	}
	digest := sha256.Sum256(page)
	var signature []byte
	m.sign, err = rate(func() (err error) {
		signature, err = ecdsa.SignASN1(rand.Reader, key, digest[:])
		return err
	})
	if err != nil {
		return m, err
	}
	m.verified["ecdsa"], err = rate(func() error {
		if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
			return errUnverified
		}
		return nil
	})
	return m, err
}

var errUnverified = errors.New("a good signature does not verify")

// measureKey measures what the signatures of a signer cost.
func (m *machine) measureKey(s *signer) error {
	verify, hash, err := s.primitives()
	if err != nil {
		return err
	}
	if m.verified[s.kind], err = rate(verify); err != nil {
		return err
	}
	block := make([]byte, 1<<20)
	blocks, err := rate(func() error {
		hash(block)
		return nil
	})
	m.hashed[s.kind] = blocks * float64(len(block))
	return err
}

// rate is how often a second f can be done: the best of five tenths of a second, for others may be at work.
func rate(f func() error) (best float64, err error) {
	for range 5 {
		n, start := 0, time.Now()
		for time.Since(start) < 100*time.Millisecond {
			if err := f(); err != nil {
				return 0, err
			}
			n++
		}
		best = max(best, float64(n)/time.Since(start).Seconds())
	}
	return best, nil
}

// limit is documents a second of a size if there were nothing but cryptography on all cores that the clients
// can keep busy, and one synced write for what all of them have sent.
func (m machine) limit(kind string, size, clients int) float64 {
	processor := 1/m.verified[kind] + float64(size)/m.hashed[kind] + 1/m.sign + 1/m.verified["ecdsa"]
	return 1 / (processor/float64(min(runtime.NumCPU(), clients)) + 1/m.syncs/float64(clients))
}

func (m machine) print() {
	fmt.Printf("| this machine | |\n|---|---|\n")
	fmt.Printf("| fdatasync of 4 KiB | %.0f/s |\n", m.syncs)
	fmt.Printf("| ECDSA P-256 signature, one core | %.0f/s |\n", m.sign)
	for _, k := range keys {
		if m.hashed[k] > 0 {
			fmt.Printf("| verification with a key of %s, one core | %.0f/s |\n", k, m.verified[k])
			fmt.Printf("| its digest, one core | %.0f MB/s |\n", m.hashed[k]/1e6)
		}
	}
}
