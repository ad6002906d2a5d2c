package xsd

import (
	"strings"
	"testing"
)

// TestBuiltins: values inside and outside each built-in type, separated by |.
func TestBuiltins(t *testing.T) {
	types := builtins()
	tested := map[string]bool{}
	for _, c := range []struct{ name, valid, invalid string }{
		{"string", "| a\tb\n|я", ""},
		{"normalizedString", "| a\tb\n", ""},
		{"token", "| a  b ", ""},
		{"language", "ru|ru-RU|x-a1-b2|abcdefgh| uk ", "|abcdefghi|1a|ru-|ru--a|ru_RU|ру|a-123456789"},
		{"NMTOKEN", "a|1|-.:_|я| a ", "|a b|a,b"},
		{"Name", "a|:a|_1|я-1", "|1a|-a|a b|.a"},
		{"NCName", "a|_a|a.b-c|я1", "|a:b|:a|1|a b|a/b|a—"},
		{"ID", "a| a ", "|a:b|1"},
		{"anyURI", "|a|http://a/b?c#d|urn:a:b|//h:80/p|#f|%41|a b|я|http://[::1]:8/|?a:b|1/a:b|\\\\a\\b|mailto:a@b",
			"%|%4|%zz|#a#b|1a:b|:a|[a]|http://[a|http://a]/|http://[]/|a#[|http://[g]/|http://[::1]x/|//h/[a]"},
		{"boolean", "true|false|0|1| true ", "|TRUE|yes|2|00|tru e"},
		{"date", "2026-11-22|2024-02-29|2000-02-29|-0001-01-01|12345-01-01|2026-11-22Z|2026-11-22+14:00|2026-11-22-00:00",
			"|2026-11-2|2026-1-02|26-11-22|0000-01-01|02026-01-01|2023-02-29|1900-02-29|2026-13-01|2026-00-01|2026-04-31|" +
				"2026-01-00|2026-01-32|2026/01/01|2026-01-01z|2026-01-01+14:01|2026-01-01+15:00|2026-01-01+01:60|" +
				"2026-01-01+1:00|2026-01-01T00:00:00|+2026-01-01|2026-01-|2026|2026-0a-01|2026-01-0a|2026-01-01+0a:00"},
		{"dateTime", "2026-11-22T00:00:00|2026-11-22T23:59:59.999999999999Z|2026-11-22T24:00:00|2026-11-22T24:00:00.000-14:00",
			"|2026-11-22|2026-11-22T|2026-11-22T24:00:01|2026-11-22T24:01:00|2026-11-22T24:00:00.1|2026-11-22T25:00:00|" +
				"2026-11-22T23:60:00|2026-11-22T23:59:60|2026-11-22T23:59|2026-11-22T23:59:59.|2026-11-22t23:59:59|" +
				"2026-11-22 23:59:59|2026-11-22T1:00:00|2023-02-29T00:00:00|2026-11-22T00:00:00ZZ|2026-11-22T00-00-00|" +
				"2026-11-22T0a:00:00|2026-11-22T00:0a:00|2026-11-22T00:00:0a"},
		{"hexBinary", "|0aFF| 00 ", "0|0g|0a0| 0 0"},
		{"base64Binary", "|AAAA|AAA=|AA==|A A A A|+/+/|AB CD|QQ==|QUE=", "A|AA|AAA|A===|AA=A|====|AA==AAAA|AB==|AAB=|AA-A|я"},
		{"decimal", "0|-0|+1|1.|.5|-1.50|00.00|" + strings.Repeat("9", 99), "|.|+|-|1e3|1,5|1 0|--1|+-1|INF|0x1|1.2.3|٣"},
		{"integer", "0|-5|+5|007|" + strings.Repeat("9", 99), "|1.0|1.|a|+|5-"},
		{"nonPositiveInteger", "0|-0|-9", "1"},
		{"negativeInteger", "-1|-9", "0|-0|1"},
		{"nonNegativeInteger", "0|-0|+7|9", "-1"},
		{"positiveInteger", "1|+1|01", "0|-1"},
		{"long", "9223372036854775807|-9223372036854775808", "9223372036854775808|-9223372036854775809"},
		{"int", "2147483647|-2147483648", "2147483648|-2147483649"},
		{"short", "32767|-32768", "32768|-32769"},
		{"byte", "127|-128|+0127", "128|-129"},
		{"unsignedLong", "0|18446744073709551615", "18446744073709551616|-1|+1|-0"},
		{"unsignedInt", "0|4294967295", "4294967296|-1"},
		{"unsignedShort", "0|65535", "65536|-1"},
		{"unsignedByte", "0|255|000", "256|-1|"},
	} {
		tested[c.name] = true
		for _, text := range strings.Split(c.valid, "|") {
			if _, f := types[c.name].check(text); f != (fault{}) {
				t.Errorf("%s: %q is %v", c.name, text, f)
			}
		}
		for _, text := range strings.Split(c.invalid, "|") {
			if _, f := types[c.name].check(text); f == (fault{}) && c.invalid != "" {
				t.Errorf("%s: %q is valid", c.name, text)
			}
		}
	}
	for name := range types {
		if !tested[name] {
			t.Errorf("xs:%s is not tested", name)
		}
	}
}

// TestFacets: a restriction, values that it leaves, and values that it refuses with the rule for
// it.
func TestFacets(t *testing.T) {
	for _, c := range []struct{ base, facets, valid, rule, invalid string }{
		{"xs:string", `<xs:length value="2"/>`, "ab|яя|😀😀", RuleLength, "|a|abc"},
		{"xs:string", `<xs:minLength value="1"/>`, " |a", RuleMinLength, ""},
		{"xs:token", `<xs:minLength value="1"/>`, "a", RuleMinLength, "| "},
		{"xs:token", `<xs:maxLength value="3"/>`, " a b |я я", RuleMaxLength, "abcd"},
		{"xs:hexBinary", `<xs:maxLength value="2"/>`, "|0a|0a0b", RuleMaxLength, "0a0b0c"},
		{"xs:base64Binary", `<xs:length value="2"/>`, "AAA=|A A A =", RuleLength, "AAAA|AA==|"},
		{"xs:string", `<xs:whiteSpace value="collapse"/><xs:enumeration value="a b"/>`, "a b| a\n b ", RuleEnumeration, "ab|a"},
		{"xs:string", `<xs:enumeration value="a b"/><xs:enumeration value=""/>`, "a b|", RuleEnumeration, " a b|a  b"},
		{"xs:int", `<xs:enumeration value="1"/><xs:enumeration value="-0"/>`, "1|01|+1|0", RuleEnumeration, "2|10"},
		{"xs:hexBinary", `<xs:enumeration value="aF"/>`, "af|AF", RuleEnumeration, "ff"},
		{"xs:boolean", `<xs:pattern value="true|false"/>`, "true| false ", RulePattern, "1|0"},
		{"xs:string", `<xs:pattern value="a"/><xs:pattern value="b"/>`, "a|b", RulePattern, "ab|c"},
		{"xs:decimal", `<xs:minInclusive value="-1.5"/>`, "-1.5|-1.50|0|99", RuleMinInclusive, "-1.51|-2"},
		{"xs:decimal", `<xs:minExclusive value="-1.5"/>`, "-1.49|0", RuleMinExclusive, "-1.5|-9"},
		{"xs:decimal", `<xs:maxInclusive value="10.05"/>`, "10.05|10.0|-99", RuleMaxInclusive, "10.06|10.1|11|100"},
		{"xs:decimal", `<xs:maxExclusive value="10"/>`, "9.999", RuleMaxExclusive, "10|10.0|10.001"},
		{"xs:decimal", `<xs:totalDigits value="3"/>`, "123|0.123|1.20|00123|12.3000|.001", RuleTotalDigits, "1234|1.234|0.0012"},
		{"xs:decimal", `<xs:fractionDigits value="2"/>`, "1.25|1.2500|1", RuleFractionDigits, "1.255|.001"},
		{"xs:integer", `<xs:totalDigits value="2"/>`, "99|-99|0099", RuleTotalDigits, "100|-100"},
		{"xs:date", `<xs:pattern value="[0-9\-]*"/>`, "2026-01-01", RulePattern, "2026-01-01Z"},
	} {
		set, err := loadText(schemaOf(restriction(c.base, c.facets) + `<xs:element name="e" type="t:s"/>`))
		if err != nil {
			t.Fatal(err)
		}
		s := set.elements[name{"urn:t", "e"}].simple
		for _, text := range strings.Split(c.valid, "|") {
			if _, f := s.check(text); f != (fault{}) {
				t.Errorf("%s %s: %q is %v", c.base, c.facets, text, f)
			}
		}
		for _, text := range strings.Split(c.invalid, "|") {
			if _, f := s.check(text); f.rule != c.rule {
				t.Errorf("%s %s: %q is %v", c.base, c.facets, text, f)
			}
		}
	}
}

// TestPatternsOfTwoSteps: alternatives within a step, all steps together.
func TestPatternsOfTwoSteps(t *testing.T) {
	set, err := loadText(schemaOf(narrowed("xs:string", `<xs:pattern value="a.*"/><xs:pattern value="b.*"/>`,
		`<xs:pattern value=".*y"/><xs:pattern value=".*z"/>`) + `<xs:element name="e" type="t:s"/>`))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"ay": true, "bz": true, "ax": false, "cy": false, "az": true} {
		if _, f := set.elements[name{"urn:t", "e"}].simple.check(text); (f == fault{}) != want {
			t.Errorf("%s: %v", text, f)
		}
	}
}

func TestCollapse(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " ": "", "a": "a", " a": "a", "a ": "a", "a b": "a b", "a  b": "a b", "\n a\t\r\nb ": "a b",
		"\u00a0a": "\u00a0a", "я я": "я я", " \t\n": "",
	} {
		if got := Collapse(text); got != want {
			t.Errorf("%q became %q", text, got)
		}
	}
	if n := testing.AllocsPerRun(10, func() { Collapse("Иванов Иван Иванович") }); n != 0 {
		t.Errorf("%v allocations for a text that is collapsed already", n)
	}
}

// TestFixedAndDefault: a fixed value is compared as its type compares; a default asks nothing of a
// document.
func TestFixedAndDefault(t *testing.T) {
	set, err := loadText(schemaOf(`<xs:element name="e"><xs:complexType>
		<xs:attribute name="number" type="xs:decimal" fixed="1.0"/>
		<xs:attribute name="flag" type="xs:boolean" fixed="true"/>
		<xs:attribute name="key" type="xs:base64Binary" fixed="A A A="/>
		<xs:attribute name="word" type="xs:token" fixed=" a b "/>
		<xs:attribute name="free" type="xs:int" default="7"/></xs:complexType></xs:element>`))
	if err != nil {
		t.Fatal(err)
	}
	for attributes, want := range map[string]string{
		``: "", `number="1"`: "", `number="2"`: RuleFixed, `flag="1"`: "", `flag="0"`: RuleFixed, `key="AAA="`: "",
		`key="AAE="`: RuleFixed, `word="a  b"`: "", `word="ab"`: RuleFixed, `word=""`: RuleFixed, `free="8"`: "", `free="x"`: RuleType,
	} {
		got := ""
		for _, v := range set.Validate(parse(t, `<e xmlns="urn:t" `+attributes+`/>`), 3) {
			got += v.Rule
		}
		if got != want {
			t.Errorf("%s: %q, want %q", attributes, got, want)
		}
	}
}
