package register

import (
	"fmt"
	"strings"

	"asugate/schema"
	"asugate/schema/checkdigit"
)

// Bounds of one entry.
const (
	maxSchemes       = 99 // «схема N хх»
	maxNormFasteners = 200
	maxNormStations  = 200
	maxPieces        = 999_999
	maxStrands       = 999
)

// norm checks an entry in its normal form.
func (c *checker) norm(path string, e *normEntry) {
	c.oneOf(path+".type", e.Type, []string{schema.NormMTU, schema.NormNTU})
	c.required(path+".number", e.Number, 64)
	if e.ByOrder && e.Type != schema.NormMTU {
		c.problem(path+".by_order", "only МТУ are approved by order of РЖД")
	}
	c.approval(path, e)
	c.normConsignor(path, e)
	c.period(path, e.From, e.To)
	if x := e.Extended; x != nil {
		c.period(path+".extended", x.From, x.To)
		if x.To == "" {
			c.problem(path+".extended", "until when it is extended is missing")
		}
	}
	c.oneDay(path+".cancelled", e.Cancelled)
	c.oneDay(path+".extract", e.Extract)
	if e.Reconciled != "" {
		c.oneOf(path+".reconciled", e.Reconciled, []string{ReconciledAgrees, ReconciledDiffers})
		if e.Extract == "" {
			c.problem(path+".reconciled", "there is no extract that could have been reconciled")
		}
	}
	c.longText(path+".cargo", e.Cargo, 255)
	c.longText(path+".rolling_stock", e.RollingStock, 255)
	c.longText(path+".gauge", e.Gauge, 64)
	c.normStations(path, e)
	c.schemes(path, e)
}

// approval checks the day or days. The number of every amended document is a fraction, the date only
// that of МТУ amended by order of РЖД (2835р 3.4.2 1)).
func (c *checker) approval(path string, e *normEntry) {
	days := strings.Split(string(e.Approved), "/")
	for _, s := range days {
		if day, err := dateOf(text(s)); err != nil || day.IsZero() {
			c.problem(path+".approved", "the approval is a day, 2026-01-31, or two by a stroke")
			return
		}
	}
	switch {
	case len(days) > 2:
		c.problem(path+".approved", "the approval has two days at most")
	case len(days) == 2 && !e.ByOrder:
		c.problem(path+".approved", "two days are of МТУ by order of РЖД only")
	}
}

// normConsignor checks whose it is: МТУ by order of РЖД are nobody's.
func (c *checker) normConsignor(path string, e *normEntry) {
	path += ".consignor"
	switch {
	case e.ByOrder && e.Consignor != nil:
		c.problem(path, "МТУ by order of РЖД have no consignor")
		return
	case e.ByOrder:
		return
	case e.Consignor.id().Key() == "":
		c.problem(path, "the consignor is missing: give inn, okpo or edrpou")
		return
	}
	id := e.Consignor.id()
	c.digits(path+".inn", id.INN, checkdigit.INN, 10, 12)
	c.digits(path+".okpo", id.OKPO, checkdigit.OKPO, 8, 10)
	c.digits(path+".edrpou", id.EDRPOU, checkdigit.EDRPOU, 8)
	c.longText(path+".name", e.Consignor.Name, 255)
}

func (c *checker) normStations(path string, e *normEntry) {
	if len(e.Stations) > maxNormStations {
		c.problem(path+".stations", "%d stations are too many: at most %d", len(e.Stations), maxNormStations)
		return
	}
	for i, s := range e.Stations {
		// АСКМ ТУ gives codes of five digits or of six, the last of which is the check digit.
		if len(s) != 5 || !isDecimal(string(s)) {
			c.digits(fmt.Sprintf("%s.stations[%d]", path, i), string(s), checkdigit.Station, 6)
		}
	}
}

func (c *checker) schemes(path string, e *normEntry) {
	switch {
	case len(e.Schemes) > maxSchemes || e.Drawings > maxSchemes:
		c.problem(path+".schemes", "more than %d schemes", maxSchemes)
		return
	case e.Type == schema.NormNTU && (len(e.Schemes) > 0 || e.Drawings > 0):
		c.problem(path+".schemes", "НТУ have no schemes: list fasteners")
	case e.Type == schema.NormMTU && len(e.Fasteners) > 0:
		c.problem(path+".fasteners", "the fasteners of МТУ are listed by scheme")
	case e.Drawings != 0 && len(e.Schemes) > int(e.Drawings):
		c.problem(path+".drawings", "there are %d schemes, and %d drawings only", len(e.Schemes), e.Drawings)
	}
	c.normFasteners(path+".fasteners", e.Fasteners)
	numbers := map[string]bool{}
	for i, s := range e.Schemes {
		at := fmt.Sprintf("%s.schemes[%d]", path, i)
		c.required(at+".number", s.Number, 32)
		if number := normNumber(string(s.Number)); numbers[number] {
			c.problem(at, "scheme %s is there twice", s.Number)
		} else {
			numbers[number] = true
		}
		c.normFasteners(at+".fasteners", s.Fasteners)
	}
}

func (c *checker) normFasteners(path string, list []fastenerRecord) {
	if len(list) > maxNormFasteners {
		c.problem(path, "%d fasteners are too many: at most %d", len(list), maxNormFasteners)
		return
	}
	for i, f := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		c.required(at+".name", f.Name, 255)
		if f.Quantity < 1 || f.Quantity > maxPieces {
			c.problem(at+".quantity", "a quantity is 1 to %d", maxPieces)
		}
		if f.Strands > maxStrands {
			c.problem(at+".strands", "strands are at most %d", maxStrands)
		}
		c.longText(at+".diameter", f.Diameter, 32)
		c.longText(at+".size", f.Size, 64)
	}
}

// required is a line of 1 to limit characters.
func (c *checker) required(path string, s text, limit int) {
	if s == "" {
		c.problem(path, "this is missing")
		return
	}
	c.longText(path, s, limit)
}

func (c *checker) oneDay(path string, s text) {
	if _, err := dateOf(s); err != nil {
		c.problem(path, "a day is written 2026-01-31")
	}
}

func (c *checker) days(path string, list []text) {
	const limit = 10_000
	if len(list) > limit {
		c.problem(path, "more than %d days", limit)
		return
	}
	for i, s := range list {
		if day, err := dateOf(s); err != nil || day.IsZero() {
			c.problem(fmt.Sprintf("%s[%d]", path, i), "a day is written 2026-01-31")
		}
	}
}
