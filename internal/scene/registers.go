package scene

import (
	"bytes"
	"fmt"
	"strings"
	"text/template"
	"time"

	"asugate/internal/pki"
)

var participants = template.Must(template.New("").Funcs(template.FuncMap{"indent": indent}).Parse(`
# Nothing here has a source of revocation; without this line every verdict would say so.
policy: {levels: {revocation-unconfigured: ignore}}
railways:
  - code: RZD
    profile: rzd
{{with .Railway}}    {{.}}
{{end}}    trust:
      - |
{{indent .Rail}}
participants:
  - code: SHIP-01
    railway: RZD
    language: ru
{{with .Rate}}    rate: {{.}}
    burst: {{.}}
{{end}}{{with .OutboxLimit}}    outbox_limit: {{.}}
{{end}}{{with .Push}}    push: {{.}}
{{end}}    trust:
      - |
{{indent .Root}}
{{with .Trusted}}      - |
{{printf "%s" . | indent}}
{{end}}    organisations:
      - name: ООО «Лесоторговый дом»
        inn: "7707083893"
        kpp: "770801001"
        agreement:
          number: 45-Э
          from: "{{.From}}"
          covers: [Waybill, Placement, PaperSwitch, Memo, Act]
          placement: signed
          terms: {Memo: {{.MemoTerm}}, Act: {{.ActTerm}}}
          reminders: [2h, 30m]
        signatories:
          - name: {{.Signatory.Name}}
            post: {{.Signatory.Post}}
            snils: "{{.Signatory.SNILS}}"
            kinds: [Waybill, PaperSwitch, Memo, Act]
            from: "{{.From}}"
{{range .More}}  - code: {{.}}
    railway: RZD
{{with $.Rate}}    rate: {{.}}
    burst: {{.}}
{{end}}{{with $.OutboxLimit}}    outbox_limit: {{.}}
{{end}}    trust:
      - |
{{indent $.Root}}
    organisations:
      - name: ООО «Лесоторговый дом»
        inn: "7707083893"
        kpp: "770801001"
        agreement: {number: 45-Э, from: "{{$.From}}", covers: [Waybill, Placement, PaperSwitch]}
        signatories:
          - {name: {{$.Signatory.Name}}, snils: "{{$.Signatory.SNILS}}", kinds: [Waybill, PaperSwitch], from: "{{$.From}}"}
{{end}}`))

func indent(pem string) string {
	return "        " + strings.ReplaceAll(strings.TrimSpace(pem), "\n", "\n        ")
}

// Participants are what a test may want otherwise in the register of participants.
type Participants struct {
	Rate        int      // documents a second
	OutboxLimit int      // unconfirmed messages
	Push        string   // URL
	More        []string // codes of further participants, alike but without memos and acts
	MemoTerm    string   // of the shipper for signing a memo; empty: 12h
	ActTerm     string   // and an act; empty: 24h
	Railway     string   // one more field of the railway: «guard: {wait: 1h, then: refuse}»
	Trusted     []byte   // PEM of one more authority of the shippers' people
}

// Participants writes the register of participants.
func (s *Scene) Participants(p Participants) []byte {
	orElse(&p.MemoTerm, "12h")
	orElse(&p.ActTerm, "24h")
	var b bytes.Buffer
	err := participants.Execute(&b, struct {
		Participants
		Rail, Root, From string
		Signatory        *Persona
	}{
		p, string(pki.EncodeCertificates(s.Rail.Certificate)), string(pki.EncodeCertificates(s.Root.Certificate)),
		s.Day(-1, 0), s.Signatory,
	})
	if err != nil {
		panic(err) // the form above is wrong: any test finds it
	}
	return bytes.TrimLeft(b.Bytes(), "\n")
}

// Day is the date some years and months from now.
func (s *Scene) Day(years, months int) string {
	return s.Now.AddDate(years, months, 0).Format(time.DateOnly)
}

// StaffList writes the staff list as the railway signs it; entries are people, with the usual ones
// when none are named. The usual power of attorney follows.
func (s *Scene) StaffList(version int, entries ...string) []byte {
	if entries == nil {
		entries = s.Entries()
	}
	return s.StaffListOf(version, append(entries, s.PowerOfAttorney("", ""))...)
}

// StaffListOf writes a staff list of just these rows, people before powers of attorney.
func (s *Scene) StaffListOf(version int, rows ...string) []byte {
	return fmt.Appendf(nil, `<StaffList xmlns="urn:asugate:1" ID="s1" Format="1.0" Version="%d">
  <Header>
    <DocumentID>%s</DocumentID>
    <CreatedAt>%s</CreatedAt>
    <Sender>RZD</Sender>
    <Organisation inn="%s"/>
    <Receiver>RZD</Receiver>
  </Header>
  <For inn="%s" kpp="770801001"/>
%s</StaffList>`, version, staffListID, s.Now.Format(time.RFC3339), RailINN, ShipperINN, strings.Join(rows, ""))
}

// PowerOfAttorney is the deputy's, number 12. It holds until a year from now, or until another day;
// withdrawn is the day of its withdrawal, if any.
func (s *Scene) PowerOfAttorney(until, withdrawn string) string {
	orElse(&until, s.Day(1, 0))
	if withdrawn != "" {
		withdrawn = fmt.Sprintf(` withdrawn="%s"`, withdrawn)
	}
	return fmt.Sprintf(`  <PowerOfAttorney number="12" date="%s" from="%[1]s" to="%s"%s><Holder post="%s" snils="%s">%s</Holder><Kind>Placement</Kind></PowerOfAttorney>
`, s.Day(0, -2), until, withdrawn, s.Deputy.Post, s.Deputy.SNILS, s.Deputy.Name)
}

// staffListID is the DocumentID of the shipper's list in all its versions.
const staffListID = "5a1d9459-83a8-4b47-9f00-000000000001"

// Entries are the usual people of the list.
func (s *Scene) Entries() []string {
	return []string{
		s.Entry(s.Performer, true, "", s.Day(-1, 0), ""),
		s.Entry(s.Dismissed, true, "", s.Day(-1, 0), s.Day(0, -1)),
		s.Entry(s.Helper, false, "", s.Day(-1, 0), ""),
		s.Entry(s.Elsewhere, true, "850609", s.Day(-1, 0), ""),
	}
}

// Entry is one person of the list.
func (s *Scene) Entry(p *Persona, maySign bool, station, from, to string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `  <Entry><Person post="%s" snils="%s">%s</Person><Order number="17-п" date="%s"/><Work>placement</Work><MaySign>%t</MaySign>`,
		p.Post, p.SNILS, p.Name, from, maySign)
	if station != "" {
		fmt.Fprintf(&b, `<Station>%s</Station>`, station)
	}
	fmt.Fprintf(&b, `<From>%s</From>`, from)
	if to != "" {
		fmt.Fprintf(&b, `<To>%s</To>`, to)
	}
	b.WriteString("</Entry>\n")
	return b.String()
}

// RevocationList is the list of the shippers' authority (DER): it names the persona whose certificate
// was taken back, and whoever else is said to be.
func (s *Scene) RevocationList(number int64, thisUpdate, nextUpdate time.Time, more ...*Persona) ([]byte, error) {
	c := pki.CRL{Number: number, ThisUpdate: thisUpdate, NextUpdate: nextUpdate}
	for _, p := range append([]*Persona{s.Revoked}, more...) {
		c.Revoked = append(c.Revoked, pki.Revoked{
			Serial: p.Certificate.SerialNumber, At: s.Now.AddDate(0, 0, -7), Reason: keyCompromise,
		})
	}
	return s.Root.CRL(c)
}

// keyCompromise is the reason of RFC 5280 section 5.3.1.
const keyCompromise = 1
