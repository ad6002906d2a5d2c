package schema

import "strings"

// The fields of Norm by their names in XML, in the order of the schema.
const (
	FieldNumber     = "Number"
	FieldDate       = "Date"
	FieldFigure     = "Figure"
	FieldPoint      = "Point"
	FieldChapter    = "Chapter"
	FieldSection    = "Section"
	FieldScheme     = "Scheme"
	FieldApprovedBy = "ApprovedBy"
)

// NormFieldNames are all fields that Norm may have, in the order of the schema.
func NormFieldNames() []string {
	return []string{FieldNumber, FieldDate, FieldFigure, FieldPoint, FieldChapter, FieldSection, FieldScheme, FieldApprovedBy}
}

// field is where Norm keeps the field of that name; nil for a name that it does not know.
func (n *Norm) field(name string) *string {
	switch name {
	case FieldNumber:
		return &n.Number
	case FieldDate:
		return &n.Date
	case FieldFigure:
		return &n.Figure
	case FieldPoint:
		return &n.Point
	case FieldChapter:
		return &n.Chapter
	case FieldSection:
		return &n.Section
	case FieldScheme:
		return &n.Scheme
	case FieldApprovedBy:
		return &n.ApprovedBy
	}
	return nil
}

// Field is the value of the field of that name, empty when it is not given.
func (n Norm) Field(name string) string {
	if value := n.field(name); value != nil {
		return *value
	}
	return ""
}

// SetField sets the field of that name; a name that it does not know changes nothing.
func (n *Norm) SetField(name, to string) {
	if value := n.field(name); value != nil {
		*value = to
	}
}

// Dates are the days of Date: one, or two where an order of ОАО «РЖД» has changed an МТУ, whose
// number and date are then fractions. What is no day is left out; the reader of documents refuses
// it.
func (n Norm) Dates() []Date {
	var days []Date
	for part := range strings.SplitSeq(n.Date, "/") {
		if d, err := ParseDate(part); err == nil {
			days = append(days, d)
		}
	}
	return days
}

// russianDate is Date as texts have it, 01.02.2020/05.06.2020. What is no day stays as it is.
func (n Norm) russianDate() string {
	parts := strings.Split(n.Date, "/")
	for i, part := range parts {
		if d, err := ParseDate(part); err == nil {
			parts[i] = d.Russian()
		}
	}
	return strings.Join(parts, "/")
}

// InternationalRules says whether traffic follows the rules of the direct international one:
// 288 п. 1.3 puts the traffic from and to the Калининградская железная дорога on a level with it.
func InternationalRules(traffic string) bool {
	return traffic == TrafficInternational || traffic == TrafficKaliningrad
}
