package checkdigit_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"asugate/schema/checkdigit"
)

// rules are all functions of the package with numbers that they must accept and refuse.
var rules = []struct {
	name      string
	check     func(string) bool
	good, bad []string
}{
	{
		name: "wagon", check: checkdigit.Wagon,
		good: []string{
			"63498000", // worked by hand in the regulation's examples
			"62310784", "62676218", "64970130", "65119620", "62691159", "65552788", "65816357", "60730207",
			"64288046", "60046711", "64291628", "55623029", "53100517", "63665160", "24547705",
			"22222228", "22222236", "22222210",
			"505126180015", // UIC, 12 digits
		},
		bad: []string{"24547706", "505126180014", "6349800", "634980001", "6349800O", "", "63498000 "},
	},
	{
		name: "station", check: checkdigit.Station,
		good: []string{"985609", "850609", "467004", "862606", "440209", "679107", "400305", "816504", "431801",
			"439701", "674000"},
		bad: []string{"985608", "98560", "9856090", "98560９"},
	},
	{
		name: "cargo", check: checkdigit.Cargo,
		good: []string{"161128", "421034", "421195", "471071", "161043", "161170", "324031", "324027"},
		bad:  []string{"161129", "42103"},
	},
	{
		name: "okpo", check: checkdigit.OKPO,
		good: []string{"31170931", "10230304", "01126022", "14788090", "24432974", "38428679", "00083262", "92399820"},
		bad:  []string{"37536162", "1126022", "31170932"}, // one is Ukrainian, one lost its zero
	},
	{
		name: "edrpou", check: checkdigit.EDRPOU,
		good: []string{"40081216", "40081237", "40081258", "40075815", "43005393", "37536162", "00034045", "14360570",
			"24432974", "14788090"},
		bad: []string{"38428679", "40081217", "400812160"}, // the first is a Russian ОКПО
	},
	{
		name: "rnokpp", check: checkdigit.RNOKPP,
		good: []string{"1234567899", "0000000000"}, // −1+10+21+36+20+36+70+40+63 = 295 = 26·11 + 9
		bad:  []string{"1234567890", "123456789"},
	},
	{
		name: "inn of an organisation", check: checkdigit.INN,
		good: []string{"7708503727", "2508033063", "2508120936", "7707083893"},
		bad:  []string{"7708503728", "770850372"},
	},
	{
		name: "inn of a person", check: checkdigit.INN,
		good: []string{"500100732259"},
		bad:  []string{"500100732258", "500100732269", "007708503727"}, // the last is padded
	},
	{
		name: "ogrn", check: checkdigit.OGRN,
		good: []string{"1037739877295", "1027700132195"},
		bad:  []string{"1037739877294", "304500116000157"},
	},
	{
		name: "ogrnip", check: checkdigit.OGRNIP,
		good: []string{"304500116000157"},
		bad:  []string{"304500116000158", "1037739877295"},
	},
	{
		name: "snils", check: checkdigit.SNILS,
		good: []string{
			"11223344595",
			"00100199800", "00100199812", // up to 001-001-998 there is no check number
			"08765430300", // the sum is 202, twice 101
		},
		bad: []string{"11223344596", "112-233-445 95", "00100199900"},
	},
	{
		name: "container", check: checkdigit.Container,
		good: []string{"CSQU3054383", "MSCU6639870", "TRHU1894264"},
		bad:  []string{"CSQU3054384", "csqu3054383", "CSQU305438", "ЦSQU305438"},
	},
}

func TestExamples(t *testing.T) {
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			for _, number := range rule.good {
				if !rule.check(number) {
					t.Errorf("%q is refused", number)
				}
			}
			for _, number := range rule.bad {
				if rule.check(number) {
					t.Errorf("%q is accepted", number)
				}
			}
		})
	}
}

// Where a remainder does not fit into one digit, each rule has its own way out; these are worked by
// hand.
func TestRemainderTen(t *testing.T) {
	cases := []struct {
		check  func(string) bool
		number string
		why    string
	}{
		{checkdigit.Station, "000023", "2·5 = 10; second pass 2·7 = 14 = 11 + 3"},
		{checkdigit.Station, "281000", "2+16+3 = 21 = 11 + 10; second pass 6+32+5 = 43 = 33 + 10: written 0"},
		{checkdigit.EDRPOU, "00002003", "2·5 = 10; second pass 2·7 = 14 = 11 + 3"},
		{checkdigit.EDRPOU, "28100000", "10 in both passes: written 0"},
		{checkdigit.INN, "5000000000", "5·2 = 10: written 0"},
		{checkdigit.OGRN, "0000000000100", "10: written 0"},
		{checkdigit.SNILS, "92000010000", "81+16+3 = 100: written 00"},
		{checkdigit.SNILS, "92000100000", "81+16+4 = 101: written 00"},
	}
	for _, c := range cases {
		if !c.check(c.number) {
			t.Errorf("%s is refused; %s", c.number, c.why)
		}
		wrong := c.number[:len(c.number)-1] + string((c.number[len(c.number)-1]-'0'+1)%10+'0')
		if c.check(wrong) {
			t.Errorf("%s is accepted; %s", wrong, c.why)
		}
	}
}

// One wrong digit is always noticed in a wagon number. The other rules write two remainders as one
// digit, so that a few mistakes in a hundred pass; more than that would be a mistake of ours.
func TestOneWrongDigit(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 2))
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			tried, unnoticed := 0, 0
			for range 400 {
				number := valid(source, rule.check, rule.good[0])
				for i := range len(number) {
					for digit := byte('0'); digit <= '9'; digit++ {
						if number[i] == digit || number[i] > '9' {
							continue
						}
						changed := number[:i] + string(digit) + number[i+1:]
						if tried++; rule.check(changed) {
							unnoticed++
						}
					}
				}
			}
			if rule.name == "wagon" && unnoticed > 0 {
				t.Errorf("%d of %d wrong digits pass", unnoticed, tried)
			}
			if unnoticed*100 > tried*4 {
				t.Errorf("%d of %d wrong digits pass", unnoticed, tried)
			}
		})
	}
}

// valid finds a random number of the form and the first character of sample that the rule accepts.
func valid(source *rand.Rand, check func(string) bool, sample string) string {
	for {
		var b strings.Builder
		b.WriteByte(sample[0]) // of a СНИЛС no zero: the oldest have no check number
		for i := 1; i < len(sample); i++ {
			if sample[i] > '9' {
				b.WriteByte(byte('A' + source.IntN(26)))
			} else {
				fmt.Fprint(&b, source.IntN(10))
			}
		}
		if number := b.String(); check(number) {
			return number
		}
	}
}

func FuzzNoPanic(f *testing.F) {
	for _, rule := range rules {
		f.Add(rule.good[0])
		f.Add(rule.bad[0])
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, rule := range rules {
			if rule.check(s) && strings.ContainsAny(s, " -\x00") {
				t.Errorf("%s accepts %q", rule.name, s)
			}
		}
	})
}
