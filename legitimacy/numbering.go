package legitimacy

import "asugate/schema"

// numberInScope: no other memo, no other act has the number in its scope in the same year, and a
// memo's number is one of its workplace's (Д-720у п. 2). Where the register does not say what the
// scope of the station is, it is guessed, and what looks like a repetition may be none.
func numberInScope(c *Case) []schema.Finding {
	if c.Railway == nil {
		return nil // said already
	}
	path, number, station := c.root("/Number"), "", ""
	m := c.Document.Memo()
	if m != nil {
		number, station = m.Number, m.Station.Code
	} else {
		number, station = c.Document.Act().Number, c.Document.Act().Station.Code
	}
	numbering, registered := c.Railway.NumberingOf(station)
	var found []schema.Finding
	if c.NumberOf != "" {
		f := finding("D03", schema.ReasonNumberRepeated, path, c.NumberOf, number)
		if registered {
			f.Severity = schema.Error
		}
		found = append(found, f)
	}
	if m != nil {
		if ranges, fits := numbering.Fits(m.Workplace, number); !fits {
			found = append(found, finding("D03", schema.ReasonNumberOutOfRange, path, ranges, number))
		}
	}
	return found
}
