package register

import (
	"fmt"
	"time"

	"asugate/store"
)

// Staff is the list of the organisation in force in the snapshot, nil when there is none.
func (r *Register) Staff(tx store.Reader, organisation string) (*Staff, error) {
	version, head := newest(tx, staffHeads, staffPrefix(organisation))
	return r.staffList(tx, organisation, version, head)
}

// StaffVersion is cheap: for the check inside the one write. 0: there is no list.
func (r *Register) StaffVersion(tx store.Reader, organisation string) int {
	version, _ := newest(tx, staffHeads, staffPrefix(organisation))
	return version
}

// StaffAt is the list that was in force at a time, nil when there was none.
func (r *Register) StaffAt(tx store.Reader, organisation string, at time.Time) (*Staff, error) {
	version, head, err := headAt(tx, staffHeads, staffPrefix(organisation), at)
	if err != nil {
		return nil, fmt.Errorf("looking for the staff list of %s: %w", organisation, err)
	}
	return r.staffList(tx, organisation, version, head)
}

// StaffOf is the list at a version, so that a verdict can be repeated.
func (r *Register) StaffOf(tx store.Reader, organisation string, version int) (*Staff, error) {
	head := tx.Get(staffHeads, versionKey(staffPrefix(organisation), version))
	if head == nil {
		return nil, fmt.Errorf("%w: staff list %s:%d", ErrNoVersion, organisation, version)
	}
	return r.staffList(tx, organisation, version, head)
}

// StaffVersions lists the newest versions of the list first, at most limit of them.
func (r *Register) StaffVersions(
	tx store.Reader, organisation string, limit int,
) (list []StaffVersion, err error) {
	back(tx, staffHeads, staffPrefix(organisation), func(version int, head []byte) bool {
		if len(list) == limit {
			return false
		}
		v := StaffVersion{Version: version}
		err = decodeHead(head, &v)
		list = append(list, v)
		return err == nil
	})
	return list, err
}

// StaffOrganisations are those that have a list, at most limit of them, in order.
func (r *Register) StaffOrganisations(tx store.Reader, limit int) []string {
	var list []string
	var from []byte
	for len(list) < limit {
		organisation := ""
		tx.Range(staffHeads, from, nil, 1, func(key, _ []byte) bool {
			organisation = string(key[:max(len(key)-5, 0)])
			return false
		})
		if organisation == "" {
			break
		}
		list = append(list, organisation)
		from = append([]byte(organisation), 1) // past every version: their keys go on with 0
	}
	return list
}

func (r *Register) staffList(tx store.Reader, organisation string, version int, head []byte) (*Staff, error) {
	if head == nil {
		return nil, nil
	}
	at := versionKey(staffPrefix(organisation), version)
	key := cacheKey(at, head)
	if s, ok := r.staff.get(key); ok {
		return s, nil
	}
	var about StaffVersion
	if err := decodeHead(head, &about); err != nil {
		return nil, fmt.Errorf("reading staff list %s:%d: %w", organisation, version, err)
	}
	body := tx.Get(staffBodies, at)
	if body == nil {
		return nil, fmt.Errorf("reading staff list %s:%d: %w", organisation, version, ErrNoVersion)
	}
	list, err := decodeStaff(body)
	if err != nil {
		return nil, fmt.Errorf("reading staff list %s:%d: %w", organisation, version, err)
	}
	s := &Staff{StaffList: list, Imported: about.Imported, Source: about.Source}
	r.staff.put(key, s, 1+len(list.Entries)+len(list.Proxies))
	return s, nil
}
