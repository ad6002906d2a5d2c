package register

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"

	"asugate/schema"
)

// xmlStaff is a document of the kind StaffList (schema/xsd/StaffList.xsd), not signed.
type xmlStaff struct {
	XMLName xml.Name   `xml:"urn:asugate:1 StaffList"`
	ID      string     `xml:"ID,attr"`
	Format  string     `xml:"Format,attr"`
	Version int        `xml:"Version,attr"`
	Header  xmlHeader  `xml:"Header"`
	For     xmlOrg     `xml:"For"`
	Entries []xmlEntry `xml:"Entry"`
	Proxies []xmlProxy `xml:"PowerOfAttorney"`
}

type xmlHeader struct {
	DocumentID   string `xml:"DocumentID"`
	CreatedAt    string `xml:"CreatedAt"`
	Sender       string `xml:"Sender"`
	Organisation xmlOrg `xml:"Organisation"`
	Receiver     string `xml:"Receiver"`
}

type xmlOrg struct {
	INN    string `xml:"inn,attr,omitempty"`
	KPP    string `xml:"kpp,attr,omitempty"`
	OKPO   string `xml:"okpo,attr,omitempty"`
	OGRN   string `xml:"ogrn,attr,omitempty"`
	EDRPOU string `xml:"edrpou,attr,omitempty"`
}

type xmlPerson struct {
	Post   string `xml:"post,attr"`
	SNILS  string `xml:"snils,attr,omitempty"`
	INN    string `xml:"inn,attr,omitempty"`
	RNOKPP string `xml:"rnokpp,attr,omitempty"`
	Name   string `xml:",chardata"`
}

type xmlPrincipal struct {
	SNILS  string `xml:"snils,attr,omitempty"`
	INN    string `xml:"inn,attr,omitempty"`
	RNOKPP string `xml:"rnokpp,attr,omitempty"`
	Name   string `xml:",chardata"`
}

type xmlOrder struct {
	Number string `xml:"number,attr"`
	Date   string `xml:"date,attr"`
}

type xmlCertificate struct {
	Issuer string `xml:"issuer,attr"`
	Serial string `xml:"serial,attr"`
}

type xmlEntry struct {
	Recipient   string          `xml:"recipient,attr,omitempty"`
	Person      xmlPerson       `xml:"Person"`
	Order       xmlOrder        `xml:"Order"`
	Works       []string        `xml:"Work"`
	MaySign     *bool           `xml:"MaySign"`
	Stations    []string        `xml:"Station"`
	From        string          `xml:"From"`
	To          string          `xml:"To,omitempty"`
	Certificate *xmlCertificate `xml:"Certificate"`
}

type xmlProxy struct {
	xmlOrder
	From        string          `xml:"from,attr"`
	To          string          `xml:"to,attr,omitempty"`
	Withdrawn   string          `xml:"withdrawn,attr,omitempty"`
	Registry    string          `xml:"registry,attr,omitempty"`
	Holder      xmlPerson       `xml:"Holder"`
	Issuer      *xmlPerson      `xml:"Issuer"`
	Principals  []xmlPrincipal  `xml:"Principal"`
	Kinds       []schema.Kind   `xml:"Kind"`
	Branches    []string        `xml:"Branch"`
	Certificate *xmlCertificate `xml:"Certificate"`
}

// WriteStaffXML writes the list as an unsigned document of the kind StaffList, ready to be signed.
func WriteStaffXML(w io.Writer, l *schema.StaffList, h schema.Header) error {
	doc := xmlStaff{
		ID: "staff", Format: "1.0", Version: l.Version, For: xmlOrg(l.Organisation),
		Header: xmlHeader{
			DocumentID: h.DocumentID, CreatedAt: h.CreatedAt.Format(time.RFC3339),
			Sender: h.Sender, Organisation: xmlOrg(h.Organisation), Receiver: h.Receiver,
		},
	}
	for i := range l.Entries {
		doc.Entries = append(doc.Entries, xmlEntryOf(&l.Entries[i]))
	}
	for i := range l.Proxies {
		doc.Proxies = append(doc.Proxies, xmlProxyOf(&l.Proxies[i]))
	}
	encoded, err := xml.MarshalIndent(doc, "", "  ")
	if err == nil {
		_, err = io.WriteString(w, xml.Header+string(encoded)+"\n")
	}
	if err != nil {
		return fmt.Errorf("writing a staff list: %w", err)
	}
	return nil
}

func xmlEntryOf(e *schema.StaffEntry) xmlEntry {
	x := xmlEntry{
		Recipient: e.Recipient, Person: xmlPersonOf(e.Person),
		Order: xmlOrder{e.OrderNumber, e.OrderDate.String()}, Works: e.Works, Stations: e.Stations,
		From: e.From.String(), To: e.To.String(), Certificate: xmlCertificateOf(e.Certificate),
	}
	if !e.RightUnsaid {
		x.MaySign = &e.MaySign
	}
	return x
}

func xmlProxyOf(p *schema.PowerOfAttorney) xmlProxy {
	x := xmlProxy{
		xmlOrder: xmlOrder{p.Number, p.Date.String()}, Holder: xmlPersonOf(p.Holder),
		From: p.From.String(), To: p.To.String(), Withdrawn: p.Withdrawn.String(), Registry: p.Registry,
		Kinds: p.Kinds, Branches: p.Branches, Certificate: xmlCertificateOf(p.Certificate),
	}
	if p.Issuer.Name != "" {
		x.Issuer = &xmlPerson{Name: p.Issuer.Name, Post: p.Issuer.Post}
	}
	for _, worker := range p.Principals {
		x.Principals = append(x.Principals, xmlPrincipal{worker.SNILS, worker.INN, worker.RNOKPP, worker.Name})
	}
	return x
}

func xmlPersonOf(p schema.Person) xmlPerson {
	return xmlPerson{Name: p.Name, Post: p.Post, SNILS: p.SNILS, INN: p.INN, RNOKPP: p.RNOKPP}
}

func xmlCertificateOf(r schema.CertificateRef) *xmlCertificate {
	if r.IsZero() {
		return nil
	}
	return &xmlCertificate{r.Issuer, r.Serial}
}
