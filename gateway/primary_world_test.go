package gateway_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/queue"
	"asugate/register"
	"asugate/schema"
	"asugate/signature"
	"asugate/store"
	"asugate/workflow"
	"asugate/xmltree"
)

// TestMain lets more tests wait for the disk at once than there are processors; what the command line says
// counts after this.
func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "8")
	os.Exit(m.Run())
}

// yard is a siding at which memos and acts are made by the dozen, each of a wagon and with a number of
// its own, unless a test says otherwise.
type yard struct {
	*siding
	*sources
	serial map[string]int             // of a document, by DocumentID
	refs   map[string]scene.Reference // to what the carrier has signed last
}

// newYard is one whose register has what is given.
func newYard(t *testing.T, p scene.Participants) *yard {
	y := &yard{
		siding: newSiding(t), sources: &sources{}, serial: map[string]int{}, refs: map[string]scene.Reference{},
	}
	y.Options.Revocations = y.sources
	y.admit(y.Participants(p))
	return y
}

// admit replaces the register of participants.
func (y *yard) admit(text []byte) {
	y.t.Helper()
	_, err := y.register.ImportParticipants(text, "", "test")
	must(y.t, err)
}

// restart is a process that dies and is begun again on the same store, at the present time: what was in
// memory is gone. What is overdue happens before anybody is listened to.
func (y *yard) restart() {
	y.t.Helper()
	o := y.Options
	y.queue = queue.New(y.store, time.Now)
	y.register = register.Open(y.store, time.Now)
	must(y.t, y.store.View(func(tx store.Reader) error {
		o.NextID = queue.NewIDs(tx, time.Now).Next
		return nil
	}))
	o.Store, o.Queue, o.Register, o.Reached = y.store, y.queue, y.register, nil
	y.Gateway = gateway.New(o)
	must(y.t, y.FireOverdue(context.Background()))
	must(y.t, y.Awake())
}

// fire lets happen what is due.
func (y *yard) fire() {
	y.t.Helper()
	must(y.t, y.FireOverdue(context.Background()))
}

// wagonOf is the n-th wagon, with its check digit.
func wagonOf(n int) string {
	digits := fmt.Sprintf("6%06d", n)
	sum := 0
	for i, d := range digits {
		product := int(d-'0') * (2 - i%2)
		sum += product/10 + product%10
	}
	return fmt.Sprintf("%s%d", digits, (10-sum%10)%10)
}

func (y *yard) serialOf(id string) int {
	if y.serial[id] == 0 {
		y.serial[id] = len(y.serial) + 1
	}
	return y.serial[id]
}

// carrier is a version of a memo or act as the carrier signs it.
func (y *yard) carrier(form schema.Kind, id string, version int) []byte {
	n := y.serialOf(id)
	number, wagons := fmt.Sprint(10000+n), []string{wagonOf(n)}
	if form == schema.KindMemo {
		return y.Office.MustSign(y.Memo(scene.Memo{
			DocumentID: id, Version: version, Number: number, Wagons: wagons,
			Change: func(m *schema.Memo) { m.Remarks = append(m.Remarks, fmt.Sprint("редакция ", version)) },
		}))
	}
	return y.Office.MustSign(y.Act(scene.Act{
		DocumentID: id, Version: version, Number: number, Wagons: wagons,
		Change: func(a *schema.Act) { a.Circumstances += fmt.Sprint(", редакция ", version) },
	}))
}

// arrives lets a new memo or act come, which must be accepted, and is its id.
func (y *yard) arrives(form schema.Kind) (id string) {
	y.t.Helper()
	id = scene.NewID()
	raw := y.carrier(form, id, 1)
	y.want(y.rail(raw), schema.Positive)
	y.refs[id] = scene.ReferenceTo(raw, id, 1)
	return id
}

// approval and rejection answer the version that came last.
func (y *yard) approval(id string) []byte {
	return y.Signatory.MustSign(y.Approval(scene.Answer{Of: y.refs[id]}))
}

func (y *yard) rejection(form schema.Kind, id string) []byte {
	a := scene.Answer{Of: y.refs[id]}
	if form == schema.KindAct {
		a.Disagreements = []schema.Disagreement{{Text: schema.RejectionReasons()[0].Text}}
	}
	return y.Signatory.MustSign(y.Rejection(a))
}

func (y *yard) report(id, state string) []byte {
	return y.Office.MustSign(y.StateReport(scene.StateReport{Of: id, State: state}))
}

// shown is the state of a document that is addressed to the shipper; the zero Primary of one that is not.
func (y *yard) shown(id string) workflow.Primary {
	d, err := y.Document(context.Background(), "SHIP-01", id)
	if err != nil || d.Primary == nil {
		return workflow.Primary{}
	}
	return *d.Primary
}

// is fails unless the document is in that state since then.
func (y *yard) is(id string, state workflow.PrimaryState, since time.Time) {
	y.t.Helper()
	if p := y.shown(id); p.State != state || !p.Since.Equal(since) {
		y.t.Fatalf("document is %s since %s, want %s since %s", p.State, p.Since, state, since)
	}
}

// notices are all that have been sent of a document.
func (y *yard) notices(id string) []gateway.Notice {
	y.t.Helper()
	rows, err := y.Notices("RZD", id, time.Time{}, 1000)
	must(y.t, err)
	return rows
}

// told is what has been told of a document, event and lane, oldest first.
func (y *yard) told(id string) (events []string) {
	y.t.Helper()
	for _, n := range y.notices(id) {
		events = append(events, n.Event+" "+n.Lane)
	}
	return events
}

// notice reads one of ours, and believes none that does not verify.
func (y *yard) notice(document []byte) schema.StateNotice {
	y.t.Helper()
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	must(y.t, err)
	signed, report := signature.Open(signature.Input{Tree: tree}, y.trust, signature.Policy{}, time.Now())
	if report.Outcome != signature.Holds {
		y.t.Fatalf("notice does not verify: %v\n%s", report.Faults, document)
	}
	n, err := schema.ReadStateNotice(signed.Root())
	must(y.t, err)
	return n
}

// waits is what waits in a lane of one document, as siding.sent says it.
func (y *yard) waits(lane, id string) (words []string) {
	y.t.Helper()
	for _, m := range y.about(lane, id) {
		words = append(words, strings.Join(strings.Fields(m.Kind+" "+m.Result+" "+m.Onward), " "))
	}
	return words
}

func (y *yard) about(lane, id string) []queue.Entry {
	y.t.Helper()
	rows, err := y.queue.List(lane, "", 1000)
	must(y.t, err)
	return slices.DeleteFunc(rows, func(m queue.Entry) bool { return m.Order != "RZD/"+id })
}

// drain empties the lanes as their readers do.
func (y *yard) drain() {
	y.t.Helper()
	for _, lane := range append(gateway.OfficeLanes(), shipper) {
		for {
			rows, err := y.queue.List(lane, "", 1000)
			must(y.t, err)
			if len(rows) == 0 {
				break
			}
			var ids []string
			for _, m := range rows {
				ids = append(ids, m.ID)
			}
			_, err = y.queue.Confirm(lane, ids...)
			must(y.t, err)
		}
	}
}

// rows are the keys of a table.
func (y *yard) rows(table store.Table) (keys []string) {
	y.t.Helper()
	must(y.t, y.store.View(func(tx store.Reader) error {
		keys = nil
		tx.Range(table, nil, nil, 100_000, func(k, _ []byte) bool {
			keys = append(keys, string(k))
			return true
		})
		return nil
	}))
	return keys
}

// due is the deadlines of a kind about a document.
func (y *yard) due(kind, id string) int {
	y.t.Helper()
	return len(slices.DeleteFunc(y.rows("deadlines"), func(row string) bool {
		return !strings.HasSuffix(row, "\x00"+kind+"\x00RZD\x00"+id)
	}))
}

// refused is the errors of an answer, «code reason».
func refused(r gateway.Receipt) (found []string) {
	for _, f := range r.Findings() {
		if f.Severity == schema.Error {
			found = append(found, f.Code+" "+f.Reason)
		}
	}
	return found
}
