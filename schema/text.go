package schema

import "strings"

// RenderPlacement is the text of ЭД №2 by its data (288 п. 1.6). Which text it is say the kind of
// traffic and the norm document.
//
//	Груз размещен и закреплен согласно рис. 5 главы 2 раздела 1 Технических условий правильно.
//	Применены средства крепления: растяжка 4/6, брусок упорный 8. Грузоотправитель мастер
//	погрузки Иванов Иван Иванович
//
// Where no fasteners were needed, the sentence about them is left out. A field that is missing is
// the blank of the form, «____».
func RenderPlacement(p *Placement) string {
	t, _ := templateFor(p.Traffic, p.Norm)
	var b strings.Builder
	for i, w := range t.words(formOf(t, p)) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w.prefix)
		if w.slot != "" {
			b.WriteString(valueOf(p, w.slot))
			b.WriteString(w.suffix)
		}
	}
	return b.String()
}

// formOf are the parts that the text of these data has.
func formOf(t template, p *Placement) textForm {
	data := t.data()
	f := textForm{
		fasteners: data.Fasteners && len(p.Fasteners) > 0, jib: data.Jib && p.Jib, proxy: p.Proxy != nil,
	}
	for _, name := range data.Optional {
		f.optional = f.optional || p.Norm.Field(name) != ""
	}
	return f
}

// blank stands in the forms of the regulation where something is to be filled in.
const blank = "____"

// valueOf is what goes into a slot.
func valueOf(p *Placement, slot string) string {
	value := ""
	switch slot {
	case FieldDate:
		value = p.Norm.russianDate()
	case "Fasteners":
		value = fastenerList(p.Fasteners, InternationalRules(p.Traffic))
	case "Performer":
		value = signed(p.Performer)
	case "Signer":
		value = signed(p.Proxy.Signer)
	case "ProxyNumber":
		value = p.Proxy.Number
	case "ProxyDate":
		value = p.Proxy.Date.Russian()
	default:
		value = p.Norm.Field(slot)
	}
	if value == "" {
		return blank
	}
	return value
}

// signed names a person as «(должность, Ф.И.О.)» asks for.
func signed(p Person) string { return strings.TrimSpace(p.Post + " " + p.Name) }
