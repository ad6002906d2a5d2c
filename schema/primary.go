package schema

import "time"

// The operations of a memo («вид операции», Д-720у п. 1).
const (
	OperationSupply  = "supply"  // на подачу (передачу на выставочный путь)
	OperationRemoval = "removal" // на уборку (возврат с выставочного пути)
	OperationBoth    = "both"    // подачи и уборки: секции, сцепы, группы, малые объемы
)

// Carrier's and client's, of a locomotive or of a contract.
const (
	OfCarrier = "carrier" // железной дороги
	OfOwner   = "owner"   // владельца (пользователя) пути
)

// Memo is a памятка приемосдатчика ГУ-45ВЦ, signed by the carrier (Д-720у §86, 1166/р раздел 2). What
// a memo leaves out is the zero value.
type Memo struct {
	Number     string // as written; it is unique in its scope and year only (Д-720у п. 2)
	Operation  string // supply | removal | both
	Station    Station
	Owner      Party     // владелец (пользователь) пути необщего пользования, клиент: the addressee
	Contractor Party     // контрагент without contract of its own, named in the line «место подачи»
	Place      string    // место подачи
	Siding     string    // number or code of the track, where it is said besides
	Workplace  string    // АРМ or worker whose range of numbers it is
	Locomotive string    // подача производилась локомотивом: carrier | owner
	Train      string    // индекс поезда
	ComposedAt time.Time // составлена
	Wagons     []MemoWagon
	Remarks    []string // место для отметок
	Signatory  Person   // приемосдатчик
	Bill       string   // «памятка проведена по ведомости №»

	// Platform names the form of another system that the memo was read from: «kpedo», else empty. Such a
	// form leaves out what ours has to say: sender, receiver, version.
	Platform string
}

// MemoWagon is a row of a memo. The numbers are those of the graphs.
type MemoWagon struct {
	Order          int             // 1
	Number         string          // 2: 8 digits, 12 of third countries
	Cargo          []Cargo         // 2
	Containers     []MemoContainer // 2, 12
	Administration string          // 3, код ж.д. администрации; may be absent with 12 digits
	Ownership      string          // 4, принадлежность: mnemonic
	Operation      string          // 5, груз. опер.: mnemonic
	Supplied       time.Time       // 6, подача/передача на выставочный путь
	Notified       time.Time       // 7, уведомление о завершении грузовой операции/возврат
	Removed        time.Time       // 8, уборка
	Delay          time.Duration   // 9, задержка окончания грузовой операции; zero: none
	Acts           []string        // 10, № актов ГУ-23
	Weighings      int             // 11
	Remarks        []string        // 12: mnemonics or text
	SupplyMemo     string          // number of the memo by which the wagon was supplied: «10983»
	Group          int             // of wagons supplied at once beyond the capacity: 1, 2, … (3.6); 0: one
	Contractor     string          // the second line of graphs 9, 10
}

// MemoContainer is a container on a wagon of a memo.
type MemoContainer struct {
	Number string
	Size   string // типоразмер: 3, 5, 10, 20, 24, 30
}

// What an act general states («на начало задержки», «на окончание задержки», другой).
const (
	ActStart = "delay-start"
	ActEnd   = "delay-end"
	ActOther = "other"
)

// Why an act was drawn up, as far as a memo is compared with it (Д-720у 3.6, 3.9).
const (
	CauseSupplyDelay = "supply-delay" // задержка в подаче, передаче на выставочный путь ввиду его занятости
	CauseCleaning    = "cleaning"     // очистка неочищенного вагона, поданного с согласия грузоотправителя
	CauseDefect      = "defect"       // устранение причин, выявленных при приемке: ЗПУ, погрузка, неочистка
	CauseOther       = "other"
)

// Act is an акт общей формы ГУ-23ВЦ, signed by the carrier (1166/р раздел 3).
type Act struct {
	Number        string
	Kind          string // delay-start | delay-end | other
	Cause         string
	Station       Station
	Departure     Station
	Destination   Station
	Owner         Party // владелец (пользователь) пути, клиент: the addressee
	Siding        string
	Train         string
	Shipment      string // отправка №
	ComposedAt    time.Time
	OpenedAt      time.Time // обнаружение причин, начало (ответственного) простоя
	ClosedAt      time.Time // окончание устранения, окончание простоя; zero while open
	SupplyNotice  time.Time // уведомление о подаче
	RemovalNotice time.Time // уведомление об уборке
	StartAct      Reference // of an end: the act on the start, where it is named
	StartNumber   string    // or its number
	Wagons        []ActWagon
	Circumstances string // описание обстоятельств, вызвавших составление акта
	Present       []Person
	Signatory     Person
}

// ActWagon is a wagon of an act.
type ActWagon struct {
	Number     string
	Containers []MemoContainer
	Owner      string // собственник, арендатор
	Cargo      string
}

// Answer is what the client says of a memo or an act, with its signature: Approval «Подписан Клиентом», or
// Rejection «Отклонен» (1166/р 2.10, 2.15, 3.11, 3.14).
type Answer struct {
	Document      Reference // in its exact version, with the digest of its content
	Disagreements []Disagreement
	Signatory     Person
}

// Disagreement is one reason of a rejection.
type Disagreement struct {
	Graph string // of a memo: 1 … 12, else empty
	Wagon string // of a memo: the row, by number of the wagon; empty: all
	Text  string // of an act: the wording of Приложение № 2; of a memo: free, at most 500 characters
}

// What the railway may report of a memo or an act (1166/р 2.12, 3.13, 4.1).
const (
	ReportAgreed   = "auto-agreed"       // Автоматически согласован, where the railway keeps the time
	ReportSigned   = "client-signed"     // Подписан Клиентом, elsewhere than here
	ReportRejected = "rejected"          // Отклонен, elsewhere than here
	ReportSpoiling = "awaiting-spoiling" // запрос: Ожидает порчи
	ReportSpoiled  = "spoiled"           // Испорчен
)

// StateReport is what the railway says of the state of one of its documents.
type StateReport struct {
	Document Reference // Version and SHA256 may be absent
	State    string
	StateID  int // of the reporting system: 469, 548, 696
	At       time.Time
	Reason   string
}

// Movements is a copy of message 1397 of АСОУП: when which wagons were supplied or removed. Its
// composition has not been published; what the regulation needs of it is here (1166/р 2.6).
type Movements struct {
	Station Station
	Rows    []Movement
}

// Movement is a wagon of message 1397.
type Movement struct {
	Wagon     string
	Operation string // supply | removal
	At        time.Time
	Ownership string // code in message 1397
	CargoOp   string // code of the cargo operation in message 1397
}

// What a notice of the gateway is about.
const (
	EventArrived   = "arrived"           // поступил на подписание
	EventReminder  = "reminder"          // срок на подписание истекает
	EventAgreed    = "auto-agreed"       // автоматически согласован
	EventSigned    = "client-signed"     // подписан Клиентом в другой системе
	EventRejected  = "rejected"          // отклонен в другой системе
	EventSpoiling  = "awaiting-spoiling" // отозван: ожидает порчи
	EventSpoiled   = "spoiled"           // испорчен
	EventCorrected = "corrected"         // заменен исправленным
	EventSuspended = "suspended"         // срок остановлен: подпись проверяется
	EventResumed   = "resumed"           // срок идет дальше
	EventHeld      = "held"              // срок истек, пока документ нельзя было получить
)

// StateNotice is what the gateway tells of the state of a memo or an act, to the client and to the railway
// alike, before it is signed.
type StateNotice struct {
	MessageID                     string
	CreatedAt                     time.Time
	Sender, Receiver, Environment string
	About                         InReplyTo // the memo or act, as the railway signed it
	Number                        string    // of that
	Event                         string
	State                         string // after it: carrier-signed …
	StateID                       int    // of the real system, 0: none is known
	EffectiveAt                   time.Time
	ArrivedAt                     time.Time     // zero: it has not been offered for signing
	SignBy                        time.Time     // zero: no term runs
	Left                          time.Duration // until SignBy, of a notice about a running term
	Consent                       string        // ours | railway: who says that silence is consent
	Because                       string        // message id of the ЭСИД or DocumentID of the report that it follows from
	Stopped                       []string      // message ids of what had not left yet and never will
	Findings                      []Finding     // what the client has to know: W11, W12
}
