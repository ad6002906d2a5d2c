package xmltree

import (
	"fmt"
	"strings"
	"testing"
)

// TestLimits goes up to each limit and one beyond.
func TestLimits(t *testing.T) {
	around := func(before, after string) func(n int) string {
		return func(n int) string { return before + strings.Repeat("x", n) + after }
	}
	nested := func(n int) string { return strings.Repeat("<a>", n) + strings.Repeat("</a>", n) }
	siblings := func(n int) string { return "<a>" + strings.Repeat("<b/>", n-1) + "</a>" }
	attributes := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, " a%d=''", i)
		}
		return "<a xmlns='urn:a'" + b.String() + "/>" // a declaration does not count
	}
	declarations := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, " xmlns:p%d='urn:a'", i)
		}
		return "<a" + b.String() + "/>"
	}
	prefixes := func(n int) string { // the same one again does not count, nor do "" and xml
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<a xmlns='urn:a' xmlns:p%d='urn:a' xml:lang=''/><a xmlns:p%d='urn:b'/>", i, i)
		}
		return "<r>" + b.String() + "</r>"
	}
	d := DefaultLimits()
	tests := []struct {
		name   string
		most   int
		make   func(n int) string
		reason string
	}{
		{"bytes", d.Bytes, func(n int) string {
			n -= len("<a><!----></a>") // for text and comment, each within its own limit
			return "<a>" + strings.Repeat("x", n/2) + "<!--" + strings.Repeat("x", n-n/2) + "--></a>"
		}, ReasonTooLarge},
		{"depth", d.Depth, nested, ReasonTooDeep},
		{"elements", d.Elements, siblings, ReasonTooManyElements},
		{"nodes", d.Nodes, func(n int) string {
			return "<a>" + strings.Repeat("<!---->", n-1) + "</a>"
		}, ReasonTooManyNodes},
		{"attributes", d.Attributes, attributes, ReasonTooManyAttributes},
		{"declarations", d.Declarations, declarations, ReasonTooManyNamespaces},
		{"prefixes", d.Prefixes, prefixes, ReasonTooManyNamespaces},
		{"name", d.Name, around("<", "/>"), ReasonNameTooLong},
		{"name with prefix", d.Name, func(n int) string {
			return "<a xmlns:p='urn:p' p:" + strings.Repeat("a", n-len("p:")) + "=''/>"
		}, ReasonNameTooLong},
		{"attribute value", d.AttributeValue, around("<a b='", "'/>"), ReasonAttributeTooLong},
		{"text", d.Text, around("<a>", "</a>"), ReasonTextTooLong},
		{"CDATA section", d.Text, around("<a><![CDATA[", "]]></a>"), ReasonTextTooLong},
		{"comment", d.Text, around("<a><!--", "--></a>"), ReasonTextTooLong},
		{"repeated declarations", d.Repeated, func(n int) string {
			one := len(` xmlns:p="`) + 1<<15 + 1
			last := n - n/one*one // what is left goes into one more declaration
			return "<a xmlns:p='urn:" + strings.Repeat("x", 1<<15-4) + "' xmlns:q='urn:" +
				strings.Repeat("x", last-len(` xmlns:q="urn:"`)) + "'>" + strings.Repeat("<p:b/>", n/one) + "<q:b/></a>"
		}, ReasonTooManyNamespaces},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := Parse([]byte(test.make(test.most)), Limits{}); err != nil {
				t.Errorf("at the limit of %d: %v", test.most, err)
			}
			if got := refusal(t, []byte(test.make(test.most+1)), Limits{}); got.Reason != test.reason {
				t.Errorf("beyond the limit of %d: %v, want %s", test.most, got, test.reason)
			}
		})
	}
}

// TestLimitsInAnotherPlace reaches limits where something else than in TestLimits counts.
func TestLimitsInAnotherPlace(t *testing.T) {
	tests := []struct {
		name, document string
		limits         Limits
		reason         string
	}{
		{"nodes, by an element", "<a><!----><b/></a>", Limits{Nodes: 2}, ReasonTooManyNodes},
		{"prefixes, by an element that does not declare its own", "<a xmlns:p='urn:p'><q:b/></a>",
			Limits{Prefixes: 1}, ReasonTooManyNamespaces},
		{"prefixes, by an attribute that does not declare its own", "<a xmlns:p='urn:p' q:b=''/>",
			Limits{Prefixes: 1}, ReasonTooManyNamespaces},
	}
	for _, test := range tests {
		if got := refusal(t, []byte(test.document), test.limits); got.Reason != test.reason {
			t.Errorf("%s: %v, want %s", test.name, got, test.reason)
		}
	}
}

// TestLimitsOfTheCaller shows that a limit given holds, below and above the default.
func TestLimitsOfTheCaller(t *testing.T) {
	if got := refusal(t, []byte("<a><b/></a>"), Limits{Depth: 1}); got.Reason != ReasonTooDeep || got.Offset != 3 {
		t.Errorf("depth 1: %v", got)
	}
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, " a%d=''", i)
	}
	wide := "<a" + b.String() + "/>"
	if _, err := Parse([]byte(wide), Limits{Attributes: 5000}); err != nil {
		t.Errorf("5000 attributes allowed: %v", err)
	}
	again := "<a" + b.String() + " a2500=''/>"
	if got := refusal(t, []byte(again), Limits{Attributes: 6000}); got.Reason != ReasonDuplicateAttribute {
		t.Errorf("one of 5000 attributes again: %v", got)
	}
}

// TestMillionLevels shows that depth is refused where it begins to be too much.
func TestMillionLevels(t *testing.T) {
	got := refusal(t, []byte(strings.Repeat("<a>", 1_000_000)), Limits{})
	if want := 3 * DefaultLimits().Depth; got.Reason != ReasonTooDeep || got.Offset != want {
		t.Errorf("%v, want %s at byte %d", got, ReasonTooDeep, want)
	}
}
