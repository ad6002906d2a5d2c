package store

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// document is something like the XML that is kept.
func document(n int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for b.Len() < n {
		b.WriteString(`<Wagon number="` + strings.Repeat(string(rune('0'+random.IntN(10))), 8) + `"><Fastener name="растяжка"/></Wagon>`)
	}
	return b.Bytes()[:n]
}

func noise(n int) []byte {
	b := make([]byte, n)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(b)
	return b
}

func TestPack(t *testing.T) {
	for name, c := range map[string]struct {
		body []byte
		most int // bytes packed
	}{
		"nothing":              {nil, 1},
		"one byte":             {[]byte("x"), 2},
		"small":                {document(100), 101},
		"a document":           {document(10_000), 3_000},
		"a large one":          {document(1_000_000), 100_000},
		"not to be compressed": {noise(10_000), 10_001},
		"looks packed":         {append([]byte{'z'}, noise(50)...), 52},
	} {
		packed := Pack(c.body)
		if len(packed) > c.most {
			t.Errorf("%s: %d bytes became %d", name, len(c.body), len(packed))
		}
		body, err := Unpack(packed)
		if err != nil || !bytes.Equal(body, c.body) {
			t.Errorf("%s: unpacked to %d bytes, %v", name, len(body), err)
		}
		// The body outlives the transaction that the packed bytes belong to.
		clear(packed)
		if !bytes.Equal(body, c.body) {
			t.Errorf("%s: the body is not a copy", name)
		}
	}
}

func TestUnpackRefuses(t *testing.T) {
	bomb, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	good := Pack(document(10_000))
	for name, packed := range map[string][]byte{
		"nothing":            nil,
		"an unknown form":    []byte("xyz"),
		"no frame":           []byte("z"),
		"a cut frame":        good[:len(good)/2],
		"a changed frame":    append(bytes.Clone(good[:len(good)-20]), noise(20)...),
		"a bomb":             bomb.EncodeAll(make([]byte, MaxBody+1), []byte{'z'}),
		"too much, unpacked": append([]byte{'p'}, make([]byte, MaxBody+1)...),
	} {
		if body, err := Unpack(packed); !errors.Is(err, ErrPacked) {
			t.Errorf("%s: %d bytes, %v", name, len(body), err)
		}
	}
}

func TestPackConcurrently(t *testing.T) {
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			body := document(1000 * (i + 1))
			for range 50 {
				if got, err := Unpack(Pack(body)); err != nil || !bytes.Equal(got, body) {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// FuzzUnpack: whatever lies on the disk, Unpack answers, within its limit; what it accepts packs
// again.
func FuzzUnpack(f *testing.F) {
	f.Add([]byte(nil))
	f.Add([]byte("p"))
	f.Add(Pack(document(3000)))
	f.Add(Pack(noise(300)))
	f.Fuzz(func(t *testing.T, packed []byte) {
		body, err := Unpack(packed)
		if err != nil {
			if !errors.Is(err, ErrPacked) || body != nil {
				t.Fatal(err, len(body))
			}
			return
		}
		if again, err := Unpack(Pack(body)); err != nil || !bytes.Equal(again, body) || len(body) > MaxBody {
			t.Fatal(err)
		}
	})
}

func BenchmarkPack(b *testing.B) {
	for name, body := range map[string][]byte{"10KB": document(10 << 10), "100KB": document(100 << 10)} {
		packed := Pack(body)
		b.Run("pack/"+name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				Pack(body)
			}
		})
		b.Run("unpack/"+name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, err := Unpack(packed); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
