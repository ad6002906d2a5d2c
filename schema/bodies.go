package schema

import "time"

// Waybill is ЭД №1: the data of the original of the consignment note (288 п. 1.5).
type Waybill struct {
	Traffic              string // domestic
	DepartureStation     string // ЕСР, 6 digits
	DestinationStation   string
	Consignor, Consignee Party
	Cargo                []Cargo
	Wagons               []Wagon
	Signatory            Person
}

// Cargo is one line of the consignment note. GNG and Packages may be absent.
type Cargo struct {
	ETSNG, GNG, Name string
	MassKg           int64
	Packages         int
}

// Wagon is named by its number, 8 digits on 1520 mm, 12 by UIC. ЭД №2 does not repeat the owner.
type Wagon struct{ Number, Owner string }

// Placement is ЭД №2: how the cargo is placed and fastened, and who answers for it (288 п. 1.5,
// 1.6).
type Placement struct {
	Waybill   Reference
	Traffic   string
	Norm      Norm
	Fasteners []Fastener
	Wagons    []Wagon
	WorkDate  Date
	Performer Person // ответственный работник, под руководством которого груз размещен и закреплен
	Proxy     *Proxy // only when signed by proxy
	Text      string
}

// Norm is the document by which the cargo is placed: type tu for Технические условия ЦМ-943.
type Norm struct{ Type, Figure, Chapter, Section string }

// Fastener is one средство крепления (288 fn. 5).
type Fastener struct {
	Name     string
	Quantity int
	Strands  int // нитей, 0: none
}

// Proxy is the power of attorney by which someone else signs for the performer (288 fn. 6).
type Proxy struct {
	Number string
	Date   Date
	Signer Person
}

// PaperSwitch is the consignor's decision for paper (288 п. 1.5, 2.1.2, 2.1.4); it ends the
// electronic branch.
type PaperSwitch struct {
	Waybill Reference // Version and SHA256 may be absent
	Person  Person
	At      time.Time
	Reason  string
}

// StaffList is the responsible staff of one organisation at one version, with its powers of
// attorney (288 п. 1.4, 1.7).
type StaffList struct {
	Organisation OrgID
	Version      int
	Entries      []StaffEntry
	Proxies      []PowerOfAttorney
}

// StaffEntry is the appointment of one worker by one order (288 п. 1.4).
type StaffEntry struct {
	Person
	OrderNumber string
	OrderDate   Date
	Works       []string       // loading | unloading | placement
	MaySign     bool           // право подписания
	Stations    []string       // ЕСР; empty: all
	From, To    Date           // inclusive; zero To: open
	Certificate CertificateRef // optional: registered issuer + serial
}

// PowerOfAttorney is a registered доверенность.
type PowerOfAttorney struct {
	Number      string
	Date        Date
	Holder      Person
	Certificate CertificateRef
	Kinds       []Kind // scope; empty: all
	From, To    Date
	Withdrawn   Date // zero: not
}

// OfficeNotice is the railway's own answer to a document of the client.
type OfficeNotice struct {
	InReplyTo     Reference
	Participant   string
	Registration  string // регистрационный номер
	State, Reason string
}
