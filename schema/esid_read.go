package schema

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"asugate/xmltree"
)

// ErrNotESID is wrapped by ReadESID for a document that is not an ЭСИД as its schema says.
var ErrNotESID = errors.New("not an ЭСИД")

// ReadESID reads an ЭСИД that the gateway has sent, for the demo, the command line and tests. It
// establishes the form, not the origin: whoever relies on the result verifies the signature first.
func ReadESID(root xmltree.Element) (ESID, error) {
	if !root.Is(Namespace, string(KindESID)) {
		return ESID{}, fmt.Errorf("%w: root is %.64q", ErrNotESID, root.Local())
	}
	if violations := schemas().Validate(root, 1); len(violations) > 0 {
		v := violations[0]
		return ESID{}, fmt.Errorf("%w: %s at %s: want %s, got %.64q", ErrNotESID, v.Rule, v.Path, v.Expected, v.Actual)
	}
	r := reader{zone: time.UTC}
	e := ESID{Environment: attribute(root, "Environment")}
	for c := range children(root) {
		switch c.Local() {
		case "Header":
			r.messageHeader(c, &e)
		case "Stage":
			e.Stage = Stage(text(c))
		case "Result":
			e.Result = Result(text(c))
		case "Finding":
			e.Findings = append(e.Findings, finding(c))
		case "Basis":
			e.Basis = r.basis(c)
		case "Permits":
			e.Permits = strings.Fields(text(c))
		case "Exits":
			e.Exits = strings.Fields(text(c))
		case "Supersedes":
			e.Supersedes = text(c)
		case "Withdraws":
			e.Withdraws = text(c)
		}
	}
	if Refused(r.findings) {
		f := r.findings[0]
		return ESID{}, fmt.Errorf("%w: %s at %s: %.64q", ErrNotESID, f.Reason, f.Path, f.Actual)
	}
	return e, nil
}

func (r *reader) messageHeader(e xmltree.Element, to *ESID) {
	for c := range children(e) {
		switch c.Local() {
		case "MessageID":
			to.MessageID = text(c)
		case "CreatedAt":
			to.CreatedAt = r.moment(c)
		case "Sender":
			to.Sender = text(c)
		case "Receiver":
			to.Receiver = text(c)
		case "InReplyTo":
			verified := attribute(c, "verified")
			to.InReplyTo = InReplyTo{
				Kind:       Kind(attribute(c, "Kind")),
				DocumentID: attribute(c, "DocumentID"),
				Version:    r.number(c, "Version"),
				Raw:        strings.ToLower(attribute(c, "Raw")),
				Content:    strings.ToLower(attribute(c, "Content")),
				Verified:   verified != "false" && verified != "0",
			}
		}
	}
}

func finding(e xmltree.Element) Finding {
	f := Finding{
		Code:     attribute(e, "code"),
		Reason:   attribute(e, "reason"),
		Severity: Severity(attribute(e, "severity")),
		Path:     attribute(e, "path"),
		Clause:   attribute(e, "clause"),
	}
	for c := range children(e) {
		switch c.Local() {
		case "Expected":
			f.Expected = c.Text()
		case "Actual":
			f.Actual = c.Text()
		}
	}
	return f
}

func (r *reader) basis(e xmltree.Element) Basis {
	b := Basis{
		Staff:       attribute(e, "staff"),
		Appointment: attribute(e, "appointment"),
		Proxy:       attribute(e, "proxy"),
		Trust:       r.number(e, "trust"),
		Policy:      strings.ToLower(attribute(e, "policy")),
		Norms:       r.number(e, "norms"),
		Templates:   attribute(e, "templates"),
		Revocation:  attribute(e, "revocation"),
	}
	value := attribute(e, "moment")
	t, _, err := parseTime(value, r.zone)
	if err != nil {
		r.fail(e.Path()+"/@moment", "2006-01-02T15:04:05+03:00", value)
	}
	b.Moment = t
	return b
}
