package schema

import (
	"strings"

	"asugate/xmltree"
)

// staffList reads everything but the version, which stands at the root.
func (r *reader) staffList(root xmltree.Element) *StaffList {
	l := &StaffList{}
	for e := range children(root) {
		switch e.Local() {
		case "For":
			l.Organisation = r.namedOrganisation(e)
		case "Entry":
			l.Entries = append(l.Entries, r.staffEntry(e))
		case "PowerOfAttorney":
			l.Proxies = append(l.Proxies, r.powerOfAttorney(e))
		}
	}
	return l
}

func (r *reader) staffEntry(e xmltree.Element) StaffEntry {
	s := StaffEntry{Recipient: attribute(e, "recipient"), RightUnsaid: true}
	for c := range children(e) {
		switch c.Local() {
		case "Person":
			s.Person = person(c)
		case "Order":
			s.OrderNumber = attribute(c, "number")
			s.OrderDate = r.dayAttribute(c, "date")
		case "Work":
			s.Works = append(s.Works, text(c))
		case "MaySign":
			s.MaySign, s.RightUnsaid = boolean(c), false
		case "Station":
			s.Stations = append(s.Stations, text(c))
		case "From":
			s.From = r.dayOf(c)
		case "To":
			s.To = r.dayOf(c)
		case "Certificate":
			s.Certificate = certificate(c)
		}
	}
	return s
}

func (r *reader) powerOfAttorney(e xmltree.Element) PowerOfAttorney {
	p := PowerOfAttorney{
		Number:    attribute(e, "number"),
		Date:      r.dayAttribute(e, "date"),
		From:      r.dayAttribute(e, "from"),
		To:        r.dayAttribute(e, "to"),
		Withdrawn: r.dayAttribute(e, "withdrawn"),
		Registry:  strings.ToLower(attribute(e, "registry")),
	}
	for c := range children(e) {
		switch c.Local() {
		case "Holder":
			p.Holder = person(c)
		case "Issuer":
			p.Issuer = person(c)
		case "Principal":
			p.Principals = append(p.Principals, person(c))
		case "Branch":
			p.Branches = append(p.Branches, text(c))
		case "Kind":
			p.Kinds = append(p.Kinds, Kind(text(c)))
		case "Certificate":
			p.Certificate = certificate(c)
		}
	}
	return p
}
