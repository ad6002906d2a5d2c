package legitimacy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"asugate/register/codes"
	"asugate/schema"
	"asugate/schema/checkdigit"
	"asugate/workflow"
)

// supplies, removes say what a memo is about; one «подачи и уборки» is about both.
func supplies(m *schema.Memo) bool { return m.Operation != schema.OperationRemoval }
func removes(m *schema.Memo) bool  { return m.Operation != schema.OperationSupply }

// wagonPath is where the document names its wagon i of count.
func (c *Case) wagonPath(i, count int) string {
	if c.Document.Kind() == schema.KindMovements {
		return indexed("/Movements/Movement", i, count) + "/@wagon"
	}
	return indexed(c.root("/Wagon"), i, count) + "/@number"
}

// graphPath is where a memo has a graph of a row.
func graphPath(m *schema.Memo, row int, graph string) string {
	return indexed("/Memo/Wagon", row, len(m.Wagons)) + graph
}

// ofKPEDO is where the form of КП ЭДО has what ours has. What is longer stands before what it
// begins with: of two that fit, the first is taken.
var ofKPEDO = strings.NewReplacer(
	"/Memo/Station/@station", "/data/railway_station_code",
	"/Memo/Owner/@", "/data/path_owner_",
	"/Memo/Owner", "/data/path_owner_name",
	"/Memo/Contractor/@", "/data/contragent_",
	"/Memo/Number", "/data/number",
	"/Memo/Wagon", "/data/wagons/wagon",
	"/Cargo/@etsng", "/cargo_code",
	"/Memo", "/data",
	"/@number", "/wagon_number",
	"/@administration", "/adm_code",
	"/@ownership", "/wagon_owner_code",
	"/@operation", "/gr_oper_type",
	"/Supplied", "/get_in_date",
	"/Notified", "/report_date",
	"/Removed", "/get_out_date",
)

// platformPath is a place of our form of a memo in that of the other platform, for whoever looks
// there.
func platformPath(path string) string { return ofKPEDO.Replace(path) }

// memo looks at the numbers of a memo that carry a check digit, except those of the wagons.
func (d *digitChecker) memo(m *schema.Memo) {
	d.station("/Memo/Station/@station", m.Station.Code)
	d.organisation("/Memo/Owner", m.Owner.OrgID)
	d.organisation("/Memo/Contractor", m.Contractor.OrgID)
	d.person("/Memo/Signatory", m.Signatory)
	for i, w := range m.Wagons {
		for k, cargo := range w.Cargo {
			if cargo.ETSNG != "" && !checkdigit.Cargo(cargo.ETSNG) {
				d.check(indexed(graphPath(m, i, "/Cargo"), k, len(w.Cargo))+"/@etsng", cargo.ETSNG,
					schema.ReasonCargoCheckDigit, checkdigit.Cargo)
			}
		}
		d.containers(graphPath(m, i, "/Container"), w.Containers)
	}
}

func (d *digitChecker) act(a *schema.Act) {
	d.station("/Act/Station/@station", a.Station.Code)
	d.station("/Act/Departure/@station", a.Departure.Code)
	d.station("/Act/Destination/@station", a.Destination.Code)
	d.organisation("/Act/Owner", a.Owner.OrgID)
	d.person("/Act/Signatory", a.Signatory)
	for i, w := range a.Wagons {
		d.containers(indexed("/Act/Wagon", i, len(a.Wagons))+"/Container", w.Containers)
	}
}

func (d *digitChecker) containers(path string, containers []schema.MemoContainer) {
	for i, container := range containers {
		d.container(indexed(path, i, len(containers))+"/@number", container.Number)
	}
}

// mnemonic wants a short word in its table. The shipped tables 2–4 of Д-720у have the attested rows
// only, and what they lack may be right; a table of the operator's has them all.
func (k *codeChecker) mnemonic(path, code, file string, in func(string) (codes.Mnemonic, bool)) {
	if code == "" {
		return
	}
	if _, known := in(code); known {
		return
	}
	f := finding("D02", schema.ReasonCodeUnknown, path, strings.TrimSuffix(file, ".tsv"), code)
	if k.tables.Complete(file) {
		f.Severity = schema.Error
	}
	k.found = append(k.found, f)
}

// codesOfMemo: what a memo says in codes is in the tables (Д-720у п. 3.3–3.5, 3.12, таблицы 1–4).
func codesOfMemo(c *Case) []schema.Finding {
	m := c.Document.Memo()
	k := &codeChecker{tables: c.codes()}
	k.station("/Memo/Station", m.Station)
	for i, w := range m.Wagons {
		row := graphPath(m, i, "")
		// Only of wagons of third countries, which have twelve digits, may the code be left out;
		// memos as they really are leave it out of others too, and nothing rests on it (Д-720у п.
		// 3.3).
		if w.Administration == "" && len(w.Number) != 12 {
			k.unknown(row+"/@administration", "", "administrations")
		}
		k.administration(row, schema.Wagon{Number: w.Number, Administration: w.Administration})
		k.mnemonic(row+"/@ownership", w.Ownership, codes.FileOwnership, k.tables.Ownership)
		k.mnemonic(row+"/@operation", w.Operation, codes.FileOperations, k.tables.Operation)
		k.remarks(row, w.Remarks)
	}
	return k.found
}

// remarks looks for words of the table of remarks. Graph 12 has free text besides, so that one that
// is missing there is never wrong; and without a table of the operator's nothing can be said
// (Д-720у п. 3.12).
func (k *codeChecker) remarks(row string, remarks []string) {
	if !k.tables.Complete(codes.FileRemarks) {
		return
	}
	for i, remark := range remarks {
		if _, known := k.tables.Remark(remark); !known && !strings.Contains(remark, " ") {
			k.unknown(indexed(row+"/Remark", i, len(remarks)), remark, "remarks")
		}
	}
}

// containersOfPrimary: the size of a container is one of six (Д-720у п. 3.5), and no container goes
// on two wagons of one document.
func containersOfPrimary(c *Case) []schema.Finding {
	var found []schema.Finding
	tables, seen := c.codes(), map[string]bool{}
	look := func(row string, containers []schema.MemoContainer) {
		for i, container := range containers {
			path := indexed(row+"/Container", i, len(containers))
			if seen[container.Number] {
				found = append(found, finding("D03", schema.ReasonContainerRepeated, path+"/@number", "", container.Number))
			}
			seen[container.Number] = true
			if _, known := tables.ContainerSize(container.Size); !known && container.Size != "" {
				found = append(found, finding("D03", schema.ReasonContainerSize, path+"/@size", sizes, container.Size))
			}
		}
	}
	switch m, a := c.Document.Memo(), c.Document.Act(); {
	case m != nil:
		for i, w := range m.Wagons {
			look(graphPath(m, i, ""), w.Containers)
		}
	case a != nil:
		for i, w := range a.Wagons {
			look(indexed("/Act/Wagon", i, len(a.Wagons)), w.Containers)
		}
	}
	return found
}

// sizes are those of Д-720у п. 3.5, for people.
const sizes = "3, 5, 10, 20, 24, 30"

// timesOfMemo: the graphs that the operation asks for are there, no later one is before an earlier
// one, and nothing is still to come (Д-720у п. 3.6–3.8).
func timesOfMemo(c *Case) []schema.Finding {
	m := c.Document.Memo()
	t := &timeChecker{c: c}
	t.past("/Memo/ComposedAt", m.ComposedAt)
	for i, w := range m.Wagons {
		if w.Supplied.IsZero() && supplies(m) {
			f := finding("D03", schema.ReasonTimeMissing, graphPath(m, i, "/Supplied"), "графа 6, подача", "")
			if w.Group > 1 {
				// The second group waits for the first to be ready: its time is not known yet
				// (3.6).
				f.Severity = schema.Warning
			}
			t.found = append(t.found, f)
		}
		if w.Removed.IsZero() && removes(m) {
			t.found = append(t.found, finding("D03", schema.ReasonTimeMissing,
				graphPath(m, i, "/Removed"), "графа 8, уборка", ""))
		}
		var before time.Time
		for _, graph := range []struct {
			path string
			at   time.Time
		}{{"/Supplied", w.Supplied}, {"/Notified", w.Notified}, {"/Removed", w.Removed}} {
			if graph.at.IsZero() {
				continue
			}
			if graph.at.Before(before) || t.c.ahead(graph.at) {
				t.ordered(graphPath(m, i, graph.path), before, graph.at)
				t.past(graphPath(m, i, graph.path), graph.at)
			}
			before = graph.at
		}
	}
	return t.found
}

// timeChecker collects times that cannot be.
type timeChecker struct {
	c     *Case
	found []schema.Finding
}

func (t *timeChecker) ordered(path string, before, at time.Time) {
	if !at.IsZero() && at.Before(before) {
		t.found = append(t.found, finding("D03", schema.ReasonTimesReversed, path, t.c.clock(before), t.c.clock(at)))
	}
}

func (t *timeChecker) past(path string, at time.Time) {
	if t.c.ahead(at) {
		t.found = append(t.found, finding("D03", schema.ReasonTimeInFuture, path, t.c.clock(t.c.Received), t.c.clock(at)))
	}
}

// ahead says whether the time is still to come.
func (c *Case) ahead(at time.Time) bool { return at.After(c.Received.Add(clockTolerance)) }

// movementOfMemo: the times of graphs 6 and 8 are carried over from message 1397, and are not
// corrected (1166/р 2.6), except where the client has rejected them and the carrier agrees (2.15).
// A client who rejected in another system, or without naming a graph, may have meant them.
func movementOfMemo(c *Case) []schema.Finding {
	m := c.Document.Memo()
	var found []schema.Finding
	compare := func(row int, graph, path, kind string, at time.Time) {
		if at.IsZero() || slices.Contains(c.Primary.Disputed, graph) {
			return
		}
		message, known := nearest(c.standing(m.Wagons[row].Number), opened, at, func(e workflow.WagonEvent) bool {
			return e.Kind == kind && sameStation(e.Station, m.Station.Code)
		})
		if known && !sameMinute(message.At, at) {
			f := finding("D03", schema.ReasonMovementDiffers, graphPath(m, row, path), c.clock(message.At), c.clock(at))
			if c.Primary.State == workflow.Rejected && len(c.Primary.Disputed) == 0 {
				f.Severity = schema.Warning
			}
			found = append(found, f)
		}
	}
	for i, w := range m.Wagons {
		if supplies(m) {
			compare(i, "6", "/Supplied", workflow.Wagon1397Supply, w.Supplied)
		}
		if removes(m) {
			compare(i, "8", "/Removed", workflow.Wagon1397Remove, w.Removed)
		}
	}
	return found
}

// memosOfMovements: the copy of message 1397 that comes after the memo says the same as it. The
// memo has gone to the client already, so that this is for people to look at (1166/р 2.6).
func memosOfMovements(c *Case) []schema.Finding {
	m := c.Document.Movements()
	t := &timeChecker{c: c}
	for i, row := range m.Rows {
		path := indexed("/Movements/Movement", i, len(m.Rows))
		t.past(path, row.At)
		kind := workflow.WagonSupply
		if row.Operation == schema.OperationRemoval {
			kind = workflow.WagonRemoval
		}
		memo, known := nearest(c.standing(row.Wagon), opened, row.At, func(e workflow.WagonEvent) bool {
			return e.Kind == kind && sameStation(e.Station, m.Station.Code)
		})
		if known && !sameMinute(memo.At, row.At) {
			f := finding("D03", schema.ReasonMovementDiffers, path, c.clock(row.At), c.clock(memo.At))
			f.Severity = schema.Warning
			t.found = append(t.found, f)
		}
	}
	return t.found
}

// codesOfMovements: its station is in the table.
func codesOfMovements(c *Case) []schema.Finding {
	k := &codeChecker{tables: c.codes()}
	k.station("/Movements/Station", c.Document.Movements().Station)
	return k.found
}

// hoursMinutes is a span as graph 9 has it: 2:30.
func hoursMinutes(d time.Duration) string {
	minutes := strconv.Itoa(int(d % time.Hour / time.Minute))
	if len(minutes) == 1 {
		minutes = "0" + minutes
	}
	return strconv.Itoa(int(d/time.Hour)) + ":" + minutes
}
