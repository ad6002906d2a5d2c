package register

import (
	"bytes"
	"encoding/json"
	"slices"

	"asugate/store"
)

// ExtractParticipant writes of a version what concerns one sender, a participant or a railway: by it the
// documents of that sender can be judged again. It is a file as ImportParticipants reads it, without how
// the sender is reached.
func (r *Register) ExtractParticipant(tx store.Reader, version int, code string) ([]byte, error) {
	f, err := participantsAt(tx, version)
	if err != nil {
		return nil, err
	}
	f.Participants = slices.DeleteFunc(f.Participants, func(p participantEntry) bool { return string(p.Code) != code })
	railway := text(code)
	for i := range f.Participants {
		p := &f.Participants[i]
		railway = p.Railway
		p.Push, p.ClientCertificates = "", nil
	}
	f.Railways = slices.DeleteFunc(f.Railways, func(r railwayEntry) bool { return r.Code != railway })
	return writeParticipants(f)
}

// ExtractStaff writes of a version of a staff list what a verdict rests on, by the titles that its Basis
// names, in the form in which the list is stored. The other rows are no business of whoever reads it.
func (r *Register) ExtractStaff(
	tx store.Reader, organisation string, version int, appointment, proxy string,
) ([]byte, error) {
	staff, err := r.StaffOf(tx, organisation, version)
	if err != nil {
		return nil, err
	}
	l := staff.StaffList
	l.Entries, l.Proxies = nil, nil
	for i := range staff.Entries {
		if e := &staff.Entries[i]; e.Title() == appointment {
			l.Entries = append(l.Entries, *e)
		}
	}
	for i := range staff.Proxies {
		if p := &staff.Proxies[i]; p.Title() == proxy {
			l.Proxies = append(l.Proxies, *p)
		}
	}
	encoded, err := encodeStaff(&l)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	err = json.Indent(&text, encoded, "", "  ")
	return text.Bytes(), err
}

// ReadDirectory is the register that an extract says, with certificates inside, for a judgement without a
// store.
func ReadDirectory(file []byte) (*Directory, error) {
	f, err := readParticipantsBy(&checker{extract: true}, file, "")
	if err != nil {
		return nil, err
	}
	return compileDirectory(f, DirectoryVersion{})
}
