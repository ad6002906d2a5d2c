package spool

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"time"

	"asugate/queue"
	"asugate/schema"
)

// safe is a name of files, or of the folder of a destination: no separator, no leading dot.
var safe = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// Extensions of the files of a message, in the order in which they get to their place: where the last
// is, the message is whole.
const (
	extDocument  = ".xml"
	extSignature = ".p7s"
	extMeta      = ".meta"
)

// Deliver is queue.Deliver for the lanes of the back office: the lane's name is the destination, a
// folder in out/. It returns nil when the message is whole and on disk.
func (s *Spool) Deliver(ctx context.Context, m queue.Message, body, signature []byte) error {
	if !safe.MatchString(m.Lane) || !safe.MatchString(m.ID) {
		return fmt.Errorf("%w: %q in %q is no name of a file", queue.ErrPermanent, schema.Foreign(m.ID), schema.Foreign(m.Lane))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.put(m, body, signature)
	s.change(func(state *State) {
		state.NotWritten = ""
		if err != nil {
			state.NotWritten = schema.Foreign(err.Error())
			return
		}
		state.Delivered++
	})
	if err != nil {
		return fmt.Errorf("writing message %s: %w", m.ID, err)
	}
	return nil
}

// put writes the files and moves them to their place. The names of document and signature are on disk
// before NAME.meta gets its own, so that also after a power cut its presence means what it says.
func (s *Spool) put(m queue.Message, body, signature []byte) error {
	if err := s.config.Room(); err != nil {
		return err
	}
	place, err := s.place(m.Lane)
	if err != nil {
		return err
	}
	files := []struct {
		extension string
		content   []byte
	}{{extDocument, body}, {extSignature, signature}, {extMeta, encode(about(m, signature))}}
	written := make([]string, len(files))
	defer func() {
		for _, path := range written {
			if path != "" {
				// What could not be moved is written again; what cannot be removed, too.
				_ = s.root.Remove(path)
			}
		}
	}()
	for i, f := range files {
		if f.extension == extSignature && len(signature) == 0 {
			continue
		}
		if written[i], err = s.write(m.Lane+"-"+m.ID+f.extension, f.content); err != nil {
			return err
		}
	}
	for i, f := range files {
		if written[i] == "" {
			continue
		}
		if f.extension == extMeta {
			if err := place.sync(); err != nil {
				return err
			}
		}
		if err := s.root.Rename(written[i], place.path+"/"+m.ID+f.extension); err != nil {
			return err
		}
		written[i] = ""
	}
	return place.sync()
}

// place is the folder of a destination, made at its first message, and anew when somebody has removed it.
func (s *Spool) place(destination string) (*directory, error) {
	s.dirs.Lock()
	defer s.dirs.Unlock()
	path := outDir + "/" + destination
	info, err := s.root.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := s.root.Mkdir(path, dirMode); err != nil {
			return nil, err
		}
		delete(s.places, destination)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is no folder", path)
	}
	if s.places[destination] == nil {
		// Also one that was there may be of a process that was killed before it had synced it.
		if err := syncDir(s.root, outDir); err != nil {
			return nil, err
		}
		s.places[destination] = &directory{root: s.root, path: path}
	}
	return s.places[destination], nil
}

// about is what NAME.meta says of a message: the same as the properties and headers over AMQP.
func about(m queue.Message, signature []byte) []field {
	fields := []field{
		{"message-id", m.ID},
		{"type", m.Kind},
		{"timestamp", m.Created.UTC().Format(time.RFC3339)},
		{"document-id", m.DocumentID},
		{"document-version", strconv.Itoa(m.Version)},
		{"participant", m.Participant},
		{"organisation", m.Organisation},
		{keySHA256, m.SHA256},
		{"signer", m.Signer},
		{"result", m.Result},
		{"stage", m.Stage},
		{"onward", m.Onward},
	}
	if !m.SignBy.IsZero() {
		fields = append(fields, field{"sign-by", m.SignBy.UTC().Format(time.RFC3339)})
	}
	if len(signature) > 0 {
		fields = append(fields, field{keySignature, m.ID + extSignature})
	}
	return fields
}
