package legitimacy

import (
	"cmp"
	"slices"
	"strings"

	"asugate/register"
	"asugate/register/codes"
	"asugate/schema"
)

// registeredNorm: МТУ and НТУ are looked up in their register: known, this consignor's, in force on
// the day of the work, and used as their выписка says (288 п. 1.3, 2.1.3 2); 2835р 3.4). The
// regulation itself refuses what is cancelled, expired or another's; the rest is a warning unless the
// agreement says otherwise, for the register may lag behind.
func registeredNorm(c *Case) []schema.Finding {
	p := c.Document.Placement()
	if p.Norm.Type != schema.NormMTU && p.Norm.Type != schema.NormNTU ||
		p.Norm.Number == "" || p.Norm.Date == "" {
		return nil // what is missing is said elsewhere
	}
	n := c.Norms
	if n == nil || len(n.Documents) == 0 {
		return []schema.Finding{c.weighed(register.NormsUnknown,
			finding("L10", schema.ReasonNormsEmpty, "/Placement/Norm", "", normTitle(p.Norm.Number, p.Norm.Date)))}
	}
	dated, found := c.normsOfDate(n, p.Norm)
	if len(dated) == 0 {
		return found
	}
	d, found := c.ownNorm(dated)
	if d == nil {
		return found
	}
	found = append(found, c.normTerm(d)...)
	if p.Norm.Type == schema.NormNTU {
		found = append(found, c.normStation(d)...)
	}
	found = append(found, c.normExtract(n, d)...)
	return append(found, c.normScheme(d, p)...)
}

// normsOfDate are the documents of the number and date; none is a finding, which shows those that
// are nearest.
func (c *Case) normsOfDate(n *register.Norms, named schema.Norm) ([]*register.NormDocument, []schema.Finding) {
	numbered := n.Numbered(named.Type, named.Number)
	var dated []*register.NormDocument
	for _, d := range numbered {
		if d.ApprovedOn(named.Date) {
			dated = append(dated, d)
		}
	}
	switch {
	case len(dated) > 0:
		return dated, nil
	case len(numbered) > 0:
		return nil, []schema.Finding{c.weighed(register.NormsUnknown, finding("L10", schema.ReasonNormDateDiffers,
			"/Placement/Norm/Date", titles(numbered), normTitle(named.Number, named.Date)))}
	}
	return nil, []schema.Finding{c.weighed(register.NormsUnknown, finding("L10", schema.ReasonNormUnknown,
		"/Placement/Norm/Number", titles(n.Amended(named.Type, named.Number)), normTitle(named.Number, named.Date)))}
}

func normTitle(number, date string) string {
	if date == "" {
		return number
	}
	return number + " от " + date
}

// titles shows the first few documents to people.
func titles(list []*register.NormDocument) string {
	const shown = 3
	var words []string
	for i, d := range list {
		if i == shown {
			words = append(words, "…")
			break
		}
		words = append(words, normTitle(d.Number, d.Date()))
	}
	return strings.Join(words, ", ")
}

// ownNorm chooses, of documents with the same number and date, that of this consignor: numbers begin
// anew with each of them. МТУ by order of РЖД are everybody's. nil: all are others'.
func (c *Case) ownNorm(list []*register.NormDocument) (*register.NormDocument, []schema.Finding) {
	consignor := c.Document.Header().Organisation
	if c.Organisation != nil {
		consignor = c.Organisation.OrgID // the register knows more numbers than the header has to say
	}
	var unclear *register.NormDocument
	for _, d := range list {
		switch agrees, differs := compareOrgs(consignor, d.Consignor); {
		case d.ByOrder, agrees && !differs:
			return d, nil
		case !agrees && !differs && unclear == nil:
			unclear = d
		}
	}
	if unclear != nil {
		return unclear, []schema.Finding{c.weighed(register.NormsConsignor, finding("L10",
			schema.ReasonConsignorNotCompared, "/Placement/Norm/Number", orgTitle(unclear), consignor.Key()))}
	}
	return nil, one("L10", schema.ReasonNormOtherConsignor, "/Placement/Norm/Number", orgTitle(list[0]), consignor.Key())
}

func orgTitle(d *register.NormDocument) string {
	return strings.TrimSpace(d.Consignor.Key() + " " + d.Name)
}

// compareOrgs compares by every number that both sides have.
func compareOrgs(a, b schema.OrgID) (agrees, differs bool) {
	for _, pair := range [][2]string{{a.INN, b.INN}, {a.OGRN, b.OGRN}, {a.EDRPOU, b.EDRPOU}, {a.OKPO, b.OKPO}} {
		if pair[0] != "" && pair[1] != "" {
			agrees = agrees || pair[0] == pair[1]
			differs = differs || pair[0] != pair[1]
		}
	}
	return agrees, differs
}

// normTerm: cancelled or out of its term on the day of the work.
func (c *Case) normTerm(d *register.NormDocument) []schema.Finding {
	const path = "/Placement/Norm/Number"
	day := c.workDate()
	switch {
	case d.CancelledOn(day):
		return one("L10", schema.ReasonNormCancelled, path, d.Cancelled.String(), day.String())
	case d.InForce(day):
		return nil
	case day.Before(d.First()):
		return one("L10", schema.ReasonNormNotYet, path, d.First().String(), day.String())
	}
	return one("L10", schema.ReasonNormExpired, path, d.EndedBefore(day).String(), day.String())
}

// normStation: НТУ are approved for a station of departure. Five digits are a code without its check
// digit.
func (c *Case) normStation(d *register.NormDocument) []schema.Finding {
	departure := c.Consignment.DepartureStation
	if !c.namesAcceptedWaybill() || len(d.Stations) == 0 || slices.ContainsFunc(d.Stations, func(s string) bool {
		return s == departure || len(s) == 5 && strings.HasPrefix(departure, s)
	}) {
		return nil
	}
	return []schema.Finding{c.weighed(register.NormsStation, finding("L10", schema.ReasonNormOtherStation,
		"/Placement/Norm/Number", strings.Join(d.Stations, ", "), departure))}
}

// normExtract: the выписка has come and agrees with its document. It may take three working days from
// the approval, by today's calendar; until then its absence is never an error.
func (c *Case) normExtract(n *register.Norms, d *register.NormDocument) []schema.Finding {
	const path = "/Placement/Norm/Number"
	if d.Extract.IsZero() {
		due := n.ExtractDue(d, c.codes().Days(codes.Russia)) // МТУ and НТУ are Russia's
		f := finding("L10", schema.ReasonNoExtract, path, due.String(), normTitle(d.Number, d.Date()))
		if due.Before(c.day(c.Moment)) {
			f = c.weighed(register.NormsExtract, f)
		}
		return []schema.Finding{f}
	}
	if d.Reconciled != register.ReconciledDiffers {
		return nil
	}
	return []schema.Finding{c.weighed(register.NormsReconciliation,
		finding("L10", schema.ReasonReconciliationNegative, path, "", normTitle(d.Number, d.Date())))}
}

// normScheme: the scheme is named where there are several (288 сноска 7), and the fasteners are those
// of the scheme. Domestic texts name none, so theirs are compared with any.
func (c *Case) normScheme(d *register.NormDocument, p *schema.Placement) []schema.Finding {
	const path = "/Placement/Norm/Scheme"
	candidates := d.Schemes
	var found []schema.Finding
	if p.Norm.Type == schema.NormMTU && schema.InternationalRules(p.Traffic) {
		several := d.SchemeCount() > 1
		chosen := d.Scheme(p.Norm.Scheme)
		switch {
		case several && p.Norm.Scheme == "":
			return one("L10", schema.ReasonSchemeMissing, path, schemeNumbers(d), "")
		case p.Norm.Scheme != "" && d.SchemeCount() == 1:
			found = append(found, c.weighed(register.NormsScheme,
				finding("L10", schema.ReasonSchemeNotExpected, path, "", p.Norm.Scheme)))
		case p.Norm.Scheme != "" && chosen == nil && len(d.Schemes) > 0:
			return []schema.Finding{c.weighed(register.NormsScheme,
				finding("L10", schema.ReasonSchemeUnknown, path, schemeNumbers(d), p.Norm.Scheme))}
		}
		if chosen != nil {
			candidates = []register.NormScheme{*chosen}
		}
	}
	if d.Extract.IsZero() || len(candidates) == 0 || slices.ContainsFunc(candidates, func(s register.NormScheme) bool {
		return sameFasteners(p.Fasteners, s.Fasteners)
	}) {
		return found
	}
	return append(found, c.weighed(register.NormsFasteners, finding("L10", schema.ReasonFastenersDiffer,
		"/Placement/Fasteners", schemeTitles(candidates), fastenerList(p.Fasteners))))
}

func schemeNumbers(d *register.NormDocument) string {
	numbers := make([]string, len(d.Schemes))
	for i, s := range d.Schemes {
		numbers[i] = s.Number
	}
	return strings.Join(numbers, ", ")
}

func schemeTitles(list []register.NormScheme) string {
	var words []string
	for _, s := range list {
		title := fastenerList(s.Fasteners)
		if s.Number != "" && len(list) > 1 {
			title = "схема " + s.Number + ": " + title
		}
		words = append(words, title)
	}
	return cmp.Or(strings.Join(words, "; "), "—")
}
