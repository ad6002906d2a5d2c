package gateway

import (
	"bytes"
	"runtime"
	"sync"
	"testing"

	"asugate/store"
)

// Documents that come at once with a large new list share one packed copy of it, and nobody keeps it when
// they are done.
func TestDigests_pack(t *testing.T) {
	var d digests
	der := bytes.Repeat([]byte("a list of revoked certificates "), 10_000)
	packed := make([]*[]byte, 8)
	var coming sync.WaitGroup
	for i := range packed {
		coming.Go(func() { packed[i] = d.pack("digest", der) })
	}
	coming.Wait()
	for _, p := range packed {
		if p != packed[0] {
			t.Fatal("packed more than once")
		}
	}
	if got, err := store.Unpack(*packed[0]); err != nil || !bytes.Equal(got, der) {
		t.Errorf("unpacked: %d bytes, %v", len(got), err)
	}
	if other := d.pack("another", der); other == packed[0] {
		t.Error("another list was taken for this one")
	}
	clear(packed)
	runtime.GC()
	if d.packed["digest"].Value() != nil {
		t.Error("it is still in memory")
	}
}
