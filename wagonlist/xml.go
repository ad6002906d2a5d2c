package wagonlist

import (
	"encoding/xml"
	"time"

	"asugate/schema"
)

// The elements of WagonList.xsd.
type (
	sheetXML struct {
		XMLName     xml.Name      `xml:"urn:asugate:1 WagonList"`
		Format      string        `xml:"Format,attr"`
		Environment string        `xml:"Environment,attr,omitempty"`
		Waybill     referenceXML  `xml:"Waybill"`
		Placement   *referenceXML `xml:"Placement"`
		Permission  permissionXML `xml:"Permission"`
		Consignor   partyXML      `xml:"Consignor"`
		Departure   stationXML    `xml:"Departure"`
		Destination stationXML    `xml:"Destination"`
		Wagons      []numberXML   `xml:"Wagon"`
		Containers  []numberXML   `xml:"Container"`
		Text        string        `xml:"Text,omitempty"`
		Signature   signatureXML  `xml:"Signature"`
		Check       string        `xml:"Check"`
	}
	referenceXML struct {
		DocumentID string `xml:"DocumentID,attr"`
		Version    int    `xml:"Version,attr"`
		SHA256     string `xml:"SHA256,attr"`
		Number     string `xml:"Number,attr,omitempty"`
	}
	permissionXML struct {
		MessageID string `xml:"MessageID,attr"`
		At        string `xml:"At,attr"`
	}
	partyXML struct {
		INN    string `xml:"inn,attr,omitempty"`
		KPP    string `xml:"kpp,attr,omitempty"`
		OKPO   string `xml:"okpo,attr,omitempty"`
		OGRN   string `xml:"ogrn,attr,omitempty"`
		EDRPOU string `xml:"edrpou,attr,omitempty"`
		Name   string `xml:"Name"`
	}
	stationXML struct {
		Code string `xml:"station,attr"`
		Name string `xml:"name,attr,omitempty"`
	}
	numberXML struct {
		Number string `xml:"number,attr"`
	}
	personXML struct {
		Post string `xml:"post,attr,omitempty"`
		Name string `xml:",chardata"`
	}
	proxyXML struct {
		Number string    `xml:"number,attr"`
		Date   string    `xml:"date,attr"`
		Signer personXML `xml:"Signer"`
	}
	signatureXML struct {
		Form      string     `xml:"form,attr"`
		Caption   string     `xml:"Caption"`
		Performer *personXML `xml:"Performer"`
		Proxy     *proxyXML  `xml:"Proxy"`
		Line      string     `xml:"Line,omitempty"`
	}
)

// XML is the sheet as WagonList.xsd has it. The same sheet always has the same bytes.
func (s Sheet) XML() ([]byte, error) {
	x := sheetXML{
		Format: "1.0", Environment: s.Environment,
		Waybill:    referenceOf(s.Waybill, s.Number),
		Permission: permissionXML{s.Permission.MessageID, s.Permission.At.Format(time.RFC3339Nano)},
		Consignor: partyXML{
			INN: s.Consignor.INN, KPP: s.Consignor.KPP, OKPO: s.Consignor.OKPO, OGRN: s.Consignor.OGRN,
			EDRPOU: s.Consignor.EDRPOU, Name: s.Consignor.Name,
		},
		Departure:   stationXML{s.Departure.Code, s.Departure.Name},
		Destination: stationXML{s.Destination.Code, s.Destination.Name},
		Wagons:      numbered(s.Wagons), Containers: numbered(s.Containers),
		Text:      s.Text,
		Signature: signatureXML{Form: s.Form, Caption: s.Caption + ":", Line: s.Signature()},
		Check:     CheckLine,
	}
	if s.Placement != nil {
		r := referenceOf(*s.Placement, "")
		x.Placement = &r
	}
	if s.Form != Blank {
		p := personOf(s.Performer)
		x.Signature.Performer = &p
	}
	if s.Proxy != nil {
		x.Signature.Proxy = &proxyXML{s.Proxy.Number, s.Proxy.Date.String(), personOf(s.Proxy.Signer)}
	}
	body, err := xml.MarshalIndent(x, "", "  ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(body, '\n')...), nil
}

func referenceOf(r Reference, number string) referenceXML {
	return referenceXML{r.DocumentID, r.Version, r.SHA256, number}
}

// personOf leaves out the identifiers: nobody needs them beside a wagon.
func personOf(p schema.Person) personXML { return personXML{p.Post, p.Name} }

func numbered(list []string) (x []numberXML) {
	for _, n := range list {
		x = append(x, numberXML{n})
	}
	return x
}
