package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// RenderPlacement is the text of ЭД №2 by its data (288 п. 1.6): cargo placed by Технические
// условия, in wagons other than tanks. The captions «(должность, Ф.И.О.)» of the form are not part
// of the text.
//
//	Груз размещен и закреплен согласно рис. 5 главы 2 раздела 1 Технических условий правильно.
//	Применены средства крепления: растяжка 4/6, брусок упорный 8. Грузоотправитель мастер
//	погрузки Иванов Иван Иванович
//
// Where no fasteners were needed, the sentence about them is left out.
func RenderPlacement(p *Placement) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Груз размещен и закреплен согласно рис. %s главы %s раздела %s Технических условий правильно. ",
		p.Norm.Figure, p.Norm.Chapter, p.Norm.Section)
	if len(p.Fasteners) > 0 {
		b.WriteString("Применены средства крепления: ")
		for i, f := range p.Fasteners {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(renderFastener(f))
		}
		b.WriteString(". ")
	}
	b.WriteString(renderSigner(p))
	return b.String()
}

// renderFastener writes name and quantity, and the strands after a stroke (288 fn. 5).
func renderFastener(f Fastener) string {
	s := f.Name + " " + strconv.Itoa(f.Quantity)
	if f.Strands > 0 {
		s += "/" + strconv.Itoa(f.Strands)
	}
	return s
}

// renderSigner names who answers for the work, and by footnote 6 who signed for them.
func renderSigner(p *Placement) string {
	performer := p.Performer.Post + " " + p.Performer.Name
	if p.Proxy == nil {
		return "Грузоотправитель " + performer
	}
	return fmt.Sprintf("Грузоотправитель: За %s подписано ЭП %s %s по доверенности N %s от %s",
		performer, p.Proxy.Signer.Post, p.Proxy.Signer.Name, p.Proxy.Number, p.Proxy.Date.Russian())
}
