package spool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// own is the beginning of the names of our files in tmp/, where the back office writes, too.
const own = "gatewayd-"

// write puts bytes into a new file under tmp/ and syncs it: open, write, fsync, close. What was there
// under the name is of an earlier try, and is not trusted: after a failed fsync the kernel may say
// that all is well while the pages are gone.
func (s *Spool) write(name string, content []byte) (path string, err error) {
	path = tmpDir + "/" + own + name
	f, err := s.root.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if errors.Is(err, fs.ErrExist) {
		if err := s.root.Remove(path); err != nil {
			return "", err
		}
		f, err = s.root.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	}
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, s.root.Remove(path))
	}
	return path, nil
}

// sweep removes what an earlier process has left in tmp/.
func (s *Spool) sweep() error {
	entries, err := fs.ReadDir(s.root.FS(), tmpDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), own) {
			if err := s.root.Remove(tmpDir + "/" + e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeFolder makes a folder where it is missing, with those above it, each of which is on disk in the one
// above it before anything is put into it: what a power cut takes from there goes with all it holds. One
// that is there may be of a process that was killed before it came to this.
func makeFolder(path string) error {
	err := os.Mkdir(path, dirMode)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeFolder(filepath.Dir(path)); err != nil {
			return err
		}
		err = os.Mkdir(path, dirMode)
	}
	made := err == nil
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	above, err := os.Open(filepath.Dir(path))
	if err != nil {
		if !made {
			return nil // it is somebody else's, who has made it for us
		}
		return err
	}
	return errors.Join(above.Sync(), above.Close())
}

// syncDir makes the names in a folder durable: open, fsync, close.
func syncDir(root *os.Root, dir string) error {
	f, err := root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// directory is a folder whose names are made durable for all who ask at the same time: whoever comes
// while a sync is under way rides in the next one.
type directory struct {
	root *os.Root
	path string

	syncing sync.Mutex // held by the one who syncs

	mu   sync.Mutex // protects next
	next *syncRound // that has not begun
}

type syncRound struct {
	done chan struct{} // closed at its end
	err  error         // set before
}

// sync returns when all names that were there when it was called are on disk.
func (d *directory) sync() error {
	d.mu.Lock()
	round, leads := d.next, false
	if round == nil {
		round, leads = &syncRound{done: make(chan struct{})}, true
		d.next = round
	}
	d.mu.Unlock()
	if leads {
		d.syncing.Lock()
		d.mu.Lock()
		d.next = nil
		d.mu.Unlock()
		round.err = syncDir(d.root, d.path)
		d.syncing.Unlock()
		close(round.done)
	}
	<-round.done
	return round.err
}
