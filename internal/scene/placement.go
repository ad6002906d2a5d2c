package scene

import (
	"time"

	"asugate/schema"
)

// ordinaryNorm is n with every field that must stand with its type in this traffic (288 п. 2.1.3 2)).
func ordinaryNorm(n schema.Norm, traffic string, now time.Time) schema.Norm {
	values := map[string]string{
		schema.FieldNumber: "12", schema.FieldDate: now.AddDate(-1, 0, 0).Format(time.DateOnly),
		schema.FieldFigure: "5", schema.FieldPoint: "2.1", schema.FieldChapter: "2", schema.FieldSection: "1",
		schema.FieldApprovedBy: "начальником станции",
	}
	switch n.Type {
	case schema.NormContainer:
		values[schema.FieldChapter] = "12" // the only one for containers (288 п. 1.6)
	case schema.NormTU1990:
		values[schema.FieldChapter] = "4" // п. 1.3 excludes 1, 2, 3, 5, 7, 8 and 9
	}
	for _, name := range schema.NormFields(traffic, n).Required {
		if n.Field(name) == "" {
			n.SetField(name, values[name])
		}
	}
	return n
}

// ordinaryFasteners are complete for the traffic (288 сноска 5).
func ordinaryFasteners(traffic string) []schema.Fastener {
	if schema.InternationalRules(traffic) {
		return []schema.Fastener{
			{Name: "растяжка", Quantity: 4, Strands: 6, Diameter: "6"},
			{Name: "упорный брусок", Quantity: 8, Size: "50x100x2700"},
		}
	}
	return []schema.Fastener{{Name: "растяжка", Quantity: 4, Strands: 6}, {Name: "упорный брусок", Quantity: 8}}
}

// normField is an element of Norm.
type normField struct{ Name, Value string }

func normFields(n schema.Norm) []normField {
	var fields []normField
	for _, name := range schema.NormFieldNames() {
		if value := n.Field(name); value != "" {
			fields = append(fields, normField{name, value})
		}
	}
	return fields
}

// placementText is the text of 288 п. 1.6 for the data of p.
func placementText(p Placement) string {
	data := schema.Placement{
		Traffic: p.Traffic, Norm: p.Norm, Fasteners: p.Fasteners, Jib: p.Jib, Performer: personOf(p.Performer),
	}
	if x := p.Proxy; x != nil {
		day, err := schema.ParseDate(x.Date)
		if err != nil {
			panic(err) // a date of our own
		}
		data.Proxy = &schema.Proxy{Number: x.Number, Date: day, Signer: personOf(x.Signer)}
	}
	return schema.RenderPlacement(&data)
}

func personOf(p *Persona) schema.Person { return schema.Person{Name: p.Name, Post: p.Post} }
