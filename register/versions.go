package register

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"asugate/store"
)

// DirectoryVersion is one line of the history of participants.
type DirectoryVersion struct {
	Version      int       `json:"-"`
	Imported     time.Time `json:"imported"`
	By           string    `json:"by"`
	Participants int       `json:"participants"`
}

// Directory is the participants in force in the snapshot; compiled once a version. Version 0: none
// imported yet.
func (r *Register) Directory(tx store.Reader) (*Directory, error) {
	version, head := newest(tx, participantHeads, nil)
	return r.directory(tx, version, head)
}

// DirectoryVersion is cheap: for the check inside the one write.
func (r *Register) DirectoryVersion(tx store.Reader) int {
	version, _ := newest(tx, participantHeads, nil)
	return version
}

// DirectoryAt is the directory that was in force at a time.
func (r *Register) DirectoryAt(tx store.Reader, at time.Time) (*Directory, error) {
	version, head, err := headAt(tx, participantHeads, nil, at)
	if err != nil {
		return nil, err
	}
	return r.directory(tx, version, head)
}

// DirectoryOf is the directory at a version, so that a verdict can be repeated.
func (r *Register) DirectoryOf(tx store.Reader, version int) (*Directory, error) {
	head := tx.Get(participantHeads, versionKey(nil, version))
	if head == nil {
		return nil, fmt.Errorf("%w: participants %d", ErrNoVersion, version)
	}
	return r.directory(tx, version, head)
}

// DirectoryVersions lists the newest versions first, at most limit of them.
func (r *Register) DirectoryVersions(tx store.Reader, limit int) (list []DirectoryVersion, err error) {
	back(tx, participantHeads, nil, func(version int, head []byte) bool {
		v := DirectoryVersion{Version: version}
		if len(list) == limit {
			return false
		}
		err = decodeHead(head, &v)
		list = append(list, v)
		return err == nil
	})
	return list, err
}

func (r *Register) directory(tx store.Reader, version int, head []byte) (*Directory, error) {
	if head == nil {
		return &Directory{Railways: map[string]*Railway{}, Participants: map[string]*Participant{}}, nil
	}
	key := cacheKey(versionKey(nil, version), head)
	if d, ok := r.directories.get(key); ok {
		return d, nil
	}
	about := DirectoryVersion{Version: version}
	if err := decodeHead(head, &about); err != nil {
		return nil, fmt.Errorf("reading participants version %d: %w", version, err)
	}
	f, err := participantsAt(tx, version)
	if err != nil {
		return nil, err
	}
	d, err := compileDirectory(f, about)
	if err != nil {
		return nil, err
	}
	r.directories.put(key, d, 1)
	return d, nil
}

// participantsAt is the normal form of a version, with the defaults that it was too old to have.
func participantsAt(tx store.Reader, version int) (*participantsFile, error) {
	f := &participantsFile{}
	body := tx.Get(participantBodies, versionKey(nil, version))
	if body == nil {
		return nil, fmt.Errorf("reading participants version %d: %w", version, ErrNoVersion)
	}
	if err := json.Unmarshal(body, f); err != nil {
		return nil, fmt.Errorf("reading participants version %d: %w", version, err)
	}
	fillDefaults(f)
	return f, nil
}

// headAt finds the version that was in force at a time: the newest one made by then. Heads of all
// kinds name the time of their import alike.
func headAt(tx store.Reader, t store.Table, prefix []byte, at time.Time) (version int, head []byte, err error) {
	back(tx, t, prefix, func(v int, h []byte) bool {
		var about struct {
			Imported time.Time `json:"imported"`
		}
		if err = decodeHead(h, &about); err != nil {
			return false
		}
		if about.Imported.After(at) {
			return true
		}
		version, head = v, h
		return false
	})
	return version, head, err
}

// ImportParticipants validates the whole YAML file and makes it the next version; by says who did
// it. Certificates given as paths are read relative to dir; with an empty dir only those inside the
// file are taken. A file that says what is in force already makes no new version.
func (r *Register) ImportParticipants(file []byte, dir, by string) (version int, err error) {
	f, err := readParticipants(file, dir)
	if err != nil {
		return 0, err
	}
	body, err := json.Marshal(f)
	if err != nil {
		return 0, fmt.Errorf("encoding participants: %w", err)
	}
	if _, err := compileDirectory(f, DirectoryVersion{}); err != nil {
		return 0, err
	}
	now := r.now()
	err = r.store.Update(func(tx store.Tx) error {
		last, head := newest(tx, participantHeads, nil)
		if digest, ok := digestOf(head); ok && (digest == sha256.Sum256(body) || saysThat(tx, last, body)) {
			version = last
			return nil
		}
		version = last + 1
		about := DirectoryVersion{
			Imported: notBefore(now, head), By: by, Participants: len(f.Participants),
		}
		return putVersion(tx, participantHeads, participantBodies, versionKey(nil, version), body, about)
	})
	if err != nil {
		return 0, fmt.Errorf("storing participants: %w", err)
	}
	return version, nil
}

// saysThat says whether a version that an earlier program stored means the body once the defaults are
// filled in that it did not know.
func saysThat(tx store.Reader, version int, body []byte) bool {
	former, err := participantsAt(tx, version)
	if err != nil {
		return false
	}
	encoded, err := json.Marshal(former)
	return err == nil && bytes.Equal(encoded, body)
}
