package legitimacy

import (
	"fmt"
	"slices"
	"strings"

	"asugate/schema"
)

// Words by which a means of fastening is known for what it is. Names are free text, in whatever case
// and number the consignor writes them.
var (
	ties    = []string{"растяж", "обвяз", "увяз", "скрут", "стяжк"}
	wires   = []string{"проволо"}
	bars    = []string{"брус"}
	pieces  = []string{"гвозд", "скоб", "костыл", "шуруп", "сетк"} // of wire, maybe, but without strands
	noWires = []string{"цеп", "трос", "канат", "лент", "ремен", "ремн", "текстил", "полос", "прут", "стержн", "многооборот"}
)

func named(f schema.Fastener, words []string) bool {
	name := plain(f.Name)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
}

// ofWire: wire, or a tie, which is made of it unless its name says otherwise. A nail of wire is not
// meant: it has no strands that the consignor could name.
func ofWire(f schema.Fastener) bool {
	tie := named(f, ties)
	return named(f, wires) && (tie || !named(f, pieces)) || tie && !named(f, noWires)
}

// fastenersComplete: each means of fastening says what the footnote asks for: inland the strands of
// ties; in international traffic the sizes of bars, and of wire the diameter and the strands (288
// сноска 5, 2.1.3 2)).
func fastenersComplete(c *Case) []schema.Finding {
	p := c.Document.Placement()
	if !schema.NormFields(p.Traffic, p.Norm).Fasteners {
		return nil // that there are any is said elsewhere
	}
	international := schema.InternationalRules(p.Traffic)
	if len(p.Fasteners) == 0 && p.Norm.Type == schema.NormAnnex14 {
		return one("L08", schema.ReasonFastenersMissing, "/Placement/Fasteners", "", "")
	}
	var found []schema.Finding
	for i, f := range p.Fasteners {
		path := indexed("/Placement/Fasteners/Fastener", i, len(p.Fasteners))
		if ofWire(f) && f.Strands == 0 {
			found = append(found, finding("L08", schema.ReasonStrandsMissing, path+"/@strands", "", f.Name))
		}
		if international && ofWire(f) && f.Diameter == "" {
			found = append(found, finding("L08", schema.ReasonDiameterMissing, path+"/@diameter", "", f.Name))
		}
		if international && named(f, bars) && f.Size == "" {
			found = append(found, finding("L08", schema.ReasonSizeMissing, path+"/@size", "", f.Name))
		}
	}
	return found
}

// sameFasteners says whether a list is that of a scheme, in any order. Strands, diameter and size
// count where both lists have them: inland texts have the strands only.
func sameFasteners(list, scheme []schema.Fastener) bool {
	if len(list) != len(scheme) {
		return false
	}
	left := slices.Clone(scheme)
	for _, f := range list {
		i := slices.IndexFunc(left, func(other schema.Fastener) bool { return sameFastener(f, other) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

func sameFastener(a, b schema.Fastener) bool {
	return a.Quantity == b.Quantity && plain(a.Name) == plain(b.Name) &&
		(a.Strands == 0 || b.Strands == 0 || a.Strands == b.Strands) &&
		sameMeasure(a.Diameter, b.Diameter) && sameMeasure(a.Size, b.Size)
}

// sameMeasure compares «6», «6.0» and «6 мм», «100x100x2700» and «100×100×2700».
func sameMeasure(a, b string) bool {
	return a == "" || b == "" || measure(a) == measure(b)
}

func measure(s string) string {
	s = strings.NewReplacer(" ", "", "мм", "", "х", "x", "×", "x", "*", "x", ",", ".").Replace(plain(s))
	parts := strings.Split(s, "x")
	for i, p := range parts {
		if whole, fraction, found := strings.Cut(p, "."); found && strings.Trim(fraction, "0") == "" {
			parts[i] = whole
		}
	}
	return strings.Join(parts, "x")
}

// fastenerList shows a list to people.
func fastenerList(list []schema.Fastener) string {
	if len(list) == 0 {
		return "—"
	}
	items := make([]string, len(list))
	for i, f := range list {
		items[i] = fmt.Sprintf("%s %d", f.Name, f.Quantity)
		if f.Strands > 0 {
			items[i] += fmt.Sprintf("/%d", f.Strands)
		}
		for _, more := range []string{f.Diameter, f.Size} {
			if more != "" {
				items[i] += " (" + more + ")"
			}
		}
	}
	return strings.Join(items, ", ")
}
