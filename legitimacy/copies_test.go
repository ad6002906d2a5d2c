package legitimacy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"asugate/schema"
)

const (
	departure = "985609" // of the scenes' consignment
	elsewhere = "850609"
)

// inCopies is a good ЭД №2 whose performer stands in the copies of the order of both recipients.
func inCopies() *scene {
	s := goodPlacement()
	tcfto, station := entry(ivanov), entry(ivanov)
	tcfto.Recipient, station.Recipient = schema.ToTCFTO, departure
	station.MaySign, station.RightUnsaid = false, true // it has specimen signatures instead (288 п. 1.4)
	s.List.Entries = []schema.StaffEntry{tcfto, station}
	return s
}

func TestCopiesOfTheOrder(t *testing.T) {
	const differ = "warning L01 copies-differ" + atPerformer
	runScenes(t, inCopies, Check, []sceneTest{
		{"they agree", func(s *scene) {}, nil},
		{"only that of ТЦФТО", func(s *scene) { s.List.Entries = s.List.Entries[:1] }, nil},
		{"the station's states the same right", func(s *scene) {
			s.List.Entries[1].MaySign, s.List.Entries[1].RightUnsaid = true, false
		}, nil},
		{"the station's denies the right", func(s *scene) { s.List.Entries[1].RightUnsaid = false }, []string{differ}},
		// Only the copy of ТЦФТО has to tell of the right, so it decides.
		{"only the station's gives the right", func(s *scene) {
			s.List.Entries[0].MaySign = false
			s.List.Entries[1].MaySign, s.List.Entries[1].RightUnsaid = true, false
		}, []string{differ, "L03 no-right-to-sign" + atPerformer}},
		{"posts", func(s *scene) { s.List.Entries[1].Post = "инженер" }, []string{differ}},
		{"posts written in capitals", func(s *scene) { s.List.Entries[1].Post = "МАСТЕР  ПОГРУЗКИ" }, nil},
		{"numbers of the order", func(s *scene) { s.List.Entries[1].OrderNumber = "18-К" }, []string{differ}},
		{"the number with its sign", func(s *scene) { s.List.Entries[1].OrderNumber = "№ 17-к" }, nil},
		{"days of the order", func(s *scene) { s.List.Entries[1].OrderDate = day("2026-01-11") }, []string{differ}},
		{"last days", func(s *scene) { s.List.Entries[1].To = schema.Date{} }, []string{differ}},
		{"over by the station's", func(s *scene) { s.List.Entries[1].To = day("2026-06-30") }, []string{differ}},
		{"over by that of ТЦФТО", func(s *scene) { s.List.Entries[0].To = day("2026-06-30") },
			[]string{differ, "L03 no-right-to-sign" + atPerformer}},
		// What another station has is of no matter here.
		{"another station's copy", func(s *scene) {
			s.List.Entries[1].Recipient, s.List.Entries[1].Post = elsewhere, "инженер"
		}, nil},
		{"an entry of which nobody says whose it is", func(s *scene) {
			s.List.Entries[0].Recipient = ""
			s.List.Entries[1].Post = "инженер"
		}, nil},
		{"a former order at the station", func(s *scene) {
			former := s.List.Entries[1]
			former.OrderNumber, former.From, former.To = "3-К", day("2025-01-01"), day("2025-12-31")
			s.List.Entries = append(s.List.Entries, former)
		}, nil},
		// A person without numbers is known by name and order, though the posts differ.
		{"without numbers", func(s *scene) {
			for i := range s.List.Entries {
				s.List.Entries[i].PersonID = schema.PersonID{}
				s.List.Entries[i].Certificate = schema.CertificateRef{Issuer: "CN=УЦ", Serial: "1A2B"}
			}
			s.List.Entries[1].Post = "инженер"
		}, []string{differ}},
		{"namesakes without numbers under two orders", func(s *scene) {
			for i := range s.List.Entries {
				s.List.Entries[i].PersonID = schema.PersonID{}
			}
			s.List.Entries[1].Post, s.List.Entries[1].OrderNumber = "инженер", "18-К"
		}, []string{"L01 ambiguous-name" + atPerformer}},
	})
}

// An entry may come from the station's copy alone.
func TestStationCopyAlone(t *testing.T) {
	alone := func() *scene {
		s := inCopies()
		s.List.Entries = s.List.Entries[1:]
		return s
	}
	runScenes(t, alone, Check, []sceneTest{
		{"which does not tell of the right", func(s *scene) {}, []string{"L03 no-right-to-sign" + atPerformer}},
		{"which does", func(s *scene) { s.List.Entries[0].MaySign, s.List.Entries[0].RightUnsaid = true, false }, nil},
		{"of another station", func(s *scene) {
			s.List.Entries[0].MaySign, s.List.Entries[0].RightUnsaid = true, false
			s.List.Entries[0].Recipient = elsewhere
		}, []string{"L01 station-not-covered" + atPerformer}},
		{"of another station, with this one in the order", func(s *scene) {
			s.List.Entries[0].MaySign, s.List.Entries[0].RightUnsaid = true, false
			s.List.Entries[0].Recipient, s.List.Entries[0].Stations = elsewhere, []string{departure}
		}, nil},
		{"by proxy, of which the right is not asked", func(s *scene) {
			s.Case.Report.Signer = certificateOf(petrova)
			s.Placement.Proxy = &schema.Proxy{Number: "12", Date: day("2026-01-15"), Signer: petrova}
		}, nil},
	})
}

// The warning names both copies, and what each of them says.
func TestCopiesAreNamed(t *testing.T) {
	s := inCopies()
	e := &s.List.Entries[1]
	e.OrderNumber, e.Post, e.To, e.RightUnsaid = "18-К", "инженер", schema.Date{}, false
	found := Check(s.build(t))
	if len(found) != 1 {
		t.Fatalf("got %v", found)
	}
	got := []string{found[0].Expected, found[0].Actual}
	want := []string{
		"tcfto: Order N 17-К 2026-01-10, post мастер погрузки, To 2026-12-31, MaySign true",
		"985609: Order N 18-К 2026-01-10, post инженер, To —, MaySign false",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A verdict names what it rests on, also where nothing is found.
func TestGrounds(t *testing.T) {
	const ofIvanov = "Иванов Иван Иванович, N 17-К 2026-01-10, 2026-01-12–2026-12-31"
	tests := []struct {
		name         string
		good         func() *scene
		change       func(*scene)
		entry, proxy string
	}{
		{"the only entry", goodPlacement, func(s *scene) {}, ofIvanov, ""},
		{"by proxy", proxyPlacement, func(s *scene) {}, ofIvanov,
			"N 12 2026-01-15, Петрова Анна Олеговна, 2026-01-15–2026-12-31"},
		{"the copy that tells of the right", inCopies, func(s *scene) {}, ofIvanov + ", tcfto", ""},
		{"of two appointments that of the day", goodPlacement, func(s *scene) {
			former := entry(ivanov)
			former.OrderNumber, former.To = "3-К", day("2026-06-30")
			s.List.Entries[0].From = day("2026-07-01")
			s.List.Entries = append([]schema.StaffEntry{former}, s.List.Entries...)
		}, "Иванов Иван Иванович, N 17-К 2026-01-10, 2026-07-01–2026-12-31", ""},
		{"one that refuses", goodPlacement, func(s *scene) { s.List.Entries[0].To = day("2026-06-30") },
			"Иванов Иван Иванович, N 17-К 2026-01-10, 2026-01-12–2026-06-30", ""},
		{"nobody", goodPlacement, func(s *scene) { s.List.Entries[0] = entry(petrova) }, "", ""},
		{"no list", goodPlacement, func(s *scene) { s.List = nil }, "", ""},
		{"ЭД №1", goodWaybill, func(s *scene) {}, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := test.good()
			test.change(s)
			entry, proxy := Grounds(s.build(t))
			gotEntry, gotProxy := "", ""
			if entry != nil {
				gotEntry = entry.Title()
			}
			if proxy != nil {
				gotProxy = proxy.Title()
			}
			if gotEntry != test.entry || gotProxy != test.proxy {
				t.Errorf("got %q, %q", gotEntry, gotProxy)
			}
		})
	}
}

// What a staff list decides is asked of another day than the document's where that is wanted.
func TestPeopleOnAnotherDay(t *testing.T) {
	s := goodPlacement()
	s.List.Entries[0].From = day("2026-11-22")
	c := s.build(t)
	if diff := cmp.Diff([]string{"L02 not-in-force" + atPerformer}, shown(t, People(c))); diff != "" {
		t.Error(diff)
	}
	c.WorkDate = day("2026-11-22")
	if got := People(c); len(got) != 0 {
		t.Errorf("got %v", got)
	}
	if got := People(goodWaybill().build(t)); got != nil {
		t.Errorf("of ЭД №1: %v", got)
	}
}

func TestSomebodyMaySign(t *testing.T) {
	tests := []struct {
		name   string
		change func(*schema.StaffList)
		want   bool
	}{
		{"performer", func(l *schema.StaffList) { l.Proxies = nil }, true},
		{"nobody has the right, but there is a proxy", func(l *schema.StaffList) { l.Entries[0].MaySign = false }, true},
		{"nor a proxy", func(l *schema.StaffList) { l.Entries[0].MaySign, l.Proxies = false, nil }, false},
		{"withdrawn proxy", func(l *schema.StaffList) {
			l.Entries[0].MaySign, l.Proxies[0].Withdrawn = false, day("2026-11-22")
		}, false},
		{"proxy for another kind", func(l *schema.StaffList) {
			l.Entries[0].MaySign, l.Proxies[0].Kinds = false, []schema.Kind{schema.KindWaybill}
		}, false},
		{"another station", func(l *schema.StaffList) { l.Entries[0].Stations = []string{elsewhere} }, false},
		{"other work", func(l *schema.StaffList) { l.Entries[0].Works = []string{"unloading"} }, false},
		{"from tomorrow", func(l *schema.StaffList) { l.Entries[0].From = day("2026-11-23") }, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := goodPlacement()
			test.change(s.List)
			if got := SomebodyMaySign(s.build(t).Staff, departure, day("2026-11-22")); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
	if SomebodyMaySign(nil, departure, day("2026-11-22")) {
		t.Error("by no list")
	}
}
