package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// machine is what this machine can do at best.
type machine struct {
	syncs   float64 // fdatasync of 4 KiB a second
	verify  float64 // ECDSA P-256 verifications a second and core
	sign    float64 // ECDSA P-256 signatures a second and core
	hashing float64 // SHA-256 bytes a second and core
}

func measureMachine(dir string) (machine, error) {
	var m machine
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
	m.verify, err = rate(func() error {
		if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
			return fmt.Errorf("a good signature does not verify")
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	block := make([]byte, 1<<20)
	blocks, err := rate(func() error {
		sha256.Sum256(block)
		return nil
	})
	m.hashing = blocks * float64(len(block))
	return m, err
}

// rate is how often a second f can be done, over half a second.
func rate(f func() error) (float64, error) {
	n, start := 0, time.Now()
	for time.Since(start) < 500*time.Millisecond {
		if err := f(); err != nil {
			return 0, err
		}
		n++
	}
	return float64(n) / time.Since(start).Seconds(), nil
}

// limit is documents a second of a size if all cores did nothing but the cryptography of the road.
func (m machine) limit(size int) float64 {
	seconds := 2/m.verify + 1/m.sign + float64(size)/m.hashing
	return float64(runtime.NumCPU()) / seconds
}

func (m machine) print() {
	fmt.Printf("| this machine | |\n|---|---|\n")
	fmt.Printf("| fdatasync of 4 KiB | %.0f/s |\n", m.syncs)
	fmt.Printf("| ECDSA P-256 verification, one core | %.0f/s |\n", m.verify)
	fmt.Printf("| ECDSA P-256 signature, one core | %.0f/s |\n", m.sign)
	fmt.Printf("| SHA-256, one core | %.0f MB/s |\n", m.hashing/1e6)
}
