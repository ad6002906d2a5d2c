package bolt

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"os"
)

// metaPage is what bbolt keeps in pages 0 and 1, after the 16 bytes of a page header (bbolt
// internal/common, page.go and meta.go), in the byte order of the machine.
type metaPage struct {
	PageSize uint32
	Root     uint64 // page of the tree of tables
	Freelist uint64 // page of the list of free pages
	Pages    uint64 // first page that is not in use
	Txid     uint64
}

const (
	boltMagic     = 0xED0CDAED
	boltVersion   = 2
	pageHeader    = 16
	metaSummed    = 56 // bytes before the checksum
	metaSize      = metaSummed + 8
	smallestPages = 1 << 10
	largestPages  = 64 << 10
)

// readMetaPage reads the meta page at an offset. ok is false when it is damaged.
func readMetaPage(file io.ReaderAt, offset int64) (m metaPage, ok bool) {
	var page [pageHeader + metaSize]byte
	if _, err := file.ReadAt(page[:], offset); err != nil {
		return m, false
	}
	b := page[pageHeader:]
	sum := fnv.New64a()
	sum.Write(b[:metaSummed])
	order := binary.NativeEndian
	if order.Uint32(b) != boltMagic || order.Uint32(b[4:]) != boltVersion ||
		order.Uint64(b[metaSummed:]) != sum.Sum64() {
		return m, false
	}
	return metaPage{
		PageSize: order.Uint32(b[8:]),
		Root:     order.Uint64(b[16:]),
		Freelist: order.Uint64(b[32:]),
		Pages:    order.Uint64(b[40:]),
		Txid:     order.Uint64(b[48:]),
	}, true
}

// inspect refuses a file that bbolt would open although something is missing. bbolt writes its two
// meta pages by turns and falls back to the older one when the newer is damaged, which takes back
// the last commit without a word. A power cut does not explain a damaged one: the 80 bytes lie in
// one sector, and disks write whole sectors.
func inspect(file *os.File, salvage bool) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	first, ok0 := readMetaPage(file, 0)
	second, ok1 := metaPage{}, false
	if ok0 {
		second, ok1 = readMetaPage(file, int64(first.PageSize))
	} else {
		for size := int64(smallestPages); size <= largestPages && !ok1; size *= 2 {
			second, ok1 = readMetaPage(file, size)
		}
	}
	switch {
	case !ok0 && !ok1:
		return damaged("neither meta page is whole; is it a store at all?")
	case (!ok0 || !ok1) && !salvage:
		return damaged("%w", ErrLastLost)
	}
	newest := first
	if !ok0 || ok1 && second.Txid > first.Txid {
		newest = second
	}
	if int64(newest.Pages)*int64(newest.PageSize) > info.Size() {
		return damaged("the file has %d bytes and should have %d", info.Size(), int64(newest.Pages)*int64(newest.PageSize))
	}
	return nil
}
