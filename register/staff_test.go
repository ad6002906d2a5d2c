package register

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"asugate/schema"
	"asugate/store"
)

var shipper = schema.OrgID{INN: "7708503727", KPP: "770801001"}

// snils makes a valid СНИЛС of nine digits.
func snils(n int) string {
	number := fmt.Sprintf("%09d", 100_000_000+n)
	sum := 0
	for i := range 9 {
		sum += int(number[i]-'0') * (9 - i)
	}
	return fmt.Sprintf("%s%02d", number, sum%101%100)
}

func date(t *testing.T, s string) schema.Date {
	t.Helper()
	d, err := schema.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// worker is an entry that is right.
func worker(n int) schema.StaffEntry {
	return schema.StaffEntry{
		Person: schema.Person{Name: fmt.Sprintf("Иванов Иван %s", surnames[n%len(surnames)]),
			Post: "мастер погрузки", PersonID: schema.PersonID{SNILS: snils(n)}},
		OrderNumber: "17-К", OrderDate: schema.Date{Year: 2026, Month: 1, Day: 10},
		Works: []string{"loading", "placement"}, MaySign: true, Stations: []string{"985609"},
		From: schema.Date{Year: 2026, Month: 1, Day: 12}, To: schema.Date{Year: 2026, Month: 12, Day: 31},
	}
}

var surnames = []string{"Иванович", "Петрович", "Сергеевич"}

// list is a staff list of so many workers.
func list(version, workers int) schema.StaffList {
	l := schema.StaffList{Organisation: shipper, Version: version}
	for n := range workers {
		l.Entries = append(l.Entries, worker(n))
	}
	return l
}

func TestStaffVersions(t *testing.T) {
	c := startClock()
	r, s := openRegister(t, c)
	const org = "7708503727"
	view(t, s, func(tx store.Reader) {
		got, err := r.Staff(tx, org)
		if got != nil || err != nil || r.StaffVersion(tx, org) != 0 {
			t.Errorf("before the first list: %v, %v", got, err)
		}
	})
	for _, version := range []int{7, 9} { // gaps are allowed
		if err := r.ImportStaff(list(version, 10), "cli", false); err != nil {
			t.Fatal(err)
		}
		c.pass(time.Hour)
	}
	for _, version := range []int{9, 8, 1} {
		if err := r.ImportStaff(list(version, 10), "cli", true); !errors.Is(err, ErrNotNewer) {
			t.Errorf("version %d after 9: %v", version, err)
		}
	}
	// Another organisation has versions of its own, also one whose key begins alike.
	other := list(1, 1)
	other.Organisation = schema.OrgID{INN: "770850372777"}
	if err := r.ImportStaff(other, "cli", false); err != nil {
		t.Fatal(err)
	}
	view(t, s, func(tx store.Reader) {
		for _, test := range []struct {
			at   time.Time
			want int
		}{{start.Add(-1), 0}, {start, 7}, {start.Add(time.Hour - 1), 7}, {start.Add(time.Hour), 9}} {
			got, err := r.StaffAt(tx, org, test.at)
			if err != nil || (got == nil) != (test.want == 0) || got != nil && got.Version != test.want {
				t.Errorf("at %v: %v, %v; want %d", test.at, got, err, test.want)
			}
		}
		got, err := r.Staff(tx, org)
		if err != nil || got.Version != 9 || got.Source != "cli" || !got.Imported.Equal(start.Add(time.Hour)) {
			t.Errorf("got %v, %v", got, err)
		}
		if diff := cmp.Diff(list(9, 10), got.StaffList); diff != "" {
			t.Error(diff)
		}
		if again, _ := r.Staff(tx, org); again != got {
			t.Error("a version was read twice")
		}
		old, err := r.StaffOf(tx, org, 7)
		if err != nil || old.Version != 7 {
			t.Errorf("version 7: %v, %v", old, err)
		}
		if _, err := r.StaffOf(tx, org, 8); !errors.Is(err, ErrNoVersion) {
			t.Errorf("version 8: %v", err)
		}
		versions, err := r.StaffVersions(tx, org, 10)
		want := []StaffVersion{
			{9, start.Add(time.Hour), "cli", 10, 0, false}, {7, start, "cli", 10, 0, false},
		}
		if diff := cmp.Diff(want, versions); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if diff := cmp.Diff([]string{org, "770850372777"}, r.StaffOrganisations(tx, 10)); diff != "" {
			t.Error(diff)
		}
	})
}

// What was in force long ago is found behind more versions than one page holds.
func TestManyVersions(t *testing.T) {
	c := startClock()
	r, s := openRegister(t, c)
	err := s.Update(func(tx store.Tx) error {
		c.now = start
		for version := 1; version <= 600; version++ {
			if _, err := r.PutStaff(tx, list(version, 1), "office", false); err != nil {
				return err
			}
			c.pass(time.Hour)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	view(t, s, func(tx store.Reader) {
		for _, version := range []int{1, 2, 88, 89, 344, 345, 600} {
			got, err := r.StaffAt(tx, "7708503727", start.Add(time.Duration(version-1)*time.Hour))
			if err != nil || got == nil || got.Version != version {
				t.Errorf("version %d: got %v, %v", version, got, err)
			}
		}
		if versions, err := r.StaffVersions(tx, "7708503727", 1000); err != nil || len(versions) != 600 {
			t.Errorf("%d versions, %v", len(versions), err)
		}
	})
}

func TestShrinkIsHeld(t *testing.T) {
	tests := []struct {
		before, after int
		held          bool
	}{
		{10, 8, false}, // a fifth may go
		{10, 7, true},
		{5, 4, false},
		{5, 3, true},
		{1, 1, false},
		{0, 1, false}, // the first list
		{10, 100, false},
		{100, 79, true},
		{100, 80, false},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%d to %d", test.before, test.after), func(t *testing.T) {
			r, s := openRegister(t, startClock())
			if test.before > 0 {
				if err := r.ImportStaff(list(1, test.before), "office", false); err != nil {
					t.Fatal(err)
				}
			}
			err := r.ImportStaff(list(2, test.after), "office", false)
			if errors.Is(err, ErrHeld) != test.held || err != nil && !test.held {
				t.Fatalf("got %v, want held %v", err, test.held)
			}
			view(t, s, func(tx store.Reader) {
				want := 2
				if test.held {
					want = 1
				}
				if got := r.StaffVersion(tx, "7708503727"); got != want {
					t.Errorf("version %d is in force, want %d", got, want)
				}
				held, err := r.Held(tx, "7708503727")
				if err != nil || (held != nil) != test.held {
					t.Errorf("held: %v, %v", held, err)
				}
			})
		})
	}
}

func TestHeldListIsReleased(t *testing.T) {
	const org = "7708503727"
	c := startClock()
	r, s := openRegister(t, c)
	if _, err := r.Release(org); !errors.Is(err, ErrNothingHeld) {
		t.Errorf("nothing to release: %v", err)
	}
	if err := r.DropHeld(org); !errors.Is(err, ErrNothingHeld) {
		t.Errorf("nothing to drop: %v", err)
	}
	put := func(version, workers int, want error) {
		t.Helper()
		if err := r.ImportStaff(list(version, workers), "office", false); !errors.Is(err, want) {
			t.Fatalf("version %d: %v, want %v", version, err, want)
		}
	}
	inForce := func(want, held int) {
		t.Helper()
		view(t, s, func(tx store.Reader) {
			h, err := r.Held(tx, org)
			got := 0
			if h != nil {
				got = h.Version
			}
			if v := r.StaffVersion(tx, org); v != want || got != held || err != nil {
				t.Fatalf("in force %d, held %d, %v; want %d, %d", v, got, err, want, held)
			}
			if (held != 0) != (len(r.HeldOrganisations(tx, 10)) == 1) {
				t.Fatal("the list of held organisations differs")
			}
		})
	}
	put(1, 10, nil)
	put(3, 2, ErrHeld)
	inForce(1, 3)
	put(2, 3, ErrHeld) // older than the held one, which stays
	inForce(1, 3)
	put(4, 1, ErrHeld)
	inForce(1, 4)
	if version, err := r.Release(org); err != nil || version != 4 {
		t.Fatalf("got %d, %v", version, err)
	}
	inForce(4, 0)
	view(t, s, func(tx store.Reader) {
		versions, err := r.StaffVersions(tx, org, 1)
		if err != nil || !versions[0].Forced || versions[0].Source != "office" {
			t.Errorf("got %+v, %v", versions, err)
		}
	})
	// A good list that comes later makes the held one pointless.
	put(5, 10, nil)
	put(7, 1, ErrHeld)
	put(8, 9, nil)
	inForce(8, 0)
	// One that is below the held one does not.
	put(12, 1, ErrHeld)
	put(10, 9, nil)
	inForce(10, 12)
	if err := r.DropHeld(org); err != nil {
		t.Fatal(err)
	}
	inForce(10, 0)
}

// A list that was put by a transaction which did not commit must not be found later, not even in
// the cache, although it had the version that another list gets then.
func TestStaffOfLostTransaction(t *testing.T) {
	const org = "7708503727"
	r, s := openRegister(t, startClock())
	lost := errors.New("lost")
	err := s.Update(func(tx store.Tx) error {
		if held, err := r.PutStaff(tx, list(1, 3), "office", false); held || err != nil {
			t.Fatal(held, err)
		}
		if got, err := r.Staff(tx, org); err != nil || len(got.Entries) != 3 {
			t.Errorf("within the transaction: %v, %v", got, err)
		}
		return lost
	})
	if !errors.Is(err, lost) {
		t.Fatal(err)
	}
	if err := r.ImportStaff(list(1, 5), "office", false); err != nil {
		t.Fatal(err)
	}
	view(t, s, func(tx store.Reader) {
		if got, err := r.Staff(tx, org); err != nil || len(got.Entries) != 5 {
			t.Errorf("got %v, %v", got, err)
		}
	})
}

func TestStaffLookups(t *testing.T) {
	entries := []schema.StaffEntry{
		{Person: schema.Person{Name: "Королёв Пётр Ильич", PersonID: schema.PersonID{SNILS: "1", INN: "2"}}},
		{Person: schema.Person{Name: "Королев Павел Игоревич", PersonID: schema.PersonID{RNOKPP: "3"}}},
		{Person: schema.Person{Name: "Дем’яненко Олена Петрівна", PersonID: schema.PersonID{INN: "4"}}},
	}
	s := &Staff{StaffList: schema.StaffList{Entries: entries, Proxies: []schema.PowerOfAttorney{
		{Number: "№ 12-Д"}, {Number: "12-д"}, {Number: "N5"}, {Number: "13", Registry: "0193f1c2-7a4b-7c3d-8e5f-0123456789ab"},
	}}}
	persons := []struct {
		id   schema.PersonID
		want []int
	}{
		{schema.PersonID{SNILS: "1"}, []int{0}},
		{schema.PersonID{SNILS: "1", INN: "2"}, []int{0}},
		{schema.PersonID{SNILS: "1", INN: "4"}, []int{0, 2}}, // contradicting numbers find both
		{schema.PersonID{INN: "3"}, nil},                     // a РНОКПП is no ИНН
		{schema.PersonID{}, nil},
	}
	for _, test := range persons {
		check(t, entries, s.ByPerson(test.id), test.want, fmt.Sprint(test.id))
	}
	names := []struct {
		name string
		want []int
	}{
		{"Королев Петр Ильич", []int{0}}, // ё and е
		{"КОРОЛЁВ П.И.", []int{0, 1}},
		{"П. И. Королев", []int{0, 1}},
		{"Королев Пётр И.", []int{0}},
		{"Демʼяненко О.П.", []int{2}},
		{"Королев", nil}, // a name that is missing on one side is a difference
		{"Иванов И.И.", nil},
		{"", nil},
		{"П.И.", nil},
	}
	for _, test := range names {
		check(t, entries, s.ByName(test.name), test.want, test.name)
	}
	for number, want := range map[string]int{"12-Д": 2, "N 12-д": 2, "№5": 1, "5": 1, "13": 1, "N": 0, "": 0,
		"0193F1C2-7a4b-7c3d-8e5f-0123456789ab": 1} {
		if got := s.ByNumber(number); len(got) != want {
			t.Errorf("power of attorney %q: %d, want %d", number, len(got), want)
		}
	}
}

func check(t *testing.T, all []schema.StaffEntry, got []*schema.StaffEntry, want []int, asked string) {
	t.Helper()
	var indices []int
	for _, e := range got {
		for i := range all {
			if e == &all[i] {
				indices = append(indices, i)
			}
		}
	}
	if diff := cmp.Diff(want, indices, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: %s", asked, diff)
	}
}

func TestDiffStaff(t *testing.T) {
	before, after := list(1, 3), list(2, 3)
	after.Entries[0].MaySign = false
	after.Entries[1] = worker(7)
	after.Proxies = []schema.PowerOfAttorney{{
		Number: "12", Date: date(t, "2026-01-15"), Holder: schema.Person{Name: "Петрова Анна Олеговна"},
		From: date(t, "2026-01-15"), Withdrawn: date(t, "2026-06-01"),
	}}
	const rest = "order 17-К of 2026-01-10, loading placement"
	want := []string{
		"~ entry Иванов Иван Иванович " + snils(0) + ": мастер погрузки, " + rest + ", may sign, at 985609, 2026-01-12 to 2026-12-31" +
			" → мастер погрузки, " + rest + ", at 985609, 2026-01-12 to 2026-12-31",
		"- entry Иванов Иван Петрович " + snils(1) + ": мастер погрузки, " + rest + ", may sign, at 985609, 2026-01-12 to 2026-12-31",
		"+ entry Иванов Иван Петрович " + snils(7) + ": мастер погрузки, " + rest + ", may sign, at 985609, 2026-01-12 to 2026-12-31",
		"+ proxy 12 of 2026-01-15: Петрова Анна Олеговна, from 2026-01-15, withdrawn 2026-06-01",
	}
	if diff := cmp.Diff(want, DiffStaff(&before, &after)); diff != "" {
		t.Error(diff)
	}
	if got := DiffStaff(&before, &before); len(got) != 0 {
		t.Errorf("no change: %v", got)
	}
	if got := DiffStaff(nil, &before); len(got) != 3 {
		t.Errorf("the first list: %v", got)
	}
}

func TestCacheForgetsTheOldest(t *testing.T) {
	c := cache[int]{limit: 10}
	key := func(n int) [32]byte { return [32]byte{byte(n)} }
	for n := range 5 {
		c.put(key(n), n, 4)
	}
	for n := range 5 {
		if _, ok := c.get(key(n)); ok != (n >= 3) {
			t.Errorf("value %d: found %v", n, ok)
		}
	}
	c.put(key(9), 9, 1000) // costs more than all: stays, alone
	if got, ok := c.get(key(9)); !ok || got != 9 || len(c.values) != 1 || c.cost != 1000 {
		t.Errorf("got %d %v, %d values of cost %d", got, ok, len(c.values), c.cost)
	}
}
