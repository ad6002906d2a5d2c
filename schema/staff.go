package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"asugate/schema/checkdigit"
)

// Check says what in a staff list cannot be right, wherever the list comes from: check digits,
// terms that end before they begin, entries repeated, one number for two persons. Paths are those
// of the XML form.
func (l *StaffList) Check() []Finding {
	c := staffCheck{names: map[string]string{}, seen: map[string]bool{}}
	for i, e := range l.Entries {
		c.path = indexed("/StaffList/Entry", i, len(l.Entries))
		c.person("/Person", e.Person)
		c.term(e.From, e.To)
		c.once(fmt.Sprintf("%+v", e), e.Name)
		c.copy(e)
		for j, station := range e.Stations {
			if !checkdigit.Station(station) {
				c.add("D01", ReasonStationCheckDigit, indexed(c.path+"/Station", j, len(e.Stations)), "", station)
			}
		}
	}
	for i, p := range l.Proxies {
		c.path = indexed("/StaffList/PowerOfAttorney", i, len(l.Proxies))
		c.person("/Holder", p.Holder)
		c.person("/Issuer", p.Issuer)
		for j, principal := range p.Principals {
			c.person(strings.TrimPrefix(indexed(c.path+"/Principal", j, len(p.Principals)), c.path), principal)
		}
		c.term(p.From, p.To)
		c.once(fmt.Sprintf("N %s %s", p.Number, p.Date), p.Number)
	}
	return c.findings
}

// indexed is a path as findings have it: [n] only where siblings repeat the name.
func indexed(path string, i, count int) string {
	if count == 1 {
		return path
	}
	return fmt.Sprintf("%s[%d]", path, i+1)
}

type staffCheck struct {
	path     string
	names    map[string]string // number of a person → name at which it was first met
	seen     map[string]bool
	findings []Finding
}

func (c *staffCheck) add(code, reason, path, expected, actual string) {
	c.findings = append(c.findings, Finding{Code: code, Reason: reason, Severity: Error,
		Path: path, Expected: expected, Actual: actual})
}

// copy checks whose copy of the order an entry is. That of ТЦФТО says whether the worker may sign, and
// so does an entry that is nobody's (288 п. 1.4).
func (c *staffCheck) copy(e StaffEntry) {
	if e.OfStation() {
		if !checkdigit.Station(e.Recipient) {
			c.add("D01", ReasonStationCheckDigit, c.path+"/@recipient", "", e.Recipient)
		}
		return
	}
	if e.RightUnsaid {
		c.add("A01", ReasonRightUnsaid, c.path+"/MaySign", "true, false", "")
	}
}

// OfStation says whether the entry was taken from the copy of a station.
func (e *StaffEntry) OfStation() bool { return e.Recipient != "" && e.Recipient != ToTCFTO }

// Covers says whether the appointment holds at a station. Without stations of its own, one from a
// station's copy holds there, and any other everywhere.
func (e *StaffEntry) Covers(station string) bool {
	if len(e.Stations) == 0 {
		return !e.OfStation() || e.Recipient == station
	}
	return slices.Contains(e.Stations, station)
}

// Title names the entry in any language: person, order, term, and whose copy it is.
func (e *StaffEntry) Title() string {
	title := fmt.Sprintf("%s, N %s %s, %s–%s", e.Name, e.OrderNumber, e.OrderDate, e.From, e.To)
	if e.Recipient != "" {
		title += ", " + e.Recipient
	}
	return title
}

// Title names the power of attorney in any language: number, date, holder, term.
func (p *PowerOfAttorney) Title() string {
	return fmt.Sprintf("N %s %s, %s, %s–%s", p.Number, p.Date, p.Holder.Name, p.From, p.To)
}

// person checks the numbers, and that no two persons have the same.
func (c *staffCheck) person(element string, p Person) {
	path := c.path + element
	if p.SNILS != "" && !checkdigit.SNILS(p.SNILS) {
		c.add("D01", ReasonSNILSCheckDigit, path+"/@snils", "", p.SNILS)
	}
	if p.INN != "" && !checkdigit.INN(p.INN) {
		c.add("D01", ReasonINNCheckDigit, path+"/@inn", "", p.INN)
	}
	if p.RNOKPP != "" && !checkdigit.RNOKPP(p.RNOKPP) {
		c.add("D01", ReasonRNOKPPCheckDigit, path+"/@rnokpp", "", p.RNOKPP)
	}
	for _, number := range []string{"snils " + p.SNILS, "inn " + p.INN, "rnokpp " + p.RNOKPP} {
		if number[len(number)-1] == ' ' {
			continue // has no such number
		}
		first := cmp.Or(c.names[number], p.Name)
		if !SamePerson(first, p.Name) {
			c.add("D03", ReasonEntriesContradict, path, first, p.Name)
		}
		c.names[number] = first
	}
}

// term reports one that ends before it begins: nobody would ever be in force by it, which nobody
// means.
func (c *staffCheck) term(from, to Date) {
	if !to.IsZero() && to.Before(from) {
		c.add("D03", ReasonDatesReversed, c.path, from.String(), to.String())
	}
}

// once reports a second entry that says the same as an earlier one.
func (c *staffCheck) once(key, shown string) {
	if c.seen[key] {
		c.add("D03", ReasonEntryRepeated, c.path, "", shown)
	}
	c.seen[key] = true
}
