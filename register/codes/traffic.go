package codes

import "asugate/schema"

// Outside is the class of traffic that technology 288 does not know: from or to a country that is
// no member of the Customs Union on the day, or within another country than Russia.
const Outside = "outside"

// Russia is the country whose own rules hold within it (288 п. 1.3).
const Russia = "RU"

// RoadKaliningrad is the Калининградская ж.д.: to and from the other roads of Russia its traffic
// goes by the international rules.
const RoadKaliningrad = "10"

// TrafficOf is the class of traffic between two stations on a day by the tables that are shipped.
// See Tables.TrafficOf.
func TrafficOf(departure, destination string, on schema.Date) (class string, ok bool) {
	return Shipped().TrafficOf(departure, destination, on)
}

// TrafficOf is the class of traffic between two stations of six digits on a day (288 п. 1.3): one of
// the constants schema.Traffic… or Outside. ok false: the tables do not know one of the stations, so
// that nothing can be said.
func (t *Tables) TrafficOf(departure, destination string, on schema.Date) (class string, ok bool) {
	from, known := t.RoadOf(departure)
	to, both := t.RoadOf(destination)
	if !known || !both {
		return "", false
	}
	switch {
	case from.Country == Russia && to.Country == Russia:
		if (from.Code == RoadKaliningrad) != (to.Code == RoadKaliningrad) {
			return schema.TrafficKaliningrad, true
		}
		return schema.TrafficDomestic, true
	case from.Country != to.Country && t.InCustomsUnion(from.Country, on) && t.InCustomsUnion(to.Country, on):
		return schema.TrafficInternational, true
	}
	return Outside, true
}
