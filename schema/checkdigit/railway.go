package checkdigit

// Wagon checks the number of a wagon: 8 digits on 1520 mm, or the 12 digits of UIC leaflet 438.
// From the right the weights are 2 1 2 1 …, the decimal digits of the products are added, and the
// check digit fills up the next ten.
func Wagon(number string) bool {
	values, ok := digits(number, 8, 12)
	if !ok {
		return false
	}
	last := len(values) - 1
	sum := values[last]
	for i := range last {
		product := values[i]
		if (last-i)%2 == 1 {
			product *= 2
		}
		sum += product/10 + product%10
	}
	return sum%10 == 0
}

// Station checks a station code ЕСР of six digits. Five digits are the same code without its check
// digit.
func Station(code string) bool { return code6(code, 6) }

// Cargo checks a cargo code ЕТСНГ of six digits. ГНГ has no check digit.
func Cargo(code string) bool { return code6(code, 6) }

// OKPO checks a Russian ОКПО, 8 digits of an organisation or 10 of an entrepreneur.
func OKPO(code string) bool { return code6(code, 8, 10) }

// code6 is the rule of ПР 50.1.024-2005, Приложение В: weights 1, 2, 3 … 10, 1 … from the most
// significant digit, modulo 11; where that gives 10, weights 3, 4, 5 …; where that gives 10 again,
// the check digit is 0.
func code6(code string, lengths ...int) bool {
	values, ok := digits(code, lengths...)
	if !ok {
		return false
	}
	last := len(values) - 1
	for _, first := range []int{0, 2} {
		sum := 0
		for i := range last {
			sum += values[i] * ((i+first)%10 + 1)
		}
		if sum%11 < 10 {
			return sum%11 == values[last]
		}
	}
	return values[last] == 0
}

// Container checks the number of a container by ISO 6346 (ГОСТ Р 52524-2005): four capital letters
// and seven digits. A remainder of 10 is written 0.
func Container(number string) bool {
	if len(number) != 11 {
		return false
	}
	serial, ok := digits(number[4:], 7)
	if !ok {
		return false
	}
	sum := 0
	for i := range 4 {
		c := number[i]
		if c < 'A' || c > 'Z' {
			return false
		}
		// A is 10, and the multiples of 11 are left out: B is 12, L 23, V 34.
		value := int(c-'A') + 10
		value += (value - 1) / 10
		sum += value << i
	}
	for i, value := range serial[:6] {
		sum += value << (i + 4)
	}
	return sum%11%10 == serial[6]
}
