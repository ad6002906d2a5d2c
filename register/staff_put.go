package register

import (
	"encoding/json"
	"fmt"
	"time"

	"asugate/schema"
	"asugate/store"
)

// StaffVersion is one line of the history of a staff list.
type StaffVersion struct {
	Version  int       `json:"-"`
	Imported time.Time `json:"imported"`
	Source   string    `json:"source"`
	Entries  int       `json:"entries"`
	Proxies  int       `json:"proxies"`
	Forced   bool      `json:"forced,omitempty"` // a shrink that the operator allowed
}

// HeldStaff is a list that has been put aside because it shrinks too much.
type HeldStaff struct {
	schema.StaffList
	Since  time.Time
	Source string
}

// Shrinks says whether a list has lost more than a fifth of the entries of the one in force: more
// likely a truncated export than so many dismissals, and everybody missing would be refused.
func Shrinks(l *schema.StaffList, inForce *Staff) bool {
	return inForce != nil && shrinks(len(l.Entries), len(inForce.Entries))
}

func shrinks(entries, inForce int) bool { return entries*5 < inForce*4 }

// PutStaff makes the list the one in force, within the caller's transaction. held: the list shrinks
// by more than 20 % and has been put aside; the caller commits, so that the held list is kept. An
// error means that nothing was put: ErrNotNewer, a *FileError, or a store that cannot be
// read.
func (r *Register) PutStaff(
	tx store.Tx, l schema.StaffList, source string, force bool,
) (held bool, err error) {
	if err := CheckStaff(&l); err != nil {
		return false, err
	}
	organisation := l.Organisation.Key()
	version, head := newest(tx, staffHeads, staffPrefix(organisation))
	if l.Version <= version {
		return false, fmt.Errorf("%w: %s:%d is in force, this is %d",
			ErrNotNewer, organisation, version, l.Version)
	}
	former := StaffVersion{}
	if head != nil {
		if err := decodeHead(head, &former); err != nil {
			return false, fmt.Errorf("reading staff list %s:%d: %w", organisation, version, err)
		}
	}
	shrink := shrinks(len(l.Entries), former.Entries)
	body, err := encodeStaff(&l)
	if err != nil {
		return false, err
	}
	if shrink && !force {
		return true, r.hold(tx, &l, body, source)
	}
	about := StaffVersion{
		Imported: notBefore(r.now(), head), Source: source,
		Entries: len(l.Entries), Proxies: len(l.Proxies), Forced: shrink,
	}
	key := versionKey(staffPrefix(organisation), l.Version)
	if err := putVersion(tx, staffHeads, staffBodies, key, body, about); err != nil {
		return false, err
	}
	return false, r.forgetHeld(tx, organisation, l.Version)
}

// ImportStaff is PutStaff in a transaction of its own, for the operator; ErrHeld when the list has
// been put aside.
func (r *Register) ImportStaff(l schema.StaffList, source string, force bool) error {
	held := false
	err := r.store.Update(func(tx store.Tx) (err error) {
		held, err = r.PutStaff(tx, l, source, force)
		return err
	})
	if err != nil {
		return fmt.Errorf("storing staff list %s:%d: %w", l.Organisation.Key(), l.Version, err)
	}
	if held {
		return fmt.Errorf("staff list %s:%d: %w", l.Organisation.Key(), l.Version, ErrHeld)
	}
	return nil
}

// heldRecord is how a held list is stored.
type heldRecord struct {
	Since  time.Time       `json:"since"`
	Source string          `json:"source"`
	List   json.RawMessage `json:"list"`
}

// hold puts a list aside, unless a newer one is there.
func (r *Register) hold(tx store.Tx, l *schema.StaffList, body []byte, source string) error {
	organisation := l.Organisation.Key()
	before, err := r.Held(tx, organisation)
	if err != nil || before != nil && before.Version > l.Version {
		return err
	}
	record, err := json.Marshal(heldRecord{Since: r.now(), Source: source, List: body})
	if err != nil {
		return fmt.Errorf("encoding a held staff list: %w", err)
	}
	tx.Put(staffHeld, []byte(organisation), record)
	return nil
}

// forgetHeld drops a held list that can no longer come into force.
func (r *Register) forgetHeld(tx store.Tx, organisation string, version int) error {
	held, err := r.Held(tx, organisation)
	if err == nil && held != nil && held.Version <= version {
		tx.Delete(staffHeld, []byte(organisation))
	}
	return err
}

// Held is the list of the organisation that waits for the operator, nil when there is none.
func (r *Register) Held(tx store.Reader, organisation string) (*HeldStaff, error) {
	value := tx.Get(staffHeld, []byte(organisation))
	if value == nil {
		return nil, nil
	}
	var record heldRecord
	if err := json.Unmarshal(value, &record); err != nil {
		return nil, fmt.Errorf("reading the held staff list of %s: %w", organisation, err)
	}
	list, err := decodeStaff(record.List)
	if err != nil {
		return nil, fmt.Errorf("reading the held staff list of %s: %w", organisation, err)
	}
	return &HeldStaff{StaffList: list, Since: record.Since, Source: record.Source}, nil
}

// HeldOrganisations are those with a held list, at most limit of them.
func (r *Register) HeldOrganisations(tx store.Reader, limit int) []string {
	var list []string
	tx.Range(staffHeld, nil, nil, limit, func(key, _ []byte) bool {
		list = append(list, string(key))
		return true
	})
	return list
}

// Release makes the held list of the organisation the one in force.
func (r *Register) Release(organisation string) (version int, err error) {
	err = r.store.Update(func(tx store.Tx) error {
		held, err := r.Held(tx, organisation)
		if err != nil {
			return err
		}
		if held == nil {
			return ErrNothingHeld
		}
		version = held.Version
		_, err = r.PutStaff(tx, held.StaffList, held.Source, true)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("releasing the staff list of %s: %w", organisation, err)
	}
	return version, nil
}

// DropHeld throws the held list of the organisation away.
func (r *Register) DropHeld(organisation string) error {
	err := r.store.Update(func(tx store.Tx) error {
		if tx.Get(staffHeld, []byte(organisation)) == nil {
			return ErrNothingHeld
		}
		tx.Delete(staffHeld, []byte(organisation))
		return nil
	})
	if err != nil {
		return fmt.Errorf("dropping the held staff list of %s: %w", organisation, err)
	}
	return nil
}

// staffPrefix is what the keys of one organisation begin with.
func staffPrefix(organisation string) []byte { return append([]byte(organisation), 0) }
