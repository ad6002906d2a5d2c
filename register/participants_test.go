package register

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/calendar"
	"asugate/internal/pki"
	"asugate/schema"
	"asugate/store"
)

func TestExampleLoads(t *testing.T) {
	r, s := openRegister(t, startClock())
	version, err := r.ImportParticipants(example(t), trustFiles(t), "operator")
	if err != nil || version != 1 {
		t.Fatalf("got version %d, %v", version, err)
	}
	view(t, s, func(tx store.Reader) {
		d, err := r.Directory(tx)
		if err != nil {
			t.Fatal(err)
		}
		if d.Version != 1 || d.By != "operator" || !d.Imported.Equal(start) {
			t.Errorf("got %d by %s at %v", d.Version, d.By, d.Imported)
		}
		rzd := d.Railways["RZD"]
		if rzd.Zone.String() != "Europe/Moscow" || rzd.Trust.Empty() {
			t.Errorf("railway: %v", rzd)
		}
		p := d.Participants["SHIP-01"]
		if p.Railway != "RZD" || p.Language != "ru" || p.Trust.Empty() {
			t.Errorf("participant: %+v", p)
		}
		o := p.Organisation("7708503727")
		want := &Organisation{
			OrgID: schema.OrgID{INN: "7708503727", KPP: "770801001", OGRN: "1037739877295"},
			Name:  "АО «Грузоотправитель»",
			Agreement: Agreement{
				Number: "ЭОД-117/26", From: schema.Date{Year: 2026, Month: 1, Day: 1},
				To: schema.Date{Year: 2027, Month: 12, Day: 31},
				Covers: []schema.Kind{
					schema.KindWaybill, schema.KindPlacement, schema.KindPaperSwitch, schema.KindMemo, schema.KindAct,
				},
				Placement: PlacementSigned,
				Terms: map[schema.Kind]calendar.Term{
					schema.KindMemo: {Duration: 12 * time.Hour}, schema.KindAct: {Unit: calendar.WorkingDay, Days: 1},
				},
				Reminders: []time.Duration{2 * time.Hour, 30 * time.Minute},
				Places:    []Place{{"Тупик № 2", 30 * time.Minute}},
			},
			Signatories: []Signatory{{
				Person: schema.Person{Name: "Сидорова Мария Павловна", Post: "товарный кассир",
					PersonID: schema.PersonID{SNILS: "11223344595"}},
				Kinds: []schema.Kind{schema.KindWaybill, schema.KindPaperSwitch, schema.KindMemo, schema.KindAct},
				From:  schema.Date{Year: 2026, Month: 1, Day: 1},
			}, {
				Person: schema.Person{Name: "Кузнецов Олег Игоревич", Post: "начальник отдела перевозок"},
				Certificate: schema.CertificateRef{
					Issuer: "CN=Корпоративный УЦ,O=АО «Грузоотправитель»,C=RU", Serial: "1E4F00A277C091"},
				Kinds: []schema.Kind{schema.KindPaperSwitch},
				From:  schema.Date{Year: 2026, Month: 3, Day: 1},
				To:    schema.Date{Year: 2026, Month: 12, Day: 31},
			}},
			Certificates: []CertificateOwner{{
				CertificateRef: schema.CertificateRef{
					Issuer: "CN=Корпоративный УЦ,O=АО «Грузоотправитель»,C=RU", Serial: "1E4F00A277C092"},
				Person: schema.Person{Name: "Иванов Иван Иванович", Post: "мастер погрузки",
					PersonID: schema.PersonID{INN: "500100732259"}},
			}},
		}
		if diff := cmp.Diff(want, o); diff != "" {
			t.Error(diff)
		}
		if p.Organisation("7707083893") != nil {
			t.Error("an organisation that the participant may not act for was found")
		}
	})
	fingerprint := "3F79BB7B435B05321651DAEFD374CDC681DC06FAA65E374E38337B88CA046DEA"
	if code, ok, err := r.ByClientCertificate(fingerprint); !ok || code != "SHIP-01" {
		t.Errorf("by client certificate: %q %v %v", code, ok, err)
	}
	if _, ok, err := r.ByClientCertificate(strings.Repeat("0", 64)); ok || err != nil {
		t.Errorf("an unknown client certificate: let in %v, %v", ok, err)
	}
}

// minimal is a file that is right, with the trust put in.
func minimal(t *testing.T) string {
	t.Helper()
	root := pki.Must(pki.NewAuthority("Корень", start))
	block := strings.ReplaceAll(strings.TrimSpace(string(root.CertificatePEM())), "\n", "\n        ")
	return strings.ReplaceAll(`railways:
  - code: RZD
    profile: rzd
    trust:
      - |
        PEM
participants:
  - code: SHIP-01
    trust:
      - |
        PEM
    organisations:
      - name: АО «Пример»
        inn: 7708503727
        agreement:
          number: 1
          from: 2026-01-01
          covers: [Waybill]
        signatories:
          - name: Иванов И. И.
            snils: 11223344595
            kinds: [Waybill]
`, "PEM", block)
}

// badFiles are mistakes, each put into a file that is right.
var badFiles = []struct {
	name     string
	old, new string // replaced in the good file
	want     string // a part of the message
}{
	{"unknown key", "profile: rzd", "profile: rzd\n    colour: red", `unknown field "colour"`},
	{"key twice", "profile: rzd", "profile: rzd\n    profile: uz", `"profile" already defined`},
	{"key without value", "inn: 7708503727", "inn:", "there is no value"},
	{"alias", "code: SHIP-01", "code: &x SHIP-01", "anchors and aliases are not allowed"},
	{"merge", "participants:", "<<: {}\nparticipants:", "merge keys are not allowed"},
	{"tag", "number: 1", "number: !!str 1", "tags are not allowed"},
	{"second document", "participants:", "---\nparticipants:", "one YAML document is expected"},
	{"list for text", "code: SHIP-01", "code: [SHIP-01]", "text is expected here"},
	{"fraction", "code: SHIP-01", "code: SHIP-01\n    burst: 1.5", "a whole number is expected"},
	{"octal", "code: SHIP-01", "code: SHIP-01\n    burst: 010", "without leading zeros"},
	{"negative rate", "code: SHIP-01", "code: SHIP-01\n    rate: -1", "participants[0].rate: a rate is"},
	{"code", "code: SHIP-01", "code: ship", `participants[0].code: code "ship" is not 1 to 32`},
	{"code twice", "code: SHIP-01", "code: RZD", "code RZD is taken by railways[0]"},
	{"unknown railway", "code: SHIP-01", "code: SHIP-01\n    railway: UZ", `there is no railway "UZ"`},
	{"profile", "profile: rzd", "profile: pkp", `profile "pkp" is not rzd or uz`},
	{"zone", "profile: rzd", "profile: rzd\n    zone: Mars/North", `time zone "Mars/North" is not known`},
	{"zone of this machine", "profile: rzd", "profile: rzd\n    zone: Local", `time zone "Local" is not known`},
	{"language", "code: SHIP-01", "code: SHIP-01\n    language: de", `participants[0].language: "de"`},
	{"no identifier", "inn: 7708503727", "kpp: 770801001", "none is given"},
	{"inn", "7708503727", "7708503728", "participants[0].organisations[0].inn: the check digit"},
	{"inn too short", "7708503727", "770850372", "has not the length"},
	{"kpp", "inn: 7708503727", "inn: 7708503727\n        kpp: 77", "КПП"},
	{"ogrn", "inn: 7708503727", "inn: 7708503727\n        ogrn: 1037739877296", "organisations[0].ogrn"},
	{"okpo", "inn: 7708503727", "inn: 7708503727\n        okpo: 00083263", "organisations[0].okpo"},
	{"edrpou", "inn: 7708503727", "inn: 7708503727\n        edrpou: 40081217", "organisations[0].edrpou"},
	{"snils", "11223344595", "11223344596", "signatories[0].snils: the check digit"},
	{"nothing binds", "snils: 11223344595", "post: кассир", "nothing binds this person"},
	{"kind", "kinds: [Waybill]", "kinds: [Invoice]", `"Invoice" is not one of`},
	{"performer as signatory", "kinds: [Waybill]", "kinds: [Placement]", `"Placement" is not one of`},
	{"no kinds", "            kinds: [Waybill]\n", "", "no kind of document is named"},
	{"covers twice", "covers: [Waybill]", "covers: [Waybill, Waybill]", "Waybill is there twice"},
	{"by hand and placement", "covers: [Waybill]", "covers: [Placement]\n          placement: by-hand",
		"placement by hand expects no Placement"},
	{"date", "2026-01-01", "01.01.2026", "a day is written 2026-01-31"},
	{"no such day", "2026-01-01", "2026-02-30", "a day is written 2026-01-31"},
	{"dates reversed", "from: 2026-01-01", "from: 2026-01-01\n          to: 2025-12-31", "the last day is before"},
	{"push to http", "code: SHIP-01", "code: SHIP-01\n    push: http://erp.example/x", "a push URL is https"},
	{"push with password", "code: SHIP-01", "code: SHIP-01\n    push: https://a:b@erp.example/x", "no credentials"},
	{"push to nowhere", "code: SHIP-01", "code: SHIP-01\n    push: erp.example", "a push URL is https://host/path"},
	{"fingerprint", "code: SHIP-01", "code: SHIP-01\n    client_certificates: [abc]", "64 hexadecimal digits"},
	{"file not allowed", "code: SHIP-01\n    trust:", "code: SHIP-01\n    trust:\n      - roots.pem", "stand inside the file here"},
	{"not a certificate", "code: SHIP-01\n    trust:", "code: SHIP-01\n    trust:\n      - -----BEGIN NOTHING-----",
		"no certificate that can be read"},
	{"private key", "code: SHIP-01\n    trust:", "code: SHIP-01\n    trust:\n      - -----BEGIN PRIVATE KEY-----",
		"there is a private key here"},
	{"control character", "АО «Пример»", `"АО \x1b[31m"`, "a control character is not allowed"},
}

func TestBadFiles(t *testing.T) {
	good := minimal(t)
	for _, test := range badFiles {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(good, test.old) {
				t.Fatalf("the good file has no %q", test.old)
			}
			_, err := readParticipants([]byte(strings.Replace(good, test.old, test.new, 1)), "")
			var e *FileError
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a *FileError", err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant … %s …", err, test.want)
			}
			if test.name != "second document" && e.Problems[0].Line == 0 {
				t.Errorf("no line: %v", err)
			}
		})
	}
	if _, err := readParticipants([]byte(good), ""); err != nil {
		t.Errorf("the good file: %v", err)
	}
}

func TestBadFilesWithoutParts(t *testing.T) {
	for name, file := range map[string]string{
		"nothing":  "",
		"comments": "# nothing\n",
		"scalar":   "hello\n",
		"empty":    "railways: []\nparticipants: []\n",
		"no trust": "railways:\n  - {code: RZD, profile: rzd}\nparticipants:\n  - code: A\n",
		"binary":   "\x00\x01\x02",
		"brackets": strings.Repeat("[", 100_000),
		"flow":     strings.Repeat("{a: ", 50_000),
	} {
		if _, err := readParticipants([]byte(file), ""); err == nil {
			t.Errorf("%s: accepted", name)
		} else if len(err.Error()) > 4000 {
			t.Errorf("%s: a message of %d bytes", name, len(err.Error()))
		}
	}
	_, err := readParticipants([]byte("railways:\n  - {code: RZD, profile: rzd}\nparticipants:\n  - code: A\n"), "")
	for _, want := range []string{
		"line 2, column 5: railways[0].trust: no trusted certificate",
		"line 4, column 9: participants[0].trust: no trusted certificate",
		"participants[0].organisations: no organisation",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant … %s …", err, want)
		}
	}
}

// Everything that is wrong is said at once, in the order of the lines.
func TestAllProblemsAtOnce(t *testing.T) {
	bad := strings.NewReplacer(
		"profile: rzd", "profile: pkp", "7708503727", "7708503728", "11223344595", "1",
	).Replace(minimal(t))
	_, err := readParticipants([]byte(bad), "")
	var e *FileError
	if !errors.As(err, &e) || len(e.Problems) < 4 {
		t.Fatalf("got %v", err)
	}
	for i := 1; i < len(e.Problems); i++ {
		if e.Problems[i].Line < e.Problems[i-1].Line {
			t.Errorf("out of order: %v", err)
		}
	}
}

func TestProfiles(t *testing.T) {
	for profile, want := range map[string][2]string{
		"rzd": {"Europe/Moscow", "ru"}, "uz": {"Europe/Kyiv", "uk"},
	} {
		f, err := readParticipants([]byte(strings.Replace(minimal(t), "profile: rzd", "profile: "+profile, 1)), "")
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{string(f.Railways[0].Zone), string(f.Participants[0].Language)}; got != want {
			t.Errorf("%s: got %v, want %v", profile, got, want)
		}
	}
}

func TestTrustFromFiles(t *testing.T) {
	root := pki.Must(pki.NewAuthority("Корень", start))
	other := pki.Must(pki.NewAuthority("Другой", start))
	files := map[string][]byte{
		"pem.pem":  append(root.CertificatePEM(), other.CertificatePEM()...),
		"der.cer":  root.Certificate.Raw,
		"key.pem":  pki.Must(root.KeyPEM()),
		"junk.pem": []byte("junk"),
	}
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n := normalizer{checker: &checker{}, dir: dir}
	got := n.trust("trust", []text{"pem.pem", "der.cer", text(filepath.Join(dir, "der.cer"))})
	if len(got) != 2 || len(n.problems) != 0 {
		t.Errorf("got %d certificates, %v; want 2: the same one from two files is one", len(got), n.problems)
	}
	for _, name := range []text{"key.pem", "junk.pem", "absent.pem", ".."} {
		n := normalizer{checker: &checker{}, dir: dir}
		n.trust("trust", []text{name})
		if len(n.problems) != 1 {
			t.Errorf("%s: %v", name, n.problems)
		}
	}
}

func TestExportRoundTrip(t *testing.T) {
	r, s := openRegister(t, startClock())
	if _, err := r.ImportParticipants(example(t), trustFiles(t), "operator"); err != nil {
		t.Fatal(err)
	}
	var exported []byte
	view(t, s, func(tx store.Reader) {
		var err error
		if exported, err = r.ExportParticipants(tx, 1); err != nil {
			t.Fatal(err)
		}
	})
	if version, err := r.ImportParticipants(exported, "", "operator"); err != nil || version != 1 {
		t.Errorf("the export says something else than was imported: version %d, %v\n%s", version, err, exported)
	}
	again, err := NormalizeParticipants(exported, "")
	if err != nil || string(again) != string(exported) {
		t.Errorf("the normal form is not stable: %v\n%s", err, cmp.Diff(string(exported), string(again)))
	}
}

func TestDiffParticipants(t *testing.T) {
	dir := trustFiles(t)
	before, err := NormalizeParticipants(example(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	after := strings.NewReplacer(
		"ЭОД-117/26", "ЭОД-118/26",
		"    to: 2026-12-31\n", "",
		"kinds: [PaperSwitch]", "kinds: [PaperSwitch, Waybill]",
		"# always_ok: true", "always_ok: true",
		"# accept_misprints: true", "accept_misprints: true",
	).Replace(string(example(t)))
	lines, err := DiffParticipants(before, []byte(after), dir)
	if err != nil {
		t.Fatal(err)
	}
	const organisation = "participants[SHIP-01].organisations[7708503727]"
	want := []string{
		"+ participants[SHIP-01].always_ok: true",
		"+ " + organisation + ".agreement.accept_misprints: true",
		"~ " + organisation + ".agreement.number: ЭОД-117/26 → ЭОД-118/26",
		"+ " + organisation + ".signatories[Кузнецов Олег Игоревич].kinds[Waybill]: yes",
		"- " + organisation + ".signatories[Кузнецов Олег Игоревич].to: 2026-12-31",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	if lines, err := DiffParticipants(before, example(t), dir); err != nil || len(lines) != 0 {
		t.Errorf("no change: %v, %v", lines, err)
	}
	lines, err = DiffParticipants(nil, example(t), dir)
	if err != nil || len(lines) < 20 || !strings.HasPrefix(lines[0], "+ ") {
		t.Errorf("the first import: %v, %v", lines, err)
	}
	if joined := strings.Join(lines, "\n"); strings.Contains(joined, "BEGIN CERTIFICATE") {
		t.Error("a certificate stands in the diff as PEM")
	}
}

// The policy hash changes with a switch, and with nothing else.
func TestPolicy(t *testing.T) {
	policy := func(file string) string {
		t.Helper()
		f, err := readParticipants([]byte(file), "")
		if err != nil {
			t.Fatal(err)
		}
		d, err := compileDirectory(f, DirectoryVersion{})
		if err != nil {
			t.Fatal(err)
		}
		return d.Policy()
	}
	base := minimal(t)
	if got := policy(base); len(got) != 64 {
		t.Errorf("policy %q is not a SHA-256", got)
	}
	if policy(base) != policy(strings.Replace(base, "number: 1", "number: 2", 1)) {
		t.Error("the number of an agreement is no switch")
	}
	for _, changed := range []string{
		strings.Replace(base, "covers: [Waybill]", "covers: [Waybill, PaperSwitch]", 1),
		strings.Replace(base, "covers: [Waybill]", "covers: [Waybill]\n          placement: by-hand", 1),
	} {
		if policy(base) == policy(changed) {
			t.Error("a changed switch has the same policy")
		}
	}
}

func TestEmptyRegister(t *testing.T) {
	r, s := openRegister(t, startClock())
	view(t, s, func(tx store.Reader) {
		d, err := r.Directory(tx)
		if err != nil || d.Version != 0 || d.Participants["SHIP-01"] != nil || d.Railways["RZD"] != nil {
			t.Errorf("got %+v, %v", d, err)
		}
		if got := r.DirectoryVersion(tx); got != 0 {
			t.Errorf("version %d", got)
		}
	})
	if _, ok, err := r.ByClientCertificate(""); ok || err != nil {
		t.Errorf("an empty register knows a certificate: %v, %v", ok, err)
	}
}

// A register of many participants is read in seconds: the YAML library must not take time by the
// square of the file.
func TestManyParticipants(t *testing.T) {
	good := minimal(t)
	head, one, _ := strings.Cut(good, "  - code: SHIP-01")
	var b strings.Builder
	b.WriteString(head)
	for i := range 500 {
		fmt.Fprintf(&b, "  - code: SHIP-%d%s", i, one)
	}
	began := time.Now()
	f, err := readParticipants([]byte(b.String()), "")
	if err != nil || len(f.Participants) != 500 {
		t.Fatal(err)
	}
	t.Logf("%d bytes in %v", b.Len(), time.Since(began))
}

// FuzzReadParticipants: no file stops the program, and what is accepted can be exported and read
// again with the same meaning.
func FuzzReadParticipants(f *testing.F) {
	root := pki.Must(pki.NewAuthority("Корень", start))
	f.Add("railways:\n  - code: RZD\n")
	f.Add(string(pki.Must(os.ReadFile("../conf/participants.example.yaml"))))
	f.Add("a: &a [*a]\n<<: *a")
	dir := f.TempDir()
	for _, name := range []string{"rzd-roots.pem", "qualified-ca.pem"} {
		if err := os.WriteFile(filepath.Join(dir, name), root.CertificatePEM(), 0o600); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, file string) {
		normal, err := NormalizeParticipants([]byte(file), dir)
		if err != nil {
			return
		}
		again, err := NormalizeParticipants(normal, "")
		if err != nil || string(again) != string(normal) {
			t.Errorf("%v\n%s", err, cmp.Diff(string(normal), string(again)))
		}
	})
}
