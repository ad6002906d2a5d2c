package lossyfs

import (
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	pageSize = 4096
	// sector is what a disk writes as a whole.
	sector = 512
)

// page is a part of a file.
type page = [pageSize]byte

// content is the bytes of a file; pages that are absent are zeroes.
type content struct {
	size  int64
	pages map[int64]*page
}

// node is a file or a folder: as programs see it now, and as a power cut leaves it.
type node struct {
	number uint64
	folder bool
	mode   uint32
	since  time.Time // its newest change, of name or content

	// Of a file.
	now, synced content
	dirty       map[int64]struct{} // numbers of the pages in which now and synced may differ

	// Of a folder.
	names, syncedNames map[string]*node
}

func newFile(number uint64, mode uint32) *node {
	return &node{
		number: number, mode: mode, dirty: make(map[int64]struct{}),
		now: content{pages: make(map[int64]*page)}, synced: content{pages: make(map[int64]*page)},
	}
}

func newFolder(number uint64, mode uint32) *node {
	return &node{number: number, mode: mode, folder: true, names: make(map[string]*node), syncedNames: make(map[string]*node)}
}

// write puts bytes at an offset.
func (n *node) write(data []byte, at int64) {
	n.since = time.Now()
	for len(data) > 0 {
		number, from := at/pageSize, at%pageSize
		p := n.now.pages[number]
		if p == nil {
			p = new(page)
			n.now.pages[number] = p
		}
		count := copy(p[from:], data)
		n.dirty[number] = struct{}{}
		data, at = data[count:], at+int64(count)
	}
	n.now.size = max(n.now.size, at)
}

// read fills what it can of the bytes at an offset.
func (n *node) read(into []byte, at int64) int {
	if at >= n.now.size {
		return 0
	}
	into = into[:min(int64(len(into)), n.now.size-at)]
	for done := 0; done < len(into); {
		number, from := (at+int64(done))/pageSize, (at+int64(done))%pageSize
		rest := into[done:min(len(into), done+int(pageSize-from))]
		if p := n.now.pages[number]; p != nil {
			copy(rest, p[from:])
		} else {
			clear(rest)
		}
		done += len(rest)
	}
	return len(into)
}

// resize cuts the file off, or lets it end in zeroes.
func (n *node) resize(size int64) {
	if size < n.now.size {
		for number := range n.now.pages {
			if number*pageSize >= size {
				delete(n.now.pages, number)
				n.dirty[number] = struct{}{}
			}
		}
		if p := n.now.pages[size/pageSize]; p != nil {
			clear(p[size%pageSize:])
			n.dirty[size/pageSize] = struct{}{}
		}
	}
	n.now.size = size
}

// sync makes the bytes of a file durable.
func (n *node) sync() {
	for number := range n.dirty {
		if p := n.now.pages[number]; p != nil {
			kept := *p
			n.synced.pages[number] = &kept
		} else {
			delete(n.synced.pages, number)
		}
	}
	n.synced.size = n.now.size
	clear(n.dirty)
}

// change is a name that has come, gone or been moved, all at once: there is no moment at which a file that
// is renamed has no name.
type change struct {
	node     *node
	from, to place // either may be none
}

// place is a name in a folder.
type place struct {
	folder *node
	name   string
}

// do makes the change durable.
func (c change) do() {
	if f := c.from.folder; f != nil && f.syncedNames[c.from.name] == c.node {
		delete(f.syncedNames, c.from.name)
	}
	if f := c.to.folder; f != nil {
		f.syncedNames[c.to.name] = c.node
	}
}

// disk is a tree of nodes, with the changes of names that are not durable yet, oldest first.
type disk struct {
	root    *node
	pending []change
}

// changed does a change for the programs.
func (d *disk) changed(c change) {
	if f := c.from.folder; f != nil {
		delete(f.names, c.from.name)
	}
	if f := c.to.folder; f != nil {
		f.names[c.to.name] = c.node
	}
	c.node.since = time.Now()
	d.pending = append(d.pending, c)
}

// syncFolder makes the names of a folder durable.
func (d *disk) syncFolder(folder *node) {
	d.pending = slices.DeleteFunc(d.pending, func(c change) bool {
		if c.from.folder != folder && c.to.folder != folder {
			return false
		}
		c.do()
		return true
	})
}

// cut is the power cut: the tree becomes what is on the disk. Some of what was not synced is there all the
// same, as random says: any sectors, and names up to some moment, as journals keep them. Nothing of it with
// no random. It returns how many pages and names were not synced.
func (d *disk) cut(random *rand.Rand) (unsynced int) {
	unsynced = len(d.pending)
	if random != nil {
		for _, c := range d.pending[:random.IntN(len(d.pending)+1)] {
			c.do()
		}
	}
	d.pending = nil
	return unsynced + d.root.cut(random)
}

func (n *node) cut(random *rand.Rand) (unsynced int) {
	chance := 0.0
	if random != nil {
		chance = random.Float64()
	}
	if !n.folder {
		unsynced = len(n.dirty)
		n.cutFile(random, chance)
		return unsynced
	}
	n.names = maps.Clone(n.syncedNames)
	// In the order of the names, so that the same random numbers do the same.
	for _, name := range slices.Sorted(maps.Keys(n.names)) {
		unsynced += n.names[name].cut(random)
	}
	return unsynced
}

// cutFile writes some sectors of the dirty pages, and loses the others.
func (n *node) cutFile(random *rand.Rand, chance float64) {
	size := n.synced.size
	if chance > 0 && n.now.size != size && random.Float64() < chance {
		size = n.now.size
	}
	for _, number := range slices.Sorted(maps.Keys(n.dirty)) {
		p := n.now.pages[number]
		if p == nil || chance == 0 {
			continue
		}
		kept := n.synced.pages[number]
		if kept == nil {
			kept = new(page)
		}
		for at := 0; at < pageSize; at += sector {
			if random.Float64() < chance {
				copy(kept[at:at+sector], p[at:at+sector])
			}
		}
		n.synced.pages[number] = kept
	}
	n.now = content{size: n.synced.size, pages: make(map[int64]*page)}
	for number, p := range n.synced.pages {
		kept := *p
		n.now.pages[number] = &kept
	}
	n.resize(size)
	n.sync()
	for number := range n.synced.pages {
		if number*pageSize >= size { // sectors that were written behind the end
			delete(n.synced.pages, number)
			delete(n.now.pages, number)
		}
	}
}
