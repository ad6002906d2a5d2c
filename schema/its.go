package schema

import "strings"

// noticeWords stand before the place, the clause and what to do.
var noticeWords = map[string][3]string{
	"ru": {"Место в документе", "Основание", "Что делать"},
	"uk": {"Місце в документі", "Підстава", "Що робити"},
	"en": {"Place in the document", "Clause", "What to do"},
}

// maxNoticePath bounds the path inside of a notice, in characters; the ЭСИД has the whole of it beside.
const maxNoticePath = 200

// Notice is the information text («ИТС», 288 п. 2.1.2, сноска 10) of the finding for people, in ru, uk
// or en: what was found and expected, in which field, by which clause, and what to do. It is complete
// in itself, because whoever reads it sees nothing else of the ЭСИД. For another language, and for a
// reason outside the table, it is what ITS has.
func (f Finding) Notice(language string) string {
	words, known := noticeWords[language]
	row, explained := Explain(f.Code, f.Reason)
	if !known || !explained {
		return f.ITS(language)
	}
	var b strings.Builder
	b.WriteString(f.fill(row.ITS[language]))
	if path := clip(oneLine(f.Path), maxNoticePath); path != "" {
		b.WriteString(" " + words[0] + ": " + path + ".")
	}
	b.WriteString(" " + words[1] + ": " + f.Complete().Clause + ". " + words[2] + ": " + lowered(f.fill(row.Remedy[language])))
	return b.String()
}

// lowered has a small first letter: what stands behind a colon goes on with the sentence. An
// abbreviation keeps its letters.
func lowered(s string) string {
	letters := []rune(s)
	if len(letters) < 2 || strings.ToUpper(string(letters[1])) == string(letters[1]) {
		return s
	}
	return strings.ToLower(string(letters[0])) + string(letters[1:])
}
