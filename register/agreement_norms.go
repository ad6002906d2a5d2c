package register

import (
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"asugate/schema"
)

// The switches of an agreement on norm documents: what the regulation does not itself refuse is a
// warning, or an error where the agreement says so.
const (
	NormsUnknown        = "unknown"        // the register does not have the number and date, or is empty
	NormsConsignor      = "consignor"      // whose it is cannot be compared: no common identifier
	NormsExtract        = "extract"        // no выписка, and its three working days are over
	NormsReconciliation = "reconciliation" // the выписка differs from the document
	NormsScheme         = "scheme"         // not among those of the выписка, or given where there is one
	NormsFasteners      = "fasteners"      // others than the выписка has
	NormsStation        = "station"        // НТУ for another station of departure
	NormsJib            = "jib"            // the mark about the swing of a jib, by the name of the cargo
	NormsFields         = "fields"         // data that do not belong to the norm document
	NormsEmpties        = "empties"        // cargo placed where by ЭД №1 the wagons run empty
)

// normsAll stands for all switches that are not named themselves.
const normsAll = "all"

var normSwitches = []string{
	normsAll, NormsUnknown, NormsConsignor, NormsExtract, NormsReconciliation, NormsScheme, NormsFasteners,
	NormsStation, NormsJib, NormsFields, NormsEmpties,
}

// NormSwitches say which findings on norm documents are errors under an agreement; nil: none.
type NormSwitches map[string]bool

// Severity of what the switch is for.
func (s NormSwitches) Severity(name string) schema.Severity {
	strict, named := s[name]
	if !named {
		strict = s[normsAll]
	}
	if strict {
		return schema.Error
	}
	return schema.Warning
}

// String writes the switches in the one way in which they can be written; empty where all is as it is
// anyway.
func (s NormSwitches) String() string {
	var strict []string
	for _, name := range normSwitches[1:] {
		if s.Severity(name) == schema.Error {
			strict = append(strict, name)
		}
	}
	return strings.Join(strict, ",")
}

// normSwitchesEntry is «norms: error» for all of them, or a level for each.
type normSwitchesEntry map[text]text

func (e *normSwitchesEntry) UnmarshalYAML(n ast.Node) error {
	if level, ok := n.(*ast.StringNode); ok {
		*e = normSwitchesEntry{normsAll: text(level.Value)}
		return nil
	}
	levels := map[text]text{}
	if err := yaml.NodeToValue(n, &levels, yaml.Strict()); err != nil {
		return err
	}
	*e = levels
	return nil
}

func (c *checker) normSwitches(path string, e normSwitchesEntry) {
	for _, name := range slices.Sorted(maps.Keys(e)) {
		if !slices.Contains(normSwitches, string(name)) {
			c.problem(path, "%q is not one of %s", bounded(string(name)), strings.Join(normSwitches, ", "))
			continue
		}
		at := path + "." + string(name)
		c.oneOf(at, e[name], []string{"warn", "error"})
	}
}

func (e normSwitchesEntry) compile() NormSwitches {
	if len(e) == 0 {
		return nil
	}
	s := NormSwitches{}
	for name, level := range e {
		s[string(name)] = level == "error"
	}
	return s
}
