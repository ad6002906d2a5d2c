// Package checkdigit answers: can this number be right? Check digits of wagons, stations, cargo,
// containers, organisations and persons, by the rules of Russia, Ukraine and the 1520 mm railways.
//
// Each function takes exactly the characters of the number, without spaces or hyphens, and answers
// false also for a number of another length or alphabet. Which rule holds is for the caller to
// know: eight digits may be a wagon, a Russian ОКПО or a Ukrainian ЄДРПОУ, and the rules of the
// last two differ.
package checkdigit

// digits reads s into the values of its digits. ok false: s is of none of the lengths, or has
// something else in it.
func digits(s string, lengths ...int) (values []int, ok bool) {
	for _, length := range lengths {
		ok = ok || len(s) == length
	}
	if !ok {
		return nil, false
	}
	values = make([]int, len(s))
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return nil, false
		}
		values[i] = int(s[i] - '0')
	}
	return values, true
}

// weigh sums the products of values and weights, pair by pair.
func weigh(values, weights []int) int {
	sum := 0
	for i, weight := range weights {
		sum += values[i] * weight
	}
	return sum
}
