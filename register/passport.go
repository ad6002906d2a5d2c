package register

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// ErrPassportData: a list of people holds what identity documents say. The orders of 288 п. 1.4 have
// it; here nobody asks for it, so it must not come in: it is refused, not dropped, so that whoever
// sends it learns to leave it out.
var ErrPassportData = errors.New("passport data have no place in the list of people")

// passportWords are what columns and elements with passport data are called, or a part of it, in
// lower case without anything but letters.
var passportWords = []string{
	"паспорт", "passport", "удостоверениеличности", "identitydocument", "identitycard", "кодподразделения",
	"датарождения", "деньрождения", "месторождения", "dateofbirth", "birthdate", "placeofbirth", "birthplace",
	"образецподписи",
}

// passportNames are what they are called as a whole: shorter words, which also begin others.
var passportNames = []string{"серия", "серияиномер", "серияномер", "кемвыдан", "series", "документ", "удостоверение"}

// PassportName says whether a column, an element or an attribute is called as passport data are.
func PassportName(name string) bool {
	name = strings.ReplaceAll(letters(strings.ToLower(name)), "ё", "е")
	return slices.Contains(passportNames, name) || slices.ContainsFunc(passportWords, func(word string) bool {
		return strings.Contains(name, word)
	})
}

// letters leaves the letters only.
func letters(s string) string {
	return strings.Join(notLetters.Split(s, -1), "")
}

var (
	notLetters = regexp.MustCompile(`\P{L}+`)
	passport   = regexp.MustCompile(`(?i)(паспорт|passport)\P{L}[^0-9]{0,20}[0-9]{2}|сери[яи][^0-9\p{L}]{0,5}[0-9]{2} ?[0-9]{2}`)
)

// holdsPassport says whether a text that stands where another should tells of a passport. A
// паспортист has none in their post.
func holdsPassport(s string) bool { return passport.MatchString(s) }
