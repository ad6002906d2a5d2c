package scene

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"strings"
	"text/template"
	"time"

	"github.com/google/uuid"

	"asugate/schema"
	"asugate/xmltree"
)

// Waybill is ЭД №1 before it is signed. Zero fields get the values of an ordinary one.
type Waybill struct {
	DocumentID  string
	Version     int
	Sender      string
	Receiver    string
	Environment string
	CreatedAt   time.Time
	Traffic     string
	Station     string // of departure
	Destination string // the station
	Wagons      []string
	Cargo       string
	Signatory   *Persona
	Change      func(*schema.Waybill) // of what is complete by then; may be nil
}

// Placement is ЭД №2 before it is signed. Zero fields get the values of an ordinary one.
type Placement struct {
	DocumentID string
	Version    int
	Sender     string
	CreatedAt  time.Time
	Waybill    Reference
	Traffic    string
	Norm       schema.Norm       // fields that must stand and do not are those of an ordinary one
	Fasteners  []schema.Fastener // nil: an ordinary list where the norm asks for one; empty: none
	Jib        bool
	Wagons     []string
	WorkDate   string
	Performer  *Persona
	Proxy      *Proxy
	Text       string // empty: as the templates want it
}

// Reference names ЭД №1 in its exact version.
type Reference struct {
	DocumentID string
	Version    int
	SHA256     string
}

// Proxy is the power of attorney («доверенность») under which Signer signs.
type Proxy struct {
	Number, Date string
	Signer       *Persona
}

// PaperSwitch is the consignor's decision to go on with paper.
type PaperSwitch struct {
	DocumentID string
	Waybill    string
	CreatedAt  time.Time
	Person     *Persona
}

// Notice is the railway's word on a document («ответ дороги»).
type Notice struct {
	DocumentID   string
	CreatedAt    time.Time
	InReplyTo    string
	Registration string
	State        string
}

// NewID is a fresh DocumentID.
func NewID() string { return uuid.NewString() }

var forms = template.Must(template.New("").Funcs(template.FuncMap{
	"x":    escape,
	"norm": normFields,
	"time": func(t time.Time) string { return t.Format(time.RFC3339) },
}).Parse(`
{{define "person"}}post="{{x .Post}}" snils="{{.SNILS}}">{{x .Name}}{{end}}
{{define "Waybill"}}<Waybill xmlns="urn:asugate:1" ID="d1" Format="1.0" Version="{{.Version}}"{{with .Environment}} Environment="{{.}}"{{end}}>
  <Header>
    <DocumentID>{{.DocumentID}}</DocumentID>
    <CreatedAt>{{time .CreatedAt}}</CreatedAt>
    <Sender>{{.Sender}}</Sender>
    <Organisation inn="7707083893" kpp="770801001"/>
    <Receiver>{{.Receiver}}</Receiver>
  </Header>
{{.Data}}  <Signatory {{template "person" .Signatory}}</Signatory>
</Waybill>
{{end}}
{{define "Placement"}}<Placement xmlns="urn:asugate:1" ID="d1" Format="1.0" Version="{{.Version}}">
  <Header>
    <DocumentID>{{.DocumentID}}</DocumentID>
    <CreatedAt>{{time .CreatedAt}}</CreatedAt>
    <Sender>{{.Sender}}</Sender>
    <Organisation inn="7707083893" kpp="770801001"/>
    <Receiver>RZD</Receiver>
  </Header>
  <Waybill DocumentID="{{.Waybill.DocumentID}}" Version="{{.Waybill.Version}}" SHA256="{{.Waybill.SHA256}}"/>
  <Traffic>{{.Traffic}}</Traffic>
  <Norm type="{{.Norm.Type}}">{{range norm .Norm}}<{{.Name}}>{{x .Value}}</{{.Name}}>{{end}}</Norm>
  <Fasteners{{if .Jib}} jib="true"{{end}}>{{range .Fasteners}}<Fastener name="{{x .Name}}" quantity="{{.Quantity}}"
    {{- with .Strands}} strands="{{.}}"{{end}}{{with .Diameter}} diameter="{{.}}"{{end}}{{with .Size}} size="{{.}}"{{end}}/>
    {{- end}}</Fasteners>
{{range .Wagons}}  <Wagon number="{{.}}"/>
{{end}}  <WorkDate>{{.WorkDate}}</WorkDate>
  <Performer {{template "person" .Performer}}</Performer>
{{with .Proxy}}  <Proxy number="{{x .Number}}" date="{{.Date}}"><Signer {{template "person" .Signer}}</Signer></Proxy>
{{end}}  <Text>{{x .Text}}</Text>
</Placement>
{{end}}
{{define "PaperSwitch"}}<PaperSwitch xmlns="urn:asugate:1" ID="d1" Format="1.0" Version="1">
  <Header>
    <DocumentID>{{.DocumentID}}</DocumentID>
    <CreatedAt>{{time .CreatedAt}}</CreatedAt>
    <Sender>SHIP-01</Sender>
    <Organisation inn="7707083893" kpp="770801001"/>
    <Receiver>RZD</Receiver>
  </Header>
  <Waybill DocumentID="{{.Waybill}}"/>
  <Person {{template "person" .Person}}</Person>
  <At>{{time .CreatedAt}}</At>
  <Reason>Нет связи с рабочим местом ответственного работника</Reason>
</PaperSwitch>
{{end}}
{{define "OfficeNotice"}}<OfficeNotice xmlns="urn:asugate:1" ID="d1" Format="1.0" Version="1">
  <Header>
    <DocumentID>{{.DocumentID}}</DocumentID>
    <CreatedAt>{{time .CreatedAt}}</CreatedAt>
    <Sender>RZD</Sender>
    <Organisation inn="7708503727"/>
    <Receiver>SHIP-01</Receiver>
  </Header>
  <InReplyTo DocumentID="{{.InReplyTo}}"/>
  <Participant>SHIP-01</Participant>
  <Registration>{{x .Registration}}</Registration>
  <State>{{x .State}}</State>
</OfficeNotice>
{{end}}` + primaryForms))

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder never fails
	return b.String()
}

func fill(name string, data any) []byte {
	var b bytes.Buffer
	if err := forms.ExecuteTemplate(&b, name, data); err != nil {
		panic(err) // the forms above are wrong: any test finds it
	}
	return bytes.TrimSpace(b.Bytes())
}

// Placement writes ЭД №2.
func (s *Scene) Placement(p Placement) []byte {
	orElse(&p.DocumentID, NewID())
	orElse(&p.Version, 1)
	orElse(&p.Sender, "SHIP-01")
	orElse(&p.CreatedAt, s.Now)
	orElse(&p.WorkDate, s.Now.Format(time.DateOnly))
	orElse(&p.Performer, s.Performer)
	if p.Wagons == nil {
		p.Wagons = []string{"63498000"}
	}
	orElse(&p.Traffic, schema.TrafficDomestic)
	orElse(&p.Norm.Type, schema.NormTU)
	p.Norm = ordinaryNorm(p.Norm, p.Traffic, s.Now)
	if p.Fasteners == nil && schema.NormFields(p.Traffic, p.Norm).Fasteners {
		p.Fasteners = ordinaryFasteners(p.Traffic)
	}
	orElse(&p.Text, placementText(p))
	return fill("Placement", p)
}

// PaperSwitch writes the switch to paper.
func (s *Scene) PaperSwitch(p PaperSwitch) []byte {
	orElse(&p.DocumentID, NewID())
	orElse(&p.CreatedAt, s.Now)
	orElse(&p.Person, s.Signatory)
	return fill("PaperSwitch", p)
}

// Notice writes the railway's word.
func (s *Scene) Notice(n Notice) []byte {
	orElse(&n.DocumentID, NewID())
	orElse(&n.CreatedAt, s.Now)
	orElse(&n.Registration, "ЭА123456")
	orElse(&n.State, "зарегистрирована")
	return fill("OfficeNotice", n)
}

// ReferenceTo is the exact version of a document, signed or not.
func ReferenceTo(document []byte, id string, version int) Reference {
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		panic(err) // a document of our own
	}
	for child := range tree.Root().Children() {
		if child.Is("http://www.w3.org/2000/09/xmldsig#", "Signature") {
			tree.Detach(child)
			break
		}
	}
	digest := sha256.Sum256(tree.Root().AppendCanonical(nil, xmltree.Form{}))
	return Reference{DocumentID: id, Version: version, SHA256: hex.EncodeToString(digest[:])}
}

func orElse[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
