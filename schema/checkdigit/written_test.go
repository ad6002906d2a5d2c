package checkdigit_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"asugate/schema/checkdigit"
)

func TestCompact(t *testing.T) {
	for written, want := range map[string]string{
		"63498000": "63498000", "6349 8000": "63498000", "63498-000": "63498000",
		"50 51 26 18 001-5": "505126180015", "csqu 305438-3": "CSQU3054383", "": "",
		"6349\u00a08000": "6349\u00a08000", // a no-break space is part of the value, and refused as such
	} {
		if got := checkdigit.Compact(written); got != want {
			t.Errorf("%q: got %q, want %q", written, got, want)
		}
	}
}

// The five digits of every example are completed to the six of the example.
func TestComplete6(t *testing.T) {
	for _, rule := range rules {
		if rule.name != "station" && rule.name != "cargo" {
			continue
		}
		for _, six := range rule.good {
			got, _, ok := checkdigit.Complete6(six[:5])
			if got != six || !ok {
				t.Errorf("%s: got %q, %t, want %q", six[:5], got, ok, six)
			}
		}
	}
	for five, want := range map[string]bool{"10002": true, "98560": false, "63000": false} {
		if _, another, _ := checkdigit.Complete6(five); another != want {
			t.Errorf("%s can be a code without its zero: %t, want %t", five, another, want)
		}
	}
	for _, s := range []string{"", "9856", "985609", "9856O", "98 60"} {
		if six, _, ok := checkdigit.Complete6(s); ok || six != "" {
			t.Errorf("%q is completed to %q", s, six)
		}
	}
}

func TestPad(t *testing.T) {
	cases := []struct {
		written string
		lengths []int
		want    string
	}{
		{"1126022", []int{8, 10}, "01126022"}, // the example of a lost zero
		{"83262", []int{8, 10}, "00083262"},
		{"31170931", []int{8, 10}, "31170931"},
		{"123456789", []int{8, 10}, "0123456789"}, // of an entrepreneur
		{"705013033", []int{10, 12}, "0705013033"},
		{"12345678901", []int{10, 12}, "012345678901"},
		{"400812160", []int{8}, "400812160"}, // longer than a ЄДРПОУ: no ЄДРПОУ
		{"", []int{8}, ""},
		{"12а", []int{8}, "12а"},
	}
	for _, c := range cases {
		if got := checkdigit.Pad(c.written, c.lengths...); got != c.want {
			t.Errorf("%q: got %q, want %q", c.written, got, c.want)
		}
	}
}

// Neighbouring digits that changed places are the slip that people make most. What each rule cannot
// see of them is known, and said here; it sees everything else.
func TestTransposition(t *testing.T) {
	blind := map[string]func(number string, i int) bool{
		// 2·a+b and a+2·b, digits added, differ by a−b, except that 9 counts 9 whether doubled or not.
		"wagon": func(number string, i int) bool {
			return number[i]+number[i+1] == '0'+'9' && (number[i] == '0' || number[i] == '9')
		},
	}
	// The others are seen as often as one remainder of eleven (thirteen, a hundred and one) is another:
	// remainders that do not fit into a digit are written like some that do, second passes weigh anew.
	most := map[string]int{ // of 1000 transpositions, how many may pass
		"wagon": 60, "station": 40, "cargo": 40, "okpo": 40, "edrpou": 40, "rnokpp": 40, "inn of an organisation": 40,
		"inn of a person": 40, "ogrn": 40, "ogrnip": 70, "snils": 5, "container": 40,
	}
	source := rand.New(rand.NewPCG(3, 4))
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			tried, passed := 0, 0
			for range 600 {
				number := valid(source, rule.check, rule.good[0])
				for i := range len(number) - 1 {
					if number[i] == number[i+1] {
						continue
					}
					changed := number[:i] + string(number[i+1]) + string(number[i]) + number[i+2:]
					tried++
					if !rule.check(changed) {
						continue
					}
					passed++
					if see := blind[rule.name]; see != nil && !see(number, i) {
						t.Errorf("%s passes for %s", changed, number)
					}
				}
			}
			t.Logf("%d of %d pass", passed, tried)
			if limit, known := most[rule.name]; !known || passed*1000 > tried*limit {
				t.Errorf("%d of %d transpositions pass, more than %d in a thousand", passed, tried, limit)
			}
		})
	}
}

// Numbers of 12 digits by UIC leaflet 438 obey the same rule, from the right.
func TestUIC(t *testing.T) {
	source := rand.New(rand.NewPCG(5, 6))
	for range 200 {
		number := valid(source, checkdigit.Wagon, "505126180015")
		for i := range len(number) {
			for digit := byte('0'); digit <= '9'; digit++ {
				if changed := number[:i] + string(digit) + number[i+1:]; digit != number[i] && checkdigit.Wagon(changed) {
					t.Fatalf("%s passes for %s", changed, number)
				}
			}
		}
	}
}

// Which register a number of eight digits is of cannot be seen from it: some are valid in both, some
// in one. So the caller says whose rule it wants.
func TestRegistersDiffer(t *testing.T) {
	for number, want := range map[string][2]bool{ // ОКПО, ЄДРПОУ
		"37536162": {false, true}, "38428679": {true, false}, "24432974": {true, true}, "63498000": {false, false},
	} {
		if got := [2]bool{checkdigit.OKPO(number), checkdigit.EDRPOU(number)}; got != want {
			t.Errorf("%s: got %v, want %v", number, got, want)
		}
	}
}

func FuzzWritten(f *testing.F) {
	f.Add("6349 8000")
	f.Add("98560")
	f.Fuzz(func(t *testing.T, s string) {
		compact := checkdigit.Compact(s)
		if strings.ContainsAny(compact, " -") || checkdigit.Compact(compact) != compact {
			t.Errorf("%q is compacted to %q", s, compact)
		}
		if six, _, ok := checkdigit.Complete6(s); ok && (!checkdigit.Station(six) || six[:5] != s) {
			t.Errorf("%q is completed to %q", s, six)
		}
		if padded := checkdigit.Pad(s, 8, 10); !strings.HasSuffix(padded, s) {
			t.Errorf("%q is padded to %q", s, padded)
		}
	})
}
