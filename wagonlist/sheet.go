package wagonlist

import (
	"errors"
	"strings"
	"time"

	"asugate/schema"
)

// ErrNotPair: what was handed in is not an ЭД №1 and the ЭД №2 on it.
var ErrNotPair = errors.New("not the two documents of one consignment note")

// The forms in which the statement on placement is signed for (288 сноска 8).
const (
	Signed = "signed" // Подписано ЭП (должность, Ф.И.О.)
	Proxy  = "proxy"  // За … подписано ЭП … по доверенности N … от …
	Blank  = "blank"  // without an electronic signature: a place to sign by hand
)

// CheckLine is the separate line below the statement, for the railway's worker who checks loading and
// fastening (288 п. 1.8). The blank for his signature follows.
const CheckLine = "Груз погружен и закреплен правильно. Наличие растяжек от разворота проверил"

// Accepted is a document that was accepted, with the digest under which it was.
type Accepted struct {
	Document schema.Document
	Content  string // hex SHA-256 of what is signed
}

// Permission is the ЭСИД that permits the wagon list.
type Permission struct {
	MessageID string
	At        time.Time // in the railway's zone
}

// Reference names a document in its exact version.
type Reference struct {
	DocumentID string
	Version    int
	SHA256     string
}

// Sheet is the lower part of a wagon list.
type Sheet struct {
	Environment string // test | production
	Waybill     Reference
	Placement   *Reference // nil: nothing was signed electronically
	Permission  Permission

	Number                 string // of the consignment note, when it has one
	Consignor              schema.Party
	Departure, Destination schema.Station
	Wagons                 []string
	Containers             []string

	Text      string // of ЭД №2 up to the word for who signs; empty when Blank
	Caption   string // that word: «Грузоотправитель» or «Отправитель»
	Form      string // signed | proxy | blank
	Performer schema.Person
	Proxy     *schema.Proxy // of Form proxy
}

// Of is the sheet of a consignment note of which both documents are accepted.
func Of(waybill, placement Accepted, by Permission, environment string) (Sheet, error) {
	w, p := waybill.Document.Waybill(), placement.Document.Placement()
	if w == nil || p == nil {
		return Sheet{}, ErrNotPair
	}
	if of, _ := schema.CanonicalID(p.Waybill.DocumentID); of != waybill.Document.ID() {
		return Sheet{}, ErrNotPair
	}
	s := sheet(waybill, by, environment)
	s.Placement = reference(placement)
	s.Wagons = numbers(p.Wagons)
	s.Text, s.Caption = statement(p)
	s.Form, s.Performer = Signed, p.Performer
	if p.Proxy != nil {
		s.Form, s.Proxy = Proxy, p.Proxy
	}
	return s, nil
}

// ByHand is the sheet of a note whose placement is signed for on paper, by agreement: with a place for
// statement and signature (288 сноска 8).
func ByHand(waybill Accepted, by Permission, environment string) (Sheet, error) {
	if waybill.Document.Waybill() == nil {
		return Sheet{}, ErrNotPair
	}
	s := sheet(waybill, by, environment)
	s.Wagons = numbers(waybill.Document.Waybill().Wagons)
	s.Caption, s.Form = captions[0], Blank
	return s, nil
}

// sheet has what comes from ЭД №1.
func sheet(waybill Accepted, by Permission, environment string) Sheet {
	w := waybill.Document.Waybill()
	s := Sheet{
		Environment: environment, Waybill: *reference(waybill), Permission: by, Number: w.Number,
		Consignor: w.Consignor, Departure: w.Departure, Destination: w.Destination,
	}
	s.Departure.Code, s.Destination.Code = w.DepartureStation, w.DestinationStation
	for _, c := range w.Containers {
		s.Containers = append(s.Containers, c.Number)
	}
	return s
}

func reference(a Accepted) *Reference {
	return &Reference{DocumentID: a.Document.ID(), Version: a.Document.Version(), SHA256: a.Content}
}

func numbers(wagons []schema.Wagon) []string {
	list := make([]string, 0, len(wagons))
	for _, w := range wagons {
		list = append(list, w.Number)
	}
	return list
}

// Signature is what stands after the word for who signs; empty for a place to sign by hand.
func (s Sheet) Signature() string {
	switch s.Form {
	case Signed:
		return "Подписано ЭП " + title(s.Performer)
	case Proxy:
		return "За " + title(s.Performer) + " подписано ЭП " + title(s.Proxy.Signer) +
			" по доверенности N " + s.Proxy.Number + " от " + s.Proxy.Date.Russian()
	}
	return ""
}

// title is post and name, «(должность, Ф.И.О.)».
func title(p schema.Person) string { return strings.TrimSpace(p.Post + " " + p.Name) }
