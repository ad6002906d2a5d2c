package checkdigit

// EDRPOU checks a Ukrainian ЄДРПОУ of eight digits. Codes from 30000000 to 60000000 have their own
// weights.
func EDRPOU(code string) bool {
	values, ok := digits(code, 8)
	if !ok {
		return false
	}
	passes := [][]int{{1, 2, 3, 4, 5, 6, 7}, {3, 4, 5, 6, 7, 8, 9}}
	if "30000000" <= code && code <= "60000000" {
		passes = [][]int{{7, 1, 2, 3, 4, 5, 6}, {9, 3, 4, 5, 6, 7, 8}}
	}
	for _, weights := range passes {
		if r := weigh(values, weights) % 11; r < 10 {
			return r == values[7]
		}
	}
	return values[7] == 0
}

// RNOKPP checks a Ukrainian РНОКПП (ДРФО) of ten digits.
func RNOKPP(code string) bool {
	values, ok := digits(code, 10)
	if !ok {
		return false
	}
	// The first weight is −1; 10 is the same modulo 11 and keeps the remainder positive.
	return weigh(values, []int{10, 5, 7, 9, 4, 6, 10, 5, 7})%11%10 == values[9]
}

// INN checks a Russian ИНН: ten digits of an organisation, twelve of a person.
func INN(code string) bool {
	values, ok := digits(code, 10, 12)
	if !ok {
		return false
	}
	if len(values) == 10 {
		return weigh(values, []int{2, 4, 10, 3, 5, 9, 4, 6, 8})%11%10 == values[9]
	}
	return weigh(values, []int{7, 2, 4, 10, 3, 5, 9, 4, 6, 8})%11%10 == values[10] &&
		weigh(values, []int{3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8})%11%10 == values[11]
}

// OGRN checks a Russian ОГРН of thirteen digits: the first twelve as one number, modulo 11, its
// last digit.
func OGRN(code string) bool {
	values, ok := digits(code, 13)
	return ok && remainder(values[:12], 11)%10 == values[12]
}

// OGRNIP checks the ОГРНИП of an entrepreneur, fifteen digits, modulo 13.
func OGRNIP(code string) bool {
	values, ok := digits(code, 15)
	return ok && remainder(values[:14], 13)%10 == values[14]
}

// remainder of the decimal number that the values write.
func remainder(values []int, modulus int) int {
	r := 0
	for _, value := range values {
		r = (r*10 + value) % modulus
	}
	return r
}

// SNILS checks a СНИЛС of eleven digits. Numbers up to 001-001-998 were given out without a check
// number.
func SNILS(code string) bool {
	values, ok := digits(code, 11)
	if !ok {
		return false
	}
	if code[:9] <= "001001998" {
		return true
	}
	sum := weigh(values, []int{9, 8, 7, 6, 5, 4, 3, 2, 1})
	return sum%101%100 == values[9]*10+values[10]
}
