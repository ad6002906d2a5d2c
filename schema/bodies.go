package schema

import "time"

// The kinds of traffic («вид сообщения», 288 п. 1.2, 1.3).
const (
	TrafficDomestic      = "domestic"      // внутригосударственное
	TrafficInternational = "international" // прямое международное между государствами Таможенного союза
	TrafficKaliningrad   = "kaliningrad"   // с Калининградской ж.д. и на неё: по правилам международного
)

// The kinds of shipment («вид отправки»). By them the composition of the note is decided (288 сноска
// 3).
const (
	ShipmentWagon        = "wagon"         // повагонная
	ShipmentGroup        = "group"         // групповая
	ShipmentRoute        = "route"         // маршрутная
	ShipmentContainer    = "container"     // контейнерная
	ShipmentContainerSet = "container-set" // комплект контейнеров на вагоне
	ShipmentSmall        = "small"         // мелкая
)

// How the wagons of the note run («рейс»); what says nothing is RunLoaded.
const (
	RunLoaded = "loaded" // груженый
	RunEmpty  = "empty"  // порожний: no cargo, so that nothing is placed or fastened but returned МСК
)

// Who loads, and who provides the wagon.
const (
	ByConsignor = "consignor"
	ByCarrier   = "carrier"
)

// Waybill is ЭД №1: the data of the original of the consignment note (288 п. 1.5, сноска 3). What a
// document leaves out is the zero value. Numbers and codes are as they are compared: without spaces
// and hyphens, with the check digits and zeros that the document left out. Where that is not how
// they are written, a finding of Parse has both.
type Waybill struct {
	Number               string // of the note, when the railway has given one: «ЭА123456»
	Traffic              string
	Shipment             string // вид отправки; empty: not said, as in documents of the first form
	Run                  string // рейс: RunLoaded | RunEmpty; empty: not said
	DepartureStation     string // ЕСР, 6 digits
	DestinationStation   string
	Departure            Station // the same with name and road
	Destination          Station
	Consignor, Consignee Party
	Payer                Party
	Cargo                []Cargo
	Wagons               []Wagon
	Containers           []Container
	Seals                []Seal
	LoadedOn             Date      // погружен
	PresentedAt          time.Time // груз предъявлен к перевозке, where it is known
	SMGS                 *SMGS     // of the international form only
	Signatory            Person
}

// Station of a consignment note.
type Station struct {
	Code string // ЕСР
	Name string
	Road string // код железной дороги, 2 digits
}

// Cargo is one line of the consignment note. GNG and Packages may be absent.
type Cargo struct {
	ETSNG, GNG, Name string
	MassKg           int64
	Packages         int
	Packing          string // род упаковки
}

// Wagon is named by its number, 8 digits on 1520 mm, 12 by UIC. ЭД №2 repeats the number only.
type Wagon struct {
	Number         string
	Owner          string
	Administration string // железнодорожная администрация, 2 digits
	Ownership      string // принадлежность: common (инвентарный), own, leased, or a mnemonic
	Type           string // род вагона: КР, ПЛ, ПВ, ЦС
	Model          string // модель: 13-9009
	CapacityT      string // грузоподъемность, т
	TareT          string // масса тары, т
	Axles          int
	ProvidedBy     string // кем предоставлен: ByConsignor | ByCarrier
}

// Container by ISO 6346, or an older one of 9 digits.
type Container struct {
	Number string
	Type   string // типоразмер: 22G1, 20, 40
	Wagon  string // the wagon on which it goes; empty when there is one
	TareKg int64
}

// Seal is a запорно-пломбировочное устройство (ЗПУ).
type Seal struct {
	Number string
	Type   string
	On     string // the wagon or container
}

// SMGS is what the front of sheet 1 of the SMGS note has besides (288 сноска 3). The numbers are
// those of the graphs of the form in use since 1 July 2015.
type SMGS struct {
	Statements     []string  // 3, заявления отправителя
	BorderStations []Station // 6
	Marks          string    // 15, знаки, марки
	LoadedBy       string    // 20: ByConsignor | ByCarrier
	MassMethod     string    // 21, способ определения массы
	Carriers       []Carrier // 22
	Payments       []string  // 23, уплата провозных платежей
	Documents      []string  // 24, документы, приложенные отправителем
	Contract       string    // 25: информация, не предназначенная для перевозчика, договор
}

// Carrier of a section of an international route.
type Carrier struct {
	Code, Name string
	From, To   string // stations of the section
}

// Placement is ЭД №2: how the cargo is placed and fastened, and who answers for it (288 п. 1.5,
// 1.6).
type Placement struct {
	Waybill   Reference
	Traffic   string
	Norm      Norm
	Fasteners []Fastener
	Jib       bool // the mark about the swing of a jib (288 сноска 5)
	Wagons    []Wagon
	WorkDate  Date
	Performer Person // ответственный работник, под руководством которого груз размещен и закреплен
	Proxy     *Proxy // only when signed by proxy
	Text      string
}

// The norm documents by which cargo may be placed («тип документа», 288 п. 1.3, 1.6, 2.1.3 1), 2)).
const (
	NormTU        = "tu"        // Технические условия ЦМ-943, вагоны
	NormContainer = "container" // они же, глава 12: груз в контейнере
	NormLiquid    = "liquid"    // Правила перевозок грузов наливом
	NormMTU       = "mtu"       // местные технические условия
	NormNTU       = "ntu"       // непредусмотренные техническими условиями способы
	NormAnnex14   = "annex14"   // Приложение 14 к СМГС
	NormAnnex141  = "annex14-1" // Приложение 14.1 к СМГС
	NormTU1990    = "tu1990"    // Технические условия 1990 года
	NormDrawing   = "drawing"   // чертеж: негабаритные и тяжеловесные грузы
	NormMSK       = "msk"       // схема возврата многооборотных средств крепления
)

// Norm is the document by which the cargo is placed and the place in it. Which fields belong to
// which type says 288 п. 2.1.3 2).
type Norm struct {
	Type       string
	Number     string // of МТУ, НТУ, sketch, drawing, scheme of МСК: «12/34»
	Date       string // 2020-02-01, or 2020-02-01/2020-06-05 as of МТУ by order of РЖД; see Dates
	Figure     string // рис.
	Chapter    string // гл.
	Section    string // раздел
	Point      string // п.
	Scheme     string // схема, only where the МТУ has several
	ApprovedBy string // of МСК: кем утверждена
}

// Fastener is one средство крепления (288 сноска 5).
type Fastener struct {
	Name     string
	Quantity int
	Strands  int    // нитей, 0: none
	Diameter string // мм, of wire
	Size     string // of bars: 100x100x2700
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

	// Recipient is whose copy of the order the entry was taken from: ToTCFTO, or the ЕСР code of the
	// station of departure (288 п. 1.4). Empty: the list does not tell.
	Recipient string
	// RightUnsaid: the copy does not say whether MaySign; only that for ТЦФТО has to (288 п. 1.4).
	RightUnsaid bool
}

// ToTCFTO is the Recipient of copies of orders that states the right to sign.
const ToTCFTO = "tcfto"

// PowerOfAttorney is a registered доверенность: who may sign for whom, what, and how long (288
// сноска 6).
type PowerOfAttorney struct {
	Number      string
	Date        Date
	Registry    string   // UUID of a machine-readable one («МЧД») in the register that keeps it; may be absent
	Issuer      Person   // who gave it, the head of the organisation as a rule; may be absent
	Principals  []Person // for whom the holder may sign; empty: for everybody of the list
	Holder      Person
	Certificate CertificateRef
	Kinds       []Kind   // scope; empty: all
	Branches    []string // КПП of the branches whose documents it covers; empty: all
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
