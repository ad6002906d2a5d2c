package register

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"asugate/internal/pki"
	"asugate/schema"
	"asugate/signature"
	"asugate/xmltree"
)

const russianCSV = `Запись;ФИО;Должность;СНИЛС;Номер;Дата;Работы;Право подписи;Станции;С;По;Отозвана
;Иванов Иван Иванович;мастер погрузки;112-233-445 95;17-К;10.01.2026;погрузка, размещение;да;985609 850609;12.01.2026;31.12.2026;
доверенность;Петрова Анна Олеговна;инженер;;12;15.01.2026;;;;15.01.2026;;01.06.2026
`

func TestParseStaffCSV(t *testing.T) {
	want := schema.StaffList{
		Organisation: shipper, Version: 42,
		Entries: []schema.StaffEntry{{
			Person: schema.Person{Name: "Иванов Иван Иванович", Post: "мастер погрузки",
				PersonID: schema.PersonID{SNILS: "11223344595"}},
			OrderNumber: "17-К", OrderDate: date(t, "2026-01-10"), Works: []string{"loading", "placement"},
			MaySign: true, Stations: []string{"985609", "850609"},
			From: date(t, "2026-01-12"), To: date(t, "2026-12-31"),
		}},
		Proxies: []schema.PowerOfAttorney{{
			Number: "12", Date: date(t, "2026-01-15"),
			Holder: schema.Person{Name: "Петрова Анна Олеговна", Post: "инженер"},
			From:   date(t, "2026-01-15"), Withdrawn: date(t, "2026-06-01"),
		}},
	}
	windows, err := charmap.Windows1251.NewEncoder().String(russianCSV)
	if err != nil {
		t.Fatal(err)
	}
	english := strings.NewReplacer(
		"Запись", "record", "ФИО", "name", "Должность", "post", "СНИЛС", "snils", "Номер", "number",
		"Дата", "date", "Работы", "works", "Право подписи", "may_sign", "Станции", "stations",
		";С;", ";from;", ";По;", ";to;", "Отозвана", "withdrawn", "погрузка, размещение", "placement|loading",
		";да;", ";yes;", "доверенность", "proxy", "12.01.2026", "2026-01-12",
	).Replace(russianCSV)
	for name, content := range map[string]string{
		"UTF-8":              russianCSV,
		"byte order mark":    "\uFEFF" + russianCSV,
		"windows-1251":       windows,
		"CRLF":               strings.ReplaceAll(russianCSV, "\n", "\r\n"),
		"tabs":               strings.ReplaceAll(russianCSV, ";", "\t"),
		"in English":         english,
		"commas":             strings.ReplaceAll(strings.ReplaceAll(russianCSV, ", ", " "), ";", ","),
		"spaces round cells": strings.ReplaceAll(russianCSV, ";", " ; "),
		"Ф.И.О.":             strings.Replace(russianCSV, "ФИО", "Ф.И.О.", 1),
		"empty last line":    russianCSV + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseStaffCSV(strings.NewReader(content), shipper, 42)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestBadCSV(t *testing.T) {
	tests := []struct {
		name     string
		old, new string
		want     string
	}{
		{"unknown column", "Отозвана", "Паспорт", `line 1, column 12: column "Паспорт" holds passport data`},
		{"column twice", "Отозвана", "ФИО", `column "ФИО" is there twice`},
		{"column missing", ";Право подписи", ";Станции", `column "Станции" is there twice`},
		{"no column of right to sign", "Право подписи;Станции", "Станции;kinds", `column "may_sign" is missing`},
		{"too few cells", ";;15.01.2026;;01.06.2026", "", "line 3"},
		{"record", "доверенность;", "мандат;", `line 3, column 1: record: "мандат" is not staff or proxy`},
		{"date", "10.01.2026", "10.13.2026", "line 2, column 6: date: \"10.13.2026\" is no day"},
		{"short date", "10.01.2026", "1.1.26", `date: "1.1.26" is no day`},
		{"flag", ";да;", ";может;", `may_sign: "может" is not yes or no`},
		{"check digit", "112-233-445 95", "112-233-445 96", "line 2, column 4: snils: The SNILS"},
		{"work", "погрузка", "уборка", "line 2, column 7: works: \"уборка\" is not one of"},
		{"station", "985609", "985608", "line 2, column 9: stations: The station code 985608"},
		{"no first day", ";12.01.2026;", ";;", "from: there is no date"},
		{"days reversed", "31.12.2026", "31.12.2025", "line 2, column 2: name: The term ends"},
		{"post missing", "мастер погрузки", "", "post: there is no value"},
		{"number of a proxy", ";12;", ";;", "line 3, column 5: number: there is no value"},
		{"open quote", "инженер", `"инженер`, "line 3"},
		{"no rows", russianCSV[strings.Index(russianCSV, "\n")+1:], "", "the list is empty"},
		{"nothing", russianCSV, "", "there is no header row"},
		{"UTF-16", russianCSV, "\xff\xfe1\x04", "the file is UTF-16"},
		{"false byte order mark", russianCSV, "\uFEFF\xcf\xf0", "a UTF-8 byte order mark and is no UTF-8"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(russianCSV, test.old) {
				t.Fatalf("no %q in the good file", test.old)
			}
			content := strings.Replace(russianCSV, test.old, test.new, 1)
			_, err := ParseStaffCSV(strings.NewReader(content), shipper, 1)
			var e *FileError
			if !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant … %s …", err, test.want)
			}
		})
	}
}

// The copies of orders of both recipients, and a power of attorney in full, as a table.
func TestParseStaffCSVInFull(t *testing.T) {
	const content = `запись;фио;должность;снилс;номер;дата;работы;право подписи;с;получатель;номер мчд;выдал;должность выдавшего;за кого;кпп
;Иванов И.И.;мастер;112-233-445 95;17;10.01.2026;размещение;да;12.01.2026;ТЦФТО;;;;;
;Иванов И.И.;мастер;112-233-445 95;17;10.01.2026;размещение;;12.01.2026;985609;;;;;
доверенность;Петрова А.О.;инженер;;12;15.01.2026;;;15.01.2026;;0193F1C2-7A4B-7C3D-8E5F-0123456789AB;Орлов О.О.;директор;Иванов И.И. 112-233-445-95 | Сидоров С.С.;770801001
`
	got, err := ParseStaffCSV(strings.NewReader(content), shipper, 1)
	if err != nil {
		t.Fatal(err)
	}
	ivanov := schema.StaffEntry{
		Person:      schema.Person{Name: "Иванов И.И.", Post: "мастер", PersonID: schema.PersonID{SNILS: "11223344595"}},
		OrderNumber: "17", OrderDate: date(t, "2026-01-10"), Works: []string{"placement"}, MaySign: true,
		From: date(t, "2026-01-12"), Recipient: schema.ToTCFTO,
	}
	copied := ivanov
	copied.Recipient, copied.MaySign, copied.RightUnsaid = "985609", false, true
	want := schema.StaffList{
		Organisation: shipper, Version: 1, Entries: []schema.StaffEntry{ivanov, copied},
		Proxies: []schema.PowerOfAttorney{{
			Number: "12", Date: date(t, "2026-01-15"), Registry: "0193f1c2-7a4b-7c3d-8e5f-0123456789ab",
			Issuer: schema.Person{Name: "Орлов О.О.", Post: "директор"},
			Principals: []schema.Person{
				{Name: "Иванов И.И.", PersonID: schema.PersonID{SNILS: "11223344595"}}, {Name: "Сидоров С.С."},
			},
			Holder: schema.Person{Name: "Петрова А.О.", Post: "инженер"}, Branches: []string{"770801001"},
			From: date(t, "2026-01-15"),
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Passport data are refused by whatever name or place they come in, and never repeated in what is said.
func TestPassportDataAreRefused(t *testing.T) {
	for _, header := range []string{
		"Паспорт", "Паспортные данные", "passport_number", "Серия", "серия и номер", "Кем выдан", "Код подразделения",
		"Дата рождения", "удостоверение личности", "Образец подписи",
	} {
		_, err := ParseStaffCSV(strings.NewReader(strings.Replace(russianCSV, "Отозвана", header, 1)), shipper, 1)
		if !errors.Is(err, ErrPassportData) {
			t.Errorf("column %s: %v", header, err)
		}
	}
	for _, post := range []string{"мастер, паспорт 4508 123456", "мастер (паспорт: серия 45 08)", "foreman, passport no. 4508123456"} {
		_, err := ParseStaffCSV(strings.NewReader(strings.Replace(russianCSV, "мастер погрузки", post, 1)), shipper, 1)
		if !errors.Is(err, ErrPassportData) || strings.Contains(fmt.Sprint(err), "4508") || strings.Contains(fmt.Sprint(err), "45 08") {
			t.Errorf("post %s: %v", post, err)
		}
		l := list(1, 3)
		l.Entries[1].Post = post
		found := StaffFindings(&l)
		if len(found) != 1 || found[0].Reason != schema.ReasonPassportData || found[0].Actual != "" {
			t.Errorf("post %s: %+v", post, found)
		}
	}
	// What only sounds like it is let pass, or is another slip.
	for _, post := range []string{"паспортист", "мастер серийного производства", "мастер участка 45"} {
		if _, err := ParseStaffCSV(strings.NewReader(strings.Replace(russianCSV, "мастер погрузки", post, 1)), shipper, 1); err != nil {
			t.Errorf("post %s: %v", post, err)
		}
	}
	_, err := ParseStaffCSV(strings.NewReader(strings.Replace(russianCSV, "Отозвана", "Отдел", 1)), shipper, 1)
	if err == nil || errors.Is(err, ErrPassportData) {
		t.Errorf("another unknown column: %v", err)
	}
}

func TestTooManyRows(t *testing.T) {
	var b strings.Builder
	b.WriteString("name;post;number;date;works;may_sign;from\n")
	for range MaxStaff + 1 {
		b.WriteString("Иванов И.И.;м;1;2026-01-01;loading;no;2026-01-01\n")
	}
	_, err := ParseStaffCSV(strings.NewReader(b.String()), shipper, 1)
	if err == nil || !strings.Contains(err.Error(), "100001 rows are too many") {
		t.Errorf("got %.300v", err)
	}
}

// full is a list with every field in use.
func full(t *testing.T) schema.StaffList {
	l := list(42, 3)
	l.Entries[1].Name = `Д'Артаньян; "Шарль" =1+1`
	l.Entries[1].PersonID = schema.PersonID{INN: "500100732259", RNOKPP: "1234567899"}
	l.Entries[1].To, l.Entries[1].Stations, l.Entries[1].MaySign = schema.Date{}, nil, false
	l.Entries[2].Certificate = schema.CertificateRef{Issuer: "CN=Удостоверяющий центр,O=«А & Б»", Serial: "1F"}
	l.Entries[1].Recipient, l.Entries[1].RightUnsaid = "985609", true
	l.Entries[2].Recipient = schema.ToTCFTO
	l.Proxies = []schema.PowerOfAttorney{{
		Number: "12/3", Date: date(t, "2026-01-15"), Holder: l.Entries[0].Person,
		Registry: "0193f1c2-7a4b-7c3d-8e5f-0123456789ab", Issuer: schema.Person{Name: "Орлов О. О.", Post: "директор"},
		Principals: []schema.Person{
			{Name: "Сидоров С. С.", PersonID: schema.PersonID{SNILS: snils(5), INN: "526317984689"}},
			{Name: "Петров Пётр Петрович"},
		},
		Branches:    []string{"770801001", "7708AB001"},
		Certificate: schema.CertificateRef{Issuer: "CN=<x>", Serial: "2A"},
		Kinds:       []schema.Kind{schema.KindPlacement, schema.KindWaybill},
		From:        date(t, "2026-01-15"), To: date(t, "2027-01-14"), Withdrawn: date(t, "2026-06-01"),
	}, {
		Number: "13", Date: date(t, "2026-01-16"), Holder: l.Entries[1].Person, From: date(t, "2026-01-16"),
	}}
	return l
}

func TestCSVRoundTrip(t *testing.T) {
	want := full(t)
	var b bytes.Buffer
	if err := WriteStaffCSV(&b, &want); err != nil {
		t.Fatal(err)
	}
	got, err := ParseStaffCSV(&b, shipper, 42)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The XML form is what the schema of the kind asks for: signed, it reads as the same list.
func TestXMLRoundTrip(t *testing.T) {
	want := full(t)
	var b bytes.Buffer
	err := WriteStaffXML(&b, &want, schema.Header{
		DocumentID: "0193f1c2-7a4b-7c3d-8e5f-0123456789ab", CreatedAt: start,
		Sender: "RZD", Organisation: shipper, Receiver: "RZD",
	})
	if err != nil {
		t.Fatal(err)
	}
	office := pki.Must(pki.Must(pki.NewAuthority("Корень", start)).Issue(
		pki.Request{Subject: pki.Subject{CommonName: "Офис"}}))
	key := pki.Must(signature.NewKey(office.Key, office.Certificate))
	signed := pki.Must(key.Sign(b.Bytes()))
	tree := pki.Must(xmltree.Parse(signed, xmltree.DefaultLimits()))
	trust := signature.NewTrust([]*x509.Certificate{office.Certificate})
	opened, report := signature.Open(signature.Input{Tree: tree}, trust, signature.Policy{}, start)
	if !opened.Valid() {
		t.Fatal(report.Faults)
	}
	d, findings := schema.Parse(opened, time.UTC)
	if !d.Valid() {
		t.Fatalf("%v\n%s", findings, b.Bytes())
	}
	if diff := cmp.Diff(want, *d.StaffList()); diff != "" {
		t.Error(diff)
	}
}

// FuzzParseStaffCSV: no file stops the program, and what is accepted is written and read again with
// the same meaning.
func FuzzParseStaffCSV(f *testing.F) {
	f.Add([]byte(russianCSV))
	f.Add([]byte("name,post,number,date,works,may_sign,from\nА Б В,м,1,2026-01-01,loading,1,2026-01-01\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		l, err := ParseStaffCSV(bytes.NewReader(content), shipper, 1)
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := WriteStaffCSV(&b, &l); err != nil {
			t.Fatal(err)
		}
		again, err := ParseStaffCSV(&b, shipper, 1)
		if err != nil || cmp.Diff(l, again) != "" {
			t.Errorf("%v\n%s", err, fmt.Sprint(cmp.Diff(l, again)))
		}
	})
}
