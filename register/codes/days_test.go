package codes

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"asugate/calendar"
)

func TestDays(t *testing.T) {
	monday := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	newYearsEve := time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC)
	shipped := Shipped()
	if d := shipped.Days(calendar.Russia); !d.Works(monday) || d.Works(newYearsEve) {
		t.Error("not the days that are shipped for Russia")
	}
	if d := shipped.Days(calendar.Ukraine); !d.Works(newYearsEve) {
		t.Error("not the days that are shipped for Ukraine")
	}
	if d := shipped.Days("KZ"); d.Covers(2026) || !d.Works(newYearsEve) {
		t.Error("a country without a table has more than Monday to Friday")
	}

	// The operator's table takes the place of the shipped one as a whole; the other country keeps
	// its own.
	file := calendar.File(calendar.Russia)
	own, err := Read(fstest.MapFS{file: {Data: []byte("\uFEFFday\tis\tsource\n2026\tfinal\tours\n2026-11-23\toff\tours\n")}})
	if err != nil {
		t.Fatal(err)
	}
	if d := own.Days(calendar.Russia); d.Works(monday) || !d.Works(newYearsEve) || !d.Covers(2026) {
		t.Error("not the operator's days")
	}
	if d := own.Days(calendar.Ukraine); !d.Works(monday) || d.Covers(2026) {
		t.Error("not the days that are shipped for Ukraine")
	}
	if own.Version() == shipped.Version() {
		t.Error("the version does not tell other days apart")
	}
	if !slices.Contains(Files(), file) {
		t.Errorf("%s is not among the files", file)
	}

	_, err = Read(fstest.MapFS{file: {Data: []byte("day\tis\tsource\n2026-11-23\toff\tours\n")}})
	if !errors.Is(err, calendar.ErrBadTable) || !strings.Contains(err.Error(), file) {
		t.Errorf("a bad table: %v", err)
	}
	_, err = Read(fstest.MapFS{file: {Data: make([]byte, maxTable+1)}})
	if !errors.Is(err, ErrBadTable) || !strings.Contains(err.Error(), file) {
		t.Errorf("an endless table: %v", err)
	}
}
