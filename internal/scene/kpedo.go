package scene

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// KPEDOForm is a памятка ГУ-45ВЦ in the form <data> of КП ЭДО before it is signed. Zero fields get the
// values of an ordinary one; «-» leaves an element out.
type KPEDOForm struct {
	Number      string // «11013»
	Operation   string // oper_type: «подачу» | «уборку»
	OperCode    string // «0»
	Locomotive  string // get_by_id: «1» | «0»
	Place       string
	Mark        string // text_mark; none unless given
	Station     string
	StationName string
	Owner       KPEDOParty
	Contractor  KPEDOParty // none unless given
	Wagons      []KPEDOWagon
	Encoding    string // that the XML declaration names; the bytes are UTF-8 whatever it says
	Extra       string // XML at the end of <data>
}

// KPEDOParty is a side of the form.
type KPEDOParty struct{ Name, OKPO, INN, KPP string }

// KPEDOWagon is a row of the form; what is zero in it is an empty element, but for Number.
type KPEDOWagon struct {
	Number, Administration, Ownership, Operation string
	CargoCode, CargoName                         string
	In, Report, Out                              time.Time // graphs 6, 7, 8; written «19.07» «23:25» in Moscow time
	Memo                                         string    // «Памятка подачи №10983»
	Containers                                   string    // XML
	Extra                                        string    // XML at the end of the row
}

// KPEDO is the envelope getPPSReply around a form and its signature.
type KPEDO struct {
	Docid      string // «1766398397»; «-»: none
	Doctype    string
	Form       []byte   // the bytes signed
	CMS        []byte   // the carrier's detached signature over them, DER
	Others     [][]byte // further signatures, Signnum 2 …
	Number     string
	Operation  string // of the metadata, which writes «Подачу» with a capital
	SignedAt   time.Time
	StateID    int // 548 unless given
	State      string
	Registered time.Time // DocDate of the summary
	Prefix     string    // of the elements in XML
	SOAP       bool      // XML in a SOAP envelope
	JSON       bool      // as providers convert it; else XML
	List       bool      // in JSON, the one signature is a list of one, which converters make of several only
	Decoded    any       // in JSON, the form once more, as providers put it beside; nobody has signed that
}

// KPEDOForm writes the form.
func (s *Scene) KPEDOForm(f KPEDOForm) []byte {
	orElse(&f.Number, "11013")
	orElse(&f.Operation, "подачу")
	orElse(&f.OperCode, "0")
	orElse(&f.Locomotive, "1")
	orElse(&f.Place, "Лесоторговый дом, путь 1")
	orElse(&f.Station, "985609")
	orElse(&f.StationName, "МЫС АСТАФЬЕВА")
	orElse(&f.Owner, KPEDOParty{Name: "ООО «Лесоторговый дом»", INN: ShipperINN, KPP: "770801001"})
	orElse(&f.Encoding, "UTF-8")
	if f.Wagons == nil {
		f.Wagons = []KPEDOWagon{s.KPEDOWagon("63498000")}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=%q?>\n<data>\n", f.Encoding)
	field := func(name, value string) {
		if value != "-" {
			fmt.Fprintf(&b, "<%s>%s</%s>\n", name, escape(value), name)
		}
	}
	party := func(prefix string, p KPEDOParty) {
		field(prefix+"_name", p.Name)
		field(prefix+"_okpo", p.OKPO)
		field(prefix+"_inn", p.INN)
		field(prefix+"_kpp", p.KPP)
	}
	field("number", f.Number)
	field("oper_type", f.Operation)
	field("oper_code", f.OperCode)
	field("get_by", map[string]string{"1": `ОАО "РЖД"`, "0": "Владельца (Пользователя)"}[f.Locomotive])
	field("get_by_id", f.Locomotive)
	field("get_place", f.Place)
	field("orgid", "258772")
	field("text_mark", f.Mark)
	field("client_mark", "принял")
	field("person_mark", "сдал")
	field("railway_name", "Дальневосточная")
	field("railway_station_code", f.Station)
	field("railway_station_name", f.StationName)
	party("path_owner", f.Owner)
	if f.Contractor != (KPEDOParty{}) {
		party("contragent", f.Contractor)
	}
	b.WriteString("<wagons>\n")
	for i, w := range f.Wagons {
		w.write(&b, i+1, field)
	}
	b.WriteString("</wagons>\n" + f.Extra + "</data>\n")
	return b.Bytes()
}

// KPEDOWagon is an ordinary row, of a wagon supplied half an hour before the scene's now.
func (s *Scene) KPEDOWagon(number string) KPEDOWagon {
	return KPEDOWagon{
		Number: number, Administration: "20", Ownership: "СОБ", Operation: "вгр",
		CargoCode: "161128", CargoName: "УГОЛЬ КАМЕННЫЙ МАРКИ Д", In: s.Now.Add(-30 * time.Minute),
	}
}

func (w KPEDOWagon) write(b *bytes.Buffer, order int, field func(name, value string)) {
	moment := func(name string, t time.Time) {
		day, clock := "", ""
		if !t.IsZero() {
			t = t.In(moscow)
			day, clock = t.Format("02.01"), t.Format("15:04")
		}
		field(name+"_date", day)
		field(name+"_time", clock)
	}
	b.WriteString("<wagon>\n")
	field("order_number", strconv.Itoa(order))
	field("wagon_number", w.Number)
	field("adm_code", w.Administration)
	field("wagon_owner_code", w.Ownership)
	field("gr_oper_type", w.Operation)
	field("cargo_code", w.CargoCode)
	field("cargo_name", w.CargoName)
	b.WriteString("<containers>" + w.Containers + "</containers>\n")
	moment("get_in", w.In)
	moment("report", w.Report)
	moment("get_out", w.Out)
	field("number_memo", w.Memo)
	b.WriteString(w.Extra + "</wagon>\n")
}

// moscow is the time of the railway's documents, at every station. It is UTC+3 since 2014.
var moscow = time.FixedZone("MSK", 3*60*60)

// Bytes writes the envelope.
func (e KPEDO) Bytes() []byte {
	orElse(&e.Docid, "1766398397")
	orElse(&e.Doctype, "GU-45")
	orElse(&e.Number, "11013")
	orElse(&e.Operation, "Подачу")
	orElse(&e.StateID, 548)
	orElse(&e.State, "Подписан ОАО «РЖД»")
	if e.SignedAt.IsZero() {
		e.SignedAt = time.Date(2026, 7, 19, 20, 27, 24, 262e6, time.UTC)
	}
	if e.Registered.IsZero() {
		e.Registered = e.SignedAt.Add(time.Minute)
	}
	if e.Docid == "-" {
		e.Docid = ""
	}
	reply := e.reply()
	if !e.JSON {
		var b bytes.Buffer
		b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
		if e.SOAP {
			b.WriteString(`<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header/><soapenv:Body>`)
		}
		e.element(&b, "getPPSReply", reply, e.Prefix != "")
		if e.SOAP {
			b.WriteString("</soapenv:Body></soapenv:Envelope>")
		}
		return b.Bytes()
	}
	whole := map[string]any{
		"getPPSReply": jsonOf(reply),
		"_summary": map[string]any{
			"DocId": e.Docid, "DocNum": e.Number, "DocDate": e.Registered.In(moscow).Format("02.01.2006 15:04:05"),
			"DocState": e.State, "DocStateId": strconv.Itoa(e.StateID), "NeedForEcp": "0", "docPrice": "0",
		},
	}
	if e.Decoded != nil {
		whole["_decoded_doc"] = e.Decoded
	}
	text, err := json.MarshalIndent(whole, "", "  ")
	if err != nil {
		panic(err) // nothing in it cannot be marshalled
	}
	return text
}

// member is an element of the envelope: a string, or members.
type member struct {
	name  string
	value any
}

func (e KPEDO) reply() []member {
	signed := e.SignedAt.In(moscow)
	metadata := []member{}
	for _, pair := range [][2]string{
		{"number", e.Number}, {"railway_code", "96"}, {"railway_station_code", "985609"}, {"oper_type", e.Operation},
		{"oper_code", "0"}, {"get_place", "Лесоторговый дом, путь 1"}, {"orgid", "258772"}, {"inn", ShipperINN},
		{"kpp", "770801001"}, {"okpo", ""}, {"doc_creator", "Смирнова А. А. Приемосдатчик груза и багажа"},
		{"doc_date", signed.Format("02.01.2006")}, {"doc_time", signed.Format("15:04")},
		{"EDS_GUID", "0f016984-0000-4000-8000-27fdb7fa69b1"}, {"request_datetime", signed.Format("02.01.2006 15:04")},
		{"signatories", "/Смирнова Анна Андреевна-" + signed.Format("02.01.2006-15:04:05")},
	} {
		metadata = append(metadata, member{"item", []member{{"Key", pair[0]}, {"Value", pair[1]}}})
	}
	var signatures []member
	for i, cms := range append([][]byte{e.CMS}, e.Others...) {
		at := e.SignedAt.UTC().Format("2006-01-02T15:04:05.000Z")
		signatures = append(signatures, member{"item", []member{
			{"Signnum", strconv.Itoa(i + 1)}, {"Signstage", strconv.Itoa(i)},
			{"Timestamp", base64.StdEncoding.EncodeToString([]byte(at))},
			{"Signcontent", base64.StdEncoding.EncodeToString(cms)},
		}})
	}
	if e.List && len(signatures) == 1 {
		signatures[0].value = []any{jsonOf(signatures[0].value.([]member))}
	}
	return []member{
		{"Request", []member{
			{"Businessprocesscode", "BPM-GU-45"},
			{"Businessprocessinstanceid", "6A5D093332614E10E10080000A164013"},
			{"Sourcesystem", []member{{"Nodeid", ""}, {"Systemcode", ""}}},
			{"Documentdata", []member{
				{"Docid", e.Docid}, {"Doctype", e.Doctype}, {"Sourcesystemdocid", "1248073"},
				{"Doccontent", base64.StdEncoding.EncodeToString(e.Form)},
				{"Docsigntab", signatures}, {"Metadatatab", metadata},
				{"Docfilename", ""}, {"Docprintform", ""}, {"Technicaldocstab", ""},
			}},
		}},
		{"DocState", []member{{"StateId", strconv.Itoa(e.StateID)}, {"StateName", e.State}}},
	}
}

// element writes an element of the envelope.
func (e KPEDO) element(b *bytes.Buffer, name string, value any, first bool) {
	tag := name
	if e.Prefix != "" {
		tag = e.Prefix + ":" + name
	}
	b.WriteString("<" + tag)
	if first {
		fmt.Fprintf(b, " xmlns:%s=\"urn:kpedo.example\"", e.Prefix)
	}
	b.WriteString(">")
	switch value := value.(type) {
	case string:
		b.WriteString(escape(value))
	case []member:
		for _, m := range value {
			e.element(b, m.name, m.value, false)
		}
	}
	b.WriteString("</" + tag + ">\n")
}

// jsonOf is what converters make of elements: one of a name is the value itself, several are a list, an
// empty one is null.
func jsonOf(members []member) map[string]any {
	object := map[string]any{}
	for _, m := range members {
		var value any
		switch v := m.value.(type) {
		case []member:
			value = jsonOf(v)
		case string:
			if v != "" {
				value = v
			}
		default:
			value = v
		}
		switch before := object[m.name].(type) {
		case nil:
			object[m.name] = value
		case []any:
			object[m.name] = append(before, value)
		default:
			object[m.name] = []any{before, value}
		}
	}
	return object
}
