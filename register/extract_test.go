package register

import (
	"bytes"
	"slices"
	"testing"

	"asugate/store"
)

// What is extracted for a sender is read again as a register in which it, and nobody else, is as it was.
func TestExtractParticipant(t *testing.T) {
	r, s := openRegister(t, startClock())
	if _, err := r.ImportParticipants(example(t), trustFiles(t), "test"); err != nil {
		t.Fatal(err)
	}
	if err := s.View(func(tx store.Reader) error {
		all, err := r.Directory(tx)
		if err != nil {
			return err
		}
		for code, want := range all.Participants {
			text, err := r.ExtractParticipant(tx, all.Version, code)
			if err != nil {
				return err
			}
			d, err := ReadDirectory(text)
			if err != nil {
				t.Fatalf("%s: %v\n%s", code, err, text)
			}
			got := d.Participants[code]
			if got == nil || len(d.Participants) != 1 || len(d.Railways) != 1 || d.Railways[want.Railway] == nil {
				t.Fatalf("%s: %d participants, %d railways", code, len(d.Participants), len(d.Railways))
			}
			if rulesText(got.Rules) != rulesText(want.Rules) || len(got.Organisations) != len(want.Organisations) {
				t.Errorf("%s is another: %+v", code, got)
			}
			if got.Push != "" || len(got.ClientCertificates) > 0 || bytes.Contains(text, []byte("push:")) {
				t.Errorf("%s: it says how it is reached", code)
			}
		}
		for code := range all.Railways {
			text, err := r.ExtractParticipant(tx, all.Version, code)
			if err != nil {
				return err
			}
			d, err := ReadDirectory(text)
			if err != nil || len(d.Participants) != 0 || !slices.Equal([]*Railway{d.Railways[code]}, railwaysOf(d)) {
				t.Errorf("%s: %v\n%s", code, err, text)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func railwaysOf(d *Directory) (list []*Railway) {
	for _, r := range d.Railways {
		list = append(list, r)
	}
	return list
}
