package schema

import (
	"slices"
	"strings"
)

// CheckPlacementData says which data of the norm document are missing and which do not belong to it
// (288 п. 2.1.3 2)). Without one of them there is no text; whatever says more than the text is not
// confirmed by it.
func CheckPlacementData(p *Placement) []Finding {
	belong := NormFields(p.Traffic, p.Norm)
	names := slices.Concat(belong.Required, belong.Optional)
	if belong.Fasteners {
		names = append(names, "Fasteners")
	}
	if belong.Jib {
		names = append(names, "jib")
	}
	var found []Finding
	add := func(reason, path, expected, actual string) {
		found = append(found, Finding{Code: "L08", Reason: reason, Path: path, Expected: expected, Actual: actual}.Complete())
	}
	expected := strings.Join(names, ", ")
	for _, name := range NormFieldNames() {
		given := p.Norm.Field(name) != ""
		switch {
		case !given && slices.Contains(belong.Required, name):
			add(ReasonDataMissing, "/Placement/Norm", name, "")
		case given && !slices.Contains(names, name):
			add(ReasonDataForeign, "/Placement/Norm/"+name, expected, name)
		}
	}
	if len(p.Fasteners) > 0 && !belong.Fasteners {
		add(ReasonDataForeign, "/Placement/Fasteners", expected, "Fasteners")
	}
	if p.Jib && !belong.Jib {
		add(ReasonDataForeign, "/Placement/Fasteners/@jib", expected, "jib")
	}
	return found
}

// CheckPlacementText says how the text of ЭД №2 differs from the one that its data ask for (288 п.
// 1.6, 2.1.4 1)). Where data are missing, which CheckPlacementData says, there is no text to hold
// it against.
func CheckPlacementText(p *Placement, o TextOptions) []Finding {
	for _, name := range NormFields(p.Traffic, p.Norm).Required {
		if p.Norm.Field(name) == "" {
			return nil
		}
	}
	d := CompareText(RenderPlacement(p), p.Text, o)
	if d.Equal() {
		return nil
	}
	reason := ReasonTextDiffers
	if d.Severity == Warning {
		reason = ReasonFastenersDiffer
	}
	return []Finding{Finding{
		Code: "L08", Reason: reason, Path: "/Placement/Text", Expected: d.Expected, Actual: d.Actual,
	}.Complete()}
}
