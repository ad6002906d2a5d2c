package legitimacy

import (
	"slices"

	"asugate/schema"
)

// clientKinds are what clients send, railwayKinds what the railway sends.
var (
	clientKinds  = []schema.Kind{schema.KindWaybill, schema.KindPlacement, schema.KindPaperSwitch}
	railwayKinds = []schema.Kind{schema.KindStaffList, schema.KindOfficeNotice}
	allKinds     = slices.Concat(clientKinds, railwayKinds)
)

// Kinds of which only the stage authenticity is known, and the one that has both.
var (
	waybill       = []schema.Kind{schema.KindWaybill}
	authenticated = []schema.Kind{schema.KindWaybill, schema.KindPaperSwitch}
	placement     = []schema.Kind{schema.KindPlacement}
	staffList     = []schema.Kind{schema.KindStaffList}
)

// Rules is the whole list, in the order in which findings are reported.
func Rules() []Rule { return slices.Clone(rules) }

var rules = []Rule{
	// Authenticity: who sends, for whom, and may they?
	{"sender", schema.Authenticity, allKinds, "288 п. 1.1", sender},
	{"kind", schema.Authenticity, allKinds, "288 п. 1.5", kind},
	{"receiver", schema.Authenticity, nil, "288 п. 1.1", receiver},
	{"environment", schema.Authenticity, allKinds, "288 п. 1.1", environment},
	{"organisation", schema.Authenticity, nil, "288 п. 1.1, 1.4", organisation},
	{"certificate organisation", schema.Authenticity, nil, "288 п. 1.5", certificateOrganisation},
	{"agreed kind", schema.Authenticity, authenticated, "288 п. 1.1", agreedKind},
	{"signatory", schema.Authenticity, authenticated, "288 п. 1.5, 2.1.1", signatory},
	{"named signatory", schema.Authenticity, waybill, "288 п. 1.5", namedSignatory},
	// ЭД №1 gets no other stage, so what its data say is looked at here; so is the railway's own.
	{"time of making", schema.Authenticity, slices.Concat(authenticated, railwayKinds), "288 п. 1.5", createdInFuture},
	{"numbers of a waybill", schema.Authenticity, authenticated, "288 п. 1.5", checkDigits},
	{"wagons named once", schema.Authenticity, waybill, "288 п. 1.5", repeatedWagons},
	{"consignor", schema.Authenticity, waybill, "288 п. 1.5", consignor},
	{"composition of a waybill", schema.Authenticity, waybill, "288 сноска 3", composition},
	{"mass of the cargo", schema.Authenticity, waybill, "288 п. 1.5", massOfCargo},
	{"traffic of the stations", schema.Authenticity, waybill, "288 п. 1.3", trafficOfStations},
	{"codes of a waybill", schema.Authenticity, waybill, "288 п. 1.5", knownCodes},
	{"places of a waybill", schema.Authenticity, waybill, "288 п. 1.5", placesOfWaybill},
	{"dates of a waybill", schema.Authenticity, waybill, "288 п. 1.5", datesOfWaybill},
	{"rows of a staff list", schema.Authenticity, staffList, "288 п. 1.7", staffRows},
	{"version of a staff list", schema.Authenticity, staffList, "288 п. 1.7", staffVersion},

	// Legitimacy: have the people and papers behind an ЭД №2 the right?
	{"agreement", schema.Legitimacy, placement, "288 п. 1.1, 1.4", agreement},
	{"performer", schema.Legitimacy, placement, "288 п. 2.1.4 3)б", performer},
	{"copies of the order", schema.Legitimacy, placement, "288 п. 1.4", copiesAgree},
	{"right to sign", schema.Legitimacy, placement, "288 п. 1.4, 2.1.3 4)", rightToSign},
	{"signer", schema.Legitimacy, placement, "288 п. 2.1.3 7)", signerIsNamed},
	{"power of attorney", schema.Legitimacy, placement, "288 сноска 6", powerOfAttorney},
	{"data of the norm document", schema.Legitimacy, placement, "288 п. 2.1.3 2)", normData},
	{"text", schema.Legitimacy, placement, "288 п. 1.6", text},
	{"time of making", schema.Legitimacy, placement, "288 п. 1.5", createdInFuture},
	{"day of the work", schema.Legitimacy, placement, "288 п. 1.5", workDateInFuture},
	{"numbers of a placement", schema.Legitimacy, placement, "288 п. 1.5", checkDigits},
	{"wagons named once", schema.Legitimacy, placement, "288 п. 1.5", repeatedWagons},
	{"wagons of the waybill", schema.Legitimacy, placement, "288 п. 1.5", wagonsOfWaybill},
	{"traffic of the waybill", schema.Legitimacy, placement, "288 п. 1.3", trafficOfWaybill},
	// And may the cargo be placed by this document?
	{"norm document of the traffic", schema.Legitimacy, placement, "288 п. 1.3, 1.6", normAllowed},
	{"cargo in empty wagons", schema.Legitimacy, placement, "288 п. 1.5", placedInEmpty},
	{"chapter of the norm document", schema.Legitimacy, placement, "288 п. 1.3, 1.6", placeInNorm},
	{"no tank wagon by ТУ", schema.Legitimacy, placement, "288 п. 1.6", tankByTU},
	{"fasteners in full", schema.Legitimacy, placement, "288 сноска 5", fastenersComplete},
	{"mark of a jib", schema.Legitimacy, placement, "288 сноска 5", jibMark},
	{"МТУ and НТУ", schema.Legitimacy, placement, "288 п. 1.3, 2835р 3.4", registeredNorm},
}
