package schema

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"asugate/schema/checkdigit"
	"asugate/xmltree"
)

// How long the values of the form may be, in characters: as long as those of our own.
const (
	mostName   = 255
	mostRemark = 500
	mostNumber = 32
	mostWord   = 16
	mostRows   = 1000
	mostTexts  = 20 // remarks of a row
)

// memo reads the form. What it says besides is not read: the marks «принял», «сдал», the name of the
// road, orgid, whose meaning belongs to КП ЭДО.
func (r *kpedoReader) memo(root xmltree.Element) *Memo {
	fields := r.fields(root, "number", "oper_type", "oper_code", "get_by", "get_by_id", "get_place", "text_mark",
		"railway_station_code", "railway_station_name",
		"path_owner_name", "path_owner_okpo", "path_owner_inn", "path_owner_kpp",
		"contragent_name", "contragent_okpo", "contragent_inn", "contragent_kpp", "wagons")
	m := &Memo{
		Platform:   PlatformKPEDO,
		Number:     r.required(root, fields, "number", mostNumber),
		Operation:  r.operation(root, fields),
		Station:    r.station(root, fields),
		Owner:      r.party(fields, "path_owner_"),
		Contractor: r.party(fields, "contragent_"),
		Place:      r.value(fields["get_place"], mostName),
		Locomotive: r.locomotive(fields),
	}
	if mark := r.value(fields["text_mark"], mostRemark); mark != "" {
		m.Remarks = []string{mark}
	}
	wagons := fields["wagons"]
	if wagons.IsZero() {
		r.refuse("missing-element", root.Path(), "wagons", "")
		return m
	}
	m.Wagons = r.rows(wagons)
	return m
}

// operation is подача or уборка. The word says it; oper_code is «0» in all documents that have been
// seen, and only where it says 1 or 2, as the forms of АС ЭТД do, must it agree.
func (r *kpedoReader) operation(root xmltree.Element, fields map[string]xmltree.Element) string {
	word := r.required(root, fields, "oper_type", mostName)
	var operation string
	switch strings.TrimPrefix(strings.ToLower(word), "на ") {
	case "":
		return ""
	case "подачу", "подача":
		operation = OperationSupply
	case "уборку", "уборка":
		operation = OperationRemoval
	case "подачу и уборку", "подача и уборка", "подачи и уборки": // Д-720у п. 1
		operation = OperationBoth
	default:
		r.refuse(ReasonBadValue, fields["oper_type"].Path(), "подачу, уборку", word)
		return ""
	}
	code := r.value(fields["oper_code"], mostWord)
	if want := map[string]string{"1": OperationSupply, "2": OperationRemoval}[code]; want != "" && want != operation {
		r.refuse(ReasonBadValue, fields["oper_code"].Path(), word, code)
	}
	return operation
}

func (r *kpedoReader) station(root xmltree.Element, fields map[string]xmltree.Element) Station {
	const name = "railway_station_code"
	if r.required(root, fields, name, mostNumber) == "" {
		return Station{}
	}
	return Station{Code: r.code6(fields[name]), Name: r.value(fields["railway_station_name"], mostName)}
}

// code6 is reader.code6 for an element.
func (r *kpedoReader) code6(e xmltree.Element) string {
	return r.completed(place{Element: e}, r.digits(e, 5, 6))
}

// party reads the four fields of a side of the form. Of the owner of the siding some documents say less.
func (r *kpedoReader) party(fields map[string]xmltree.Element, prefix string) Party {
	return Party{
		Name: r.value(fields[prefix+"name"], mostName),
		OrgID: OrgID{
			INN:  r.padded(fields[prefix+"inn"], 9, 10, 12),
			KPP:  r.value(fields[prefix+"kpp"], mostWord),
			OKPO: r.padded(fields[prefix+"okpo"], 5, 8, 10),
		},
	}
}

// padded reads a number of one of the lengths, which may have lost zeros in front.
func (r *kpedoReader) padded(e xmltree.Element, least int, lengths ...int) string {
	written := r.digits(e, least, lengths[len(lengths)-1])
	if written == "" {
		return ""
	}
	return r.read(place{Element: e}, written, checkdigit.Pad(written, lengths...), ReasonCodePadded)
}

// locomotive says whose it was: by get_by_id, 1 and 0, else by the words. What is neither is left out: no
// decision rests on it, and the form itself goes to the client.
func (r *kpedoReader) locomotive(fields map[string]xmltree.Element) string {
	words := strings.ToLower(r.value(fields["get_by"], mostName))
	switch r.value(fields["get_by_id"], mostWord) {
	case "1":
		return OfCarrier
	case "0":
		return OfOwner
	}
	switch {
	case strings.Contains(words, "ржд"):
		return OfCarrier
	case strings.HasPrefix(words, "владельца"):
		return OfOwner
	}
	return ""
}

func (r *kpedoReader) rows(wagons xmltree.Element) []MemoWagon {
	var rows []MemoWagon
	for e := range wagons.Children() {
		if !e.Is("", "wagon") {
			continue
		}
		if len(rows) == mostRows {
			r.refuse("unexpected-element", wagons.Path(), strconv.Itoa(mostRows)+" × wagon", "wagon")
			return rows
		}
		rows = append(rows, r.row(e, len(rows)+1))
	}
	if len(rows) == 0 {
		r.refuse("missing-element", wagons.Path(), "wagon", "")
	}
	return rows
}

// row reads a wagon, the one at that place.
func (r *kpedoReader) row(e xmltree.Element, place int) MemoWagon {
	fields := r.fields(e, "order_number", "wagon_number", "adm_code", "wagon_owner_code", "gr_oper_type",
		"cargo_code", "cargo_name", "containers", "get_in_date", "get_in_time", "report_date", "report_time",
		"get_out_date", "get_out_time", "wagon_agent_name")
	w := MemoWagon{
		Order:          place,
		Number:         r.wagonNumber(e, fields),
		Administration: r.value(fields["adm_code"], mostWord),
		Ownership:      r.value(fields["wagon_owner_code"], mostWord),
		Operation:      r.value(fields["gr_oper_type"], mostWord),
		Supplied:       r.moment(fields["get_in_date"], fields["get_in_time"]),
		Notified:       r.moment(fields["report_date"], fields["report_time"]),
		Removed:        r.moment(fields["get_out_date"], fields["get_out_time"]),
		Contractor:     r.value(fields["wagon_agent_name"], mostName),
	}
	if n, err := strconv.Atoi(r.value(fields["order_number"], mostWord)); err == nil && n > 0 {
		w.Order = n
	}
	cargo := Cargo{ETSNG: r.code6(fields["cargo_code"]), Name: r.value(fields["cargo_name"], mostRemark)}
	if cargo != (Cargo{}) {
		w.Cargo = []Cargo{cargo}
	}
	r.memos(e, &w)
	if containers := r.everything(fields["containers"]); containers != "" {
		w.Remarks = append(w.Remarks, containers)
	}
	return w
}

func (r *kpedoReader) wagonNumber(e xmltree.Element, fields map[string]xmltree.Element) string {
	written := r.required(e, fields, "wagon_number", mostNumber)
	if written == "" {
		return ""
	}
	at := fields["wagon_number"]
	number := checkdigit.Compact(written)
	if n := len(number); n != 8 && n != 12 || strings.Trim(number, "0123456789") != "" {
		r.refuse("pattern", at.Path(), "[0-9]{8}, [0-9]{12}", written)
		return ""
	}
	return r.read(place{Element: at}, written, number, ReasonCodeRespelled)
}

// memos reads number_memo: «Памятка подачи №10983». It names the memo of the other operation, so that of
// removal does not say by which the wagon was supplied. What is not that of the подача is a remark.
func (r *kpedoReader) memos(e xmltree.Element, w *MemoWagon) {
	for c := range e.Children() {
		if !c.Is("", "number_memo") {
			continue
		}
		written := r.value(c, mostRemark)
		number := supplyMemo(written)
		switch {
		case written == "":
		case number != "" && w.SupplyMemo == "":
			w.SupplyMemo = number
		case len(w.Remarks) == mostTexts:
			r.refuse("unexpected-element", c.Path(), strconv.Itoa(mostTexts)+" × number_memo", "number_memo")
			return
		default:
			w.Remarks = append(w.Remarks, written)
		}
	}
}

// supplyMemo is the number in a reference to a memo of подача, empty for another one.
func supplyMemo(reference string) string {
	words, number, found := strings.Cut(reference, "№")
	if !found {
		words, number, found = strings.Cut(reference, "N ")
	}
	if !found {
		words, number = "", reference // the number alone
	}
	number = strings.TrimSpace(number)
	words = strings.ToLower(words)
	if utf8.RuneCountInString(number) > mostNumber || strings.ContainsAny(number, " ,;№") {
		return ""
	}
	if strings.Contains(words, "подач") || words == "" && strings.Trim(number, "0123456789") == "" {
		return number
	}
	return ""
}

// everything is all text in and below an element, cut to a remark. So is read what no document has yet
// shown the structure of.
func (r *kpedoReader) everything(e xmltree.Element) string {
	if e.IsZero() {
		return ""
	}
	var parts []string
	size := 0
	var collect func(xmltree.Element)
	collect = func(e xmltree.Element) {
		for n := range e.Nodes() {
			switch {
			case size > mostRemark:
				return
			case n.Kind == xmltree.ElementNode:
				collect(n.Element)
			case n.Kind == xmltree.TextNode && collapse(n.Text) != "":
				parts = append(parts, clip(collapse(n.Text), mostRemark))
				size += utf8.RuneCountInString(parts[len(parts)-1])
			}
		}
	}
	collect(e)
	return clip(strings.Join(parts, " "), mostRemark)
}
