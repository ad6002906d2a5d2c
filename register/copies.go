package register

import (
	"fmt"
	"strings"

	"asugate/schema"
)

// The copies of one order go to two recipients, ТЦФТО and the station of departure (288 п. 1.4). A
// list may hold what both of them have, and they may disagree.

// CopiesOfOne says whether two entries are the two copies of one order.
func CopiesOfOne(a, b *schema.StaffEntry) bool {
	return a.Recipient != b.Recipient && sameOrder(a, b)
}

func sameOrder(a, b *schema.StaffEntry) bool {
	return proxyNumber(a.OrderNumber) == proxyNumber(b.OrderNumber) && a.OrderDate == b.OrderDate
}

// Counterpart is what the recipient's copies say of the appointment, among the entries of its person:
// the same order, else the one in force on the day, else the last. nil: they know nothing of the
// person.
func Counterpart(of *schema.StaffEntry, entries []*schema.StaffEntry, recipient string, day schema.Date) *schema.StaffEntry {
	var found *schema.StaffEntry
	rank := 0
	for _, e := range entries {
		if e.Recipient != recipient {
			continue
		}
		fits := 1
		switch {
		case e == of:
			fits = 4
		case sameOrder(e, of):
			fits = 3
		case day.Within(e.From, e.To):
			fits = 2
		}
		if fits > rank || fits == rank && found.From.Before(e.From) {
			found, rank = e, fits
		}
	}
	return found
}

// CompareCopies shows what two copies say differently, each with whose it is, in the words of the XML
// form; the two are equal where the copies agree.
func CompareCopies(a, b *schema.StaffEntry) (first, second string) {
	var x, y []string
	differ := func(what, left, right string) {
		x, y = append(x, what+" "+left), append(y, what+" "+right)
	}
	if !sameOrder(a, b) {
		differ("Order", orderTitle(a), orderTitle(b))
	}
	if schema.NormalizeName(a.Post) != schema.NormalizeName(b.Post) {
		differ("post", a.Post, b.Post)
	}
	if a.From != b.From {
		differ("From", a.From.String(), b.From.String())
	}
	if a.To != b.To {
		differ("To", orDash(a.To), orDash(b.To))
	}
	if !a.RightUnsaid && !b.RightUnsaid && a.MaySign != b.MaySign {
		differ("MaySign", fmt.Sprint(a.MaySign), fmt.Sprint(b.MaySign))
	}
	if len(x) == 0 {
		return "", ""
	}
	return a.Recipient + ": " + strings.Join(x, ", "), b.Recipient + ": " + strings.Join(y, ", ")
}

func orderTitle(e *schema.StaffEntry) string {
	return "N " + e.OrderNumber + " " + e.OrderDate.String()
}

// orDash is a day, a dash where the term is open.
func orDash(d schema.Date) string {
	if d.IsZero() {
		return "—"
	}
	return d.String()
}

// Disagreements tells, for people, where the copies of one order in the list differ.
func Disagreements(l *schema.StaffList) []string {
	type order struct{ person, number, date string }
	copies := map[order][]*schema.StaffEntry{}
	var lines []string
	for i := range l.Entries {
		e := &l.Entries[i]
		if e.Recipient == "" {
			continue
		}
		key := order{schema.NormalizeName(e.Name), proxyNumber(e.OrderNumber), e.OrderDate.String()}
		for _, other := range copies[key] {
			if !CopiesOfOne(other, e) {
				continue
			}
			if first, second := CompareCopies(other, e); first != second {
				lines = append(lines, fmt.Sprintf("%s, order %s: %s; %s", e.Name, orderTitle(e), first, second))
			}
		}
		copies[key] = append(copies[key], e)
	}
	return lines
}
