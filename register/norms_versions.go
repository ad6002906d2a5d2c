package register

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/goccy/go-yaml"

	"asugate/store"
)

// NormsVersion is one line of the history of norms.
type NormsVersion struct {
	Version  int       `json:"-"`
	Imported time.Time `json:"imported"`
	By       string    `json:"by"`
	Norms    int       `json:"norms"`
}

// Norms are the МТУ and НТУ in force in the snapshot; compiled once a version. Version 0: none
// imported yet.
func (r *Register) Norms(tx store.Reader) (*Norms, error) {
	version, head := newest(tx, normHeads, nil)
	return r.normsOf(tx, version, head)
}

// NormsVersion is cheap: for the check inside the one write.
func (r *Register) NormsVersion(tx store.Reader) int {
	version, _ := newest(tx, normHeads, nil)
	return version
}

// NormsAt is the register of norms that was in force at a time.
func (r *Register) NormsAt(tx store.Reader, at time.Time) (*Norms, error) {
	version, head, err := headAt(tx, normHeads, nil, at)
	if err != nil {
		return nil, err
	}
	return r.normsOf(tx, version, head)
}

// NormsOf is the register at a version, so that a verdict can be repeated; 0 is the empty one.
func (r *Register) NormsOf(tx store.Reader, version int) (*Norms, error) {
	head := tx.Get(normHeads, versionKey(nil, version))
	if head == nil && version != 0 {
		return nil, fmt.Errorf("%w: norms %d", ErrNoVersion, version)
	}
	return r.normsOf(tx, version, head)
}

// NormsVersions lists the newest versions first, at most limit of them.
func (r *Register) NormsVersions(tx store.Reader, limit int) (list []NormsVersion, err error) {
	back(tx, normHeads, nil, func(version int, head []byte) bool {
		v := NormsVersion{Version: version}
		if len(list) == limit {
			return false
		}
		err = decodeHead(head, &v)
		list = append(list, v)
		return err == nil
	})
	return list, err
}

func (r *Register) normsOf(tx store.Reader, version int, head []byte) (*Norms, error) {
	if head == nil {
		return &Norms{}, nil
	}
	key := cacheKey(versionKey(nil, version), head)
	if n, ok := r.norms.get(key); ok {
		return n, nil
	}
	about := NormsVersion{Version: version}
	if err := decodeHead(head, &about); err != nil {
		return nil, fmt.Errorf("reading norms version %d: %w", version, err)
	}
	f, err := normsAt(tx, version)
	if err != nil {
		return nil, err
	}
	n, err := compileNorms(f, about)
	if err != nil {
		return nil, err
	}
	r.norms.put(key, n, 1+len(n.Documents))
	return n, nil
}

// normsAt is the normal form of a version. Bodies are packed: АСКМ ТУ sends the whole register every
// time, and a year of it shall fit on a disk.
func normsAt(tx store.Reader, version int) (*normsFile, error) {
	packed := tx.Get(normBodies, versionKey(nil, version))
	if packed == nil {
		return nil, fmt.Errorf("reading norms version %d: %w", version, ErrNoVersion)
	}
	body, err := store.Unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("reading norms version %d: %w", version, err)
	}
	f := &normsFile{}
	if err := json.Unmarshal(body, f); err != nil {
		return nil, fmt.Errorf("reading norms version %d: %w", version, err)
	}
	return f, nil
}

// ImportNorms validates the whole YAML file and makes it the next version; by says who did it. A file
// that says what is in force already makes no new version.
func (r *Register) ImportNorms(file []byte, by string) (version, count int, err error) {
	f, err := readNorms(file)
	if err != nil {
		return 0, 0, err
	}
	body, err := json.Marshal(f)
	if err != nil {
		return 0, 0, fmt.Errorf("encoding norms: %w", err)
	}
	if _, err := compileNorms(f, NormsVersion{}); err != nil {
		return 0, 0, err
	}
	packed, now := store.Pack(body), r.now()
	err = r.store.Update(func(tx store.Tx) error {
		last, head := newest(tx, normHeads, nil)
		if digest, ok := digestOf(head); ok && digest == sha256.Sum256(packed) {
			version = last
			return nil
		}
		version = last + 1
		about := NormsVersion{Imported: notBefore(now, head), By: by, Norms: len(f.Norms)}
		return putVersion(tx, normHeads, normBodies, versionKey(nil, version), packed, about)
	})
	if err != nil {
		return 0, 0, fmt.Errorf("storing norms: %w", err)
	}
	return version, len(f.Norms), nil
}

// ExportNorms writes the norms of a version as the YAML file that ImportNorms reads. Comments of the
// imported file are not kept.
func (r *Register) ExportNorms(tx store.Reader, version int) ([]byte, error) {
	f := &normsFile{}
	if version > 0 {
		var err error
		if f, err = normsAt(tx, version); err != nil {
			return nil, err
		}
	}
	return writeNorms(f)
}

// writeNorms writes by portions, as files are read: the library takes far more memory than the file.
func writeNorms(f *normsFile) ([]byte, error) {
	var out bytes.Buffer
	put := func(v any) error {
		written, err := yaml.MarshalWithOptions(v, yaml.IndentSequence(true))
		if err != nil {
			return fmt.Errorf("writing norms: %w", err)
		}
		out.Write(bytes.TrimPrefix(written, []byte("norms:\n")))
		return nil
	}
	if len(f.DaysOff)+len(f.WorkingDays) > 0 {
		if err := put(f.normsHead); err != nil {
			return nil, err
		}
	}
	if len(f.Norms) == 0 {
		out.WriteString("norms: []\n")
		return out.Bytes(), nil
	}
	out.WriteString("norms:\n")
	for from := 0; from < len(f.Norms); from += normsPortion {
		portion := struct {
			Norms []normEntry `yaml:"norms"`
		}{f.Norms[from:min(from+normsPortion, len(f.Norms))]}
		if err := put(portion); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}
