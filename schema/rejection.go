package schema

import (
	"slices"
	"strings"
	"unicode"
)

// RejectionReason is a reason for which a client may reject an act ГУ-23ВЦ, as Приложение № 2 words
// it.
type RejectionReason struct {
	Heading string // under which it stands: «Неверные дата и/или время»
	Text    string
}

// The headings of Приложение № 2 к Порядку 1684/р, блок «Описание обстоятельств, вызвавших
// составление акта».
const (
	headingTimes         = "Неверные дата и/или время"
	headingCarriage      = "Несоответствие данным АС ЭТРАН о перевозке"
	headingCircumstances = "Неверное описание обстоятельств, вызвавших составления акта"
)

var rejectionReasons = []RejectionReason{
	{headingTimes, "начала ответственного простоя"},
	{headingTimes, "окончания ответственного простоя"},
	{headingTimes, "номер пути общего пользования"},
	{headingTimes, "дата уведомления о подаче"},
	{headingTimes, "дата уведомления об уборке"},
	{headingTimes, "время уведомления о подаче"},
	{headingTimes, "время уведомления об уборке"},
	{headingCarriage, "наименования собственника/ арендатора вагонов"},
	{headingCarriage, "наименования станция отправления"},
	{headingCarriage, "наименования станция назначения"},
	{headingCircumstances, "наименования владельца пути необщего пользования"},
	{headingCircumstances, "причина составления акта"},
}

// RejectionReasons are all of them, in the order and the wording of the list, slips of grammar
// included: whoever compares them compares the words as they were published (1166/р 3.14,
// Приложение № 2).
func RejectionReasons() []RejectionReason { return slices.Clone(rejectionReasons) }

// ListedReason is the reason of the list that a text states, with or without the heading before it,
// whatever its case, spaces, dashes and what stands behind it.
func ListedReason(text string) (RejectionReason, bool) {
	given := reasonWords(text)
	for _, r := range rejectionReasons {
		words := reasonWords(r.Text)
		if given == words || given == reasonWords(r.Heading)+" "+words {
			return r, true
		}
	}
	return RejectionReason{}, false
}

// reasonWords are the words of a reason, in small letters, Е for Ё, with one space between them.
// Signs only part words, so that neither a dash before them nor a semicolon behind them matters.
func reasonWords(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	return strings.ReplaceAll(strings.Join(words, " "), "ё", "е")
}
