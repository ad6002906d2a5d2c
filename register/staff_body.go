package register

import (
	"encoding/json"
	"fmt"

	"asugate/schema"
)

// staffBody is a staff list as it is stored. It is a form of its own, so that a change to the Go
// types of documents cannot change the meaning of what is on disk.
type staffBody struct {
	Organisation orgBody     `json:"organisation"`
	Version      int         `json:"version"`
	Entries      []entryBody `json:"entries"`
	Proxies      []proxyBody `json:"proxies,omitempty"`
}

type orgBody struct {
	INN    string `json:"inn,omitempty"`
	KPP    string `json:"kpp,omitempty"`
	OKPO   string `json:"okpo,omitempty"`
	OGRN   string `json:"ogrn,omitempty"`
	EDRPOU string `json:"edrpou,omitempty"`
}

type personBody struct {
	Name   string `json:"name"`
	Post   string `json:"post,omitempty"`
	SNILS  string `json:"snils,omitempty"`
	INN    string `json:"inn,omitempty"`
	RNOKPP string `json:"rnokpp,omitempty"`
}

type entryBody struct {
	personBody
	Order     string   `json:"order,omitempty"`
	OrderDate day      `json:"order_date,omitzero"`
	Works     []string `json:"works"`
	MaySign   bool     `json:"may_sign,omitempty"`
	Stations  []string `json:"stations,omitempty"`
	From      day      `json:"from,omitzero"`
	To        day      `json:"to,omitzero"`
	Issuer    string   `json:"issuer,omitempty"`
	Serial    string   `json:"serial,omitempty"`
	Recipient string   `json:"recipient,omitempty"`
	Unsaid    bool     `json:"right_unsaid,omitempty"`
}

type proxyBody struct {
	Number     string        `json:"number"`
	Date       day           `json:"date,omitzero"`
	Registry   string        `json:"registry,omitempty"`
	GivenBy    personBody    `json:"given_by,omitzero"`
	Principals []personBody  `json:"principals,omitempty"`
	Holder     personBody    `json:"holder"`
	Issuer     string        `json:"issuer,omitempty"` // of the certificate
	Serial     string        `json:"serial,omitempty"`
	Kinds      []schema.Kind `json:"kinds,omitempty"`
	Branches   []string      `json:"branches,omitempty"`
	From       day           `json:"from,omitzero"`
	To         day           `json:"to,omitzero"`
	Withdrawn  day           `json:"withdrawn,omitzero"`
}

// day is written 2006-01-02.
type day schema.Date

func (d day) MarshalText() ([]byte, error) { return []byte(schema.Date(d).String()), nil }

func (d *day) UnmarshalText(b []byte) error {
	date, err := schema.ParseDate(string(b))
	*d = day(date)
	return err
}

func encodeStaff(l *schema.StaffList) ([]byte, error) {
	body := staffBody{Organisation: orgBody(l.Organisation), Version: l.Version}
	for i := range l.Entries {
		e := &l.Entries[i]
		body.Entries = append(body.Entries, entryBody{
			personBody: personOf(e.Person), Order: e.OrderNumber, OrderDate: day(e.OrderDate),
			Works: e.Works, MaySign: e.MaySign, Stations: e.Stations, From: day(e.From), To: day(e.To),
			Issuer: e.Certificate.Issuer, Serial: e.Certificate.Serial,
			Recipient: e.Recipient, Unsaid: e.RightUnsaid,
		})
	}
	for i := range l.Proxies {
		p := &l.Proxies[i]
		b := proxyBody{
			Number: p.Number, Date: day(p.Date), Registry: p.Registry,
			GivenBy: personOf(p.Issuer), Holder: personOf(p.Holder),
			Issuer: p.Certificate.Issuer, Serial: p.Certificate.Serial, Kinds: p.Kinds, Branches: p.Branches,
			From: day(p.From), To: day(p.To), Withdrawn: day(p.Withdrawn),
		}
		for _, principal := range p.Principals {
			b.Principals = append(b.Principals, personOf(principal))
		}
		body.Proxies = append(body.Proxies, b)
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encoding a staff list: %w", err)
	}
	return encoded, nil
}

func decodeStaff(encoded []byte) (schema.StaffList, error) {
	var body staffBody
	if err := json.Unmarshal(encoded, &body); err != nil {
		return schema.StaffList{}, fmt.Errorf("decoding a staff list: %w", err)
	}
	l := schema.StaffList{Organisation: schema.OrgID(body.Organisation), Version: body.Version}
	for i := range body.Entries {
		e := &body.Entries[i]
		l.Entries = append(l.Entries, schema.StaffEntry{
			Person: e.person(), OrderNumber: e.Order, OrderDate: schema.Date(e.OrderDate),
			Works: e.Works, MaySign: e.MaySign, Stations: e.Stations,
			From: schema.Date(e.From), To: schema.Date(e.To),
			Certificate: schema.CertificateRef{Issuer: e.Issuer, Serial: e.Serial},
			Recipient:   e.Recipient, RightUnsaid: e.Unsaid,
		})
	}
	for i := range body.Proxies {
		b := &body.Proxies[i]
		p := schema.PowerOfAttorney{
			Number: b.Number, Date: schema.Date(b.Date), Registry: b.Registry,
			Issuer: b.GivenBy.person(), Holder: b.Holder.person(),
			Certificate: schema.CertificateRef{Issuer: b.Issuer, Serial: b.Serial},
			Kinds:       b.Kinds, Branches: b.Branches,
			From: schema.Date(b.From), To: schema.Date(b.To), Withdrawn: schema.Date(b.Withdrawn),
		}
		for _, principal := range b.Principals {
			p.Principals = append(p.Principals, principal.person())
		}
		l.Proxies = append(l.Proxies, p)
	}
	return l, nil
}

func personOf(p schema.Person) personBody {
	return personBody{p.Name, p.Post, p.SNILS, p.INN, p.RNOKPP}
}

func (p personBody) person() schema.Person {
	return schema.Person{
		Name: p.Name, Post: p.Post,
		PersonID: schema.PersonID{SNILS: p.SNILS, INN: p.INN, RNOKPP: p.RNOKPP},
	}
}
