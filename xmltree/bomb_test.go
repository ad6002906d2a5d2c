package xmltree

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"asugate/internal/cputime"
)

// fullBombs are the bombs at the size at which they are sent, 1 to 64 MiB each. What the limits of
// the gateway refuse by the size alone is tried under a wider limit of bytes too, so that the other
// limits are shown to hold by themselves.
var fullBombs = []struct {
	name   string
	make   func() string
	reason string
}{
	{"billion laughs", func() string {
		var b strings.Builder
		b.WriteString(`<!DOCTYPE a [<!ENTITY e0 "ha">`)
		for i := 1; b.Len() < 4<<20; i++ {
			fmt.Fprintf(&b, `<!ENTITY e%d "%s">`, i, strings.Repeat(fmt.Sprintf("&e%d;", i-1), 10))
		}
		return b.String() + "]><a>&e9;</a>"
	}, ReasonDTD},
	{"quadratic blow-up", func() string {
		return `<!DOCTYPE a [<!ENTITY e "` + strings.Repeat("x", 2<<20) + `">]><a>` + strings.Repeat("&e;", 1<<20) + "</a>"
	}, ReasonDTD},
	{"entities without a DTD", func() string { return "<a>" + strings.Repeat("&e;", 1<<20) + "</a>" }, ReasonUndeclaredEntity},
	{"a parameter entity", func() string {
		return `<!DOCTYPE a [<!ENTITY % e SYSTEM "http://127.0.0.1:9/">%e;]><a>` + strings.Repeat("x", 4<<20) + "</a>"
	}, ReasonDTD},
	{"1100 levels", func() string { return strings.Repeat("<a>", 1100) + strings.Repeat("</a>", 1100) }, ReasonTooDeep},
	{"a million levels", func() string { return strings.Repeat("<a>", 1e6) + strings.Repeat("</a>", 1e6) }, ReasonTooDeep},
	{"a million levels of a default namespace", func() string { return strings.Repeat("<a xmlns='urn:a'>", 1e6) }, ReasonTooDeep},
	{"20 000 declarations of one element", func() string { return "<a" + declarations(20_000, 0) + "/>" }, ReasonTooManyNamespaces},
	{"declarations above many elements", func() string {
		return "<a" + declarations(2_000, 0) + ">" + strings.Repeat("<b/>", 1<<20) + "</a>"
	}, ReasonTooManyNamespaces},
	{"new prefixes on every element", func() string {
		var b strings.Builder
		for i := 0; b.Len() < 4<<20; i++ {
			fmt.Fprintf(&b, "<a xmlns:p%d='urn:a'/>", i)
		}
		return "<r>" + b.String() + "</r>"
	}, ReasonTooManyNamespaces},
	{"a long namespace name that every sibling repeats", func() string {
		return "<r xmlns:p='urn:" + strings.Repeat("x", 60_000) + "'>" + strings.Repeat("<p:a/>", 99_000) + "</r>"
	}, ReasonTooManyNamespaces},
	{"200 000 attributes", func() string {
		var b strings.Builder
		for i := range 200_000 {
			fmt.Fprintf(&b, " a%d=''", i)
		}
		return "<a" + b.String() + "/>"
	}, ReasonTooManyAttributes},
	{"5 million tiny elements", func() string { return "<a>" + strings.Repeat("<y/>", 5e6) + "</a>" }, ReasonTooManyElements},
	{"9 million comments", func() string { return "<a>" + strings.Repeat("<!---->", 9e6) + "</a>" }, ReasonTooManyNodes},
	{"5 million runs of text", func() string { return "<a>" + strings.Repeat("<![CDATA[x]]>", 5e6) + "</a>" }, ReasonTooManyNodes},
	{"64 MiB of text", func() string { return "<a>" + strings.Repeat("x", 64<<20) + "</a>" }, ReasonTextTooLong},
	{"64 MiB of a value", func() string { return "<a b='" + strings.Repeat("x", 64<<20) + "'/>" }, ReasonAttributeTooLong},
	{"64 MiB of a name", func() string { return "<" + strings.Repeat("x", 64<<20) + "/>" }, ReasonNameTooLong},
	{"64 MiB of a comment", func() string { return "<a><!--" + strings.Repeat("x", 64<<20) + "--></a>" }, ReasonTextTooLong},
	{"64 MiB of white space", func() string { return strings.Repeat(" ", 64<<20) }, ReasonEmptyDocument},
	{"64 MiB that are no XML", func() string { return strings.Repeat("{", 64<<20) }, ReasonNotXML},
	{"a tag that does not end", func() string { return "<a " + strings.Repeat("b='' ", 1<<20) }, ReasonTooManyAttributes},
	{"a value that does not end", func() string { return "<a b='" + strings.Repeat("<", 4<<20) }, ReasonMalformed},
	{"a comment that does not end", func() string { return "<a><!--" + strings.Repeat("x-", 1<<20) }, ReasonMalformed},
	{"an invalid byte at the end", func() string { return "<a>" + strings.Repeat("ж", 1<<21) + "\xff</a>" }, ReasonBadEncoding},
	{"a NUL at the end", func() string { return "<a>" + strings.Repeat("x", 4<<20-10) + "\x00</a>" }, ReasonBadCharacter},
	{"a second root at the end", func() string { return "<a>" + strings.Repeat("x", 4<<20-10) + "</a><a/>" }, ReasonMalformed},
	{"UTF-16 of a million levels", func() string {
		return "\xff\xfe" + strings.Repeat("<\x00a\x00>\x00", 1e6)
	}, ReasonTooDeep},
	{"UTF-7", func() string {
		return `<?xml version="1.0" encoding="UTF-7"?>` + strings.Repeat("+ADw-", 1<<20)
	}, ReasonUnsupportedEncoding},
}

// What a refusal may cost: the time by the size of the input, and the memory that is allocated on the
// way, all of it, also what the collector has taken back already. The bounds of the product are 100 ms
// and three times the input; the first is wider here, because the race detector and whoever else uses
// the machine are not to decide.
const (
	mostTime   = time.Second // for each MiB
	mostMemory = 3           // for each byte
	leastCount = 1 << 20     // what is smaller counts as this
)

// cost is what a refusal took.
func cost(t *testing.T, raw []byte, limits Limits) (got *SyntaxError, spent time.Duration, allocated uint64) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	spent = cputime.Of(func() { got = refusal(t, raw, limits) })
	runtime.ReadMemStats(&after)
	return got, spent, after.TotalAlloc - before.TotalAlloc
}

// TestFullBombs refuses each bomb at its full size, within the limits of the gateway and with a limit
// of bytes that lets it in.
func TestFullBombs(t *testing.T) {
	wide := DefaultLimits()
	wide.Bytes = 256 << 20
	for _, bomb := range fullBombs {
		t.Run(bomb.name, func(t *testing.T) {
			raw := []byte(bomb.make())
			for _, limits := range []Limits{{}, wide} {
				want := bomb.reason
				if limits.Bytes == 0 && len(raw) > DefaultLimits().Bytes {
					want = ReasonTooLarge
				}
				got, spent, allocated := cost(t, raw, limits)
				if got.Reason != want {
					t.Errorf("%v, want %s", got, want)
				}
				counted := max(len(raw), leastCount)
				if most := mostTime * time.Duration(counted) / leastCount; spent > most {
					t.Errorf("%d bytes took %v, at most %v", len(raw), spent, most)
				}
				if allocated > mostMemory*uint64(counted) {
					t.Errorf("%d bytes took %d bytes of memory", len(raw), allocated)
				}
			}
		})
	}
}

// TestRefusedLate: what is within all limits until its last byte costs what a good document of its
// kind costs, which the limits on nodes and elements bound however small those are.
func TestRefusedLate(t *testing.T) {
	const most = 128 << 20 // all that is allocated on the way; a third of it at a time
	var identified strings.Builder
	for i := range 90_000 {
		fmt.Fprintf(&identified, "<a ID='%d'/>", i)
	}
	for name, document := range map[string]string{
		ReasonDuplicateID:     "<r>" + identified.String() + "<a Id='7'/></r>",
		ReasonTooManyNodes:    "<r>" + strings.Repeat("<!---->", DefaultLimits().Nodes) + "</r>",
		ReasonTooManyElements: "<r>" + strings.Repeat("<a b='' c='' d='' e=''/>", DefaultLimits().Elements) + "</r>",
		ReasonMalformed:       "<r>" + strings.Repeat("<a/>x", DefaultLimits().Elements-1) + "</r><r/>",
	} {
		got, spent, allocated := cost(t, []byte(document), Limits{})
		if got.Reason != name {
			t.Errorf("%v, want %s", got, name)
		}
		if spent > 5*time.Second || allocated > most {
			t.Errorf("%s: %d bytes took %v and %d bytes of memory", name, len(document), spent, allocated)
		}
	}
}
