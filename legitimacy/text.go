package legitimacy

import (
	"asugate/register"
	"asugate/schema"
)

// normData: each norm document goes with data of its own (288 п. 2.1.3 2)). Those that do not belong
// are a warning unless the agreement makes them an error.
func normData(c *Case) []schema.Finding {
	found := schema.CheckPlacementData(c.Document.Placement())
	for i, f := range found {
		if f.Reason == schema.ReasonDataForeign {
			found[i] = c.weighed(register.NormsFields, f)
		}
	}
	return found
}

// text: the text of ЭД №2 says what its data say (288 п. 1.6, 2.1.4 1)).
func text(c *Case) []schema.Finding {
	var o schema.TextOptions
	if c.Organisation != nil {
		o.Misprints = c.Organisation.Agreement.AcceptMisprints
	}
	return schema.CheckPlacementText(c.Document.Placement(), o)
}
