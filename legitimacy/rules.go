package legitimacy

import (
	"slices"

	"asugate/schema"
)

// clientKinds are what clients send, railwayKinds what the railway sends.
var (
	clientKinds = []schema.Kind{
		schema.KindWaybill, schema.KindPlacement, schema.KindPaperSwitch, schema.KindApproval, schema.KindRejection,
	}
	railwayKinds = []schema.Kind{
		schema.KindStaffList, schema.KindOfficeNotice, schema.KindMemo, schema.KindAct, schema.KindStateReport,
		schema.KindMovements,
	}
	allKinds = slices.Concat(clientKinds, railwayKinds)
)

// Kinds of which only the stage authenticity is known, and the one that has both.
var (
	waybill       = []schema.Kind{schema.KindWaybill}
	authenticated = []schema.Kind{schema.KindWaybill, schema.KindPaperSwitch}
	placement     = []schema.Kind{schema.KindPlacement}
	staffList     = []schema.Kind{schema.KindStaffList}
	registers     = []schema.Kind{schema.KindStaffList, schema.KindOfficeNotice}

	memo        = []schema.Kind{schema.KindMemo}
	act         = []schema.Kind{schema.KindAct}
	primaries   = []schema.Kind{schema.KindMemo, schema.KindAct}
	answers     = []schema.Kind{schema.KindApproval, schema.KindRejection}
	rejections  = []schema.Kind{schema.KindRejection}
	stateReport = []schema.Kind{schema.KindStateReport}
	movements   = []schema.Kind{schema.KindMovements}
)

// Rules is the whole list, in the order in which findings are reported.
func Rules() []Rule { return slices.Clone(rules) }

var rules = slices.Concat(consignmentRules, primaryRules)

// consignmentRules are those of consignment notes, of what belongs to them, and of every document
// alike.
var consignmentRules = []Rule{
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
	{"time of making", schema.Authenticity, slices.Concat(authenticated, registers), "288 п. 1.5", createdInFuture},
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

// primaryRules are those of memos and acts, of the answers to them, and of what the railway says of
// them. They know one stage, like ЭД №1: what the carrier has signed gets one ЭСИД, and so does
// what the client answers.
var primaryRules = []Rule{
	{"making of a primary document", schema.Authenticity, slices.Concat(primaries, answers, stateReport, movements), "1166/р п. 2.10, 3.11", createdInFuture},
	{"wagons of a primary document", schema.Authenticity, primaries, "Д-720у п. 3", repeatedWagons},
	{"containers and their sizes", schema.Authenticity, primaries, "Д-720у п. 3.5", containersOfPrimary},
	{"number in its scope", schema.Authenticity, primaries, "Д-720у п. 2", numberInScope},
	{"addressee", schema.Authenticity, primaries, "1166/р п. 2.10, 3.11", addressee},
	{"agreement of the addressee", schema.Authenticity, primaries, "Правила приема грузов п. 95", agreedWithAddressee},

	{"numbers of a memo", schema.Authenticity, memo, "Д-720у п. 3.1–3.5", checkDigits},
	{"codes of a memo", schema.Authenticity, memo, "Д-720у п. 3.3–3.5, 3.12", codesOfMemo},
	{"times of a memo", schema.Authenticity, memo, "Д-720у п. 3.6–3.8", timesOfMemo},
	{"groups of a memo", schema.Authenticity, memo, "Д-720у п. 3.6", groupsOfMemo},
	{"supply and acts", schema.Authenticity, memo, "Д-720у п. 3.6", supplyByActs},
	{"delay and acts", schema.Authenticity, memo, "Д-720у п. 3.9, 3.10", delayOfMemo},
	{"message 1397", schema.Authenticity, memo, "1166/р п. 2.6", movementOfMemo},
	{"supply before removal", schema.Authenticity, memo, "1166/р п. 2.9.4", supplyBeforeRemoval},
	{"one supply at a time", schema.Authenticity, memo, "Д-720у п. 1", supplyLeftOpen},

	{"numbers of an act", schema.Authenticity, act, "1166/р п. 3.11", checkDigits},
	{"codes of an act", schema.Authenticity, act, "1166/р п. 3.11", codesOfAct},
	{"times of an act", schema.Authenticity, act, "Д-720у п. 3.9", timesOfAct},
	{"start before end", schema.Authenticity, act, "1166/р п. 3.10", startBeforeEnd},
	{"acts and memos", schema.Authenticity, act, "Д-720у п. 3.6, 3.9", memosOfAct},

	{"addressed to the organisation", schema.Authenticity, answers, "1166/р п. 2.10, 3.11", addressed},
	{"agreed form", schema.Authenticity, answers, "Правила приема грузов п. 95", agreedKind},
	{"signatory of an answer", schema.Authenticity, answers, "1166/р п. 2.10, 3.11", signatory},
	{"named signatory of an answer", schema.Authenticity, answers, "1166/р п. 2.10, 3.11", namedSignatory},
	{"numbers of an answer", schema.Authenticity, answers, "1166/р п. 2.10, 3.11", checkDigits},
	{"reasons of a rejection", schema.Authenticity, rejections, "1166/р п. 2.15, 3.14", rejection},

	{"state reported", schema.Authenticity, stateReport, "1166/р п. 2.12, 3.13, 4.1", stateReported},

	{"numbers of message 1397", schema.Authenticity, movements, "1166/р п. 2.6", checkDigits},
	{"codes of message 1397", schema.Authenticity, movements, "1166/р п. 2.6", codesOfMovements},
	{"message 1397 and memos", schema.Authenticity, movements, "1166/р п. 2.6", memosOfMovements},
}
