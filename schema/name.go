package schema

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NormalizeName is a name for comparison: composed letters, upper case, Е for Ё, single spaces, one
// kind of hyphen and apostrophe, a space after the full stop of an initial. Names only confirm whom
// an identifier has found.
func NormalizeName(name string) string {
	name = norm.NFC.String(name)
	var b strings.Builder
	for _, c := range name {
		switch {
		case unicode.IsSpace(c):
			b.WriteByte(' ')
		case isInvisible(c):
		case isDash(c):
			b.WriteByte('-')
		case strings.ContainsRune("'’ʼ‘`´", c): // Ukrainian names: Дем’яненко
			b.WriteByte('\'')
		case c == '.':
			b.WriteString(". ")
		case c == ',':
			b.WriteByte(' ')
		default:
			b.WriteRune(c)
		}
	}
	upper := strings.ReplaceAll(strings.ToUpper(b.String()), "Ё", "Е")
	return strings.ReplaceAll(collapse(upper), ". -", ".-") // А.-М. is one initial of Анна-Мария
}

// SamePerson says whether two names can be the same person's: surname first and equal, the other
// names equal or one the initial of the other («Иванов Иван Иванович», «Иванов И.И.», «И. И.
// Иванов»). A name that is missing on one side is a difference.
func SamePerson(a, b string) bool {
	x, y := nameParts(a), nameParts(b)
	if len(x) == 0 || len(x) != len(y) || x[0] != y[0] {
		return false
	}
	for i := 1; i < len(x); i++ {
		if !sameGivenName(x[i], y[i]) {
			return false
		}
	}
	return true
}

// nameParts are the parts of a normalized name, the surname first also where the initials lead.
func nameParts(name string) []string {
	parts := strings.Fields(NormalizeName(name))
	surname := slices.IndexFunc(parts, func(part string) bool { return !isInitial(part) })
	if surname <= 0 {
		return parts // the surname leads, or there are initials only
	}
	return slices.Concat(parts[surname:], parts[:surname])
}

// isInitial says whether a part of a normalized name is abbreviated: И. or Дж. or А.-М., or a
// single letter.
func isInitial(part string) bool {
	return strings.HasSuffix(part, ".") || utf8.RuneCountInString(part) == 1
}

// sameGivenName compares given names and patronymics. Double names compare half by half; А. also
// stands for Анна-Мария.
func sameGivenName(a, b string) bool {
	if a == b {
		return true
	}
	x, y := strings.Split(a, "-"), strings.Split(b, "-")
	if len(x) == len(y) && len(x) > 1 {
		for i := range x {
			if !sameGivenName(x[i], y[i]) {
				return false
			}
		}
		return true
	}
	return isInitial(a) && strings.HasPrefix(b, strings.TrimSuffix(a, ".")) ||
		isInitial(b) && strings.HasPrefix(a, strings.TrimSuffix(b, "."))
}
