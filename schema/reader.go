package schema

import (
	"iter"
	"strconv"
	"strings"
	"time"

	"asugate/xmltree"
)

// reader decodes a validated tree. What the schema already promises it does not ask again; what the
// schema cannot say (XSD 1.0 has no «at least one of these attributes») it reports.
type reader struct {
	zone     *time.Location
	findings []Finding
}

// children are the child elements in our namespace. The schemas let elements of the signature's
// namespace stand at the end unvalidated; they must never be taken for values.
func children(e xmltree.Element) iter.Seq[xmltree.Element] {
	return func(yield func(xmltree.Element) bool) {
		for c := range e.Children() {
			if c.Space() == Namespace && !yield(c) {
				return
			}
		}
	}
}

// text is the value of an element of a type derived from xs:token: white space collapsed (XSD Part
// 2, 4.3.6).
func text(e xmltree.Element) string { return collapse(e.Text()) }

// attribute is the value of an attribute of a type derived from xs:token, empty when absent.
func attribute(e xmltree.Element, name string) string {
	value, _ := e.Attr("", name)
	return collapse(value)
}

// collapse makes each run of white space one space and takes it off the ends. White space is what
// XML calls so: a no-break space is part of the value.
func collapse(s string) string {
	fields := strings.FieldsFunc(s, func(c rune) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' })
	return strings.Join(fields, " ")
}

func (r *reader) fail(path, expected, actual string) {
	r.findings = append(r.findings, Finding{Code: "A01", Reason: ReasonBadValue, Severity: Error,
		Path: path, Expected: expected, Actual: actual})
}

// number reads an attribute of a type derived from xs:integer, 0 when absent.
func (r *reader) number(e xmltree.Element, name string) int {
	value := attribute(e, name)
	if value == "" {
		return 0
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		r.fail(e.Path()+"/@"+name, "integer", value)
	}
	return n
}

// day reads a calendar day.
func (r *reader) day(path, value string) Date {
	if value == "" {
		return Date{}
	}
	d, err := ParseDate(value)
	if err != nil {
		r.fail(path, "2006-01-02", value)
	}
	return d
}

func (r *reader) dayOf(e xmltree.Element) Date { return r.day(e.Path(), text(e)) }

func (r *reader) dayAttribute(e xmltree.Element, name string) Date {
	return r.day(e.Path()+"/@"+name, attribute(e, name))
}

// moment reads a time; one without offset is the railway's, and the sender is told so.
func (r *reader) moment(e xmltree.Element) time.Time {
	value := text(e)
	t, zoned, err := parseTime(value, r.zone)
	switch {
	case err != nil:
		r.fail(e.Path(), "2006-01-02T15:04:05+03:00", value)
	case !zoned:
		r.findings = append(r.findings, Finding{Code: "D03", Reason: ReasonTimeWithoutZone, Severity: Info,
			Path: e.Path(), Expected: t.Format(time.RFC3339Nano), Actual: value})
	}
	return t
}

// boolean reads an xs:boolean.
func boolean(e xmltree.Element) bool { return isTrue(text(e)) }

func isTrue(value string) bool { return value == "true" || value == "1" }

// organisation reads the identifiers of an organisation. An ОГРН never begins with a zero, and a
// КПП is no number.
func (r *reader) organisation(e xmltree.Element) OrgID {
	return OrgID{
		INN:    r.padded(e, "inn", 10, 12),
		KPP:    attribute(e, "kpp"),
		OKPO:   r.padded(e, "okpo", 8, 10),
		OGRN:   attribute(e, "ogrn"),
		EDRPOU: r.padded(e, "edrpou", 8),
	}
}

// namedOrganisation reads an organisation on which a decision rests, so that it must have a key.
func (r *reader) namedOrganisation(e xmltree.Element) OrgID {
	o := r.organisation(e)
	r.identified(e, o)
	return o
}

func (r *reader) identified(e xmltree.Element, o OrgID) {
	if o.Key() == "" {
		r.findings = append(r.findings, Finding{Code: "A01", Reason: ReasonNoIdentifier, Severity: Error,
			Path: e.Path(), Expected: "inn, edrpou, okpo"})
	}
}

func (r *reader) party(e xmltree.Element) Party {
	p := Party{OrgID: r.organisation(e)}
	for c := range children(e) {
		switch c.Local() {
		case "Name":
			p.Name = text(c)
		case "Address":
			p.Address = text(c)
		}
	}
	return p
}

func person(e xmltree.Element) Person {
	return Person{
		Name: text(e),
		Post: attribute(e, "post"),
		PersonID: PersonID{
			SNILS:  digitsOf(attribute(e, "snils")),
			INN:    attribute(e, "inn"),
			RNOKPP: attribute(e, "rnokpp"),
		},
	}
}

// digitsOf leaves the digits of a СНИЛС, which people write as 112-233-445 95.
func digitsOf(s string) string {
	return strings.Map(func(c rune) rune {
		if '0' <= c && c <= '9' {
			return c
		}
		return -1
	}, s)
}

func (r *reader) reference(e xmltree.Element) Reference {
	return Reference{
		DocumentID: attribute(e, "DocumentID"),
		Version:    r.number(e, "Version"),
		SHA256:     strings.ToLower(attribute(e, "SHA256")),
	}
}

// certificate reads a registered certificate, its serial number written as in signature.Identity.
func certificate(e xmltree.Element) CertificateRef {
	serial := strings.TrimLeft(strings.ToUpper(attribute(e, "serial")), "0")
	if serial == "" {
		serial = "0"
	}
	return CertificateRef{Issuer: attribute(e, "issuer"), Serial: serial}
}

func (r *reader) header(e xmltree.Element) Header {
	var h Header
	for c := range children(e) {
		switch c.Local() {
		case "DocumentID":
			h.DocumentID = text(c)
		case "CreatedAt":
			h.CreatedAt = r.moment(c)
		case "Sender":
			h.Sender = text(c)
		case "Organisation":
			h.Organisation = r.namedOrganisation(c)
		case "Receiver":
			h.Receiver = text(c)
		}
	}
	return h
}
