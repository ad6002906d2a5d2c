package legitimacy

import (
	"strings"
	"time"

	"asugate/register/codes"
	"asugate/schema"
	"asugate/schema/checkdigit"
)

// codeChecker collects codes that no table knows. They are warnings: the tables hold what is
// attested, and a railway has codes that nobody has attested.
type codeChecker struct {
	tables *codes.Tables
	found  []schema.Finding
}

func (k *codeChecker) unknown(path, code, table string) {
	k.found = append(k.found, finding("D02", schema.ReasonCodeUnknown, path, table, code))
}

// station wants the station in the table, and on the road that is named.
func (k *codeChecker) station(path string, s schema.Station) {
	if s.Code == "" {
		return // of a border station the name suffices
	}
	road, ok := k.tables.RoadOf(s.Code)
	if !ok {
		k.unknown(path+"/@station", s.Code, "stations")
	}
	if s.Road == "" {
		return
	}
	if _, known := k.tables.Road(s.Road); !known {
		k.unknown(path+"/@road", s.Road, "roads")
	} else if ok && road.Code != "" && road.Code != s.Road {
		k.found = append(k.found, finding("D03", schema.ReasonRoadDiffers, path+"/@road",
			road.Code+" "+road.Name, s.Road))
	}
}

// wagon wants what is said of the wagon in the tables, and in agreement with its number.
func (k *codeChecker) wagon(path string, w schema.Wagon) {
	if w.Ownership != "" {
		if _, ok := k.tables.Ownership(w.Ownership); !ok {
			k.unknown(path+"/@ownership", w.Ownership, "ownership")
		}
	}
	if w.Type != "" {
		said, ok := k.tables.WagonKind(w.Type)
		if !ok {
			k.unknown(path+"/@kind", w.Type, "wagon-kinds")
		} else if byNumber, tells := k.tables.KindOfWagon(w.Number); tells && said.Digit != "" && said != byNumber {
			k.found = append(k.found, finding("D03", schema.ReasonWagonKindDiffers, path+"/@kind", byNumber.Code, w.Type))
		}
	}
	k.administration(path, w)
}

// administration chooses the numbering by the administration and not by the length: 8 digits on the
// railways of 1520 mm, elsewhere the 12 of UIC leaflet 438, whose third and fourth digits are the
// code of the administration itself.
func (k *codeChecker) administration(path string, w schema.Wagon) {
	if w.Administration == "" {
		return // of wagons of third countries it may be left out (Д-720у п. 3.3)
	}
	a, ok := k.tables.Administration(w.Administration)
	if !ok {
		k.unknown(path+"/@administration", w.Administration, "administrations")
		return
	}
	expected := ""
	switch {
	case a.Digits == 8 && len(w.Number) != 8:
		expected = "nnnnnnnn"
	case a.Digits == 12 && (len(w.Number) != 12 || w.Number[2:4] != a.Code):
		expected = "nn" + a.Code + "nnnnnnnn"
	default:
		return
	}
	k.found = append(k.found, finding("D03", schema.ReasonNumberingDiffers, path+"/@number", expected, w.Number))
}

// knownCodes: what the note says in codes is in the tables of the day.
func knownCodes(c *Case) []schema.Finding {
	w := c.Document.Waybill()
	k := &codeChecker{tables: c.codes()}
	k.station("/Waybill/Departure", w.Departure)
	k.station("/Waybill/Destination", w.Destination)
	for i, wagon := range w.Wagons {
		k.wagon(indexed("/Waybill/Wagon", i, len(w.Wagons)), wagon)
	}
	if w.SMGS != nil {
		for i, s := range w.SMGS.BorderStations {
			k.station(indexed("/Waybill/SMGS/BorderStation", i, len(w.SMGS.BorderStations)), s)
		}
	}
	return k.found
}

// massOfCargo: cargo weighs something. Wagons that run empty have none, and many systems write 0 then.
func massOfCargo(c *Case) []schema.Finding {
	w := c.Document.Waybill()
	if w.Run == schema.RunEmpty {
		return nil
	}
	var found []schema.Finding
	for i, cargo := range w.Cargo {
		if cargo.MassKg == 0 {
			found = append(found, finding("D03", schema.ReasonMassMissing,
				indexed("/Waybill/Cargo", i, len(w.Cargo))+"/@massKg", "", ""))
		}
	}
	return found
}

// container looks at the check digit that containers of ISO 6346 carry. Of the older ones of nine digits no
// rule is known.
func (d *digitChecker) container(path, number string) {
	if len(number) != 9 {
		d.check(path, number, schema.ReasonContainerCheckDigit, checkdigit.Container)
	}
}

// placesOfWaybill: containers go on wagons, and seals hang on wagons or containers, of this note;
// no container is there twice.
func placesOfWaybill(c *Case) []schema.Finding {
	w := c.Document.Waybill()
	var found []schema.Finding
	wagons, places := map[string]bool{}, map[string]bool{}
	var listed []string
	for _, wagon := range w.Wagons {
		wagons[wagon.Number], places[wagon.Number] = true, true
		listed = append(listed, wagon.Number)
	}
	expected := strings.Join(listed, ", ") // once: every finding shares it
	absent := func(path, number string, among map[string]bool) {
		if number != "" && !among[number] {
			found = append(found, finding("D03", schema.ReasonNotInDocument, path, expected, number))
		}
	}
	for i, container := range w.Containers {
		path := indexed("/Waybill/Container", i, len(w.Containers))
		if places[container.Number] {
			found = append(found, finding("D03", schema.ReasonContainerRepeated, path+"/@number", "", container.Number))
		}
		places[container.Number] = true
		absent(path+"/@wagon", container.Wagon, wagons)
	}
	for _, container := range w.Containers {
		listed = append(listed, container.Number)
	}
	expected = strings.Join(listed, ", ")
	for i, seal := range w.Seals {
		absent(indexed("/Waybill/Seal", i, len(w.Seals))+"/@on", seal.On, places)
	}
	return found
}

// datesOfWaybill: nothing is presented before it is loaded, or loaded on a day that is to come.
func datesOfWaybill(c *Case) []schema.Finding {
	w := c.Document.Waybill()
	var found []schema.Finding
	if today := c.day(c.Received); today.Before(w.LoadedOn) {
		found = one("D03", schema.ReasonLoadedInFuture, "/Waybill/LoadedOn", today.String(), w.LoadedOn.String())
	}
	if !w.PresentedAt.IsZero() && c.day(w.PresentedAt).Before(w.LoadedOn) {
		found = append(found, finding("D03", schema.ReasonLoadedAfterPresented, "/Waybill/LoadedOn",
			w.PresentedAt.In(c.Zone).Format(time.RFC3339), w.LoadedOn.String()))
	}
	return found
}
