package schema

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fastenerList writes средства крепления by 288 сноска 5: name and quantity, and the strands after
// a stroke. International traffic adds for wire the diameter and for bars the sizes; the footnote
// leaves open how, and this is the one writing of it:
//
//	растяжка 4/6 из проволоки диаметром 6 мм, брусок 8 размерами 50x100x2700 мм
func fastenerList(list []Fastener, international bool) string {
	items := make([]string, len(list))
	for i, f := range list {
		items[i] = fastenerItem(f, international)
	}
	return strings.Join(items, ", ")
}

func fastenerItem(f Fastener, international bool) string {
	s := f.Name + " " + strconv.Itoa(f.Quantity)
	if f.Strands > 0 {
		s += "/" + strconv.Itoa(f.Strands)
	}
	if international && f.Diameter != "" {
		s += " из проволоки диаметром " + strings.Replace(f.Diameter, ".", ",", 1) + " мм"
	}
	if international && f.Size != "" {
		s += " размерами " + f.Size + " мм"
	}
	return s
}

var fastenerForm = regexp.MustCompile(`^(.+) (\d{1,6})(?:/(\d{1,3}))?` +
	`(?: из проволоки диаметром (\d+(?:,\d+)?) мм)?(?: размерами (\d+(?:[xх×]\d+)+) мм)?$`)

// parseFasteners is the inverse of fastenerList. A comma may be part of a name: an item ends where
// a quantity has been given. It returns the first item that is none.
func parseFasteners(text string) (list []Fastener, bad string) {
	name := ""
	for part := range strings.SplitSeq(text, ", ") {
		name += part
		found := fastenerForm.FindStringSubmatch(name)
		if found == nil {
			name += ", "
			continue
		}
		f := Fastener{Name: found[1], Diameter: strings.Replace(found[4], ",", ".", 1), Size: found[5]}
		f.Quantity, _ = strconv.Atoi(found[2]) // digits, few enough
		f.Strands, _ = strconv.Atoi(found[3])
		list = append(list, f)
		name = ""
	}
	return list, strings.TrimSuffix(name, ", ")
}

var (
	itemEnd = regexp.MustCompile(`[,;](?: |$)`)
	numbers = regexp.MustCompile(`\d+`)
	sizes   = regexp.MustCompile(`\d+(?:x\d+)+`)
	lengths = regexp.MustCompile(`(\d+(?:[.,]\d+)?) мм`)
)

// compareFasteners compares the lists item by item. Nothing is lost and nothing added as long as
// the numbers agree: all of them in their order, or those at the end of each item, or whole items
// in another order, or each kind of number by itself: sizes, millimetres, the others. None may go from
// item to item.
func compareFasteners(e, a []string) TextDifference {
	if slices.Equal(e, a) {
		return TextDifference{}
	}
	d := TextDifference{
		Severity: Error, Expected: clip(strings.Join(e, ", "), maxText), Actual: strings.Join(a, ", "),
	}
	if len(e) == len(a) {
		for i := range e {
			if e[i] != a[i] {
				d.Expected, d.Actual = e[i], a[i]
				break
			}
		}
	}
	if contradicts(e, a) {
		return d
	}
	sameNumbers := !movedNumbers(e, a) &&
		(slices.Equal(numbersOf(e...), numbersOf(a...)) || slices.Equal(measuresOf(e), measuresOf(a)))
	sameEnds := slices.EqualFunc(e, a, func(x, y string) bool {
		want, got := numbersOf(x), numbersOf(y)
		return len(got) >= len(want) && slices.Equal(want, got[len(got)-len(want):])
	})
	sameItems := slices.Equal(slices.Sorted(slices.Values(e)), slices.Sorted(slices.Values(a)))
	if sameNumbers || sameEnds || sameItems {
		d.Severity = Warning
	}
	return d
}

// contradicts says whether a fastener that both lists name by the same words has other numbers in
// each. It looks each item up once: only the text is bounded, the list of the data is not.
func contradicts(e, a []string) bool {
	type item struct{ name, numbers string }
	known, stands := make(map[string]bool, len(e)), make(map[item]bool, len(e))
	for _, expected := range e {
		name := nameOf(expected)
		known[name] = true
		stands[item{name, strings.Join(numbersOf(expected), " ")}] = true
	}
	return slices.ContainsFunc(a, func(actual string) bool {
		name := nameOf(actual)
		return known[name] && !stands[item{name, strings.Join(numbersOf(actual), " ")}]
	})
}

// movedNumbers says whether a number has gone from one item to another, where each stands for one of
// the other list: «растяжка 4/6, брусок 8» is not «растяжки 4, бруски 6/8».
func movedNumbers(e, a []string) bool {
	return len(e) == len(a) && !slices.EqualFunc(e, a, func(x, y string) bool {
		return slices.Equal(slices.Sorted(slices.Values(numbersOf(x))), slices.Sorted(slices.Values(numbersOf(y))))
	})
}

// nameOf is an item without its numbers.
func nameOf(item string) string {
	return strings.ToLower(strings.Trim(numbers.ReplaceAllString(item, ""), " /-"))
}

// numbersOf are the numbers of items in their order, without leading zeros.
func numbersOf(items ...string) []string {
	var all []string
	for _, item := range items {
		for _, number := range numbers.FindAllString(item, -1) {
			all = append(all, strings.TrimLeft(number, "0"))
		}
	}
	return all
}

// measuresOf are the numbers of items by what they measure, each kind in its order.
func measuresOf(items []string) []string {
	text := strings.Join(items, ", ")
	all := sizes.FindAllString(text, -1)
	text = sizes.ReplaceAllString(text, "")
	all = append(all, "мм")
	for _, found := range lengths.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.Replace(found[1], ".", ",", 1))
	}
	return append(append(all, "шт"), numbersOf(lengths.ReplaceAllString(text, ""))...)
}
