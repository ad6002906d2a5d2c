package schema

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// normalizeText writes a text in the one spelling in which texts are compared. What makes no
// difference: colon or none after «Грузоотправитель», N and №, dashes, no-break spaces, «ё» and
// «е», the case of «по доверенности», quotation marks, runs of white space. To these come the
// blanks that the regulation itself sets now one way and now the other («рис. 5» and «гл.5»,
// «крепления: ____ .»), «г.» after a date, «x», «х», «×» and «*» between sizes, and the full stop
// at the end. A change of any of this raises TemplatesVersion.
func normalizeText(s string) string {
	var words []string
	for _, word := range strings.Fields(parted(normalizeCharacters(s))) {
		last := len(words) - 1
		number, numbered := strings.CutPrefix(word, "N")
		switch {
		case last >= 0 && strings.ContainsRune(".,;:", rune(word[0])):
			words[last] += word
		case slices.ContainsFunc(signerTitles, func(t string) bool { return strings.HasPrefix(word, t) }):
			title, rest, _ := strings.Cut(word, ":")
			words = append(words, title)
			if rest != "" {
				words = append(words, rest)
			}
		case numbered && number != "":
			words = append(words, "N", number)
		case last >= 0 && strings.EqualFold(words[last], "по") && strings.EqualFold(word, "доверенности"):
			words[last] = "по"
			words = append(words, "доверенности")
		case last >= 0 && (word == "г." || word == "года") && isRussianDate(words[last]):
		default:
			if date, found := strings.CutSuffix(word, "г."); found && isRussianDate(date) {
				word = date
			}
			words = append(words, word)
		}
	}
	even := strings.TrimRight(strings.Join(words, " "), ". ")
	return evenTimes(even)
}

var signerTitles = []string{"Грузоотправитель:", "Отправитель:", "Отравитель:"}

// normalizeCharacters makes one character of all that are written for it.
func normalizeCharacters(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case isInvisible(c):
			return -1
		case isDash(c):
			return '-'
		case strings.ContainsRune("«»„“”‟‹›‘’‚\"'", c):
			return '"'
		case c == 'ё':
			return 'е'
		case c == 'Ё':
			return 'Е'
		case c == '№':
			return 'N'
		}
		return c
	}, norm.NFC.String(s))
}

// parted sets a blank after the full stop of an abbreviation: «рис.5», «И.И.»; not within numbers
// and dates.
func parted(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 8)
	var before, point rune // the two characters before c
	for _, c := range s {
		if point == '.' && unicode.IsLetter(before) && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
		before, point = point, c
	}
	return b.String()
}

// evenTimes writes one sign between the sizes of a bar.
func evenTimes(s string) string {
	if !strings.ContainsAny(s, "XхХ×*") {
		return s
	}
	c := []rune(s)
	for i := 1; i+1 < len(c); i++ {
		if strings.ContainsRune("XхХ×*", c[i]) && unicode.IsDigit(c[i-1]) && unicode.IsDigit(c[i+1]) {
			c[i] = 'x'
		}
	}
	return string(c)
}

// isRussianDate says whether s is a day as Date.Russian writes it.
func isRussianDate(s string) bool {
	if len(s) != len("15.01.2026") {
		return false
	}
	for i := range len(s) {
		if point := i == 2 || i == 5; point != (s[i] == '.') || !point && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

// isInvisible says whether c shows nothing: soft hyphen, zero-width characters, marks of direction.
func isInvisible(c rune) bool {
	return c == 0xAD || 0x200B <= c && c <= 0x200F || 0x2060 <= c && c <= 0x2064 || c == 0xFEFF
}

// isDash knows hyphens, dashes and the minus sign.
func isDash(c rune) bool { return c == '-' || c > 0x7F && (unicode.Is(unicode.Pd, c) || c == 0x2212) }
