package workflow

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"asugate/schema"
)

// State of a consignment note.
type State string

const (
	None            State = ""                 // nothing has been accepted
	WaybillAccepted State = "waybill-accepted" // ЭД №1 принят; ЭД №2 is awaited, see Consignment.Awaits
	Complete        State = "complete"         // оформлена: both have a positive ЭСИД (288 п. 1.5)
	Paper           State = "paper"            // бумага: nothing electronic follows
)

// States are all states, in the order in which a note passes through them.
func States() []State { return []State{None, WaybillAccepted, Complete, Paper} }

// String is the state for people.
func (s State) String() string {
	if s == None {
		return "none"
	}
	return string(s)
}

// Transition is a row of the table: what a document of the kind does to a note in the state.
type Transition struct {
	From    State
	Kind    schema.Kind
	To      State
	Finding string // code and reason with which the document is refused instead; To is From then
	Clause  string
}

// Transitions is the whole table. A kind that is not in it belongs to no consignment note.
func Transitions() []Transition {
	const (
		waybill   = schema.KindWaybill
		placement = schema.KindPlacement
		paper     = schema.KindPaperSwitch
	)
	return []Transition{
		{None, waybill, WaybillAccepted, "", "288 п. 2.1.2"},
		{WaybillAccepted, waybill, WaybillAccepted, "", "288 п. 1.5"},
		// A changed ЭД №1 needs its ЭД №2 anew.
		{Complete, waybill, WaybillAccepted, "", "288 п. 1.5, 1.8"},
		{Paper, waybill, Paper, "W13 paper", "288 п. 1.5"},

		{None, placement, None, "W07 no-waybill", "288 п. 2.1.2"},
		{WaybillAccepted, placement, Complete, "", "288 п. 2.1.4"},
		// A corrected ЭД №2 takes the place of the former one.
		{Complete, placement, Complete, "", "288 п. 2.1.4"},
		{Paper, placement, Paper, "W13 paper", "288 п. 1.5"},

		// After a negative ЭСИД on ЭД №1 too, when nothing has been accepted yet.
		{None, paper, Paper, "", "288 п. 2.1.2"},
		{WaybillAccepted, paper, Paper, "", "288 п. 2.1.4"},
		{Complete, paper, Paper, "", "288 п. 1.5"},
		{Paper, paper, Paper, "W13 paper", "288 п. 1.5"},
	}
}

var transitions = Transitions()

// transition finds the row for the document. found is false for a kind without consignment note.
func transition(d schema.Document, c Consignment) (t Transition, found bool) {
	i := slices.IndexFunc(transitions, func(t Transition) bool {
		return t.Kind == d.Kind() && t.From == c.State
	})
	if i < 0 {
		return Transition{}, false
	}
	return transitions[i], true
}

// May says whether the document, received then, may come now; nil findings: it may. undecided: the check
// of the ЭД №1 that the document names has been put off. That its version is newer than the one accepted
// is for the register of ids to say.
func May(d schema.Document, c Consignment, received time.Time, undecided bool) []schema.Finding {
	if !d.Valid() {
		return []schema.Finding{finding("A01", schema.ReasonUnknownKind, "", "", "")}
	}
	if ConsignmentOf(d) == "" {
		return nil
	}
	reference := fmt.Sprintf("/%s/Waybill", d.Kind())
	t, found := transition(d, c)
	if undecided && d.Kind() == schema.KindPlacement && c.State != Paper {
		// Whatever is known of another version of the note: this one may become its ЭД №1 or not.
		return []schema.Finding{finding("W18", schema.ReasonPredecessorDeferred, reference, "",
			d.Placement().Waybill.DocumentID)}
	}
	if !found {
		// The store holds a state that this program does not know: a newer one wrote it.
		return []schema.Finding{finding("W13", schema.ReasonPaper, reference, "", c.State.String())}
	}
	if t.Finding != "" {
		code, reason, _ := strings.Cut(t.Finding, " ")
		return []schema.Finding{refusal(code, reason, d, c)}
	}
	return append(referenceFindings(d, c), late(d, c, received)...)
}

// late: both documents are made out, signed and sent before the cargo is presented (288 п. 1.5, 2.1.1);
// what comes later is in time for nothing. It is said only where the time of presentation is known.
func late(d schema.Document, c Consignment, received time.Time) []schema.Finding {
	presented, path := c.PresentedAt, "/"+string(d.Kind())
	switch d.Kind() {
	case schema.KindWaybill:
		presented = presentation(d.Waybill(), c)
		path += "/PresentedAt"
	case schema.KindPlacement:
	default:
		return nil // the decision for paper is never too late
	}
	if presented.IsZero() || !received.After(presented) {
		return nil
	}
	return []schema.Finding{finding("W14", schema.ReasonAfterPresentation, path,
		presented.Format(time.RFC3339), received.In(presented.Location()).Format(time.RFC3339))}
}

// presentation is when the cargo is presented by this ЭД №1. One that does not say leaves standing what
// an earlier version said: else leaving it out would put the time off.
func presentation(w *schema.Waybill, c Consignment) time.Time {
	if w.PresentedAt.IsZero() {
		return c.PresentedAt
	}
	return w.PresentedAt
}

// refusal fills in what the reader of the refusal wants to know.
func refusal(code, reason string, d schema.Document, c Consignment) schema.Finding {
	switch {
	case code == "W13":
		return finding(code, reason, "/"+string(d.Kind()), "", strings.TrimSpace(c.PaperBy+" "+stamp(c)))
	default:
		return finding(code, reason, "/Placement/Waybill", "", d.Placement().Waybill.DocumentID)
	}
}

func stamp(c Consignment) string {
	if c.PaperAt.IsZero() {
		return ""
	}
	return c.PaperAt.Format(time.RFC3339)
}

// referenceFindings compare what a document says of ЭД №1 with the one that was accepted.
func referenceFindings(d schema.Document, c Consignment) []schema.Finding {
	var r schema.Reference
	switch d.Kind() {
	case schema.KindPlacement:
		r = d.Placement().Waybill
	case schema.KindPaperSwitch:
		// The decision for paper is about the note, whatever its version: a client that has lost
		// count must still be able to take it.
		r = d.PaperSwitch().Waybill
		r.Version, r.SHA256 = 0, ""
	case schema.KindWaybill:
		if organisation := d.Header().Organisation.Key(); c.State != None && organisation != c.Organisation {
			// A new version of a note is made by whose note it is.
			return []schema.Finding{finding("D03", schema.ReasonConsignorDiffers,
				"/Waybill/Header/Organisation", c.Organisation, organisation)}
		}
		return nil
	default:
		return nil
	}
	path := fmt.Sprintf("/%s/Waybill", d.Kind())
	if organisation := d.Header().Organisation.Key(); c.State != None && organisation != c.Organisation {
		// For this organisation there is no such note: it is another's, of the same participant.
		return []schema.Finding{finding("W07", schema.ReasonNoWaybill,
			fmt.Sprintf("/%s/Header/Organisation", d.Kind()), c.Organisation, organisation)}
	}
	var findings []schema.Finding
	if r.Version != 0 && r.Version != c.WaybillVersion {
		findings = append(findings, finding("W07", schema.ReasonWaybillOtherVersion,
			path+"/@Version", fmt.Sprint(c.WaybillVersion), fmt.Sprint(r.Version)))
	}
	if r.SHA256 != "" && !strings.EqualFold(r.SHA256, c.WaybillContent) {
		findings = append(findings, finding("W07", schema.ReasonWaybillOtherContent,
			path+"/@SHA256", c.WaybillContent, strings.ToLower(r.SHA256)))
	}
	return findings
}

func finding(code, reason, path, expected, actual string) schema.Finding {
	return schema.Finding{
		Code: code, Reason: reason, Path: path, Expected: expected, Actual: actual,
	}.Complete()
}
