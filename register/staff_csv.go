package register

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"asugate/schema"
)

// staffColumns are the columns of the CSV form of a staff list, in the order in which it is
// written. A file has a header row with these names or the Russian ones, in any order; name, post,
// number, date, works, may_sign and from must be there.
//
//	record     запись            staff (the default) or proxy: работник, доверенность
//	name       фио               of the worker, or of the holder of the power of attorney
//	post       должность
//	snils      снилс             with or without hyphens
//	inn        инн
//	rnokpp     рнокпп
//	number     номер             of the order of appointment, or of the power of attorney
//	date       дата              of it; dates are 2026-01-31 or 31.01.2026
//	works      работы            loading, unloading, placement: погрузка, выгрузка, размещение
//	may_sign   право подписи     yes or no: да, нет
//	stations   станции           codes ЕСР; empty: all
//	kinds      виды документов   of a power of attorney; empty: all
//	from       с                 first day
//	to         по                last day; empty: open
//	withdrawn  отозвана          of a power of attorney
//	issuer     издатель          of the registered certificate
//	serial     серийный номер
//	recipient  получатель        whose copy of the order this is: ТЦФТО, or the code of the station
//	registry   номер мчд         of a machine-readable power of attorney
//	given_by   выдал             who gave the power of attorney
//	given_as   должность выдавшего
//	principals за кого           the holder may sign: names, each with its numbers; empty: everybody
//	branches   кпп               whose documents may be signed; empty: all
//
// Lists in a cell are separated by spaces, commas, semicolons or bars, names by bars. A station's
// copy may leave may_sign empty. Passport data are refused, wherever they stand. Columns are separated by
// semicolon, comma or tab, whichever the header row has.
var staffColumns = []struct{ name, russian string }{
	{"record", "запись"}, {"name", "фио"}, {"post", "должность"}, {"snils", "снилс"},
	{"inn", "инн"}, {"rnokpp", "рнокпп"}, {"number", "номер"}, {"date", "дата"},
	{"works", "работы"}, {"may_sign", "право подписи"}, {"stations", "станции"},
	{"kinds", "виды документов"}, {"from", "с"}, {"to", "по"}, {"withdrawn", "отозвана"},
	{"issuer", "издатель"}, {"serial", "серийный номер"}, {"recipient", "получатель"},
	{"registry", "номер мчд"}, {"given_by", "выдал"}, {"given_as", "должность выдавшего"},
	{"principals", "за кого"}, {"branches", "кпп"},
}

var neededColumns = []string{"name", "post", "number", "date", "works", "may_sign", "from"}

// WriteStaffCSV writes the CSV form of a list, which ParseStaffCSV reads back: UTF-8 with a byte
// order mark and semicolons, as the spreadsheets of these countries expect.
func WriteStaffCSV(w io.Writer, l *schema.StaffList) error {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return fmt.Errorf("writing a staff list: %w", err)
	}
	c := csv.NewWriter(w)
	c.Comma = ';'
	header := make([]string, len(staffColumns))
	for i, column := range staffColumns {
		header[i] = column.name
	}
	c.Write(header) // errors stay with the writer until the end
	for i := range l.Entries {
		c.Write(entryRecord(&l.Entries[i]))
	}
	for i := range l.Proxies {
		c.Write(proxyRecord(&l.Proxies[i]))
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("writing a staff list: %w", err)
	}
	return nil
}

func entryRecord(e *schema.StaffEntry) []string {
	maySign := "no"
	switch {
	case e.RightUnsaid:
		maySign = ""
	case e.MaySign:
		maySign = "yes"
	}
	return []string{"staff", e.Name, e.Post, e.SNILS, e.INN, e.RNOKPP,
		e.OrderNumber, e.OrderDate.String(), strings.Join(e.Works, " "), maySign,
		strings.Join(e.Stations, " "), "", e.From.String(), e.To.String(), "",
		e.Certificate.Issuer, e.Certificate.Serial, e.Recipient, "", "", "", "", ""}
}

func proxyRecord(p *schema.PowerOfAttorney) []string {
	kinds := make([]string, len(p.Kinds))
	for i, kind := range p.Kinds {
		kinds[i] = string(kind)
	}
	principals := make([]string, len(p.Principals))
	for i, person := range p.Principals {
		principals[i] = personTitle(person)
	}
	return []string{"proxy", p.Holder.Name, p.Holder.Post, p.Holder.SNILS, p.Holder.INN,
		p.Holder.RNOKPP, p.Number, p.Date.String(), "", "", "", strings.Join(kinds, " "),
		p.From.String(), p.To.String(), p.Withdrawn.String(),
		p.Certificate.Issuer, p.Certificate.Serial, "", p.Registry, p.Issuer.Name, p.Issuer.Post,
		strings.Join(principals, " "+principalSeparator+" "), strings.Join(p.Branches, " ")}
}

// principalSeparator stands between the persons of a cell: their names hold spaces and commas.
const principalSeparator = "|"
