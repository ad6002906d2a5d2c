package spool

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"time"

	"asugate/schema"
)

// extReason is of the file beside a dead message that says why.
const extReason = ".reason"

// grave is why a message is dead.
type grave struct {
	code   string // of the closed list; empty: there is none for it
	reason string
	answer string // id of the ЭСИД that refuses the document; empty: there is none
}

// done puts a message aside after the gateway's write.
func (s *Spool) done(name string) error {
	if err := s.move(name, doneDir); err != nil {
		return err
	}
	s.change(func(s *State) { s.Taken++ })
	return nil
}

// bury puts a message aside that we can never take. The reason is there before it.
func (s *Spool) bury(name string, g grave) error {
	if err := s.spare(name); err != nil {
		return fmt.Errorf("putting an earlier dead message aside: %w", err)
	}
	fields := []field{
		{"code", g.code}, {"reason", schema.Foreign(g.reason)}, {"esid", g.answer},
		{"time", s.config.Now().UTC().Format(time.RFC3339)},
	}
	path, err := s.write(name+extReason, encode(fields))
	if err != nil {
		return fmt.Errorf("writing the reason: %w", err)
	}
	if err := s.root.Rename(path, deadDir+"/"+name+extReason); err != nil {
		return fmt.Errorf("writing the reason: %w", err)
	}
	if err := s.move(name, deadDir); err != nil {
		return err
	}
	s.change(func(s *State) { s.Dead++ })
	s.config.Log.Error("spool: message is dead", slog.String("name", name),
		slog.String("code", g.code), slog.String("reason", schema.Foreign(g.reason)))
	return nil
}

// spare gives a dead message that had the NAME before another, NAME~2 and so on, which no NAME of the
// office can be: it is evidence. Its NAME.meta goes last, so that what a crash has left undone is told
// from a whole message, and ends in the same place. A reason alone is of a burial that a crash has cut
// short: it is written anew.
func (s *Spool) spare(name string) error {
	extensions := []string{extReason, extDocument, extSignature, extMeta}
	there := func(name, extension string) bool {
		_, err := s.root.Lstat(deadDir + "/" + name + extension)
		return !errors.Is(err, fs.ErrNotExist)
	}
	if !there(name, extDocument) && !there(name, extSignature) && !there(name, extMeta) {
		return nil
	}
	number, aside := 1, ""
	taken := func(extension string) bool { return there(name, extension) && there(aside, extension) }
	for aside == "" || slices.ContainsFunc(extensions, taken) {
		number++
		aside = fmt.Sprintf("%s~%d", name, number)
	}
	for _, extension := range extensions {
		err := s.root.Rename(deadDir+"/"+name+extension, deadDir+"/"+aside+extension)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// move moves the files of a message, NAME.meta last, so that after a crash in between the message is
// found by it, and the document first, so that it is never found without its signature. Nothing is
// synced: what a power cut brings back is handled again, to the same end.
func (s *Spool) move(name, to string) error {
	for _, extension := range []string{extDocument, extSignature, extMeta} {
		target := to + "/" + name + extension
		err := s.root.Rename(inDir+"/"+name+extension, target)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("moving to %s: %w", to, err)
		}
		// From now on its age is that of being there; see moved and clean. A link, or a file of another
		// user, may not let us: it keeps its own age.
		now := s.config.Now()
		_ = s.root.Chtimes(target, now, now)
	}
	delete(s.intake.unfit, name)
	delete(s.intake.failures, name)
	return nil
}

// moved finishes the move of a message whose document has gone before a crash; false: there is none to
// finish.
func (s *Spool) moved(name string) (bool, error) {
	if _, err := s.root.Lstat(inDir + "/" + name + extDocument); !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	for _, dir := range []string{doneDir, deadDir} {
		document, err := s.root.Lstat(dir + "/" + name + extDocument)
		if err != nil {
			continue
		}
		// A NAME may be used again. The message that had it before is whole: its NAME.meta came last.
		meta, err := s.root.Lstat(dir + "/" + name + extMeta)
		if err == nil && !meta.ModTime().Before(document.ModTime()) {
			continue
		}
		return true, s.move(name, dir)
	}
	return false, nil
}

// clean removes what has been in in/done/ for long. The gateway's store keeps the bytes as evidence.
func (s *Spool) clean() {
	if err := s.removeOlder(doneDir, s.config.Now().Add(-s.config.Keep)); err != nil {
		s.config.Log.Warn("spool: cleaning in/done/", slog.String("error", schema.Foreign(err.Error())))
	}
}

func (s *Spool) removeOlder(dir string, than time.Time) error {
	f, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(mostNames)
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || !info.Mode().IsRegular() || !info.ModTime().Before(than) {
				continue
			}
			if err := s.root.Remove(dir + "/" + e.Name()); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
		if err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
	}
}

func sum(b []byte) string {
	digest := sha256.Sum256(b)
	return hex.EncodeToString(digest[:])
}
