package wagonlist

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"asugate/schema"
)

// captions are the words before the signature in the texts of 288 п. 1.6; the last one is a misprint of
// the regulation, which an agreement may let pass.
var captions = []string{"Грузоотправитель", "Отправитель", "Отравитель"}

// statement parts the text of an ЭД №2 before the word for who signs, for that is followed by other words
// in the wagon list (288 сноска 8). The legitimacy of the text has been checked: it ends with that word
// and the persons of the data. Where the performer is not found behind any, the last one counts; without
// any the whole text is the statement.
func statement(p *schema.Placement) (text, caption string) {
	text = strings.Join(strings.Fields(p.Text), " ")
	performer := letters(title(p.Performer))
	at, found := captionBefore(text, len(text))
	for i, c := at, found; i >= 0; i, c = captionBefore(text, i) {
		rest := letters(text[i+len(c):])
		if strings.HasPrefix(rest, performer) || strings.HasPrefix(rest, "за"+performer) {
			at, found = i, c
			break
		}
	}
	switch {
	case at < 0:
		return text, captions[0]
	case found == captions[2]:
		found = captions[1]
	}
	return strings.TrimSpace(text[:at]), found
}

// captionBefore finds the last of the captions that begins before a place, as a word of its own; -1: there
// is none.
func captionBefore(text string, before int) (at int, caption string) {
	at = -1
	for _, c := range captions {
		for i := before; i > 0; {
			if i = strings.LastIndex(text[:i], c); i < 0 {
				break
			}
			left, _ := utf8.DecodeLastRuneInString(text[:i])
			right, _ := utf8.DecodeRuneInString(text[i+len(c):])
			if !unicode.IsLetter(left) && !unicode.IsLetter(right) {
				if i > at {
					at, caption = i, c
				}
				break
			}
		}
	}
	return at, caption
}

// letters are the letters and digits of a text in one spelling.
func letters(s string) string {
	return strings.Map(func(c rune) rune {
		switch c = unicode.ToLower(c); {
		case c == 'ё':
			return 'е'
		case unicode.IsLetter(c) || unicode.IsDigit(c):
			return c
		}
		return -1
	}, norm.NFC.String(s))
}
