package legitimacy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"asugate/schema"
	"asugate/schema/checkdigit"
)

// clockTolerance is by how much the clock of a client may be ahead of ours.
const clockTolerance = 5 * time.Minute

// createdInFuture: a document is not made after it was received.
func createdInFuture(c *Case) []schema.Finding {
	created := c.Document.Header().CreatedAt
	if !created.After(c.Received.Add(clockTolerance)) {
		return nil
	}
	shown := func(t time.Time) string { return t.In(c.Zone).Format(time.RFC3339) }
	return one("D03", schema.ReasonCreatedInFuture, c.root("/Header/CreatedAt"), shown(c.Received), shown(created))
}

// workDateInFuture: nobody answers for work that has not been done.
func workDateInFuture(c *Case) []schema.Finding {
	today, day := c.day(c.Received), c.Document.Placement().WorkDate
	if !today.Before(day) {
		return nil
	}
	return one("D03", schema.ReasonWorkDateInFuture, "/Placement/WorkDate", today.String(), day.String())
}

// wagons are those that the document names.
func (c *Case) wagons() []string {
	var list []schema.Wagon
	switch c.Document.Kind() {
	case schema.KindMemo:
		for _, w := range c.Document.Memo().Wagons {
			list = append(list, schema.Wagon{Number: w.Number})
		}
	case schema.KindAct:
		for _, w := range c.Document.Act().Wagons {
			list = append(list, schema.Wagon{Number: w.Number})
		}
	case schema.KindMovements:
		for _, row := range c.Document.Movements().Rows {
			list = append(list, schema.Wagon{Number: row.Wagon})
		}
	case schema.KindWaybill:
		list = c.Document.Waybill().Wagons
	case schema.KindPlacement:
		list = c.Document.Placement().Wagons
	}
	numbers := make([]string, len(list))
	for i, w := range list {
		numbers[i] = w.Number
	}
	return numbers
}

func repeatedWagons(c *Case) []schema.Finding {
	var found []schema.Finding
	wagons := c.wagons()
	seen := make(map[string]bool, len(wagons))
	for i, number := range wagons {
		if seen[number] {
			found = append(found, finding("D03", schema.ReasonWagonRepeated, c.wagonPath(i, len(wagons)), "", number))
		}
		seen[number] = true
	}
	return found
}

// wagonsOfWaybill: ЭД №2 is about the wagons of ЭД №1. Where it names another ЭД №1 than the
// accepted one the workflow says so, and there is nothing to compare with.
func wagonsOfWaybill(c *Case) []schema.Finding {
	if !c.namesAcceptedWaybill() {
		return nil
	}
	wagons := c.wagons()
	slices.Sort(wagons)
	if wagons = slices.Compact(wagons); slices.Equal(wagons, c.Consignment.Wagons) {
		return nil
	}
	return one("D03", schema.ReasonWagonsDiffer, "/Placement/Wagon",
		strings.Join(c.Consignment.Wagons, ", "), strings.Join(wagons, ", "))
}

func (c *Case) namesAcceptedWaybill() bool {
	return c.Consignment.WaybillContent != "" &&
		strings.EqualFold(c.Consignment.WaybillContent, c.Document.Placement().Waybill.SHA256)
}

// consignor: ЭД №1 is the consignor's own, signed by its worker (288 п. 1.5).
func consignor(c *Case) []schema.Finding {
	o := c.Document.Header().Organisation
	if c.Organisation != nil {
		o = c.Organisation.OrgID // the register knows more numbers than the header has to say
	}
	named := c.Document.Waybill().Consignor.OrgID
	agrees, differs := false, false
	for _, pair := range [][2]string{
		{o.INN, named.INN}, {o.OGRN, named.OGRN}, {o.EDRPOU, named.EDRPOU}, {o.OKPO, named.OKPO},
	} {
		if pair[0] != "" && pair[1] != "" {
			agrees = agrees || pair[0] == pair[1]
			differs = differs || pair[0] != pair[1]
		}
	}
	if agrees && !differs {
		return nil
	}
	return one("D03", schema.ReasonConsignorDiffers, "/Waybill/Consignor", o.Key(), named.Key())
}

// digitChecker collects numbers whose check digits do not fit.
type digitChecker struct{ found []schema.Finding }

func (d *digitChecker) check(path, number, reason string, fits func(string) bool) {
	if number != "" && !fits(number) {
		d.found = append(d.found, finding("D01", reason, path, "", number))
	}
}

func (d *digitChecker) station(path, code string) {
	d.check(path, code, schema.ReasonStationCheckDigit, checkdigit.Station)
}

func (d *digitChecker) organisation(path string, o schema.OrgID) {
	d.check(path+"/@inn", o.INN, schema.ReasonINNCheckDigit, checkdigit.INN)
	d.check(path+"/@okpo", o.OKPO, schema.ReasonOKPOCheckDigit, checkdigit.OKPO)
	d.check(path+"/@ogrn", o.OGRN, schema.ReasonOGRNCheckDigit, func(s string) bool {
		return checkdigit.OGRN(s) || checkdigit.OGRNIP(s)
	})
	if len(o.EDRPOU) == 8 { // longer ones are no ЄДРПОУ and have no rule
		d.check(path+"/@edrpou", o.EDRPOU, schema.ReasonEDRPOUCheckDigit, checkdigit.EDRPOU)
	}
}

func (d *digitChecker) person(path string, p schema.Person) {
	d.check(path+"/@snils", p.SNILS, schema.ReasonSNILSCheckDigit, checkdigit.SNILS)
	d.check(path+"/@inn", p.INN, schema.ReasonINNCheckDigit, checkdigit.INN)
	d.check(path+"/@rnokpp", p.RNOKPP, schema.ReasonRNOKPPCheckDigit, checkdigit.RNOKPP)
}

// checkDigits: every number that carries a check digit fits it. A slip of the finger shows here, by
// name and place, and not at the station.
func checkDigits(c *Case) []schema.Finding {
	d := &digitChecker{}
	d.organisation(c.root("/Header/Organisation"), c.Document.Header().Organisation)
	switch c.Document.Kind() {
	case schema.KindWaybill:
		w := c.Document.Waybill()
		d.station("/Waybill/Departure/@station", w.DepartureStation)
		d.station("/Waybill/Destination/@station", w.DestinationStation)
		d.organisation("/Waybill/Consignor", w.Consignor.OrgID)
		d.organisation("/Waybill/Consignee", w.Consignee.OrgID)
		for i, cargo := range w.Cargo {
			d.check(indexed("/Waybill/Cargo", i, len(w.Cargo))+"/@etsng", cargo.ETSNG,
				schema.ReasonCargoCheckDigit, checkdigit.Cargo)
		}
		d.organisation("/Waybill/Payer", w.Payer.OrgID)
		for i, container := range w.Containers {
			d.container(indexed("/Waybill/Container", i, len(w.Containers))+"/@number", container.Number)
		}
		if w.SMGS != nil {
			for i, s := range w.SMGS.BorderStations {
				d.station(indexed("/Waybill/SMGS/BorderStation", i, len(w.SMGS.BorderStations))+"/@station", s.Code)
			}
		}
		d.person("/Waybill/Signatory", w.Signatory)
	case schema.KindPlacement:
		p := c.Document.Placement()
		d.person("/Placement/Performer", p.Performer)
		if p.Proxy != nil {
			d.person("/Placement/Proxy/Signer", p.Proxy.Signer)
		}
	case schema.KindPaperSwitch:
		d.person("/PaperSwitch/Person", c.Document.PaperSwitch().Person)
	case schema.KindMemo:
		d.memo(c.Document.Memo())
	case schema.KindAct:
		d.act(c.Document.Act())
	case schema.KindMovements:
		d.station("/Movements/Station/@station", c.Document.Movements().Station.Code)
	case schema.KindApproval, schema.KindRejection:
		d.person(c.root("/Signatory"), c.Document.Answer().Signatory)
	}
	wagons := c.wagons()
	for i, number := range wagons { // hundreds of them: a place is named only when it is needed
		if !checkdigit.Wagon(number) {
			d.found = append(d.found, finding("D01", schema.ReasonWagonCheckDigit, c.wagonPath(i, len(wagons)), "", number))
		}
	}
	return d.found
}

// indexed is a path with [n] where siblings repeat the name.
func indexed(path string, i, count int) string {
	if count == 1 {
		return path
	}
	return fmt.Sprintf("%s[%d]", path, i+1)
}
