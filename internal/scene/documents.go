package scene

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/google/uuid"

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
	Station     string // of departure
	Wagons      []string
	Cargo       string
	Signatory   *Persona
}

// Placement is ЭД №2 before it is signed. Zero fields get the values of an ordinary one.
type Placement struct {
	DocumentID string
	Version    int
	Sender     string
	CreatedAt  time.Time
	Waybill    Reference
	Wagons     []string
	Fasteners  []Fastener
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

// Fastener is a means of fastening («средство крепления»).
type Fastener struct {
	Name              string
	Quantity, Strands int
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
  <Traffic>domestic</Traffic>
  <Departure station="{{.Station}}"/>
  <Destination station="850609"/>
  <Consignor inn="7707083893" kpp="770801001"><Name>ООО «Лесоторговый дом»</Name></Consignor>
  <Consignee inn="2508033063"><Name>АО «Порт»</Name></Consignee>
  <Cargo etsng="421034" massKg="62000" packages="12"><Name>{{x .Cargo}}</Name></Cargo>
{{range .Wagons}}  <Wagon number="{{.}}"/>
{{end}}  <Signatory {{template "person" .Signatory}}</Signatory>
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
  <Traffic>domestic</Traffic>
  <Norm type="tu"><Figure>5</Figure><Chapter>2</Chapter><Section>1</Section></Norm>
  <Fasteners>{{range .Fasteners}}<Fastener name="{{x .Name}}" quantity="{{.Quantity}}"{{with .Strands}} strands="{{.}}"{{end}}/>{{end}}</Fasteners>
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
{{end}}`))

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

// Waybill writes ЭД №1.
func (s *Scene) Waybill(w Waybill) []byte {
	orElse(&w.DocumentID, NewID())
	orElse(&w.Version, 1)
	orElse(&w.Sender, "SHIP-01")
	orElse(&w.Receiver, "RZD")
	orElse(&w.CreatedAt, s.Now)
	orElse(&w.Station, "985609")
	orElse(&w.Cargo, "Пиломатериалы")
	orElse(&w.Signatory, s.Signatory)
	if w.Wagons == nil {
		w.Wagons = []string{"63498000"}
	}
	return fill("Waybill", w)
}

// Placement writes ЭД №2 with the text of TPL-001.
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
	if p.Fasteners == nil {
		p.Fasteners = []Fastener{{"растяжка", 4, 6}, {"упорный брусок", 8, 0}}
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

// placementText is the text of 288 п. 1.6, first template, for the data of p.
func placementText(p Placement) string {
	var list []string
	for _, f := range p.Fasteners {
		item := fmt.Sprintf("%s %d", f.Name, f.Quantity)
		if f.Strands > 0 {
			item += fmt.Sprintf("/%d", f.Strands)
		}
		list = append(list, item)
	}
	signed := p.Performer.Post + " " + p.Performer.Name
	if x := p.Proxy; x != nil {
		day, err := time.Parse(time.DateOnly, x.Date)
		if err != nil {
			panic(err) // a date of our own
		}
		signed = fmt.Sprintf("За %s подписано ЭП %s %s по доверенности N %s от %s",
			signed, x.Signer.Post, x.Signer.Name, x.Number, day.Format("02.01.2006"))
	}
	return fmt.Sprintf("Груз размещен и закреплен согласно рис. 5 главы 2 раздела 1 Технических условий правильно. "+
		"Применены средства крепления: %s. Грузоотправитель: %s", strings.Join(list, ", "), signed)
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
