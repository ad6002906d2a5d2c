package register

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/store"
)

func TestVersionsAndTime(t *testing.T) {
	c := startClock()
	r, s := openRegister(t, c)
	dir := trustFiles(t)
	first := example(t)
	second := []byte(strings.Replace(string(first), "language: ru", "language: en", 1))
	second = []byte(strings.Replace(string(second), "# language: en", "language: en", 1))
	steps := []struct {
		file []byte
		want int
	}{
		{first, 1},
		{first, 1}, // the same again makes no version
		{second, 2},
		{first, 3}, // but a return to what was before does
	}
	for i, step := range steps {
		got, err := r.ImportParticipants(step.file, dir, "operator")
		if err != nil || got != step.want {
			t.Fatalf("step %d: got %d, %v; want %d", i, got, err, step.want)
		}
		c.pass(time.Hour)
	}
	view(t, s, func(tx store.Reader) {
		if got := r.DirectoryVersion(tx); got != 3 {
			t.Errorf("version %d", got)
		}
		for _, test := range []struct {
			at       time.Time
			version  int
			language string
		}{
			{start.Add(-time.Second), 0, ""},
			{start, 1, "ru"},
			{start.Add(2*time.Hour - time.Nanosecond), 1, "ru"},
			{start.Add(2 * time.Hour), 2, "en"},
			{start.Add(100 * time.Hour), 3, "ru"},
		} {
			d, err := r.DirectoryAt(tx, test.at)
			if err != nil || d.Version != test.version {
				t.Errorf("at %v: version %d, %v; want %d", test.at, d.Version, err, test.version)
				continue
			}
			if d.Version > 0 && d.Participants["SHIP-01"].Language != test.language {
				t.Errorf("at %v: language %s", test.at, d.Participants["SHIP-01"].Language)
			}
		}
		list, err := r.DirectoryVersions(tx, 2)
		want := []DirectoryVersion{
			{3, start.Add(3 * time.Hour), "operator", 1}, {2, start.Add(2 * time.Hour), "operator", 1},
		}
		if diff := cmp.Diff(want, list); diff != "" || err != nil {
			t.Error(diff, err)
		}
		a, _ := r.DirectoryOf(tx, 2)
		b, _ := r.DirectoryOf(tx, 2)
		if a != b {
			t.Error("a version was compiled twice")
		}
		if _, err := r.DirectoryOf(tx, 4); !errors.Is(err, ErrNoVersion) {
			t.Errorf("version 4: %v", err)
		}
	})
}

// With the clock set back, the order of versions stays the order of their times.
func TestVersionsWhenTheClockGoesBack(t *testing.T) {
	c := startClock()
	r, s := openRegister(t, c)
	file := minimal(t)
	if _, err := r.ImportParticipants([]byte(file), "", "operator"); err != nil {
		t.Fatal(err)
	}
	c.pass(-time.Hour)
	changed := strings.Replace(file, "number: 1", "number: 2", 1)
	if _, err := r.ImportParticipants([]byte(changed), "", "operator"); err != nil {
		t.Fatal(err)
	}
	view(t, s, func(tx store.Reader) {
		for at, want := range map[time.Time]int{start: 2, start.Add(-time.Minute): 0} {
			d, err := r.DirectoryAt(tx, at)
			if err != nil || d.Version != want {
				t.Errorf("at %v: version %d, %v; want %d", at, d.Version, err, want)
			}
		}
	})
}
