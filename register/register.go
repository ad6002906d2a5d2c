package register

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"asugate/store"
)

// The tables of this package; store/FORMAT.md describes keys and values. Of each version there is a
// small head, which says that it is there, and a large body, which is read once.
const (
	participantHeads  store.Table = "participants"        // version → head
	participantBodies store.Table = "participants-bodies" // version → normal form, JSON
	staffHeads        store.Table = "staff"               // organisation 0 version → head
	staffBodies       store.Table = "staff-bodies"        // organisation 0 version → list, JSON
	staffHeld         store.Table = "staff-held"          // organisation → list put aside, JSON
	normHeads         store.Table = "norms"               // version → head
	normBodies        store.Table = "norms-bodies"        // version → normal form, JSON, packed
	secretOwners      store.Table = "secrets"             // SHA-256 of the secret → participant
	ownedSecrets      store.Table = "secrets-owned"       // participant → its secrets, JSON
)

// Register is safe for concurrent use.
type Register struct {
	store store.Store
	now   func() time.Time

	directories cache[*Directory]
	staff       cache[*Staff]
	norms       cache[*Norms]
}

// Open reads nothing; the store says what is there.
func Open(s store.Store, now func() time.Time) *Register {
	return &Register{
		store:       s,
		now:         now,
		directories: cache[*Directory]{limit: 4},
		staff:       cache[*Staff]{limit: 4 * MaxStaff},
		norms:       cache[*Norms]{limit: MaxNorms},
	}
}

var (
	// ErrNotNewer: the version is not above the one in force.
	ErrNotNewer = errors.New("version is not newer")
	// ErrHeld: the list shrinks by more than 20 %; it is kept aside until the operator releases it.
	ErrHeld = errors.New("held for the operator")
	// ErrNothingHeld: there is no list of the organisation to release or to drop.
	ErrNothingHeld = errors.New("no list is held")
	// ErrUnknownParticipant: the participant is not in the register in force.
	ErrUnknownParticipant = errors.New("unknown participant")
	// ErrNoVersion: there is no such version of the register.
	ErrNoVersion = errors.New("no such version")
)

// A head is the SHA-256 of the body, then what lists of versions show, in JSON.

// digestOf is the digest in a head.
func digestOf(head []byte) (digest [sha256.Size]byte, ok bool) {
	return digest, copy(digest[:], head) == sha256.Size
}

func encodeHead(body []byte, about any) ([]byte, error) {
	digest := sha256.Sum256(body)
	encoded, err := json.Marshal(about)
	if err != nil {
		return nil, fmt.Errorf("encoding a head: %w", err)
	}
	return append(digest[:], encoded...), nil
}

func decodeHead(head []byte, about any) error {
	if len(head) < sha256.Size {
		return fmt.Errorf("decoding a head of %d bytes: too short", len(head))
	}
	if err := json.Unmarshal(head[sha256.Size:], about); err != nil {
		return fmt.Errorf("decoding a head: %w", err)
	}
	return nil
}

// cacheKey names what is compiled from a version by everything that its head says. The version
// alone would not do: one that was put by a transaction which did not commit may come again with
// another body.
func cacheKey(key, head []byte) [sha256.Size]byte {
	return sha256.Sum256(append(key[:len(key):len(key)], head...))
}

// putVersion puts a new version, head and body.
func putVersion(tx store.Tx, heads, bodies store.Table, key, body []byte, about any) error {
	head, err := encodeHead(body, about)
	if err != nil {
		return err
	}
	tx.Put(heads, key, head)
	tx.Put(bodies, key, body)
	return nil
}

// notBefore is now, or the time of the former version where the clock has been set back since: the
// order of versions is that of their times.
func notBefore(now time.Time, former []byte) time.Time {
	var about struct {
		Imported time.Time `json:"imported"`
	}
	if former != nil && decodeHead(former, &about) == nil && about.Imported.After(now) {
		return about.Imported
	}
	return now
}

// versionKey orders versions after whatever they are versions of.
func versionKey(prefix []byte, version int) []byte {
	return binary.BigEndian.AppendUint32(prefix[:len(prefix):len(prefix)], uint32(version))
}

func versionOf(key []byte) int {
	if len(key) < 4 {
		return 0
	}
	return int(binary.BigEndian.Uint32(key[len(key)-4:]))
}

// newest finds the head of the greatest version below a prefix; nil when there is none.
func newest(tx store.Reader, t store.Table, prefix []byte) (version int, head []byte) {
	tx.RangeBack(t, versionKey(prefix, 0), versionsEnd(prefix), 1, func(k, v []byte) bool {
		version, head = versionOf(k), v
		return true
	})
	return version, head
}

// versionsEnd is above every version of the prefix: versions have 31 bits.
func versionsEnd(prefix []byte) []byte { return versionKey(prefix, 0xffffffff) }

// back visits heads from the greatest version down.
func back(tx store.Reader, t store.Table, prefix []byte, visit func(version int, head []byte) bool) {
	const page = 256
	to := versionsEnd(prefix)
	for more := true; more; {
		seen := 0
		tx.RangeBack(t, versionKey(prefix, 0), to, page, func(k, v []byte) bool {
			seen++
			to = versionKey(prefix, versionOf(k))
			more = visit(versionOf(k), v)
			return more
		})
		more = more && seen == page
	}
}
