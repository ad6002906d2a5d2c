package xsd

// isDateTime is the lexical form of xs:dateTime, XSD 1.0 part 2, 3.2.7.1.
func isDateTime(s string) bool {
	rest, ok := cutDay(s)
	if !ok || rest == "" || rest[0] != 'T' {
		return false
	}
	rest, ok = cutTime(rest[1:])
	return ok && isZone(rest)
}

// isDate is the lexical form of xs:date, XSD 1.0 part 2, 3.2.9.1.
func isDate(s string) bool {
	rest, ok := cutDay(s)
	return ok && isZone(rest)
}

// cutDay takes [-]YYYY-MM-DD off s. A year has four digits or more, then without a leading zero;
// there is no year 0.
func cutDay(s string) (rest string, ok bool) {
	if s != "" && s[0] == '-' {
		s = s[1:]
	}
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n < 4 || n > 4 && s[0] == '0' || s[:n] == "0000" || len(s) < n+len("-MM-DD") {
		return "", false
	}
	// Whether a year is a leap year shows in its last four digits, as 10,000 is a multiple of 400.
	year := int(s[n-4]-'0')*1000 + int(s[n-3]-'0')*100 + int(s[n-2]-'0')*10 + int(s[n-1]-'0')
	month, okMonth := twoDigits(s[n+1:])
	day, okDay := twoDigits(s[n+4:])
	if s[n] != '-' || s[n+3] != '-' || !okMonth || !okDay {
		return "", false
	}
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return "", false
	}
	return s[n+6:], true
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// cutTime takes hh:mm:ss[.fraction] off s. 24:00:00 is the midnight that ends the day; no other
// time has hour 24.
func cutTime(s string) (rest string, ok bool) {
	if len(s) < len("hh:mm:ss") || s[2] != ':' || s[5] != ':' {
		return "", false
	}
	hour, okHour := twoDigits(s)
	minute, okMinute := twoDigits(s[3:])
	second, okSecond := twoDigits(s[6:])
	if !okHour || !okMinute || !okSecond || hour > 24 || minute > 59 || second > 59 {
		return "", false
	}
	rest = s[8:]
	nonzero := minute != 0 || second != 0
	if rest != "" && rest[0] == '.' {
		n := 1
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			nonzero = nonzero || rest[n] != '0'
			n++
		}
		if n == 1 {
			return "", false
		}
		rest = rest[n:]
	}
	return rest, hour < 24 || !nonzero
}

// isZone is nothing, Z, or an offset of at most 14 hours.
func isZone(s string) bool {
	if s == "" || s == "Z" {
		return true
	}
	if len(s) != len("+hh:mm") || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return false
	}
	hour, okHour := twoDigits(s[1:])
	minute, okMinute := twoDigits(s[4:])
	return okHour && okMinute && minute <= 59 && (hour < 14 || hour == 14 && minute == 0)
}

func twoDigits(s string) (int, bool) {
	if len(s) < 2 || s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
		return 0, false
	}
	return int(s[0]-'0')*10 + int(s[1]-'0'), true
}
