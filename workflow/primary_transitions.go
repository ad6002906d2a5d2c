package workflow

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"asugate/schema"
)

// Where the order speaks of what the rows do.
const (
	bySigning   = "1166/р п. 2.10, 3.11"
	byRejecting = "1166/р п. 2.15, 3.14"
	bySilence   = "1166/р п. 2.12, 3.13"
	bySpoiling  = "1166/р п. 4.1"
	byCorrect   = "1166/р раздел 4"
)

// primaryTransitions is the whole table of memos and acts (1166/р разделы 2, 3, 4): a row for every
// state that an event may meet, in the order of PrimaryEvents and PrimaryStates.
var primaryTransitions = []PrimaryTransition{
	{Drafted, CarrierSigns, "", CarrierSigned, "", bySigning},
	// All that has been signed is corrected by spoiling it,
	{CarrierSigned, CarrierSigns, "", CarrierSigned, "W13 not-rejected", byCorrect},
	{ClientSigned, CarrierSigns, "", ClientSigned, "W13 client-signed", byCorrect},
	// but for a rejected memo, which is signed anew; a rejected act stands, with «С разногласиями».
	{Rejected, CarrierSigns, schema.KindMemo, CarrierSigned, "", "1166/р п. 2.15"},
	{Rejected, CarrierSigns, schema.KindAct, Rejected, "W13 stands-rejected", "1166/р п. 3.14"},
	{AutoAgreed, CarrierSigns, "", AutoAgreed, "W13 auto-agreed", byCorrect},
	{AwaitingSpoiling, CarrierSigns, "", AwaitingSpoiling, "W13 awaiting-spoiling", byCorrect},
	{Spoiled, CarrierSigns, "", Spoiled, "W13 spoiled", byCorrect},

	// The client answers once, to what is open, and while it is.
	{Drafted, ClientSigns, "", Drafted, "W17 document-unknown", bySigning},
	{CarrierSigned, ClientSigns, "", ClientSigned, "", bySigning},
	{ClientSigned, ClientSigns, "", ClientSigned, "W13 client-signed", bySigning},
	{Rejected, ClientSigns, "", Rejected, "W13 rejected", byRejecting},
	{AutoAgreed, ClientSigns, "", AutoAgreed, "W14 term-over", bySilence},
	{AwaitingSpoiling, ClientSigns, "", AwaitingSpoiling, "W13 awaiting-spoiling", bySpoiling},
	{Spoiled, ClientSigns, "", Spoiled, "W13 spoiled", bySpoiling},

	{Drafted, ClientRejects, "", Drafted, "W17 document-unknown", byRejecting},
	{CarrierSigned, ClientRejects, "", Rejected, "", byRejecting},
	{ClientSigned, ClientRejects, "", ClientSigned, "W13 client-signed", bySigning},
	{Rejected, ClientRejects, "", Rejected, "W13 rejected", byRejecting},
	{AutoAgreed, ClientRejects, "", AutoAgreed, "W14 term-over", bySilence},
	{AwaitingSpoiling, ClientRejects, "", AwaitingSpoiling, "W13 awaiting-spoiling", bySpoiling},
	{Spoiled, ClientRejects, "", Spoiled, "W13 spoiled", bySpoiling},

	// A term ends for nobody but him who is waited for.
	{Drafted, TermEnds, "", Drafted, "W17 document-unknown", bySilence},
	{CarrierSigned, TermEnds, "", AutoAgreed, "", bySilence},
	{ClientSigned, TermEnds, "", ClientSigned, "W13 client-signed", bySilence},
	{Rejected, TermEnds, "", Rejected, "W13 rejected", bySilence},
	{AutoAgreed, TermEnds, "", AutoAgreed, "W13 auto-agreed", bySilence},
	{AwaitingSpoiling, TermEnds, "", AwaitingSpoiling, "W13 awaiting-spoiling", bySpoiling},
	{Spoiled, TermEnds, "", Spoiled, "W13 spoiled", bySpoiling},

	// What the railway says of a state that stands already changes nothing; of another it comes too
	// late.
	{Drafted, ReportedAgreed, "", Drafted, "W17 document-unknown", bySilence},
	{CarrierSigned, ReportedAgreed, "", AutoAgreed, "", bySilence},
	{ClientSigned, ReportedAgreed, "", ClientSigned, "W13 client-signed", bySilence},
	{Rejected, ReportedAgreed, "", Rejected, "W13 rejected", bySilence},
	{AutoAgreed, ReportedAgreed, "", AutoAgreed, "", bySilence},
	{AwaitingSpoiling, ReportedAgreed, "", AwaitingSpoiling, "W13 awaiting-spoiling", bySpoiling},
	{Spoiled, ReportedAgreed, "", Spoiled, "W13 spoiled", bySpoiling},

	{Drafted, ReportedSigned, "", Drafted, "W17 document-unknown", bySigning},
	{CarrierSigned, ReportedSigned, "", ClientSigned, "", bySigning},
	{ClientSigned, ReportedSigned, "", ClientSigned, "", bySigning},
	{Rejected, ReportedSigned, "", Rejected, "W13 rejected", bySigning},
	{AutoAgreed, ReportedSigned, "", AutoAgreed, "W13 auto-agreed", bySigning},
	{AwaitingSpoiling, ReportedSigned, "", AwaitingSpoiling, "W13 awaiting-spoiling", bySpoiling},
	{Spoiled, ReportedSigned, "", Spoiled, "W13 spoiled", bySpoiling},

	{Drafted, ReportedRejected, "", Drafted, "W17 document-unknown", byRejecting},
	{CarrierSigned, ReportedRejected, "", Rejected, "", byRejecting},
	{ClientSigned, ReportedRejected, "", ClientSigned, "W13 client-signed", byRejecting},
	{Rejected, ReportedRejected, "", Rejected, "", byRejecting},
	{AutoAgreed, ReportedRejected, "", AutoAgreed, "W13 auto-agreed", byRejecting},
	{AwaitingSpoiling, ReportedRejected, "", AwaitingSpoiling, "W13 awaiting-spoiling", bySpoiling},
	{Spoiled, ReportedRejected, "", Spoiled, "W13 spoiled", bySpoiling},

	// Whatever has been signed may be spoiled, in two steps, each of which may be said again.
	{Drafted, SpoilRequested, "", Drafted, "W17 document-unknown", bySpoiling},
	{CarrierSigned, SpoilRequested, "", AwaitingSpoiling, "", bySpoiling},
	{ClientSigned, SpoilRequested, "", AwaitingSpoiling, "", bySpoiling},
	{Rejected, SpoilRequested, "", AwaitingSpoiling, "", bySpoiling},
	{AutoAgreed, SpoilRequested, "", AwaitingSpoiling, "", bySpoiling},
	{AwaitingSpoiling, SpoilRequested, "", AwaitingSpoiling, "", bySpoiling},
	{Spoiled, SpoilRequested, "", Spoiled, "", bySpoiling},

	{Drafted, SpoilConfirmed, "", Drafted, "W17 document-unknown", bySpoiling},
	{CarrierSigned, SpoilConfirmed, "", CarrierSigned, "W13 not-awaiting-spoiling", bySpoiling},
	{ClientSigned, SpoilConfirmed, "", ClientSigned, "W13 not-awaiting-spoiling", bySpoiling},
	{Rejected, SpoilConfirmed, "", Rejected, "W13 not-awaiting-spoiling", bySpoiling},
	{AutoAgreed, SpoilConfirmed, "", AutoAgreed, "W13 not-awaiting-spoiling", bySpoiling},
	{AwaitingSpoiling, SpoilConfirmed, "", Spoiled, "", bySpoiling},
	{Spoiled, SpoilConfirmed, "", Spoiled, "", bySpoiling},
}

// PrimaryTransitions is the whole table of memos and acts.
func PrimaryTransitions() []PrimaryTransition { return slices.Clone(primaryTransitions) }

// Next is the row for the event. An event that is in no row cannot happen.
func (p Primary) Next(form schema.Kind, e PrimaryEvent) (t PrimaryTransition, ok bool) {
	i := slices.IndexFunc(primaryTransitions, func(t PrimaryTransition) bool {
		return t.From == p.State && t.Event == e && (t.Form == "" || t.Form == form)
	})
	if i < 0 {
		return PrimaryTransition{}, false
	}
	return primaryTransitions[i], true
}

// EventOf is what a document of that kind, coming now, would be to a memo or an act; ok is false
// for one that has nothing to do with them.
func EventOf(d schema.Document) (e PrimaryEvent, ok bool) {
	switch d.Kind() {
	case schema.KindMemo, schema.KindAct:
		return CarrierSigns, true
	case schema.KindApproval:
		return ClientSigns, true
	case schema.KindRejection:
		return ClientRejects, true
	case schema.KindStateReport:
		e, ok = reported[d.StateReport().State]
	}
	return e, ok
}

var reported = map[string]PrimaryEvent{
	schema.ReportAgreed: ReportedAgreed, schema.ReportSigned: ReportedSigned, schema.ReportRejected: ReportedRejected,
	schema.ReportSpoiling: SpoilRequested, schema.ReportSpoiled: SpoilConfirmed,
}

// PrimaryOf is the canonical DocumentID of the memo or act that the document is, or is about;
// empty: of none.
func PrimaryOf(d schema.Document) string {
	var r schema.Reference
	switch {
	case d.Memo() != nil || d.Act() != nil:
		return d.ID()
	case d.Answer() != nil:
		r = d.Answer().Document
	case d.StateReport() != nil:
		r = d.StateReport().Document
	default:
		return ""
	}
	id, _ := schema.CanonicalID(r.DocumentID)
	return id
}

// MayPrimary says whether the document, received then, may come to the memo or act now; nil
// findings: it may. A Drafted p is one of which nothing is known. Since when it
// is in its state is told in the zone of received.
func MayPrimary(d schema.Document, p Primary, received time.Time) []schema.Finding {
	if !d.Valid() {
		return []schema.Finding{finding("A01", schema.ReasonUnknownKind, "", "", "")}
	}
	e, ok := EventOf(d)
	if !ok {
		return nil
	}
	form := p.Form
	if p.State == Drafted {
		form = d.Kind()
	}
	path := "/" + string(d.Kind())
	if d.Memo() == nil && d.Act() == nil {
		path += "/Document"
	}
	t, ok := p.Next(form, e)
	if !ok {
		// The store holds a state that this program does not know: a newer one wrote it.
		return []schema.Finding{finding("W13", schema.ReasonStateUnknown, path, "", p.State.String())}
	}
	if t.Finding != "" {
		return []schema.Finding{forbidden(t, path, d, p, received)}
	}
	if e == ReportedAgreed && p.Running() && p.Consent == ConsentOurs {
		// Two clocks would end at two times: the one that the client was told of counts.
		return []schema.Finding{finding("W17", schema.ReasonConsentElsewhere, path,
			cmp.Or(written(p.SignBy), ConsentOurs), AutoAgreed.String())}
	}
	switch {
	case d.Answer() != nil && p.Late(received):
		return []schema.Finding{finding("W14", schema.ReasonTermOver, path,
			written(p.SignBy), written(received.In(p.SignBy.Location())))}
	case d.Answer() != nil:
		return named(d.Answer().Document, p, path)
	case d.StateReport() != nil:
		return named(d.StateReport().Document, p, path)
	}
	return nil
}

// forbidden fills in what the reader of a refusal wants to know.
func forbidden(t PrimaryTransition, path string, d schema.Document, p Primary, received time.Time) schema.Finding {
	code, reason, _ := strings.Cut(t.Finding, " ")
	since := p.Since.In(received.Location())
	f := finding(code, reason, path, "", written(since))
	switch {
	case reason == schema.ReasonDocumentUnknown:
		f.Actual = PrimaryOf(d)
	case reason == schema.ReasonTermOver:
		f.Expected, f.Actual = written(since), written(received)
	}
	f.Clause = t.Clause
	return f
}

func written(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// named compares what a document says of the memo or act that it is about with the version in
// force: an answer, and a word of the railway, to a version that has been corrected since is to
// nothing.
func named(r schema.Reference, p Primary, path string) []schema.Finding {
	var found []schema.Finding
	if r.Version != 0 && r.Version != p.Version {
		found = append(found, finding("D03", schema.ReasonAnswerOtherVersion, path+"/@Version",
			fmt.Sprint(p.Version), fmt.Sprint(r.Version)))
	}
	if r.SHA256 != "" && !strings.EqualFold(r.SHA256, p.Content) {
		found = append(found, finding("D03", schema.ReasonAnswerOtherContent, path+"/@SHA256",
			p.Content, strings.ToLower(r.SHA256)))
	}
	return found
}
