package legitimacy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"asugate/register"
	"asugate/schema"
)

// The norm documents that a class of traffic allows (288 п. 1.3, 1.6). Liquid cargo goes by its own
// rules in any class. Traffic to and from the Калининградская ж.д. follows those of the international.
var (
	domesticNorms = []string{
		schema.NormTU, schema.NormContainer, schema.NormLiquid, schema.NormMTU, schema.NormNTU,
	}
	internationalNorms = []string{
		schema.NormAnnex14, schema.NormAnnex141, schema.NormTU1990, schema.NormMTU, schema.NormNTU,
		schema.NormDrawing, schema.NormMSK, schema.NormLiquid,
	}
)

func normsOf(class string) []string {
	switch {
	case schema.InternationalRules(class):
		return internationalNorms
	case class == schema.TrafficDomestic:
		return domesticNorms
	}
	return nil
}

// weighed is a finding that the agreement may make an error; the switch has the name.
func (c *Case) weighed(name string, f schema.Finding) schema.Finding {
	f.Severity = schema.Warning
	if c.Organisation != nil {
		f.Severity = c.Organisation.Agreement.Norms.Severity(name)
	}
	return f
}

// classOfTraffic follows from the stations of ЭД №1 (288 п. 1.3) on the day of the work. ok false: the
// tables do not know one of them, and nothing can be said.
func (c *Case) classOfTraffic() (class string, ok bool) {
	if !c.namesAcceptedWaybill() {
		return "", false
	}
	return c.codes().TrafficOf(c.Consignment.DepartureStation, c.Consignment.DestinationStation, c.workDate())
}

// trafficOfStations: the class that ЭД №1 declares is that of its stations (288 п. 1.3) on the day of
// loading. Where the tables do not know a station the declared one is believed; of traffic outside the
// technology ЭД №2 is told, which it is about.
func trafficOfStations(c *Case) []schema.Finding {
	w := c.Document.Waybill()
	day := c.day(c.Moment)
	if !w.LoadedOn.IsZero() {
		day = w.LoadedOn
	}
	class, ok := c.codes().TrafficOf(w.DepartureStation, w.DestinationStation, day)
	if !ok || normsOf(class) == nil || class == w.Traffic {
		return nil
	}
	return one("D03", schema.ReasonDeclaredDiffers, "/Waybill/Traffic", class, w.Traffic)
}

// trafficOfWaybill: ЭД №2 declares the class that ЭД №1 has, and that is the class of its stations.
func trafficOfWaybill(c *Case) []schema.Finding {
	if !c.namesAcceptedWaybill() {
		return nil
	}
	declared, expected := c.Document.Placement().Traffic, c.Consignment.Traffic
	if class, ok := c.classOfTraffic(); ok && normsOf(class) != nil && declared == expected {
		expected = class
	}
	if declared == expected {
		return nil
	}
	return one("D03", schema.ReasonDeclaredDiffers, "/Placement/Traffic", expected, declared)
}

// normAllowed: the class of traffic is one that the technology knows, and allows this norm document.
func normAllowed(c *Case) []schema.Finding {
	p := c.Document.Placement()
	class, ok := c.classOfTraffic()
	if ok && normsOf(class) == nil {
		return one("L09", schema.ReasonOutsideTechnology, "/Placement/Traffic", "",
			c.Consignment.DepartureStation+" — "+c.Consignment.DestinationStation)
	}
	if !ok {
		class = p.Traffic
	}
	allowed := normsOf(class)
	if slices.Contains(allowed, p.Norm.Type) {
		return nil
	}
	return one("L09", schema.ReasonNormNotAllowed, "/Placement/Norm/@type", strings.Join(allowed, ", "), p.Norm.Type)
}

// placedInEmpty: where by ЭД №1 the wagons run empty no ЭД №2 is expected, unless reusable fasteners are
// returned (МСК). The regulation does not refuse one, so this is a warning unless agreed: what is wrong
// may as well be ЭД №1.
func placedInEmpty(c *Case) []schema.Finding {
	p := c.Document.Placement()
	if !c.namesAcceptedWaybill() || !c.Consignment.Empty || p.Norm.Type == schema.NormMSK {
		return nil
	}
	return []schema.Finding{c.weighed(register.NormsEmpties,
		finding("L09", schema.ReasonPlacedInEmpty, "/Placement/Norm/@type", "", p.Norm.Type))}
}

// excluded1990 are the chapters of section 1 of ТУ1990 that are in force no more, excludedSections
// its sections (288 п. 1.3).
var (
	excluded1990     = []int{1, 2, 3, 5, 7, 8, 9}
	excludedSections = []int{3, 4}
)

// placeInNorm: chapters and sections by which the cargo may be placed. They are written in Arabic
// figures: a chapter «V» or «05» would not be known for the one that is meant.
func placeInNorm(c *Case) []schema.Finding {
	n := c.Document.Placement().Norm
	switch n.Type {
	case schema.NormTU1990:
		return chaptersOf1990(n)
	case schema.NormContainer:
		if n.Chapter != "" && n.Chapter != "12" {
			return one("L09", schema.ReasonContainerChapter, "/Placement/Norm/Chapter", "12", n.Chapter)
		}
	case schema.NormAnnex14:
		chapters, ok := figures(n.Chapter)
		switch {
		case n.Chapter == "" || n.Chapter == "5":
		case !ok:
			return one("L09", schema.ReasonChapterNotation, "/Placement/Norm/Chapter", "1, 2, 3, …", n.Chapter)
		case slices.Contains(chapters, 5):
			return one("L09", schema.ReasonChapterNotation, "/Placement/Norm/Chapter", "5", n.Chapter) // a text of its own
		}
	}
	return nil
}

func chaptersOf1990(n schema.Norm) []schema.Finding {
	var found []schema.Finding
	numbers := func(name, value string) []int {
		if value == "" {
			return nil // that it is missing is said elsewhere
		}
		list, ok := figures(value)
		if !ok {
			found = append(found, finding("L09", schema.ReasonChapterNotation, "/Placement/Norm/"+name, "1, 2, 3, …", value))
		}
		return list
	}
	sections := numbers(schema.FieldSection, n.Section)
	chapters := numbers(schema.FieldChapter, n.Chapter)
	among := func(list []int) func(int) bool { return func(i int) bool { return slices.Contains(list, i) } }
	switch {
	case slices.ContainsFunc(sections, among(excludedSections)):
		return append(found, finding("L09", schema.ReasonSectionExcluded, "/Placement/Norm/Section",
			listed(excludedSections), n.Section))
	case slices.Contains(sections, 1) && slices.ContainsFunc(chapters, among(excluded1990)):
		return append(found, finding("L09", schema.ReasonChapterExcluded, "/Placement/Norm/Chapter",
			listed(excluded1990), n.Chapter))
	}
	return found
}

func listed(numbers []int) string {
	return strings.Join(strings.Fields(strings.Trim(fmt.Sprint(numbers), "[]")), ", ")
}

// figures are the numbers with which chapters begin: 5 of «5», 2 of «2.1» and «2а», both of «4, 6».
// A range would hide what is in it.
func figures(s string) (list []int, ok bool) {
	for _, part := range betweenFigures.Split(s, -1) {
		found := figureForm.FindStringSubmatch(part)
		if found == nil {
			return nil, false
		}
		n, err := strconv.Atoi(found[1])
		if err != nil {
			return nil, false
		}
		list = append(list, n)
	}
	return list, true
}

var (
	betweenFigures = regexp.MustCompile(` *[,;] *| и `)
	figureForm     = regexp.MustCompile(`^([1-9]\d*)(?:\.\d+)*\.?\pL?$`)
)

// tankByTU: tank wagons are excepted from the text of the Технические условия (288 п. 1.6).
func tankByTU(c *Case) []schema.Finding {
	p := c.Document.Placement()
	if p.Norm.Type != schema.NormTU {
		return nil
	}
	var found []schema.Finding
	for i, w := range p.Wagons {
		if c.isTank(w.Number) {
			found = append(found, finding("L09", schema.ReasonTankByTU,
				indexed("/Placement/Wagon", i, len(p.Wagons))+"/@number", schema.NormLiquid, w.Number))
		}
	}
	return found
}

// tankKind is the код рода вагона of a tank wagon («цистерна»).
const tankKind = "ЦС"

// isTank: ЭД №1 says so of the wagon, and where it says nothing, the wagon's number.
func (c *Case) isTank(number string) bool {
	kind := ""
	if c.namesAcceptedWaybill() {
		kind = c.Consignment.WagonKinds[number]
	}
	if kind == "" {
		known, _ := c.codes().KindOfWagon(number)
		return known.Code == tankKind
	}
	return strings.EqualFold(kind, tankKind) || strings.HasPrefix(plain(kind), "цистерн")
}

// plain is a name for comparison: white space, case, «ё» and «е» make no difference.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(s), " ")), "ё", "е")
}

// slewing are the machines of which the text has a mark (288 сноска 5), as names of cargo begin; a
// crane is one when it can move by itself.
var (
	slewing   = []string{"экскаватор", "автокран", "кран-экскаватор"}
	ownWheels = []string{"автомоб", "гусен", "стрел", "пневмокол", "самоход", "ходу", "шасси", "железнодорож"}
	parts     = []string{"част", "ковш", "запас"}
)

// jibMark: inland, cranes, excavators and the like get the mark about the swing of the jib (288 сноска
// 5). Whether a cargo is such a machine shows its name alone, so this is a warning unless agreed.
func jibMark(c *Case) []schema.Finding {
	p := c.Document.Placement()
	if p.Jib || p.Traffic != schema.TrafficDomestic || !schema.NormFields(p.Traffic, p.Norm).Jib || !c.namesAcceptedWaybill() {
		return nil
	}
	for _, name := range c.Consignment.Cargo {
		if slews(name) {
			return []schema.Finding{c.weighed(register.NormsJib,
				finding("L08", schema.ReasonJibMissing, "/Placement/Fasteners/@jib", "", name))}
		}
	}
	return nil
}

func slews(cargo string) bool {
	name := plain(cargo)
	has := func(words []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
	}
	if has(parts) {
		return false
	}
	crane := slices.ContainsFunc(strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == ',' || r == '-' }),
		func(word string) bool { return word == "кран" || word == "краны" })
	return has(slewing) || crane && has(ownWheels)
}
