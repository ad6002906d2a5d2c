package register

import (
	"slices"
	"strings"
	"time"

	"asugate/calendar"
	"asugate/schema"
)

// MaxNorms is how many МТУ and НТУ the register may hold.
const MaxNorms = 100_000

// Norms is the register of МТУ and НТУ at one version: immutable, compiled, shared. Version 0 is the
// empty register before the first import.
type Norms struct {
	Version   int
	Imported  time.Time
	By        string // who imported it
	Documents []NormDocument

	days     *calendar.Days // that the register names itself
	numbered map[normKey][]*NormDocument
	amended  map[normKey][]*NormDocument // by the numerator of a number that is a fraction
}

// normKey is a number of МТУ or of НТУ, in the one spelling in which numbers are compared.
type normKey struct{ kind, number string }

// NormDocument is one approved МТУ or НТУ with what its выписка says.
type NormDocument struct {
	Type      string        // schema.NormMTU | schema.NormNTU
	Number    string        // «12», «12/34» once amended: numerator and registration number of the amendment
	Approved  []schema.Date // one day; two, as a fraction, of МТУ amended by order of РЖД
	ByOrder   bool          // МТУ by order of РЖД: nobody's own
	Consignor schema.OrgID  // none when ByOrder
	Name      string        // of the consignor
	Terms     []Term        // in which it is in force: as approved, as extended
	Cancelled schema.Date   // from that day on; zero: not

	Cargo, RollingStock string
	Stations            []string // of departure, of НТУ
	Gauge               string   // габарит погрузки, of НТУ; ЭД №2 does not say it
	Drawings            int      // количество рисунков (схем)
	Extract             schema.Date
	Reconciled          string // agrees | differs; empty: not yet
	Schemes             []NormScheme
}

// NormScheme is one scheme of a выписка; that of НТУ has a single one, without number.
type NormScheme struct {
	Number    string
	Fasteners []schema.Fastener
}

// Term is a period of inclusive days; a zero To is an open end.
type Term struct{ From, To schema.Date }

// The two results of reconciling a выписка with its МТУ or НТУ («сверка», 2835р 3.4.1 3), 3.4.3 3)).
const (
	ReconciledAgrees  = "agrees"
	ReconciledDiffers = "differs"
)

// Numbered are the documents of a kind whose number is the given one. A fraction compares as a pair,
// so that 12/34 is neither 12 nor 34/12; white space, the sign № and the case make no difference.
func (n *Norms) Numbered(kind, number string) []*NormDocument {
	return n.numbered[normKey{kind, normNumber(number)}]
}

// Amended are the documents of a kind whose number is a fraction with the given numerator: what has
// become of an МТУ that was amended since (2835р 3.4.1 5)).
func (n *Norms) Amended(kind, number string) []*NormDocument {
	return n.amended[normKey{kind, normNumber(number)}]
}

// ExtractDue is the last day on which the выписка may still be outstanding: the third working day
// from the approval (2835р 3.4.1 2), 3.4.3 2)). Which days are worked the register may say itself; for
// all others country is asked.
func (n *Norms) ExtractDue(d *NormDocument, country *calendar.Days) schema.Date {
	const lag = 3
	if len(d.Approved) == 0 {
		return schema.Date{}
	}
	approved := noonOf(d.Approved[len(d.Approved)-1])
	return schema.DateOf(n.days.Over(country).After(approved, lag), time.UTC)
}

// ApprovedOn says whether a date as ЭД №2 writes it, a day or days by strokes, is that of the
// approval. A day that cannot be read is no such date.
func (d *NormDocument) ApprovedOn(date string) bool {
	return d.Date() == without(date, " ")
}

// Date is the approval as ЭД №2 writes it: a day, or two by a stroke.
func (d *NormDocument) Date() string {
	days := make([]string, len(d.Approved))
	for i, day := range d.Approved {
		days[i] = day.String()
	}
	return strings.Join(days, "/")
}

// InForce says whether any of its terms holds the day. It does not ask about cancellation, which is
// another reason.
func (d *NormDocument) InForce(day schema.Date) bool {
	return slices.ContainsFunc(d.Terms, func(t Term) bool { return day.Within(t.From, t.To) })
}

// First is the first day of all terms.
func (d *NormDocument) First() schema.Date {
	first := schema.Date{}
	for _, t := range d.Terms {
		if first.IsZero() || t.From.Before(first) {
			first = t.From
		}
	}
	return first
}

// Last is the last day of all terms; zero for an open end.
func (d *NormDocument) Last() schema.Date {
	last := schema.Date{}
	for _, t := range d.Terms {
		if t.To.IsZero() {
			return schema.Date{}
		}
		if last.Before(t.To) {
			last = t.To
		}
	}
	return last
}

// EndedBefore is the last day of the term that was over last on a day; zero when none was.
func (d *NormDocument) EndedBefore(day schema.Date) schema.Date {
	last := schema.Date{}
	for _, t := range d.Terms {
		if !t.To.IsZero() && t.To.Before(day) && last.Before(t.To) {
			last = t.To
		}
	}
	return last
}

// CancelledOn says whether it was cancelled by the day: from its own date on, not from the day on
// which we heard of it (2835р, Приложение 2, рис. 5, 8).
func (d *NormDocument) CancelledOn(day schema.Date) bool {
	return !d.Cancelled.IsZero() && !day.Before(d.Cancelled)
}

// SchemeCount is how many schemes it has, as far as is known: the registration says how many drawings
// there are before the выписка names them.
func (d *NormDocument) SchemeCount() int { return max(len(d.Schemes), d.Drawings) }

// Scheme of a number, nil when the выписка has none such.
func (d *NormDocument) Scheme(number string) *NormScheme {
	for i := range d.Schemes {
		if normNumber(d.Schemes[i].Number) == normNumber(number) {
			return &d.Schemes[i]
		}
	}
	return nil
}

// normNumber is a number of МТУ, НТУ or scheme for comparison: «№ 12 / 34» and «12/34» are one. A
// stroke may be a part of the number itself, so the parts are only evened out, never told apart.
func normNumber(number string) string {
	parts := strings.Split(number, "/")
	for i := range parts {
		parts[i] = proxyNumber(parts[i])
	}
	return strings.Join(parts, "/")
}

// index makes what the look-ups need.
func (n *Norms) index() {
	n.numbered = make(map[normKey][]*NormDocument, len(n.Documents))
	n.amended = map[normKey][]*NormDocument{}
	for i := range n.Documents {
		d := &n.Documents[i]
		number := normNumber(d.Number)
		key := normKey{d.Type, number}
		n.numbered[key] = append(n.numbered[key], d)
		if cut := strings.LastIndexByte(number, '/'); cut > 0 {
			key.number = number[:cut]
			n.amended[key] = append(n.amended[key], d)
		}
	}
}

func noonOf(day schema.Date) time.Time {
	return time.Date(day.Year, time.Month(day.Month), day.Day, 12, 0, 0, 0, time.UTC)
}

// yearsAfter is the day on which a term of years ends: the same day of the last year, or the last of
// February where that year has no 29th.
func yearsAfter(day schema.Date, years int) schema.Date {
	day.Year += years
	if day.Month == 2 && day.Day == 29 && time.Date(day.Year, 2, 29, 0, 0, 0, 0, time.UTC).Day() != 29 {
		day.Day = 28
	}
	return day
}
