package schema

import "time"

// Header is what every document of a client or of the railway says about itself.
type Header struct {
	DocumentID   string // as sent
	CreatedAt    time.Time
	Sender       string
	Organisation OrgID
	Receiver     string
}

// Reference names another document in its exact version.
type Reference struct {
	DocumentID string
	Version    int
	SHA256     string // hex, content digest
}

// Document is a verified and validated document. Only Parse makes one; the zero value is none, and
// whoever takes a Document refuses it. What the accessors point to is shared and read-only.
type Document struct {
	kind        Kind
	header      Header
	id          string
	version     int
	format      string
	environment string
	body        any // *Waybill, *Placement, … by kind
}

// Valid says that Parse made this value.
func (d Document) Valid() bool { return d.kind != "" }

func (d Document) Kind() Kind     { return d.kind }
func (d Document) Header() Header { return d.header }

// ID is the canonical DocumentID.
func (d Document) ID() string { return d.id }

func (d Document) Version() int { return d.version }

// Format is the version of the form of this kind.
func (d Document) Format() string { return d.format }

// Environment is the contour that the sender meant: empty, test or production.
func (d Document) Environment() string { return d.environment }

// Waybill is ЭД №1, nil for a document of another kind; likewise below.
func (d Document) Waybill() *Waybill           { return bodyOf[Waybill](d) }
func (d Document) Placement() *Placement       { return bodyOf[Placement](d) }
func (d Document) PaperSwitch() *PaperSwitch   { return bodyOf[PaperSwitch](d) }
func (d Document) StaffList() *StaffList       { return bodyOf[StaffList](d) }
func (d Document) OfficeNotice() *OfficeNotice { return bodyOf[OfficeNotice](d) }
func (d Document) Memo() *Memo                 { return bodyOf[Memo](d) }
func (d Document) Act() *Act                   { return bodyOf[Act](d) }
func (d Document) StateReport() *StateReport   { return bodyOf[StateReport](d) }
func (d Document) Movements() *Movements       { return bodyOf[Movements](d) }

// Answer is the body of an Approval or a Rejection.
func (d Document) Answer() *Answer { return bodyOf[Answer](d) }

func bodyOf[T any](d Document) *T {
	body, _ := d.body.(*T)
	return body
}
