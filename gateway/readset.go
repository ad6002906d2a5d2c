package gateway

import (
	"errors"

	"asugate/register"
	"asugate/register/codes"
	"asugate/store"
)

// errMoved: what the verdict was based on has changed since it was read; judge again.
var errMoved = errors.New("moved")

// readSet is everything of the store that a verdict depends on. The one write refuses with errMoved
// unless all of it still holds, so that nothing commits under an outdated register.
type readSet struct {
	Directory   int    `json:"directory"`
	StaffOf     string `json:"staffOf,omitempty"` // organisation key
	Staff       int    `json:"staff,omitempty"`
	NormsAsked  bool   `json:"normsAsked,omitempty"`
	Norms       int    `json:"norms,omitempty"`
	Codes       string `json:"codes,omitempty"` // version of the code tables that are not the shipped ones
	Raw         string `json:"raw,omitempty"`   // message id under which the same bytes were known
	Document    string `json:"document,omitempty"`
	Version     int    `json:"version,omitempty"`
	Occupant    string `json:"occupant,omitempty"` // message id
	Highest     int    `json:"highest,omitempty"`
	Consignment string `json:"consignment,omitempty"`
	Revision    int    `json:"revision,omitempty"`
	Predecessor string `json:"predecessor,omitempty"` // message id of the interim ЭСИД on a deferred ЭД №1

	// Of a memo, an act and what is said of one.
	Railway         string   `json:"railway,omitempty"`
	Primary         string   `json:"primary,omitempty"` // canonical DocumentID
	PrimaryRevision int      `json:"primaryRevision,omitempty"`
	Wagons          []string `json:"wagons,omitempty"`
	WagonsSeen      string   `json:"wagonsSeen,omitempty"`   // digest of what was known of them
	Number          string   `json:"number,omitempty"`       // key of the number in its scope
	NumberHolder    string   `json:"numberHolder,omitempty"` // whose it was
}

// codesRead is readSet.Codes.
func codesRead(t *codes.Tables) string {
	if t == codes.Shipped() {
		return ""
	}
	return t.Version()
}

// registersHold says whether registers and consignment are as they were: while they are, a refusal
// of the same bytes would only be said again.
func (r readSet) registersHold(tx store.Reader, reg *register.Register, participant string) (bool, error) {
	if reg.DirectoryVersion(tx) != r.Directory {
		return false, nil
	}
	if r.StaffOf != "" && reg.StaffVersion(tx, r.StaffOf) != r.Staff {
		return false, nil
	}
	if r.NormsAsked && reg.NormsVersion(tx) != r.Norms {
		return false, nil
	}
	if r.Consignment != "" {
		c, err := consignmentAt(tx, key(participant, r.Consignment))
		if err != nil || c.Revision != r.Revision {
			return false, err
		}
	}
	if r.Predecessor != "" && tx.Get(deferred, key(participant, r.Predecessor)) == nil {
		return false, nil
	}
	return r.primaryHolds(tx)
}

// primaryHolds says whether the memo or act is as it was, and what is known of its wagons and its number.
func (r readSet) primaryHolds(tx store.Reader) (bool, error) {
	if r.Primary != "" {
		p, err := primaryAt(tx, r.Railway, r.Primary)
		if err != nil || p.Revision != r.PrimaryRevision {
			return false, err
		}
	}
	if r.WagonsSeen != "" && seenOf(tx, r.Railway, r.Wagons, nil) != r.WagonsSeen {
		return false, nil
	}
	return r.Number == "" || string(tx.Get(numbers, []byte(r.Number))) == r.NumberHolder, nil
}

// holds is registersHold, and nobody has taken the bytes or the id meanwhile.
func (r readSet) holds(tx store.Reader, reg *register.Register, participant string, raw []byte) (bool, error) {
	if string(tx.Get(raws, raw)) != r.Raw {
		return false, nil
	}
	if r.Document != "" {
		o, err := occupantAt(tx, idKey(participant, r.Document, r.Version))
		if err != nil || o.Entry != r.Occupant {
			return false, err
		}
		highest, err := highestVersion(tx, participant, r.Document)
		if err != nil || highest != r.Highest {
			return false, err
		}
	}
	return r.registersHold(tx, reg, participant)
}
