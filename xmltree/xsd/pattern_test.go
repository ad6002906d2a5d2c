package xsd

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestPatterns: expressions of appendix F, values that match and values that do not, separated by
// blanks; ␣ stands for a blank and ∅ for nothing.
func TestPatterns(t *testing.T) {
	for _, c := range []struct{ source, matching, other string }{
		{``, `∅`, `a`},
		{`a|b`, `a b`, `ab ∅ c`},
		{`(a|b)*c?`, `∅ a abba abc c`, `ca cc`},
		{`a|`, `a ∅`, `aa`},
		{`a{2}`, `aa`, `a aaa`},
		{`a{2,}`, `aa aaaaa`, `a`},
		{`a{0,2}b`, `b ab aab`, `aaab`},
		{`a{0}b`, `b`, `ab`},
		// The whole value is meant, and these are no anchors.
		{`b`, `b`, `abc`},
		{`^a$`, `^a$`, `a`},
		{`.`, `a я 😀 ␣`, `ab ∅`},
		{`\.\\\?\*\+\{\}\(\)\[\]\|\-\^`, `.\?*+{}()[]|-^`, `a`},
		{`[abc]`, `a b c`, `d ab`},
		{`[^abc]`, `d я ^`, `a`},
		{`[a^]`, `a ^`, `b`},
		{`[-a]`, `- a`, `b`},
		{`[a-]`, `- a`, `b`},
		{`[a\-z]`, `a - z`, `b`},
		{`[+\-]`, `+ -`, `,`},
		{`[a-z-[aeiou]]`, `b z`, `a e A`},
		{`[^a-z-[A-Z]]`, `1 я`, `a A`},
		{`[a-z-[b-y-[m]]]`, `a m z`, `b n`},
		{`[\d\s]`, `1 ␣ ٣`, `a`},
		{`\d`, `0 9 ٣`, `a`},
		{`\D`, `a ␣`, `5`},
		{`\w+`, `aЯ9$`, `a,b ␣`},
		{`\W`, `, ␣`, `a`},
		{`\s\S`, `␣a`, `aa`},
		{`\i\c*`, `a:b-c.9 _ я9`, `9a -a`},
		{`[\I]`, `9 -`, `a`},
		{`\C`, `, ␣`, `a 9 -`},
		{`\p{Lu}\P{Lu}`, `Aa Яя`, `aA AA`},
		{`\p{L}{2}`, `Яя`, `Я9`},
		{`\p{Cn}`, "\u0378", `a`},
		{`\p{IsCyrillic}+`, `Груз`, `Gruz`},
		{`\P{IsBasicLatin}`, `я`, `z`},
		{`[\p{IsBasicLatin}-[\s]]`, `a`, `я ␣`},
		{`я{2}`, `яя`, `я яяя`},
		{`a.c`, `abc aяc`, `ac`},
	} {
		p, err := compilePattern(c.source)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		for _, text := range strings.Fields(c.matching) {
			if !p.matches(value(text)) {
				t.Errorf("%s does not match %q", c.source, text)
			}
		}
		for _, text := range strings.Fields(c.other) {
			if p.matches(value(text)) {
				t.Errorf("%s matches %q", c.source, text)
			}
		}
	}
}

func value(text string) string {
	return strings.NewReplacer("␣", " ", "∅", "").Replace(text)
}

func TestPatternsRefused(t *testing.T) {
	for source, want := range map[string]error{
		`a)`: ErrIncorrect, `(a`: ErrIncorrect, `*`: ErrIncorrect, `a**`: ErrIncorrect, `a+?`: ErrIncorrect,
		`a{`: ErrIncorrect, `a{,2}`: ErrIncorrect, `a{2,1}`: ErrIncorrect, `a{x}`: ErrIncorrect, `}`: ErrIncorrect,
		`]`: ErrIncorrect, `[`: ErrIncorrect, `[a`: ErrIncorrect, `[]`: ErrIncorrect, `[^]`: ErrIncorrect,
		`[z-a]`: ErrIncorrect, `[a-\d]`: ErrIncorrect, `[[a]]`: ErrIncorrect, `[a-[b]c]`: ErrIncorrect,
		`\`: ErrIncorrect, `\b`: ErrIncorrect, `\1`: ErrIncorrect, `\$`: ErrIncorrect, `\p`: ErrIncorrect,
		`\p{L`: ErrIncorrect, `(?:a)`: ErrIncorrect, `(?i)a`: ErrIncorrect, `|*`: ErrIncorrect,
		`\p{IsRunic}`: ErrUnsupported, `\p{Latin}`: ErrUnsupported, `[a-b-c]`: ErrUnsupported, `a{1001}`: ErrUnsupported,
		strings.Repeat("(", 40): ErrUnsupported,
	} {
		if _, err := compilePattern(source); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", source, err, want)
		}
	}
}

// TestTableAgainstRegexp compares the two ways to match, over random text of the letters that the
// patterns have.
func TestTableAgainstRegexp(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	const letters = "0019afZ:-+.TZ 3я"
	for _, source := range []string{
		`[0-9]{8}([0-9]{4})?`, `[a-z0-9]+(-[a-z0-9]+)*`, `(0|1)*1(0|1){5}`, `[0-9a-fA-F]{0,5}(-[0-9]{2})*`, `\d+|\i\c*`,
		`([01][0-9]|2[0-3]):[0-9]{2}(\.[0-9]{1,9})?(Z|[+\-][0-9]{2}:[0-9]{2})?`, `.*1.*1.*`, `a?b?|`,
	} {
		p, err := compilePattern(source)
		if err != nil {
			t.Fatal(err)
		}
		if p.table == nil {
			t.Fatalf("%s has no table", source)
		}
		for range 20000 {
			var text strings.Builder
			for range random.IntN(14) {
				text.WriteRune([]rune(letters)[random.IntN(len([]rune(letters)))])
			}
			if got, decided := p.table.matches(text.String()); decided && got != p.regexp.MatchString(text.String()) {
				t.Fatalf("%s and %q: the table says %t", source, text.String(), got)
			}
		}
	}
	// Too many states for a table, and still a pattern.
	p, err := compilePattern(`(0|1)*1(0|1){12}`)
	if err != nil || p.table != nil || !p.matches("1"+strings.Repeat("0", 12)) || p.matches(strings.Repeat("0", 13)) {
		t.Errorf("%v, %v", p, err)
	}
}

func FuzzPattern(f *testing.F) {
	for _, seed := range []string{`[a-z-[aeiou]]{2,3}|\p{Lu}*`, `\i\c*`, `(a|b)+?`} {
		f.Add(seed, "ab")
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		if len(source) > 100 || len(text) > 1000 {
			return
		}
		p, err := compilePattern(source)
		if err != nil {
			if !errors.Is(err, ErrIncorrect) && !errors.Is(err, ErrUnsupported) {
				t.Errorf("%v", err)
			}
			return
		}
		if got := p.matches(text); got != p.regexp.MatchString(text) {
			t.Errorf("%q and %q: %t by the table", source, text, got)
		}
	})
}
