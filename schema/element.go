package schema

import (
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// maxEvidence bounds Expected and Actual of one finding, in characters. What is longer is cut and
// says so.
const maxEvidence = 1000

// maxAlike bounds the findings of one code and reason that an ЭСИД lists one by one: a consignment
// note of thousands of wagons must not make an answer that no lane can carry.
const maxAlike = 50

// Element builds the ЭСИД for signature.Key.Seal. It holds no prefixed name but xml:lang of ITS,
// and no character that XML cannot hold, so that every canonicalization of it agrees.
func (e ESID) Element() *etree.Element {
	root := message(KindESID, e.MessageID, e.Environment)
	addMessageHeader(root, e.MessageID, e.CreatedAt, e.Sender, e.Receiver, e.InReplyTo)
	addText(root, "Stage", string(e.Stage))
	addText(root, "Result", string(e.Result))
	for _, f := range fold(e.Findings) {
		addFinding(root, f)
	}
	addBasis(root, e.Basis)
	addOptional(root, "Permits", strings.Join(e.Permits, " "))
	addOptional(root, "Exits", strings.Join(e.Exits, " "))
	if !e.SignBy.IsZero() {
		addTerm(root, e.SignBy, e.Left)
	}
	addOptional(root, "Supersedes", e.Supersedes)
	addOptional(root, "Withdraws", e.Withdraws)
	return root
}

// Element builds the Receipt for signature.Key.Seal.
func (r Receipt) Element() *etree.Element {
	root := message(KindReceipt, r.MessageID, r.Environment)
	addMessageHeader(root, r.MessageID, r.CreatedAt, r.Sender, r.Receiver, r.InReplyTo)
	return root
}

// message starts a message of the gateway. Its ID carries the message id, so that several messages
// can be put together in one document and each signature still finds its own.
func message(kind Kind, messageID, environment string) *etree.Element {
	root := etree.NewElement(string(kind))
	root.CreateAttr("xmlns", Namespace)
	root.CreateAttr("ID", "e-"+messageID)
	root.CreateAttr("Format", formatOne)
	if environment != "" {
		root.CreateAttr("Environment", environment)
	}
	return root
}

func addMessageHeader(root *etree.Element, id string, created time.Time, sender, receiver string, reply InReplyTo) {
	header := root.CreateElement("Header")
	addText(header, "MessageID", id)
	addText(header, "CreatedAt", created.Format(time.RFC3339Nano))
	addText(header, "Sender", sender)
	addText(header, "Receiver", receiver)
	to := header.CreateElement("InReplyTo")
	addAttribute(to, "Kind", string(reply.Kind))
	addAttribute(to, "DocumentID", reply.DocumentID)
	addAttribute(to, "Version", positive(reply.Version))
	addAttribute(to, "Raw", reply.Raw)
	addAttribute(to, "Content", reply.Content)
	if !reply.Verified {
		to.CreateAttr("verified", "false")
	}
}

// fold puts one finding in the place of all that are alike beyond maxAlike; its Actual is their
// number, «+2950».
func fold(findings []Finding) []Finding {
	if len(findings) <= maxAlike {
		return findings
	}
	alike := map[[2]string]int{}
	var listed []Finding
	for _, f := range findings {
		key := [2]string{f.Code, f.Reason}
		if alike[key]++; alike[key] <= maxAlike+1 {
			listed = append(listed, f)
		}
	}
	seen := map[[2]string]int{}
	for i, f := range listed {
		key := [2]string{f.Code, f.Reason}
		if seen[key]++; seen[key] > maxAlike {
			more := alike[key] - maxAlike
			listed[i] = Finding{Code: f.Code, Reason: f.Reason, Severity: f.Severity, Actual: "+" + strconv.Itoa(more)}
		}
	}
	return listed
}

// addFinding writes the finding with its sentences in all languages, severity and clause from the
// table of reasons where the finding leaves them open.
func addFinding(root *etree.Element, f Finding) {
	f = f.Complete()
	finding := root.CreateElement("Finding")
	finding.CreateAttr("code", f.Code)
	finding.CreateAttr("reason", f.Reason)
	finding.CreateAttr("severity", string(f.Severity))
	addAttribute(finding, "path", clip(oneLine(f.Path), maxEvidence))
	addAttribute(finding, "clause", f.Clause)
	addOptional(finding, "Expected", clip(Printable(f.Expected), maxEvidence))
	addOptional(finding, "Actual", clip(Printable(f.Actual), maxEvidence))
	for _, language := range Languages() {
		its := addText(finding, "ITS", f.Notice(language))
		its.CreateAttr("xml:lang", language)
	}
}

func addBasis(root *etree.Element, b Basis) {
	basis := root.CreateElement("Basis")
	basis.CreateAttr("moment", b.Moment.Format(time.RFC3339Nano))
	addAttribute(basis, "staff", b.Staff)
	addAttribute(basis, "appointment", clip(b.Appointment, maxEvidence))
	addAttribute(basis, "proxy", clip(b.Proxy, maxEvidence))
	addAttribute(basis, "trust", positive(b.Trust))
	addAttribute(basis, "policy", b.Policy)
	addAttribute(basis, "norms", positive(b.Norms))
	addAttribute(basis, "templates", b.Templates)
	addAttribute(basis, "revocation", b.Revocation)
}

// addTerm writes what is left of a term: of one that has just ended nothing, PT0S. One that stands
// still has no end as yet.
func addTerm(root *etree.Element, signBy time.Time, left time.Duration) {
	term := root.CreateElement("Term")
	if !signBy.IsZero() {
		term.CreateAttr("signBy", signBy.Format(time.RFC3339Nano))
	}
	term.CreateAttr("left", Span(left))
}

// positive writes a number of which 0 means that there is none.
func positive(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func addText(parent *etree.Element, name, value string) *etree.Element {
	e := parent.CreateElement(name)
	e.SetText(Printable(value))
	return e
}

func addOptional(parent *etree.Element, name, value string) {
	if value != "" {
		addText(parent, name, value)
	}
}

// addAttribute writes an attribute unless it is empty. Its value stands on one line: parsers
// replace line breaks in attributes by spaces, each in its own way.
func addAttribute(e *etree.Element, name, value string) {
	if value != "" {
		e.CreateAttr(name, oneLine(value))
	}
}
