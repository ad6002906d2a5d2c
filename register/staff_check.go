package register

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"asugate/schema"
	"asugate/schema/checkdigit"
)

// CheckStaff says why a list cannot come into force: a *FileError, or nil.
func CheckStaff(l *schema.StaffList) error {
	faults := staffFaults(l)
	if len(faults) == 0 {
		return nil
	}
	e := &FileError{}
	for _, f := range faults {
		e.Problems = append(e.Problems, Problem{Path: f.Path, Text: f.text, Cause: f.cause()})
	}
	return e
}

// StaffFindings is what the register has to say about a list that came as a document, besides what
// schema.Parse has said of it already.
func StaffFindings(l *schema.StaffList) []schema.Finding {
	var findings []schema.Finding
	for _, f := range registerFaults(l) {
		findings = append(findings, f.Finding.Complete())
	}
	return findings
}

// staffFault is one thing that is wrong with a list; its path is that of the XML form.
type staffFault struct {
	schema.Finding
	text string // for operators
}

// cause is what the operator needs a hint for, if the fault is such.
func (f staffFault) cause() error {
	if f.Reason == schema.ReasonPassportData {
		return ErrPassportData
	}
	return nil
}

// maxStaffFaults bounds what is reported of one list.
const maxStaffFaults = 100

// staffFaults is everything that is wrong with a list.
func staffFaults(l *schema.StaffList) []staffFault {
	faults := registerFaults(l)
	if max(len(l.Entries), len(l.Proxies)) > MaxStaff {
		return faults
	}
	for _, f := range l.Check() {
		if len(faults) == maxStaffFaults {
			break
		}
		faults = append(faults, staffFault{f, f.ITS("en")})
	}
	return faults
}

// registerFaults are those that make a list useless as a register: what the schema asks of a
// document is asked of a CSV file here, and nobody may be meant by two rows at once.
func registerFaults(l *schema.StaffList) []staffFault {
	c := &staffChecker{path: "/StaffList"}
	// A key is digits, after a hyphen where it tells of which register: edrpou-00034045.
	if key := l.Organisation.Key(); !isDecimal(key[strings.LastIndex(key, "-")+1:]) {
		c.bad("/For", key, "the list names no organisation")
	}
	if l.Version < 1 || l.Version > 1<<31-1 {
		c.bad("/@Version", fmt.Sprint(l.Version), "version %d is not 1 to 2147483647", l.Version)
	}
	if len(l.Entries) == 0 {
		c.bad("", "0", "the list is empty: everybody would be refused")
	}
	if n := max(len(l.Entries), len(l.Proxies)); n > MaxStaff {
		c.bad("", fmt.Sprint(n), "%d rows are too many: at most %d", n, MaxStaff)
		return c.faults
	}
	for i := range l.Entries {
		c.path = rowPath("Entry", i, len(l.Entries))
		c.entry(&l.Entries[i])
	}
	for i := range l.Proxies {
		c.path = rowPath("PowerOfAttorney", i, len(l.Proxies))
		c.proxy(&l.Proxies[i])
	}
	c.repeated(l.Entries)
	return c.faults
}

func rowPath(name string, i, count int) string { return indexed("/StaffList/"+name, i, count) }

// indexed is a path as findings have it: [n] only where siblings repeat the name.
func indexed(path string, i, count int) string {
	if count == 1 {
		return path
	}
	return fmt.Sprintf("%s[%d]", path, i+1)
}

type staffChecker struct {
	faults []staffFault
	path   string // of the row being checked
}

func (c *staffChecker) bad(below, actual, format string, args ...any) {
	c.fault(schema.Finding{
		Code: "A01", Reason: schema.ReasonBadValue, Path: c.path + below, Actual: bounded(actual),
	}, format, args...)
}

func (c *staffChecker) fault(f schema.Finding, format string, args ...any) {
	if len(c.faults) < maxStaffFaults {
		f.Severity = schema.Error
		c.faults = append(c.faults, staffFault{f, fmt.Sprintf(format, args...)})
	}
}

func (c *staffChecker) entry(e *schema.StaffEntry) {
	c.person("/Person", e.Person)
	c.line("/Order/@number", e.OrderNumber, 64)
	c.day("/Order/@date", e.OrderDate)
	if len(e.Works) == 0 {
		c.bad("/Work", "", "no kind of work is named")
	}
	for _, work := range e.Works {
		if !slices.Contains(staffWorks, work) {
			c.bad("/Work", work, "%q is not one of %v", bounded(work), staffWorks)
		}
	}
	c.day("/From", e.From)
	c.certificate(e.Certificate)
	if e.OfStation() && (len(e.Recipient) != 6 || !isDecimal(e.Recipient)) {
		c.bad("/@recipient", e.Recipient, "%q is neither tcfto nor the code of a station", bounded(e.Recipient))
	}
}

// staffWorks are the kinds of work for which somebody can be responsible (288 п. 1.7).
var staffWorks = []string{"loading", "unloading", "placement"}

func (c *staffChecker) proxy(p *schema.PowerOfAttorney) {
	c.person("/Holder", p.Holder)
	c.line("/@number", p.Number, 64)
	c.day("/@date", p.Date)
	for _, kind := range p.Kinds {
		if !slices.Contains(schema.Kinds(), kind) {
			c.bad("/Kind", string(kind), "%q is no kind of document", bounded(string(kind)))
		}
	}
	c.day("/@from", p.From)
	c.certificate(p.Certificate)
	if p.Issuer != (schema.Person{}) {
		c.person("/Issuer", p.Issuer)
	}
	for i, principal := range p.Principals {
		c.line(indexed("/Principal", i, len(p.Principals)), principal.Name, 255)
		if strings.Contains(principal.Name, principalSeparator) {
			c.bad("/Principal", principal.Name, "%q is not allowed in a name", principalSeparator)
		}
	}
	for _, branch := range p.Branches {
		if len(branch) != 9 {
			c.bad("/Branch", branch, "%q is no КПП", bounded(branch))
		}
	}
	if p.Registry != "" {
		if canonical, ok := schema.CanonicalID(p.Registry); !ok || canonical != p.Registry {
			c.bad("/@registry", p.Registry, "%q is not the UUID of a machine-readable power of attorney", bounded(p.Registry))
		}
	}
}

func (c *staffChecker) person(element string, p schema.Person) {
	c.line(element, p.Name, 255)
	c.line(element+"/@post", p.Post, 255)
	if p.INN != "" && len(p.INN) != 12 && checkdigit.INN(p.INN) {
		c.bad(element+"/@inn", p.INN, "%s is the ИНН of an organisation, not of a person", p.INN)
	}
}

// line checks a line of text that must be there.
func (c *staffChecker) line(below, s string, limit int) {
	if strings.TrimSpace(s) == "" {
		c.bad(below, s, "there is no value")
	}
	if n := utf8.RuneCountInString(s); n > limit {
		c.bad(below, s, "%d characters are too many: at most %d", n, limit)
	}
	if strings.IndexFunc(s, unicode.IsControl) >= 0 || !utf8.ValidString(s) {
		c.bad(below, s, "a control character is not allowed here")
	}
	if holdsPassport(s) {
		// What stands there is not repeated: it would stay in the journal.
		c.fault(schema.Finding{Code: "A01", Reason: schema.ReasonPassportData, Path: c.path + below}, "this is passport data")
	}
}

func (c *staffChecker) day(below string, d schema.Date) {
	if d.IsZero() {
		c.bad(below, "", "there is no date")
	}
}

func (c *staffChecker) certificate(r schema.CertificateRef) {
	if r.IsZero() {
		return
	}
	if r.Issuer == "" || len(r.Issuer) > 1000 || !isHex(r.Serial, len(r.Serial)) || len(r.Serial) > 64 {
		c.bad("/Certificate", r.Serial, "a certificate is named by issuer and hexadecimal serial number")
	}
}

// repeated finds persons who stand twice for the same days in what one recipient has: which of the
// two rows would be meant? Rows that are equal in everything schema.StaffList.Check reports.
func (c *staffChecker) repeated(entries []schema.StaffEntry) {
	type inCopy struct {
		person    schema.PersonID
		recipient string
	}
	persons := map[any][]int{}
	for i := range entries {
		e := &entries[i]
		for _, single := range singles(e.PersonID) {
			key := inCopy{single, e.Recipient}
			persons[key] = append(persons[key], i)
		}
		if e.PersonID.IsZero() {
			name := [3]string{schema.NormalizeName(e.Name), schema.NormalizeName(e.Post), e.Recipient}
			persons[name] = append(persons[name], i)
		}
	}
	earlier := map[int]int{} // row → the first row for the same person and days
	for _, rows := range persons {
		overlaps(entries, rows, earlier)
	}
	for i := range entries {
		first, found := earlier[i]
		if !found || reflect.DeepEqual(entries[i], entries[first]) {
			continue
		}
		c.path = rowPath("Entry", i, len(entries))
		c.fault(schema.Finding{
			Code: "D03", Reason: schema.ReasonEntryRepeated, Path: c.path + "/Person",
			Actual: bounded(entries[i].Name),
		}, "%s stands in the list for the same days already, in row %d", bounded(entries[i].Name), first+1)
	}
}

// overlaps notes which rows of one person share days with another. Sorted by their first days, a
// row overlaps where it begins before the last day of the row that has reached furthest.
func overlaps(entries []schema.StaffEntry, rows []int, earlier map[int]int) {
	slices.SortFunc(rows, func(a, b int) int {
		return cmp.Or(compareDates(entries[a].From, entries[b].From), cmp.Compare(a, b))
	})
	furthest := rows[0]
	for _, row := range rows[1:] {
		end := entries[furthest].To
		if end.IsZero() || !end.Before(entries[row].From) {
			later, first := max(row, furthest), min(row, furthest)
			if known, found := earlier[later]; !found || first < known {
				earlier[later] = first
			}
		}
		if last := entries[row].To; !end.IsZero() && (last.IsZero() || end.Before(last)) {
			furthest = row
		}
	}
}

func compareDates(a, b schema.Date) int {
	return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Day, b.Day))
}
