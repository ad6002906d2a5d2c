package schema

import "strings"

// template is one of the texts of 288 п. 1.6.
type template struct {
	traffic   string // TrafficDomestic; TrafficInternational, with Kaliningrad; empty: any
	norm      string
	chapter   string // the only chapter that the text is for; empty: any
	work      string // fields of Norm in braces; in brackets what goes when its field is absent
	fasteners bool   // «Применены средства крепления: …» follows
	sender    string // the word before the signer
}

const (
	consignor = "Грузоотправитель"
	sender    = "Отправитель"
)

// templates are the texts in the order of п. 1.6, in its words, but «Отправитель» for its misprint
// «Отравитель». The regulation has «закрашен» once, in п. 2.1.3, for «закреплен» here. Captions
// «(должность, Ф.И.О.)» say what to fill in and are not part of the text.
var templates = []template{
	{TrafficDomestic, NormTU, "",
		"Груз размещен и закреплен согласно рис. {Figure} главы {Chapter} раздела {Section} Технических условий правильно.",
		true, consignor},
	{"", NormLiquid, "",
		"Груз погружен согласно Правилам перевозок грузов наливом в вагонах-цистернах и в вагонах бункерного типа" +
			" для перевозки нефтебитума железнодорожным транспортом.",
		false, consignor},
	{TrafficDomestic, NormContainer, "12",
		"Груз в контейнере размещен и закреплен в соответствии с главой 12 Технических условий правильно.",
		false, consignor},
	{TrafficDomestic, NormMTU, "",
		"Груз размещен и закреплен в соответствии с МТУ N {Number} от {Date} правильно.",
		true, consignor},
	{TrafficDomestic, NormNTU, "",
		"Груз размещен и закреплен в соответствии с НТУ N {Number} от {Date} правильно.",
		true, consignor},
	{TrafficInternational, NormAnnex14, "",
		"Груз размещен и закреплен в соответствии с п.{Point} гл. {Chapter} Прил.14 к СМГС.",
		false, sender},
	{TrafficInternational, NormAnnex14, "5",
		"Груз размещен и закреплен в соответствии с гл.5 Прил.14 к СМГС, эскиз N {Number} от {Date}.",
		true, sender},
	{TrafficInternational, NormTU1990, "",
		"Груз размещен и закреплен согласно рис. {Figure} главы {Chapter} раздела {Section} ТУ1990 правильно.",
		true, sender},
	{TrafficInternational, NormNTU, "",
		"Груз размещен и закреплен в соответствии с НТУ N {Number} от {Date}.",
		true, sender},
	{TrafficInternational, NormMTU, "", // сноска 7: the scheme, if the МТУ have more than one
		"Груз размещен и закреплен в соответствии с МТУ N {Number} от {Date}[, схема N {Scheme}].",
		true, sender},
	{TrafficInternational, NormDrawing, "",
		"Груз размещен и закреплен в соответствии с чертежом N {Number} от {Date}.",
		false, sender},
	{TrafficInternational, NormMSK, "",
		"МСК размещено и закреплено в соответствии со схемой N {Number} от {Date}, утвержденной {ApprovedBy}.",
		true, sender},
	{TrafficInternational, NormAnnex141, "",
		"Автопоезд (автомобиль, тягач, прицеп, полуприцеп, съемный автомобильный кузов) размещен и закреплен" +
			" в соответствии с Прил.14.1 к СМГС.",
		false, sender},
}

// What follows the work in a text (288 сноски 5, 6).
const (
	fastenersPart = " Применены средства крепления: {Fasteners}."
	jibPart       = " От поворота стрелы применены четыре растяжки из проволоки диаметром 6 мм в четыре нити."
	signedPart    = " {Performer}"
	proxyPart     = ": За {Performer} подписано ЭП {Signer} по доверенности N {ProxyNumber} от {ProxyDate}"
)

// templateFor chooses the text. For a norm document that the traffic does not allow it is the text
// that this document has in the other traffic: that it is not allowed is another finding (L09).
func templateFor(traffic string, n Norm) (template, bool) {
	rules := TrafficDomestic
	if InternationalRules(traffic) {
		rules = TrafficInternational
	}
	var best template
	fits := 0
	for _, t := range templates {
		if t.norm != n.Type {
			continue
		}
		fit := 1
		if t.traffic == "" || t.traffic == rules {
			fit += 4
		}
		switch {
		case t.chapter == "":
			fit += 1
		case t.chapter == n.Chapter:
			fit += 2
		}
		if fit > fits {
			best, fits = t, fit
		}
	}
	return best, fits > 0
}

// NormData says which data go with a norm document (288 п. 2.1.3 2)).
type NormData struct {
	Required, Optional []string // fields of Norm
	Fasteners          bool     // a list of fasteners belongs to it
	Jib                bool     // the mark about the swing of a jib may stand
}

// NormFields are the data that belong to the norm document in this traffic: those that its text
// names.
func NormFields(traffic string, n Norm) NormData {
	t, _ := templateFor(traffic, n)
	return t.data()
}

func (t template) data() NormData {
	d := NormData{Fasteners: t.fasteners, Jib: t.fasteners && t.traffic == TrafficDomestic}
	before, inside, after := t.parts()
	for _, name := range NormFieldNames() {
		switch slot := "{" + name + "}"; {
		case strings.Contains(before+after, slot), name == FieldChapter && t.chapter != "":
			d.Required = append(d.Required, name) // the chapter: «подтверждение номера главы»
		case strings.Contains(inside, slot):
			d.Optional = append(d.Optional, name)
		}
	}
	return d
}

// parts are the text about the work before, inside and after the brackets.
func (t template) parts() (before, inside, after string) {
	before, rest, _ := strings.Cut(t.work, "[")
	inside, after, _ = strings.Cut(rest, "]")
	return before, inside, after
}

// textForm says which of the parts that may be missing a text has.
type textForm struct{ optional, fasteners, jib, proxy bool }

// words is the whole text, with slots where data go.
func (t template) words(f textForm) []word {
	before, inside, after := t.parts()
	var b strings.Builder
	b.WriteString(before)
	if f.optional {
		b.WriteString(inside)
	}
	b.WriteString(after)
	if f.fasteners {
		b.WriteString(fastenersPart)
	}
	if f.jib {
		b.WriteString(jibPart)
	}
	b.WriteString(" " + t.sender)
	if f.proxy {
		b.WriteString(proxyPart)
	} else {
		b.WriteString(signedPart)
	}
	return wordsOf(b.String())
}

// word is a fixed word, or a slot for a value of one or more words between prefix and suffix.
type word struct{ prefix, slot, suffix string }

func wordsOf(text string) []word {
	var all []word
	for _, field := range strings.Fields(text) {
		prefix, rest, found := strings.Cut(field, "{")
		w := word{prefix: prefix}
		if found {
			w.slot, w.suffix, _ = strings.Cut(rest, "}")
		}
		all = append(all, w)
	}
	return all
}
