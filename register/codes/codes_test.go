package codes

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"asugate/schema"
)

func day(t *testing.T, s string) schema.Date {
	t.Helper()
	d, err := schema.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTrafficOf(t *testing.T) {
	const (
		astafieva   = "985609" // Мыс Астафьева, Дальневосточная
		novosibirsk = "850609" // Западно-Сибирская
		baltiysk    = "103902" // Балтийск, Калининградская
		bagrat      = "102308" // Багратионовск, Калининградская
		belarusian  = "130007"
		bruzgi      = "134807" // Брузги, Белорусская
		ferry       = "663404" // Актау-Порт, Казахстанская
		alatoo      = "719802" // Ала-Тоо, Кыргызская
		akhuryan    = "566002" // Ахурян, Южно-Кавказская
		shared      = "590007" // of a region of several Russian roads
		latvian     = "090007"
		ukrainian   = "467004"
	)
	cases := []struct {
		why                    string
		departure, destination string
		on, class              string
		ok                     bool
	}{
		{"within the rest of Russia", astafieva, novosibirsk, "2026-11-22", schema.TrafficDomestic, true},
		{"a region of several roads", shared, novosibirsk, "2026-11-22", schema.TrafficDomestic, true},
		{"the same to Kaliningrad", shared, baltiysk, "2026-11-22", schema.TrafficKaliningrad, true},
		{"one station", astafieva, astafieva, "2026-11-22", schema.TrafficDomestic, true},
		{"within the Калининградская", baltiysk, bagrat, "2026-11-22", schema.TrafficDomestic, true},
		{"from Kaliningrad", baltiysk, novosibirsk, "2026-11-22", schema.TrafficKaliningrad, true},
		{"to Kaliningrad", novosibirsk, baltiysk, "2026-11-22", schema.TrafficKaliningrad, true},
		{"Russia and Belarus", novosibirsk, bruzgi, "2026-11-22", schema.TrafficInternational, true},
		{"Kaliningrad and Belarus are two countries", baltiysk, bruzgi, "2026-11-22", schema.TrafficInternational, true},
		{"Kazakhstan and Belarus, both members", ferry, bruzgi, "2026-11-22", schema.TrafficInternational, true},
		{"the day before Belarus was a member", novosibirsk, bruzgi, "2010-07-05", Outside, true},
		{"the day from which it was", novosibirsk, bruzgi, "2010-07-06", schema.TrafficInternational, true},
		{"Kyrgyzstan not yet", novosibirsk, alatoo, "2015-08-11", Outside, true},
		{"Kyrgyzstan", novosibirsk, alatoo, "2015-08-12", schema.TrafficInternational, true},
		{"Armenia not yet", novosibirsk, akhuryan, "2015-01-01", Outside, true},
		{"Armenia", novosibirsk, akhuryan, "2015-01-02", schema.TrafficInternational, true},
		{"within Belarus is none of the railway's", belarusian, bruzgi, "2026-11-22", Outside, true},
		{"Latvia is no member", novosibirsk, latvian, "2026-11-22", Outside, true},
		{"Ukraine is no member", ukrainian, novosibirsk, "2026-11-22", Outside, true},
		{"a region that Russia and Ukraine share", "430002", novosibirsk, "2026-11-22", "", false},
		{"a code before them all", "000001", novosibirsk, "2026-11-22", "", false},
		{"a region of Central Asia", "709999", novosibirsk, "2026-11-22", "", false},
		{"five digits are no code here", "98560", novosibirsk, "2026-11-22", "", false},
		{"nothing", "", "", "2026-11-22", "", false},
	}
	for _, c := range cases {
		class, ok := TrafficOf(c.departure, c.destination, day(t, c.on))
		if class != c.class || ok != c.ok {
			t.Errorf("%s: got %q, %t; want %q, %t", c.why, class, ok, c.class, c.ok)
		}
	}
}

// Traffic is the same in both directions, whatever the stations.
func TestTrafficIsSymmetric(t *testing.T) {
	on := day(t, "2026-11-22")
	table := Shipped().stations
	for i := range table {
		other := table[(i*37+11)%len(table)]
		there, ok := TrafficOf(table[i].first, other.last, on)
		back, also := TrafficOf(other.last, table[i].first, on)
		if there != back || !ok || !also {
			t.Errorf("%s — %s: %q there, %q back", table[i].first, other.last, there, back)
		}
	}
}

func TestRoadOf(t *testing.T) {
	cases := []struct{ station, road, country, why string }{
		{"100000", "10", "RU", "the first of a range"},
		{"104099", "10", "RU", "the last of a range"},
		{"104100", "", "", "behind it, where Lithuanian stations are"},
		{"104500", "10", "RU", "a single station among them"},
		{"104501", "", "", "behind it"},
		{"590007", "", "RU", "of which only the country is known"},
		{"999999", "96", "RU", "the last of all"},
		{"009999", "", "", "before all"},
	}
	for _, c := range cases {
		if road, _ := Shipped().RoadOf(c.station); road.Code != c.road || road.Country != c.country {
			t.Errorf("%s (%s): got %+v, want %q in %q", c.station, c.why, road, c.road, c.country)
		}
	}
}

func TestWords(t *testing.T) {
	tables := Shipped()
	if a, ok := tables.Administration("22"); !ok || a.Country != "UA" || a.Digits != 8 {
		t.Errorf("administration 22: %+v, %t", a, ok)
	}
	if _, ok := tables.Administration("51"); ok {
		t.Error("administration 51 is known, though no row attests it")
	}
	for _, code := range []string{"common", "own", "leased", "СОБ", "АРС", "АВН", "соб"} {
		if _, ok := tables.Ownership(code); !ok {
			t.Errorf("ownership %q is not known", code)
		}
	}
	for number, kind := range map[string]string{
		"63498000": "ПВ", "24547705": "КР", "42000000": "ПЛ", "72000000": "ЦС", "87000000": "ИЗТ",
		"53100517": "", "94000000": "", "505126180015": "",
	} {
		if k, ok := tables.KindOfWagon(number); k.Code != kind || ok != (kind != "") {
			t.Errorf("%s: got kind %q, want %q", number, k.Code, kind)
		}
	}
	if k, ok := tables.WagonKind("цс"); !ok || k.Code != "ЦС" {
		t.Errorf("the kind цс: %+v, %t", k, ok)
	}
}

// The tables that memos are written by: what is attested, and nothing more.
func TestMnemonics(t *testing.T) {
	tables := Shipped()
	cases := []struct {
		why  string
		find func(string) (Mnemonic, bool)
		code string
		want string // its name; empty: it is not known
	}{
		{"as the table writes it", tables.Ownership, "СОБ", "собственный"},
		{"in small letters", tables.Ownership, "арс", "арендованный"},
		{"the regulation names it (Д-720у п. 3.5)", tables.Ownership, "АВН", "арендованный"},
		{"the word of a note", tables.Ownership, "own", "собственный"},
		{"nobody has seen it", tables.Ownership, "ИНВ", ""},
		{"small in memos", tables.Operation, "вгр", "выгрузка"},
		{"and in capitals", tables.Operation, "ПГР", "погрузка"},
		{"of ГУ-2б", tables.Operation, "ВЫГР", "выгрузка"},
		{"seen, and that is all", tables.Operation, "БОП", "значение не известно"},
		{"a row without mnemonic is found by none", tables.Operation, "", ""},
		{"nor by its name", tables.Operation, "Вагон под исправление брака", ""},
		{"table 4 is lost as a whole", tables.Remark, "пор", ""},
		{"a size", tables.ContainerSize, "24", "контейнер типоразмера 24"},
		{"no size of the list", tables.ContainerSize, "40", ""},
		{"nor is this", tables.ContainerSize, "020", ""},
	}
	for _, c := range cases {
		if m, ok := c.find(c.code); ok != (c.want != "") || m.Name != c.want || m.Message1397 != "" {
			t.Errorf("%s: %q: got %+v, %t; want %q", c.why, c.code, m, ok, c.want)
		}
	}
}

// An unknown code is wrong where the table has all that there are.
func TestComplete(t *testing.T) {
	tables, err := Read(fstest.MapFS{FileOperations: {Data: []byte(
		"code\tmessage-1397\tname\tconditions\tsource\nвгр\t1\tвыгрузка\t\tприказ\nпгр\t2\tпогрузка\tпо заявке\tприказ\n")}})
	if err != nil {
		t.Fatal(err)
	}
	complete := map[string][2]bool{ // as shipped, with the operator's table of operations
		FileContainerSizes: {true, true}, FileOperations: {false, true},
	}
	for _, file := range Files() {
		got := [2]bool{Shipped().Complete(file), tables.Complete(file)}
		if got != complete[file] {
			t.Errorf("%s: complete %t as shipped, %t with the operator's; want %v", file, got[0], got[1], complete[file])
		}
	}
	want := Mnemonic{Code: "пгр", Message1397: "2", Name: "погрузка", Conditions: "по заявке"}
	if got, _ := tables.Operation("Пгр"); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if _, ok := tables.Operation("боп"); ok {
		t.Error("a row of the shipped table is still there")
	}
}

// A table of ownership in the form that it once had is read as ever.
func TestFormerOwnership(t *testing.T) {
	tables, err := Read(fstest.MapFS{FileOwnership: {Data: []byte("code\tname\tsource\nСОБ\tсобственный\tприказ\n")}})
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := tables.Ownership("соб"); !ok || got != (Mnemonic{Code: "СОБ", Name: "собственный"}) {
		t.Errorf("got %+v, %t", got, ok)
	}
}

const union = "country\tfrom\tto\tsource\nRU\t2010-07-01\t\tдоговор\nUA\t2010-07-01\t2011-07-01\tдоговор\n"

// An operator's table takes the place of the shipped one as a whole; the others stay.
func TestReplace(t *testing.T) {
	tables, err := Read(fstest.MapFS{
		"customs-union.tsv": {Data: []byte("\uFEFF# наша\r\n" + strings.ReplaceAll(union, "\n", "\r\n"))},
		"notes.txt":         {Data: []byte("not ours to read")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for on, want := range map[string]string{
		"2011-07-01": schema.TrafficInternational, // the last day
		"2011-07-02": Outside,
	} {
		if class, _ := tables.TrafficOf("850609", "467004", day(t, on)); class != want {
			t.Errorf("%s: got %q, want %q", on, class, want)
		}
	}
	if class, _ := tables.TrafficOf("850609", "134807", day(t, "2026-11-22")); class != Outside {
		t.Errorf("Belarus is still a member by the shipped table: %q", class)
	}
	if tables.Version() == Shipped().Version() {
		t.Error("other rows have the same version")
	}
	again, err := Read(fstest.MapFS{})
	if err != nil || again.Version() != Shipped().Version() {
		t.Errorf("an empty folder gives other tables than none: %v", err)
	}
}

func TestBadTable(t *testing.T) {
	cases := []struct{ why, file, text, want string }{
		{"no rows", "customs-union.tsv", "country\tfrom\tto\tsource\n", "has no rows"},
		{"other columns", "customs-union.tsv", "land\tfrom\tto\tsource\n", "the columns are country from to source"},
		{"a column too few", "customs-union.tsv", "country\tfrom\tto\n", "the columns are country from to source"},
		{"a column too many", "customs-union.tsv", "country\tfrom\tto\tsource\tx\n", "the columns are country from to source"},
		{"a cell too few", "customs-union.tsv", "country\tfrom\tto\tsource\nRU\t2010-07-01\tx\n", "line 2 has 3 columns"},
		{"a cell too many", "ownership.tsv", "code\tname\tsource\nСОБ\tсобственный\tx\tx\n", "line 2 has 4 columns"},
		{"a column in another place", "operations.tsv", "code\tname\tmessage-1397\tsource\n", "the columns are code message-1397?"},
		{"a mnemonic without meaning", "operations.tsv", "code\tname\tsource\nвгр\t\tx\n", "a name or the conditions"},
		{"a mnemonic twice, in capitals", "operations.tsv", "code\tname\tsource\nвгр\tа\tx\nВГР\tб\tx\n", "stands in two rows"},
		{"an operator's table of remarks without rows", "remarks.tsv", "code\tname\tsource\n", "has no rows"},
		{"and without a first line", "remarks.tsv", "", "has no rows"},
		{"no source", "customs-union.tsv", "country\tfrom\tto\tsource\nRU\t2010-07-01\t\t \n", "line 2 does not say its source"},
		{"no day", "customs-union.tsv", "country\tfrom\tto\tsource\nRU\t01.07.2010\t\tx\n", "line 2: not a date"},
		{"reversed", "customs-union.tsv", "country\tfrom\tto\tsource\nRU\t2010-07-01\t2010-01-01\tx\n", "ends before it begins"},
		{"no country", "customs-union.tsv", "country\tfrom\tto\tsource\nРоссия\t2010-07-01\t\tx\n", "two letters"},
		{"overlap", "stations.tsv", "first\tlast\troad\tsource\n100000\t200000\t10\tx\n150000\t160000\t17\tx\n", "before the row above it ends"},
		{"reversed range", "stations.tsv", "first\tlast\troad\tsource\n200000\t100000\t10\tx\n", "the lower one first"},
		{"no such road", "stations.tsv", "first\tlast\troad\tsource\n100000\t200000\t99\tx\n", `no road "99"`},
		{"twice", "roads.tsv", "code\tcountry\tabbreviation\tname\tsource\n01\tRU\tА\tА\tx\n01\tRU\tБ\tБ\tx\n", "stands in two rows"},
		{"two kinds of one digit", "wagon-kinds.tsv", "code\tdigit\tname\tsource\nА\t2\tа\tx\nБ\t2\tб\tx\n", "stands in two rows"},
		{"wagons of nine digits", "administrations.tsv", "code\tcountry\tdigits\tabbreviation\tname\tsource\n20\tRU\t9\tА\tа\tx\n", "8 or 12"},
		{"a table of another name", "station.tsv", "x", "the tables are administrations.tsv"},
		{"too long", "roads.tsv", strings.Repeat("#", maxTable+1), "longer than"},
	}
	for _, c := range cases {
		_, err := Read(fstest.MapFS{c.file: {Data: []byte(c.text)}})
		if !errors.Is(err, ErrBadTable) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.file) {
			t.Errorf("%s: got %v, want … %s …", c.why, err, c.want)
		}
	}
}

// A table, however broken, is refused or read, and what is read answers for any code.
func FuzzRead(f *testing.F) {
	f.Add(union, "850609")
	f.Add("country\tfrom\tto\tsource\n", "")
	f.Fuzz(func(t *testing.T, text, station string) {
		for _, k := range kinds {
			tables, err := Read(fstest.MapFS{k.file: {Data: []byte(text)}})
			if (err == nil) != (tables != nil) {
				t.Fatalf("tables %v and error %v", tables, err)
			}
			if err == nil {
				tables.TrafficOf(station, "850609", schema.Date{Year: 2026, Month: 1, Day: 1})
				tables.KindOfWagon(station)
			}
		}
	})
}
