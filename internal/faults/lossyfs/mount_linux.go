package lossyfs

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// FS is one such file system, mounted.
type FS struct {
	path string

	mu    sync.Mutex // protects all below, and every node
	disk  disk
	last  uint64 // number given out
	epoch int    // of the mount: what was opened before a cut is nothing after it
}

// Mount mounts an empty one at the folder. Only root may, and where there is /dev/fuse.
func Mount(path string) (*FS, error) {
	f := &FS{path: path, disk: disk{root: newFolder(1, 0o700)}, last: 1}
	return f, f.mount()
}

func (f *FS) mount() error {
	root := &entry{fs: f, epoch: f.epoch, node: f.disk.root}
	_, err := fs.Mount(f.path, root, &fs.Options{
		MountOptions:   fuse.MountOptions{FsName: "lossyfs", Name: "lossyfs", DirectMountStrict: true, DirectMount: true},
		RootStableAttr: &fs.StableAttr{Ino: 1},
		UID:            uint32(os.Getuid()), GID: uint32(os.Getgid()),
	})
	if err != nil {
		return fmt.Errorf("mounting a file system at %s: %w", f.path, err)
	}
	return nil
}

// Cut is a power cut, after which the disk is mounted again. The caller has killed whoever worked on it. It
// returns how many pages and names were not synced.
func (f *FS) Cut(random *rand.Rand) (unsynced int, err error) {
	if err := f.Unmount(); err != nil {
		return 0, err
	}
	f.mu.Lock()
	f.epoch++
	unsynced = f.disk.cut(random)
	f.mu.Unlock()
	return unsynced, f.mount()
}

// Unmount takes it away, also from under those who hold files of it.
func (f *FS) Unmount() error {
	if err := syscall.Unmount(f.path, syscall.MNT_DETACH); err != nil {
		return fmt.Errorf("unmounting %s: %w", f.path, err)
	}
	return nil
}

// entry is a node as the kernel knows it.
type entry struct {
	fs.Inode
	fs    *FS
	epoch int
	node  *node
}

// enter begins an operation; done ends it. It fails on what was opened before a cut.
func (e *entry) enter() (done func(), errno syscall.Errno) {
	e.fs.mu.Lock()
	if e.epoch != e.fs.epoch {
		e.fs.mu.Unlock()
		return func() {}, syscall.EIO
	}
	return e.fs.mu.Unlock, 0
}

func (e *entry) child(ctx context.Context, n *node, out *fuse.EntryOut) *fs.Inode {
	n.attributes(&out.Attr)
	mode := uint32(syscall.S_IFREG)
	if n.folder {
		mode = syscall.S_IFDIR
	}
	return e.NewInode(ctx, &entry{fs: e.fs, epoch: e.epoch, node: n}, fs.StableAttr{Mode: mode, Ino: n.number})
}

func (n *node) attributes(out *fuse.Attr) {
	out.Ino, out.Mode, out.Nlink = n.number, n.mode, 1
	out.Size, out.Blksize = uint64(n.now.size), pageSize
	out.SetTimes(&n.since, &n.since, &n.since)
	out.Blocks = uint64(len(n.now.pages)) * pageSize / sector
}

// Lookup is fs.NodeLookuper.
func (e *entry) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	done, errno := e.enter()
	defer done()
	if errno != 0 {
		return nil, errno
	}
	n := e.node.names[name]
	if n == nil {
		return nil, syscall.ENOENT
	}
	return e.child(ctx, n, out), 0
}

// Readdir is fs.NodeReaddirer.
func (e *entry) Readdir(context.Context) (fs.DirStream, syscall.Errno) {
	done, errno := e.enter()
	defer done()
	var list []fuse.DirEntry
	for name, n := range e.node.names {
		mode := uint32(syscall.S_IFREG)
		if n.folder {
			mode = syscall.S_IFDIR
		}
		list = append(list, fuse.DirEntry{Name: name, Ino: n.number, Mode: mode})
	}
	return fs.NewListDirStream(list), errno
}

// Getattr is fs.NodeGetattrer.
func (e *entry) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	done, errno := e.enter()
	defer done()
	e.node.attributes(&out.Attr)
	return errno
}

// Setattr is fs.NodeSetattrer: of a file its size, of all the mode.
func (e *entry) Setattr(_ context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	done, errno := e.enter()
	defer done()
	if errno != 0 {
		return errno
	}
	if size, ok := in.GetSize(); ok {
		e.node.resize(int64(size))
	}
	if mode, ok := in.GetMode(); ok {
		e.node.mode = mode & 0o7777
	}
	e.node.attributes(&out.Attr)
	return 0
}

// Open is fs.NodeOpener.
func (e *entry) Open(_ context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	done, errno := e.enter()
	defer done()
	if errno == 0 && flags&syscall.O_TRUNC != 0 {
		e.node.resize(0)
	}
	return nil, 0, errno
}

// Read is fs.NodeReader.
func (e *entry) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	done, errno := e.enter()
	defer done()
	if errno != 0 {
		return nil, errno
	}
	return fuse.ReadResultData(dest[:e.node.read(dest, off)]), 0
}

// Write is fs.NodeWriter.
func (e *entry) Write(_ context.Context, _ fs.FileHandle, data []byte, off int64) (uint32, syscall.Errno) {
	done, errno := e.enter()
	defer done()
	if errno != 0 {
		return 0, errno
	}
	e.node.write(data, off)
	return uint32(len(data)), 0
}

// Fsync is fs.NodeFsyncer, of files and of folders.
func (e *entry) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	done, errno := e.enter()
	defer done()
	switch {
	case errno != 0:
	case e.node.folder:
		e.fs.disk.syncFolder(e.node)
	default:
		e.node.sync()
	}
	return errno
}

// Create is fs.NodeCreater.
func (e *entry) Create(ctx context.Context, name string, _ uint32, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	i, errno := e.add(ctx, name, out, func(number uint64) *node { return newFile(number, mode&0o7777) })
	return i, nil, 0, errno
}

// Mkdir is fs.NodeMkdirer.
func (e *entry) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return e.add(ctx, name, out, func(number uint64) *node { return newFolder(number, mode&0o7777) })
}

func (e *entry) add(ctx context.Context, name string, out *fuse.EntryOut, make func(uint64) *node) (*fs.Inode, syscall.Errno) {
	done, errno := e.enter()
	defer done()
	if errno != 0 {
		return nil, errno
	}
	if e.node.names[name] != nil {
		return nil, syscall.EEXIST
	}
	e.fs.last++
	n := make(e.fs.last)
	e.fs.disk.changed(change{node: n, to: place{e.node, name}})
	return e.child(ctx, n, out), 0
}

// Unlink is fs.NodeUnlinker.
func (e *entry) Unlink(_ context.Context, name string) syscall.Errno {
	done, errno := e.enter()
	defer done()
	if errno != 0 {
		return errno
	}
	n := e.node.names[name]
	if n == nil {
		return syscall.ENOENT
	}
	e.fs.disk.changed(change{node: n, from: place{e.node, name}})
	return 0
}

// Rmdir is fs.NodeRmdirer.
func (e *entry) Rmdir(_ context.Context, name string) syscall.Errno {
	done, errno := e.enter()
	defer done()
	if errno != 0 {
		return errno
	}
	n := e.node.names[name]
	if n == nil {
		return syscall.ENOENT
	}
	if len(n.names) > 0 {
		return syscall.ENOTEMPTY
	}
	e.fs.disk.changed(change{node: n, from: place{e.node, name}})
	return 0
}

// renameNoReplace is RENAME_NOREPLACE of renameat2(2).
const renameNoReplace = 1

// Rename is fs.NodeRenamer; exchanging two names is not known.
func (e *entry) Rename(_ context.Context, name string, to fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	done, errno := e.enter()
	defer done()
	if errno != 0 {
		return errno
	}
	target, ok := to.(*entry)
	n := e.node.names[name]
	switch {
	case !ok || flags&^uint32(renameNoReplace) != 0:
		return syscall.EINVAL
	case n == nil:
		return syscall.ENOENT
	case flags&renameNoReplace != 0 && target.node.names[newName] != nil:
		return syscall.EEXIST
	}
	e.fs.disk.changed(change{node: n, from: place{e.node, name}, to: place{target.node, newName}})
	return 0
}

// Statfs is fs.NodeStatfser: there is always room.
func (e *entry) Statfs(_ context.Context, out *fuse.StatfsOut) syscall.Errno {
	out.Bsize, out.Frsize, out.NameLen = pageSize, pageSize, 255
	out.Blocks, out.Bfree, out.Bavail = 1<<22, 1<<22, 1<<22
	out.Files, out.Ffree = 1<<20, 1<<20
	return 0
}
