package checkdigit

import "strings"

// Compact takes out the spaces and hyphens by which people and other systems group the digits of a
// number: «6349 8000», «CSQU 305438-3». Letters become capitals.
func Compact(number string) string {
	return strings.ToUpper(strings.Map(func(c rune) rune {
		if c == ' ' || c == '-' {
			return -1
		}
		return c
	}, number))
}

// Complete6 makes a station code ЕСР or a cargo code ЕТСНГ of five digits whole: systems that leave
// the check digit off write 98560 for 985609. another tells that the five digits can also be a code
// of six whose leading zero got lost, as it does where codes are kept as numbers.
func Complete6(five string) (six string, another, ok bool) {
	if _, ok := digits(five, 5); !ok {
		return "", false, false
	}
	for digit := byte('0'); digit <= '9'; digit++ {
		if six = five + string(digit); code6(six, 6) {
			break
		}
	}
	return six, code6("0"+five, 6), true
}

// Pad puts the zeros in front of a number that it lost where it was kept as a number, up to one of
// the lengths that the register gives out. One that has such a length, or is not of digits, stays
// as it is.
func Pad(number string, lengths ...int) string {
	if _, ok := digits(number, len(number)); !ok || number == "" {
		return number
	}
	for _, length := range lengths {
		if len(number) <= length {
			return strings.Repeat("0", length-len(number)) + number
		}
	}
	return number
}
