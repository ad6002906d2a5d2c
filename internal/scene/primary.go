package scene

import (
	"time"

	"asugate/schema"
)

// Memo is a памятка приемосдатчика ГУ-45ВЦ before the railway signs it. Zero fields get the values of
// an ordinary one: one wagon, on supply.
type Memo struct {
	DocumentID  string
	Version     int
	Sender      string
	Receiver    string
	Environment string
	CreatedAt   time.Time
	Number      string
	Operation   string
	Wagons      []string           // whose rows are ordinary
	Change      func(*schema.Memo) // of what is complete by then; may be nil
}

// Act is an акт общей формы ГУ-23ВЦ before the railway signs it. Zero fields get the values of an
// ordinary one: the start of a delay of one wagon.
type Act struct {
	DocumentID  string
	Version     int
	Sender      string
	Receiver    string
	Environment string
	CreatedAt   time.Time
	Number      string
	Kind        string
	Wagons      []string
	Start       string            // DocumentID of the act on the start; may be empty
	Change      func(*schema.Act) // of what is complete by then; may be nil
}

// Answer is what the client says of a memo or act: an Approval, or with Disagreements a Rejection.
type Answer struct {
	DocumentID    string
	Version       int
	Sender        string
	Receiver      string
	Environment   string
	CreatedAt     time.Time
	Of            Reference
	Disagreements []schema.Disagreement
	Signatory     *Persona
}

// StateReport is what the railway says of the state of a memo or act.
type StateReport struct {
	DocumentID  string
	Version     int
	Sender      string
	Receiver    string
	Environment string
	CreatedAt   time.Time
	Of          string // DocumentID
	OfVersion   int    // zero: not said
	State       string
	StateID     int
	Reason      string
}

// Movements is a copy of message 1397. Zero fields get the values of an ordinary one.
type Movements struct {
	DocumentID  string
	Version     int
	Sender      string
	Receiver    string
	Environment string
	CreatedAt   time.Time
	Station     string
	Rows        []schema.Movement
}

// Memo writes a memo.
func (s *Scene) Memo(m Memo) []byte {
	s.ordinaryHeader(&m.DocumentID, &m.Version, &m.Sender, &m.Receiver, &m.CreatedAt)
	orElse(&m.Number, "10983")
	orElse(&m.Operation, schema.OperationSupply)
	if m.Wagons == nil {
		m.Wagons = []string{"63498000"}
	}
	data := s.ordinaryMemo(m)
	if m.Change != nil {
		m.Change(&data)
	}
	return fill("Memo", struct {
		Memo
		Data string
	}{m, MemoData(data)})
}

// Act writes an act.
func (s *Scene) Act(a Act) []byte {
	s.ordinaryHeader(&a.DocumentID, &a.Version, &a.Sender, &a.Receiver, &a.CreatedAt)
	orElse(&a.Number, "417")
	orElse(&a.Kind, schema.ActStart)
	if a.Wagons == nil {
		a.Wagons = []string{"63498000"}
	}
	data := s.ordinaryAct(a)
	if a.Change != nil {
		a.Change(&data)
	}
	return fill("Act", struct {
		Act
		Data string
	}{a, ActData(data)})
}

// Approval writes the client's word that it agrees.
func (s *Scene) Approval(a Answer) []byte { return s.answer("Approval", a) }

// Rejection writes the client's word that it does not agree. Without disagreements it is that with
// the time of supply, in graph 6.
func (s *Scene) Rejection(a Answer) []byte {
	if a.Disagreements == nil {
		a.Disagreements = []schema.Disagreement{{Graph: "6", Text: "Вагон подан на час позже"}}
	}
	return s.answer("Rejection", a)
}

func (s *Scene) answer(kind string, a Answer) []byte {
	orElse(&a.Sender, "SHIP-01")
	s.ordinaryHeader(&a.DocumentID, &a.Version, &a.Sender, &a.Receiver, &a.CreatedAt)
	orElse(&a.Signatory, s.Signatory)
	return fill("Answer", struct {
		Answer
		Kind string
	}{a, kind})
}

// StateReport writes what the railway reports; without a state it is the request to spoil.
func (s *Scene) StateReport(r StateReport) []byte {
	s.ordinaryHeader(&r.DocumentID, &r.Version, &r.Sender, &r.Receiver, &r.CreatedAt)
	orElse(&r.State, schema.ReportSpoiling)
	return fill("StateReport", r)
}

// Movements writes a copy of message 1397; without rows one wagon was supplied as Memo says.
func (s *Scene) Movements(m Movements) []byte {
	s.ordinaryHeader(&m.DocumentID, &m.Version, &m.Sender, &m.Receiver, &m.CreatedAt)
	orElse(&m.Station, ends[""].Code)
	if m.Rows == nil {
		m.Rows = []schema.Movement{{Wagon: "63498000", Operation: schema.OperationSupply, At: s.Supplied()}}
	}
	return fill("Movements", m)
}

// Supplied is when the wagons of an ordinary memo were supplied, and Removed when they were removed.
func (s *Scene) Supplied() time.Time { return s.Now.Add(-6 * time.Hour).Truncate(time.Minute) }

// Removed is when the wagons of an ordinary memo were removed.
func (s *Scene) Removed() time.Time { return s.Now.Add(-time.Hour).Truncate(time.Minute) }

// ordinaryHeader is that of a document of the railway.
func (s *Scene) ordinaryHeader(id *string, version *int, sender, receiver *string, created *time.Time) {
	orElse(id, NewID())
	orElse(version, 1)
	orElse(sender, "RZD")
	orElse(receiver, "RZD")
	orElse(created, s.Now)
}

// ordinaryMemo has the times that its operation asks for (Д-720у 3.6–3.8).
func (s *Scene) ordinaryMemo(m Memo) schema.Memo {
	data := schema.Memo{
		Number: m.Number, Operation: m.Operation, Station: ends[""], Owner: shipper,
		Place: "Путь № 5 грузового двора", Siding: "5", Locomotive: schema.OfCarrier,
		ComposedAt: m.CreatedAt, Signatory: officePerson,
	}
	for i, number := range m.Wagons {
		w := schema.MemoWagon{Order: i + 1, Number: number, Administration: "20", Ownership: "СОБ", Operation: "пгр"}
		if m.Operation != schema.OperationRemoval {
			w.Supplied = s.Supplied()
		}
		if m.Operation != schema.OperationSupply {
			w.Cargo = []schema.Cargo{{ETSNG: "421034", Name: "Пиломатериалы"}}
			w.Notified, w.Removed = s.Removed().Add(-time.Hour), s.Removed()
		}
		if len(number) > 8 {
			w.Administration = ""
		}
		data.Wagons = append(data.Wagons, w)
	}
	return data
}

// ordinaryAct is on wagons that the shipper's siding had no place for.
func (s *Scene) ordinaryAct(a Act) schema.Act {
	data := schema.Act{
		Number: a.Number, Kind: a.Kind, Cause: schema.CauseSupplyDelay, Station: ends[""],
		Departure: ends[schema.TrafficDomestic], Destination: ends[""], Owner: shipper, Siding: "5",
		ComposedAt: a.CreatedAt, OpenedAt: s.Supplied().Add(-4 * time.Hour),
		Circumstances: "Вагоны простаивают на путях станции ввиду занятости выставочного пути",
		Present:       []schema.Person{{Name: "Котова Вера Ильинична", Post: "дежурный по станции"}},
		Signatory:     officePerson,
	}
	if a.Kind == schema.ActEnd {
		data.ClosedAt = s.Supplied()
		data.StartAct.DocumentID = a.Start
	}
	for _, number := range a.Wagons {
		data.Wagons = append(data.Wagons, schema.ActWagon{Number: number, Owner: "АО «ПГК»", Cargo: "Пиломатериалы"})
	}
	return data
}

// shipper is the client of the scene as the railway's documents name it.
var shipper = schema.Party{OrgID: schema.OrgID{INN: "7707083893", KPP: "770801001"}, Name: "ООО «Лесоторговый дом»"}

// officePerson is whom the railway's documents name as their signatory.
var officePerson = schema.Person{Name: "Служба коммерческой работы", Post: "технолог"}
