package revocation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// copied is what is written beside the copy of a list.
type copied struct {
	URL    string `json:"url"`
	SHA256 string `json:"sha256"` // of the copy: a power cut may leave it newer than this
	validator
}

// copyName is the name of the files of an address, without their endings.
func copyName(folder, address string) string {
	name := sha256.Sum256([]byte(address))
	return filepath.Join(folder, hex.EncodeToString(name[:16]))
}

// keep writes a list down so that it is there after a restart without a network: the copy first,
// then what is said about it.
func keep(folder, address string, der []byte, v validator) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("making the folder of copies: %w", err)
	}
	digest := sha256.Sum256(der)
	about, err := json.Marshal(copied{address, hex.EncodeToString(digest[:]), v})
	if err != nil {
		return fmt.Errorf("describing a copy: %w", err)
	}
	name := copyName(folder, address)
	if err := replace(name+".crl", der); err != nil {
		return err
	}
	return replace(name+".json", about)
}

// kept reads a copy; none is nil. The validator is that of the copy, or nothing.
func kept(folder, address string, most int64) (der []byte, v validator, err error) {
	name := copyName(folder, address)
	f, err := os.Open(name + ".crl")
	if errors.Is(err, os.ErrNotExist) {
		return nil, v, nil
	}
	if err != nil {
		return nil, v, fmt.Errorf("reading a copy: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, v, fmt.Errorf("reading a copy: %w", err)
	}
	if der, err = readAll(f, info.Size(), most); err != nil {
		return nil, v, fmt.Errorf("reading a copy: %w", err)
	}
	var about copied
	text, err := os.ReadFile(name + ".json")
	if err == nil {
		err = json.Unmarshal(text, &about)
	}
	digest := sha256.Sum256(der)
	if err == nil && about.SHA256 == hex.EncodeToString(digest[:]) {
		v = about.validator
	}
	return der, v, nil
}

// replace writes a file as a whole or not at all: fsync(2) before rename(2), and the folder after.
func replace(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return fmt.Errorf("keeping a copy: %w", err)
	}
	defer os.Remove(f.Name()) // a no-op once it is renamed
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("keeping a copy: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("keeping a copy: %w", err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("keeping a copy: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("keeping a copy: %w", err)
	}
	return nil
}
