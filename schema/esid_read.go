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
	if err := messageOf(KindESID, root); err != nil {
		return ESID{}, fmt.Errorf("%w: %w", ErrNotESID, err)
	}
	r := reader{zone: time.UTC}
	e := ESID{Environment: attribute(root, "Environment")}
	for c := range children(root) {
		switch c.Local() {
		case "Header":
			h := r.messageHeader(c)
			e.MessageID, e.CreatedAt, e.Sender, e.Receiver, e.InReplyTo = h.id, h.created, h.sender, h.receiver, h.reply
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
		case "Term":
			e.SignBy, e.Left = r.term(c)
		case "Supersedes":
			e.Supersedes = text(c)
		case "Withdraws":
			e.Withdraws = text(c)
		}
	}
	if err := r.refused(); err != nil {
		return ESID{}, fmt.Errorf("%w: %w", ErrNotESID, err)
	}
	return e, nil
}

// messageOf says why root is no message of that kind as its schema says; nil: it is one.
func messageOf(kind Kind, root xmltree.Element) error {
	if !root.Is(Namespace, string(kind)) {
		return fmt.Errorf("root is %.64q", root.Local())
	}
	if violations := schemas().Validate(root, 1); len(violations) > 0 {
		v := violations[0]
		return fmt.Errorf("%s at %s: want %s, got %.64q", v.Rule, v.Path, v.Expected, v.Actual)
	}
	return nil
}

// refused is the first thing that could not be read although the schema allows it.
func (r *reader) refused() error {
	for _, f := range r.findings {
		if f.Severity == Error {
			return fmt.Errorf("%s at %s: %.64q", f.Reason, f.Path, f.Actual)
		}
	}
	return nil
}

// messageHeader is what every message of the gateway begins with.
type messageHeader struct {
	id               string
	created          time.Time
	sender, receiver string
	reply            InReplyTo
}

func (r *reader) messageHeader(e xmltree.Element) messageHeader {
	var h messageHeader
	for c := range children(e) {
		switch c.Local() {
		case "MessageID":
			h.id = text(c)
		case "CreatedAt":
			h.created = r.moment(c)
		case "Sender":
			h.sender = text(c)
		case "Receiver":
			h.receiver = text(c)
		case "InReplyTo":
			verified := attribute(c, "verified")
			h.reply = InReplyTo{
				Kind:       Kind(attribute(c, "Kind")),
				DocumentID: attribute(c, "DocumentID"),
				Version:    r.number(c, "Version"),
				Raw:        strings.ToLower(attribute(c, "Raw")),
				Content:    strings.ToLower(attribute(c, "Content")),
				Verified:   verified != "false" && verified != "0",
			}
		}
	}
	return h
}

// term reads the element Term.
func (r *reader) term(e xmltree.Element) (signBy time.Time, left time.Duration) {
	return r.momentAttribute(e, "signBy"), r.span(place{e, "left"}, attribute(e, "left"))
}

// momentAttribute reads a time of a message of ours, which always has its offset; zero when absent.
func (r *reader) momentAttribute(e xmltree.Element, name string) time.Time {
	value := attribute(e, name)
	if value == "" {
		return time.Time{}
	}
	t, _, err := parseTime(value, r.zone)
	if err != nil {
		r.fail(e.Path()+"/@"+name, "2006-01-02T15:04:05+03:00", value)
	}
	return t
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
	return Basis{
		Moment:      r.momentAttribute(e, "moment"),
		Staff:       attribute(e, "staff"),
		Appointment: attribute(e, "appointment"),
		Proxy:       attribute(e, "proxy"),
		Trust:       r.number(e, "trust"),
		Policy:      strings.ToLower(attribute(e, "policy")),
		Norms:       r.number(e, "norms"),
		Templates:   attribute(e, "templates"),
		Revocation:  attribute(e, "revocation"),
	}
}
