package wagonlist

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/text/unicode/norm"
)

// A4 upright, in millimetres; type sizes in points.
const (
	pageMargin  = 18.0
	footHeight  = 27.0 // of the margin that holds the footer
	labelWidth  = 46.0
	lineHeight  = 5.6
	smallLine   = 3.6
	shortestPen = 30.0 // of a line to sign on

	titleSize = 14.0
	textSize  = 11.0
	checkSize = 10.0 // so that the line with its blank is one
	labelSize = 9.0
	smallSize = 7.0
)

// pagesMark is replaced by the number of pages. The font has no glyph for it, so that no value of a sheet
// is drawn with it.
const pagesMark = "\ue000"

// page is a sheet being drawn.
type page struct {
	*fpdf.Fpdf
	sheet Sheet
	lacks bool // a character that the font cannot show was met
}

// PDF is the sheet to print. The same sheet always has the same bytes: the date in them is that of the
// permission.
func (s Sheet) PDF() ([]byte, error) {
	p := &page{Fpdf: fpdf.New("P", "mm", "A4", ""), sheet: s}
	p.SetCatalogSort(true)
	p.SetCreationDate(s.Permission.At.UTC())
	p.SetModificationDate(s.Permission.At.UTC())
	p.SetTitle("Вагонный лист: размещение и крепление груза", true)
	p.SetProducer("gatewayd", true)
	p.SetLang("ru")
	p.SetMargins(pageMargin, pageMargin, pageMargin)
	p.SetAutoPageBreak(true, footHeight)
	p.AliasNbPages(pagesMark)
	p.AddUTF8FontFromBytes("go", "", goregular.TTF)
	p.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	p.SetFooterFunc(p.footer)
	p.AddPage()
	p.heading()
	p.facts()
	p.statement()
	p.check()
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, fmt.Errorf("drawing a wagon list: %w", err)
	}
	return out.Bytes(), nil
}

// shown is a text as the font can show it.
func (p *page) shown(s string) string {
	text, lacks := goFont().drawable(norm.NFC.String(s))
	p.lacks = p.lacks || lacks
	return text
}

func (p *page) face(style string, size float64) { p.SetFont("go", style, size) }

// heading says what this is a part of, and in the test contour that it is for no wagon.
func (p *page) heading() {
	p.face("B", titleSize)
	p.MultiCell(0, 7, "Вагонный лист. Сведения о размещении и креплении груза", "", "L", false)
	p.face("", labelSize)
	p.SetTextColor(90, 90, 90)
	p.MultiCell(0, 4.5, "Нижняя часть листа: Технология ОАО «РЖД» от 05.10.2012 № 288, п. 1.8", "", "L", false)
	p.SetTextColor(0, 0, 0)
	if p.sheet.Environment == "test" {
		p.Ln(2)
		p.face("B", textSize)
		p.CellFormat(0, 7, "ТЕСТОВЫЙ КОНТУР: для перевозки не использовать", "1", 1, "C", false, 0, "")
	}
	p.Ln(4)
}

// facts are what the sheet is about.
func (p *page) facts() {
	s := p.sheet
	p.fact("Накладная №", dash(s.Number))
	p.fact("Грузоотправитель", s.Consignor.Name)
	p.fact("Станция отправления", strings.TrimSpace(s.Departure.Code+" "+s.Departure.Name))
	p.fact("Станция назначения", strings.TrimSpace(s.Destination.Code+" "+s.Destination.Name))
	p.fact(plural(len(s.Wagons), "Вагон", "Вагоны"), dash(strings.Join(s.Wagons, ", ")))
	if len(s.Containers) > 0 {
		p.fact(plural(len(s.Containers), "Контейнер", "Контейнеры"), strings.Join(s.Containers, ", "))
	}
	p.Ln(2)
	p.rule()
	p.Ln(4)
}

// fact is a label with its value beside it, which may take several lines and pages.
func (p *page) fact(label, value string) {
	p.face("", labelSize)
	p.SetTextColor(90, 90, 90)
	p.CellFormat(labelWidth, lineHeight, label, "", 0, "L", false, 0, "")
	p.SetTextColor(0, 0, 0)
	p.face("", textSize)
	p.MultiCell(0, lineHeight, p.shown(value), "", "L", false)
}

// rule is a thin line across the page.
func (p *page) rule() {
	width, _ := p.GetPageSize()
	p.SetLineWidth(0.2)
	p.Line(pageMargin, p.GetY(), width-pageMargin, p.GetY())
}

// statement is the text of ЭД №2 and who has signed it; without an electronic signature there is a place
// for both (288 сноска 8).
func (p *page) statement() {
	s := p.sheet
	if s.Form == Blank {
		for range 4 {
			p.Ln(8)
			p.rule()
		}
		p.Ln(6)
		p.together(52)
		p.face("B", textSize)
		p.Write(lineHeight, s.Caption+": ")
		p.pen("(подпись, должность, Ф.И.О.)")
		return
	}
	p.face("", textSize)
	p.MultiCell(0, lineHeight, p.shown(s.Text), "", "L", false)
	p.Ln(2)
	p.together(52) // with the line of the check: nobody signs an empty page
	p.face("B", textSize)
	p.Write(lineHeight, s.Caption+": ")
	p.face("", textSize)
	p.Write(lineHeight, p.shown(s.Signature()))
	p.Ln(lineHeight + 2)
}

// check is the line for the railway's worker who checks loading and fastening (288 п. 1.8).
func (p *page) check() {
	p.Ln(4)
	p.rule()
	p.Ln(6)
	p.face("", checkSize)
	p.Write(lineHeight, CheckLine+" ")
	p.pen("(подпись, от ОАО «РЖД»)")
	if p.lacks {
		p.face("", smallSize)
		p.MultiCell(0, smallLine, string(missing)+" — знак, которого нет в шрифте этого листа; полный текст см. в ЭД №2",
			"", "L", false)
	}
}

// pen draws a line to sign on after what was written, in the next line where there is no room, and a
// caption below it.
func (p *page) pen(caption string) {
	width, _ := p.GetPageSize()
	if right := width - pageMargin; right-p.GetX() < shortestPen {
		p.Ln(lineHeight + 4)
		p.SetX(right - 3*shortestPen)
	}
	from, y := p.GetX()+1, p.GetY()+lineHeight-0.8
	p.SetLineWidth(0.2)
	p.Line(from, y, width-pageMargin, y)
	p.SetXY(from, y+0.6)
	p.face("", smallSize)
	p.CellFormat(width-pageMargin-from, smallLine, caption, "", 1, "C", false, 0, "")
	p.Ln(3)
}

// together begins a new page unless so many millimetres are left on this one.
func (p *page) together(height float64) {
	_, whole := p.GetPageSize()
	if p.GetY()+height > whole-footHeight {
		p.AddPage()
	}
}

// footer names documents and permission, so that the sheet can be held against them.
func (p *page) footer() {
	s := p.sheet
	p.SetY(-footHeight + 3)
	p.rule()
	p.Ln(1.5)
	p.face("", smallSize)
	p.SetTextColor(90, 90, 90)
	line := func(format string, args ...any) {
		p.CellFormat(0, smallLine, fmt.Sprintf(format, args...), "", 1, "L", false, 0, "")
	}
	line("ЭД №1 %s, версия %d, SHA-256 %s", s.Waybill.DocumentID, s.Waybill.Version, s.Waybill.SHA256)
	if r := s.Placement; r != nil {
		line("ЭД №2 %s, версия %d, SHA-256 %s", r.DocumentID, r.Version, r.SHA256)
	}
	line("ЭСИД %s от %s", s.Permission.MessageID, s.Permission.At.Format("02.01.2006 15:04:05 -07:00"))
	p.CellFormat(0, smallLine, fmt.Sprintf("Страница %d из %s", p.PageNo(), pagesMark), "", 0, "R", false, 0, "")
	p.SetTextColor(0, 0, 0)
}

// dash stands for what is not known.
func dash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
