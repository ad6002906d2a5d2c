package revocation

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"math/big"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"asugate/internal/pki"
	"asugate/signature"
)

// large is a list (DER) of n certificates with serial numbers of 16 octets, in no order, besides those
// named. Most have a reason.
func large(ca *pki.Authority, n int, named ...*big.Int) []byte {
	random := mathrand.New(mathrand.NewPCG(1, uint64(n)))
	var b cryptobyte.Builder
	b.AddASN1(casn1.SEQUENCE, func(tbs *cryptobyte.Builder) {
		tbs.AddASN1Int64(1)
		addAlgorithm(tbs)
		tbs.AddBytes(ca.Certificate.RawSubject)
		tbs.AddASN1UTCTime(now.Add(-time.Hour))
		tbs.AddASN1UTCTime(now.Add(24 * time.Hour))
		tbs.AddASN1(casn1.SEQUENCE, func(list *cryptobyte.Builder) {
			for i := range n {
				list.AddASN1(casn1.SEQUENCE, func(e *cryptobyte.Builder) {
					serial := make([]byte, 16)
					binary.BigEndian.PutUint64(serial, random.Uint64()>>1|1<<62)
					binary.BigEndian.PutUint64(serial[8:], random.Uint64())
					if place := i - n/2; place >= 0 && place < len(named) {
						e.AddASN1BigInt(named[place])
					} else {
						e.AddASN1(casn1.INTEGER, func(s *cryptobyte.Builder) { s.AddBytes(serial) })
					}
					e.AddASN1UTCTime(now.Add(-time.Duration(i+1) * time.Minute))
					if i%4 != 0 {
						e.AddBytes([]byte{0x30, 12, 0x30, 10, 6, 3, 0x55, 0x1D, 21, 4, 3, 10, 1, 5})
					}
				})
			}
		})
		tbs.AddASN1(casn1.Tag(0).Constructed().ContextSpecific(), func(x *cryptobyte.Builder) {
			x.AddBytes([]byte{0x30, 12, 0x30, 10, 6, 3, 0x55, 0x1D, 20, 4, 3, 2, 1, 9})
		})
	})
	tbs := b.BytesOrPanic()
	digest := sha256.Sum256(tbs)
	value := pki.Must(ca.Key.Sign(rand.Reader, digest[:], crypto.SHA256))
	var whole cryptobyte.Builder
	whole.AddASN1(casn1.SEQUENCE, func(s *cryptobyte.Builder) {
		s.AddBytes(tbs)
		addAlgorithm(s)
		s.AddASN1BitString(value)
	})
	return whole.BytesOrPanic()
}

func addAlgorithm(b *cryptobyte.Builder) { // ecdsa-with-SHA256
	b.AddBytes([]byte{0x30, 10, 6, 8, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2})
}

// heap is how much memory is in use.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A long list says of everyone on it what crypto/x509 reads there, and costs little more memory than
// its file; looking up costs none.
func TestLargeList(t *testing.T) {
	w := newWorld(t)
	const n = 100_000
	der := large(w.ca, n, w.bad.Certificate.SerialNumber)
	reference := pki.Must(x509.ParseRevocationList(der))
	w.write("one.crl", der)
	config := w.config(w.in("one.crl"))
	config.MaxSize = 64 << 20
	size := int64(len(der))
	der = nil
	before := heap()
	k := w.using(config)
	if held := heap() - before; held > size+size/4+1<<20 {
		t.Errorf("%d octets are held for a list of %d", held, size)
	}
	certificate := *w.good.Certificate
	for i, e := range reference.RevokedCertificateEntries {
		if i%7 != 0 {
			continue
		}
		certificate.RawTBSCertificate = numbered(e.SerialNumber)
		r := k.Status(&certificate, w.ca.Certificate, now)
		if r.State != signature.RevocationRevoked || !r.RevokedAt.Equal(e.RevocationTime) || r.Reason != reasonNames[e.ReasonCode] {
			t.Fatalf("entry %d: %s at %s", i, state(r), r.RevokedAt)
		}
		certificate.RawTBSCertificate = numbered(new(big.Int).Add(e.SerialNumber, big.NewInt(1)))
		if r := k.Status(&certificate, w.ca.Certificate, now); r.State != signature.RevocationGood {
			t.Fatalf("the number after that of entry %d: %s", i, state(r))
		}
	}
	for name, c := range map[string]*x509.Certificate{"good": w.good.Certificate, "bad": w.bad.Certificate} {
		if n := testing.AllocsPerRun(100, func() { k.Status(c, w.ca.Certificate, now) }); n != 0 {
			t.Errorf("Status of %s allocates %v times", name, n)
		}
	}
}

// numbered is as much of a TBSCertificate as is read of one.
func numbered(serial *big.Int) []byte {
	var b cryptobyte.Builder
	b.AddASN1(casn1.SEQUENCE, func(tbs *cryptobyte.Builder) {
		tbs.AddBytes([]byte{0xA0, 3, 2, 1, 2})
		tbs.AddASN1BigInt(serial)
	})
	return b.BytesOrPanic()
}

// FuzzParse: no octets make the parser fail otherwise than by an error, use more memory than a few
// times their own, or find what is not there.
func FuzzParse(f *testing.F) {
	ca := pki.Must(pki.NewAuthority("Issuing CA", now))
	f.Add(large(ca, 3))
	f.Add(large(ca, 0))
	f.Add(armored(large(ca, 2)))
	f.Add(pki.Must(ca.CRL(pki.CRL{Number: 7, Revoked: []pki.Revoked{{Serial: big.NewInt(5), At: now, Reason: 6}}})))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := parse(text)
		if err != nil {
			return
		}
		if len(l.entries) > len(text)/5 {
			t.Errorf("%d entries in %d octets", len(l.entries), len(text))
		}
		for i, offset := range l.entries {
			e := l.at(offset)
			if i > 0 && compareSerials(l.at(l.entries[i-1]).serial, e.serial) > 0 {
				t.Error("the entries are in no order")
			}
			found, ok := l.find(e.serial)
			if e.reason != removeFromCRL && (!ok || !bytes.Equal(found.serial, e.serial) || found.since.After(e.since)) {
				t.Errorf("entry %d is not found", i)
			}
		}
		// What crypto/x509 reads as a list has the same entries.
		if reference, err := x509.ParseRevocationList(l.der); err == nil && len(reference.RevokedCertificateEntries) != len(l.entries) {
			t.Errorf("%d entries, crypto/x509 reads %d", len(l.entries), len(reference.RevokedCertificateEntries))
		}
	})
}

// FuzzAnswer: no octets make reading an answer fail otherwise than by an error.
func FuzzAnswer(f *testing.F) {
	ca := pki.Must(pki.NewAuthority("Issuing CA", now))
	c := pki.Must(ca.Issue(pki.Request{Subject: pki.Subject{CommonName: "x"}}))
	for status := range 3 {
		f.Add(pki.Must(ca.OCSP(pki.OCSP{Serial: c.Certificate.SerialNumber, Status: status, RevokedAt: now})))
	}
	q := ask(ca.Certificate, serialOf(c.Certificate))
	f.Fuzz(func(t *testing.T, der []byte) {
		b, err := readBasic(der)
		if err != nil {
			return
		}
		if a, err := b.find(q); err == nil && a.thisUpdate.IsZero() {
			t.Error("an answer without a time")
		}
	})
}

const million = 1_000_000

// BenchmarkStatus looks certificates up in a list of a million; MB is what the list holds in memory.
func BenchmarkStatus(b *testing.B) {
	ca := pki.Must(pki.NewAuthority("Issuing CA", now))
	good := pki.Must(ca.Issue(pki.Request{Subject: pki.Subject{CommonName: "Good"}})).Certificate
	dir := b.TempDir()
	der := large(ca, million)
	size := len(der)
	if err := os.WriteFile(filepath.Join(dir, "one.crl"), der, 0o600); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), pki.EncodeCertificates(ca.Certificate), 0o600); err != nil {
		b.Fatal(err)
	}
	der = nil
	before := heap()
	k := New(Options{Now: func() time.Time { return now }})
	k.Use(pki.Must(k.Prepare(Config{
		Lists:   []ListSource{{File: filepath.Join(dir, "one.crl"), Issuer: filepath.Join(dir, "ca.pem")}},
		MaxSize: 1 << 30, Refresh: time.Hour,
	})))
	held := heap() - before
	b.ReportAllocs()
	for b.Loop() {
		if r := k.Status(good, ca.Certificate, now); r.State != signature.RevocationGood {
			b.Fatal(r.State)
		}
	}
	b.ReportMetric(float64(held)/1e6, "MB")
	b.ReportMetric(float64(held)/float64(size), "held/file")
}

// BenchmarkParse reads a list of a million, beside crypto/x509.
func BenchmarkParse(b *testing.B) {
	der := large(pki.Must(pki.NewAuthority("Issuing CA", now)), million)
	for name, read := range map[string]func() error{
		"ours": func() error { _, err := parse(der); return err },
		"x509": func() error { _, err := x509.ParseRevocationList(der); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(der)))
			b.ReportAllocs()
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
