package gateway

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"

	"asugate/legitimacy"
	"asugate/register"
	"asugate/register/codes"
	"asugate/schema"
	"asugate/signature"
	"asugate/store"
	"asugate/workflow"
	"asugate/xmltree"
)

// assessment is one document on its way from bytes to verdict.
type assessment struct {
	Submission
	raw    string // hex digest of the bytes received
	rawKey []byte
	read   readSet
	codes  *codes.Tables
	known  Receipt // valid: the answer is stored already

	directory   *register.Directory
	participant *register.Participant // nil when Office
	railway     *register.Railway
	deferral    *deferral // the deferred document that this verdict is to settle, nil for a new one
	refused     Receipt   // valid: what the same bytes get again if they still cannot be decided

	report   signature.Report
	document schema.Document // zero until authenticity is proven
	glance   schema.Glance   // what the bytes say of themselves, for the answer
	norms    *register.Norms // nil: the document names none of them
	staff    *register.Staff
	// Of that list, what the verdict rests on; nil where nothing was found.
	appointment *schema.StaffEntry
	proxy       *schema.PowerOfAttorney
	before      workflow.Consignment
	after       workflow.Consignment
	former      Entry // the verdict on the highest accepted version of the same document, if there is one
	permission  Entry // the verdict that permits what before permits; zero when nothing is permitted
	kept        Entry // the earlier verdict on the same bytes that this one supersedes

	// Of a memo, an act and what is said of one.
	primary      workflow.Primary                 // before this document
	client       *register.Participant            // to whom it is addressed; nil: nobody is known
	organisation *register.Organisation           // likewise
	unaddressed  string                           // why nobody is
	wagons       map[string][]workflow.WagonEvent // what is known of its wagons
	turn         *turn                            // what the verdict does to it
	unread       bool                             // its term has passed without the client being able to read
	addressed    schema.Kind                      // of the railway's document that has the same DocumentID for this participant

	stage      schema.Stage
	result     schema.Result
	findings   []schema.Finding
	permits    []string
	withdrawal *withdrawal // of the permission, when this verdict ends it
	moment     time.Time
	forwarded  string    // participant to whose lane an accepted notice goes
	postponed  bool      // it is deferred until more is known
	due        time.Time // when that ends at the latest; zero: it waits without end

	// Made by compose.
	id     string // of the ЭСИД
	judged time.Time
	esid   sealed
}

// assess judges without writing: known already, authenticity, legitimacy. d is the deferral that is to
// be settled, nil for a document that comes in.
func (g *Gateway) assess(s Submission, d *deferral) (*assessment, error) {
	s.Received = s.Received.Truncate(time.Millisecond) // as every ЭСИД and record writes it
	a := &assessment{Submission: s, deferral: d, moment: s.Received, stage: schema.Authenticity}
	a.raw = sum(s.Raw, s.Detached)
	a.rawKey = key(s.Participant, a.raw)

	if err := g.Store.View(func(tx store.Reader) error { return g.look(tx, a) }); err != nil {
		return nil, err
	}
	if a.known.valid {
		return a, nil
	}
	signed, err := g.authenticate(a)
	if err != nil || !signed.Valid() {
		return a, err
	}
	if err := g.Store.View(func(tx store.Reader) error { return g.place(tx, a) }); err != nil {
		return nil, err
	}
	switch {
	case a.known.valid || a.result != "":
	case a.report.Outcome == signature.Undecided:
		g.postpone(a)
	default:
		g.judge(a)
	}
	return a, nil
}

// look finds who sends and whether the bytes are known («Same document again», 1).
func (g *Gateway) look(tx store.Reader, a *assessment) error {
	directory, err := g.Register.Directory(tx)
	if err != nil {
		return fmt.Errorf("reading participants: %w", err)
	}
	if directory.Version == 0 {
		return fmt.Errorf("%w: no participants have been imported", ErrNotReady)
	}
	a.directory, a.read.Directory = directory, directory.Version
	a.codes = g.Codes()
	a.read.Codes = codesRead(a.codes)
	if a.Office {
		a.railway = directory.Railways[a.Participant]
	} else if a.participant = directory.Participants[a.Participant]; a.participant != nil {
		a.railway = directory.Railways[a.participant.Railway]
	}
	if a.railway == nil {
		return fmt.Errorf("%w: %s", ErrUnknownParticipant, a.Participant)
	}
	a.read.Raw = string(tx.Get(raws, a.rawKey))
	if a.read.Raw == "" && a.deferral != nil {
		return fmt.Errorf("deferred document %s is known by its bytes no more", a.deferral.interim)
	}
	if a.read.Raw == "" {
		return nil
	}
	known, err := stored(tx, a.read.Raw)
	if err != nil {
		return err
	}
	if a.deferral != nil && known.entry.ID == a.deferral.interim {
		a.kept = known.entry
		return a.meet(tx, known.entry.Read.Railway, known.entry.Read.Primary)
	}
	if known.entry.Result == schema.Negative {
		same, err := known.entry.Read.registersHold(tx, g.Register, a.Participant)
		if err != nil {
			return err
		}
		same = same && known.entry.Read.Codes == a.read.Codes
		if same && known.entry.unavailable() {
			a.refused = known
		}
		if !same || a.refused.valid {
			a.kept = known.entry
			return nil
		}
	}
	if known.entry.Result == schema.Conflict {
		stands, err := conflicts(tx, known.entry)
		if err != nil {
			return err
		}
		if !stands {
			a.kept = known.entry
			return nil
		}
	}
	a.known = known
	return nil
}

// conflicts says whether other content still occupies the id that a document was refused for (A09): a
// deferred document gives it back when it is refused in the end.
func conflicts(tx store.Reader, refused Entry) (bool, error) {
	o, err := occupantAt(tx, idKey(refused.Participant, refused.Read.Document, refused.Read.Version))
	return o.Entry != "" && o.Content != refused.Content, err
}

// authenticate is «проверка достоверности»: one strict parse, signature and certificate, schema.
// Where it fails the assessment is complete and negative, and the Signed invalid.
func (g *Gateway) authenticate(a *assessment) (signature.Signed, error) {
	var none signature.Signed
	tree, err := xmltree.Parse(a.Raw, g.Limits)
	if err != nil {
		return none, fmt.Errorf("%w: %w", ErrNotDocument, err)
	}
	if a.glance = schema.GlanceAt(tree.Root()); a.Envelope != nil {
		a.glance = schema.GlanceForeign(tree.Root(), schema.Origin{DocumentID: a.Envelope.DocID})
	}
	signed, err := g.openSignature(a, tree)
	if err != nil {
		return none, err
	}
	a.findings = findingsOf(a.report.Warnings, schema.Warning)
	switch {
	case a.report.Outcome == signature.Fails:
		a.findings = append(a.findings, findingsOf(a.report.Faults, schema.Error)...)
		a.result = schema.Negative
		return none, nil
	case !signed.Valid():
		// Not even the signature value could be verified: nothing that the bytes say can be believed.
		return none, fmt.Errorf("%w: the signature cannot be verified now", ErrNotReady)
	case a.report.Outcome == signature.Undecided && a.refused.valid:
		a.known = a.refused
		return none, nil
	}
	document, findings := parse(signed, a.Envelope, a.report, a.railway.Zone)
	a.findings = append(a.findings, findings...)
	if !document.Valid() {
		a.result = schema.Negative
		return none, nil
	}
	a.document = document
	return signed, nil
}

// openSignature verifies the signature by the rules of whoever sends, and fixes the moment.
func (g *Gateway) openSignature(a *assessment, tree *xmltree.Tree) (signature.Signed, error) {
	trust, rules := a.railway.Trust, a.railway.Rules
	if a.participant != nil {
		trust, rules = a.participant.Trust, a.participant.Rules
	}
	if trust.Empty() {
		return signature.Signed{}, fmt.Errorf("%w: %s has no trusted certificates", ErrNotReady, a.Participant)
	}
	policy := signature.Policy{Rules: rules, Revocations: g.Revocations, GOST: g.GOST}
	in := signature.Input{Tree: tree, Detached: a.Detached}
	if a.deferral != nil {
		a.moment = a.kept.Basis.Moment
		signed, report, err := g.openKeeping(in, trust, policy, a.Received, a.moment)
		a.report = report
		return signed, err
	}
	signed, report := signature.Open(in, trust, policy, a.Received)
	a.report, a.moment = report, report.Moment
	return signed, nil
}

// openKeeping is signature.Open with a moment that was fixed before, as that of a deferred document is
// (readings 4): also when the rules on signing times have changed since.
func (g *Gateway) openKeeping(
	in signature.Input, trust *signature.Trust, policy signature.Policy, received, moment time.Time,
) (signature.Signed, signature.Report, error) {
	raw := in.Tree.Raw()
	signed, report := signature.Open(in, trust, policy, received)
	if report.Moment.Equal(moment) {
		return signed, report, nil
	}
	tree, err := xmltree.Parse(raw, g.Limits) // Open has taken the Signature out of the other
	if err != nil {
		return signature.Signed{}, report, fmt.Errorf("%w: %w", ErrNotDocument, err)
	}
	var rules signature.Rules
	if policy.Rules != nil {
		rules = *policy.Rules
	}
	rules.SigningTimeAge = -1 // never taken for the moment
	if !moment.Equal(received) {
		rules.SigningTimeAge = math.MaxInt64
	}
	in.Tree, policy.Rules = tree, &rules
	signed, report = signature.Open(in, trust, policy, received)
	return signed, report, nil
}

// findingsOf says for the ЭСИД what the report on the signature says.
func findingsOf(faults []signature.Fault, severity schema.Severity) []schema.Finding {
	var findings []schema.Finding
	for _, f := range faults {
		findings = append(findings, schema.Finding{
			Code: f.Code, Reason: f.Reason, Severity: severity,
			Path: f.Path, Expected: f.Expected, Actual: f.Actual,
		})
	}
	return findings
}

// place finds what the document meets in the store: its id («Same document again», 3 and 4), its
// consignment, the staff list of its organisation.
func (g *Gateway) place(tx store.Reader, a *assessment) error {
	d := a.document
	a.read.Document, a.read.Version = d.ID(), d.Version()
	occupied, err := occupantAt(tx, idKey(a.Participant, d.ID(), d.Version()))
	if err != nil {
		return err
	}
	a.read.Occupant = occupied.Entry
	a.read.Highest, err = highestVersion(tx, a.Participant, d.ID())
	if err != nil {
		return err
	}
	if occupied.Entry != "" && (a.deferral == nil || occupied.Entry != a.deferral.interim) {
		if occupied.Content == a.content() {
			a.known, err = stored(tx, occupied.Entry)
			return err
		}
		a.result = schema.Conflict
		a.findings = append(a.findings, schema.Finding{
			Code: "A09", Reason: "id-conflict", Severity: schema.Error, Path: "/" + string(d.Kind()),
			Expected: occupied.Content, Actual: a.content(),
		})
		return nil
	}
	if a.read.Highest > 0 {
		if a.former, err = acceptedAt(tx, idKey(a.Participant, d.ID(), a.read.Highest)); err != nil {
			return err
		}
	}
	if id := workflow.ConsignmentOf(d); id != "" {
		a.read.Consignment = id
		if a.before, err = consignmentAt(tx, key(a.Participant, id)); err != nil {
			return err
		}
		a.read.Revision = a.before.Revision
		if a.permission, err = permissionOf(tx, a.Participant, a.before); err != nil {
			return err
		}
		if a.read.Predecessor, err = predecessor(tx, a.Participant, d, a.before); err != nil {
			return err
		}
	}
	if err := g.placeRegisters(tx, a); err != nil {
		return err
	}
	if err := g.placePrimary(tx, a); err != nil {
		return err
	}
	if !a.Office {
		s, err := summaryAt(tx, a.Participant, d.ID())
		if err != nil && !errors.Is(err, ErrNoDocument) {
			return err
		}
		if s.From != "" {
			a.addressed = s.Kind
		}
	}
	if a.Office && d.Kind() == schema.KindOfficeNotice && a.report.Outcome == signature.Holds {
		a.addressee(tx)
	}
	return nil
}

// placeRegisters finds the registers on which the verdict is to depend.
func (g *Gateway) placeRegisters(tx store.Reader, a *assessment) (err error) {
	a.read.StaffOf = a.staffOf()
	if a.read.StaffOf != "" {
		if a.staff, err = g.Register.Staff(tx, a.read.StaffOf); err != nil {
			return fmt.Errorf("reading staff list: %w", err)
		}
		a.read.Staff = g.Register.StaffVersion(tx, a.read.StaffOf)
	}
	if a.asksNorms() {
		if a.norms, err = g.Register.Norms(tx); err != nil {
			return fmt.Errorf("reading norms: %w", err)
		}
		a.read.NormsAsked, a.read.Norms = true, a.norms.Version
	}
	return nil
}

// staffOf is the organisation whose staff list the verdict depends on. A client that sends a list is
// told that it may not, and nothing of the list in force.
func (a *assessment) staffOf() string {
	switch d := a.document; {
	case d.Kind() == schema.KindPlacement:
		return d.Header().Organisation.Key()
	case a.Office && d.Kind() == schema.KindStaffList:
		return d.StaffList().Organisation.Key()
	}
	return ""
}

// asksNorms says whether the verdict depends on the register of МТУ and НТУ.
func (a *assessment) asksNorms() bool {
	p := a.document.Placement()
	return p != nil && (p.Norm.Type == schema.NormMTU || p.Norm.Type == schema.NormNTU)
}

// judge runs the rules: sender and signatory first, and only on a document that passed them workflow
// and legitimacy, all of whose findings are collected.
func (g *Gateway) judge(a *assessment) {
	c := g.caseOf(a)
	a.findings = append(a.findings, legitimacy.Authority(c)...)
	separate := a.document.Kind() == schema.KindPlacement
	if separate && schema.Refused(a.findings) {
		a.result = schema.Negative
		return
	}
	if separate {
		a.stage = schema.Legitimacy
	}
	// The versions of a staff list rise per organisation: that is a rule of its own.
	if highest := a.read.Highest; a.document.Version() <= highest && a.document.StaffList() == nil {
		a.findings = append(a.findings, schema.Finding{
			Code: "W16", Reason: "version-not-newer", Severity: schema.Error,
			Path:     "/" + string(a.document.Kind()) + "/@Version",
			Expected: fmt.Sprintf("> %d", highest), Actual: fmt.Sprint(a.document.Version()),
		})
	}
	a.findings = append(a.findings, a.strays()...)
	a.findings = append(a.findings, workflow.May(a.document, a.before, a.Received, a.read.Predecessor != "")...)
	a.findings = append(a.findings, workflow.MayPrimary(a.document, a.met(), a.Received.In(a.railway.Zone))...)
	a.findings = append(a.findings, a.answeredTwice()...)
	a.findings = append(a.findings, legitimacy.Check(c)...)
	a.appointment, a.proxy = legitimacy.Grounds(c)
	due, parks := g.parks(a)
	if schema.Refused(a.findings) {
		a.result = schema.Negative
		return
	}
	if parks {
		a.result, a.postponed, a.due = schema.Deferred, true, due
		return
	}
	a.result = schema.Positive
	if list := a.document.StaffList(); list != nil && register.Shrinks(list, a.staff) {
		a.result = schema.Deferred // until the operator has decided; a finding says so
	}
	a.after, a.permits = workflow.After(a.document, a.content(), a.before, a.moment)
	if why := workflow.Withdrawal(a.document, a.before, a.after); why != nil {
		a.withdrawal = &withdrawal{of: a.permission, why: *why}
	}
}

// caseOf is what the rules look at.
func (g *Gateway) caseOf(a *assessment) *legitimacy.Case {
	c := &legitimacy.Case{
		Document: a.document, Report: a.report, Moment: a.moment, Received: a.Received,
		Zone: a.railway.Zone, Environment: g.Environment, Participant: a.participant,
		Railway: a.railway, Staff: a.staff, Norms: a.norms, Consignment: a.before,
		Codes: a.codes, Primary: a.primary, Addressee: a.organisation, Wagons: a.wagons,
	}
	if a.document.Memo() != nil || a.document.Act() != nil {
		c.NumberOf, c.Unaddressed = a.numberOf(), a.unaddressed
	}
	if a.participant != nil {
		c.Organisation = a.participant.Organisation(a.document.Header().Organisation.Key())
	}
	return c
}

// parse reads what is signed: a document of ours, or one of КП ЭДО.
func parse(
	signed signature.Signed, e *Envelope, r signature.Report, zone *time.Location,
) (schema.Document, []schema.Finding) {
	if e == nil {
		return schema.Parse(signed, zone)
	}
	return schema.ParseForeign(signed, schema.Origin{DocumentID: e.DocID, SignedAt: r.ClaimedTime}, zone)
}

// content is the hex digest of what is signed, empty when nothing signed could be read.
func (a *assessment) content() string { return contentOf(a.report) }

func contentOf(r signature.Report) string {
	if r.Content == ([32]byte{}) {
		return ""
	}
	return hex.EncodeToString(r.Content[:])
}
