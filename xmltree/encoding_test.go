package xmltree

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// utf16Bytes is s in UTF-16 with its byte order mark.
func utf16Bytes(order binary.AppendByteOrder, s string) []byte {
	var raw []byte
	for _, unit := range utf16.Encode([]rune("\uFEFF" + s)) {
		raw = order.AppendUint16(raw, unit)
	}
	return raw
}

func encoded(t *testing.T, e encoding.Encoding, s string) []byte {
	t.Helper()
	raw, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// declared is a document in Russian that declares the encoding name.
func declared(name string) string {
	return "<?xml version='1.0' encoding='" + name + "'?><!--Й--><Накладная груз='Уголь ёмк.'>Щебень<Вес/></Накладная>"
}

func TestParseEncodings(t *testing.T) {
	russian := `<Накладная груз="Уголь ёмк.">Щебень<Вес></Вес></Накладная>`
	tests := []struct {
		name string
		raw  []byte
		want string
	}{
		{"UTF-8 undeclared", []byte(russian), russian},
		{"UTF-8 declared", []byte(declared("utf-8")), russian},
		{"UTF-8 by the name that Java and libxml2 take too", []byte(declared("UTF8")), russian},
		{"windows-1251", encoded(t, charmap.Windows1251, declared("windows-1251")), russian},
		{"windows-1251 in capitals", encoded(t, charmap.Windows1251, declared("WINDOWS-1251")), russian},
		{"windows-1251 by its Windows name", encoded(t, charmap.Windows1251, declared("cp1251")), russian},
		{"KOI8-R", encoded(t, charmap.KOI8R, declared("KOI8-R")), russian},
		{"KOI8-U", encoded(t, charmap.KOI8U, declared("koi8-u")), russian},
		{"ISO-8859-5", encoded(t, charmap.ISO8859_5, declared("ISO-8859-5")), russian},
		{"UTF-16 little-endian", utf16Bytes(binary.LittleEndian, declared("UTF-16")), russian},
		{"UTF-16 big-endian", utf16Bytes(binary.BigEndian, declared("utf-16BE")), russian},
		{"UTF-16 undeclared", utf16Bytes(binary.LittleEndian, russian), russian},
		{"UTF-16 with surrogate pairs", utf16Bytes(binary.BigEndian, "<a b='\U0001F600'>\U0010FFFF</a>"),
			"<a b=\"\U0001F600\">\U0010FFFF</a>"},

		// What АС ЭТРАН sends: the declaration of the outer message over text that is UTF-8.
		{"windows-1251 declared, UTF-8 sent", []byte(declared("windows-1251")), russian},
		{"windows-1251 declared, UTF-8 with byte order mark", []byte("\uFEFF" + declared("windows-1251")), russian},
		// «Т°» and «С–» alone are valid UTF-8 by accident; they are no word, so the declaration
		// holds.
		{"windows-1251 that is UTF-8 by accident",
			encoded(t, charmap.Windows1251, "<?xml version='1.0' encoding='windows-1251'?><a b='Т°'>С–1</a>"),
			`<a b="Т°">С–1</a>`},
		{"windows-1251 declared, ASCII sent", []byte("<?xml version='1.0' encoding='windows-1251'?><a>b</a>"), "<a>b</a>"},
		// The exception is for windows-1251 alone.
		{"KOI8-R declared, UTF-8 sent", []byte("<?xml version='1.0' encoding='KOI8-R'?><a>Да</a>"), "<a>п■п╟</a>"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree, err := Parse(test.raw, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			got := string(tree.Root().AppendCanonical(nil, Form{}))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if string(tree.Raw()) != string(test.raw) {
				t.Error("Raw is not the input as received")
			}
		})
	}
}

func TestParseRefusesEncodings(t *testing.T) {
	head := "<?xml version='1.0' encoding='"
	tests := []struct {
		name   string
		raw    string
		reason string
		offset int
	}{
		{"UTF-7", head + "UTF-7'?><a/>", ReasonUnsupportedEncoding, len(head)},
		{"EBCDIC by name", head + "IBM037'?><a/>", ReasonUnsupportedEncoding, len(head)},
		{"EBCDIC", "\x4c\x6f\xa7\x94\x93", ReasonUnsupportedEncoding, 0},
		{"ISO-8859-1", head + "ISO-8859-1'?><a>\xe9</a>", ReasonUnsupportedEncoding, len(head)},
		{"windows-1252", head + "windows-1252'?><a/>", ReasonUnsupportedEncoding, len(head)},
		{"x-user-defined after a byte order mark", "\uFEFF" + head + "x-user-defined'?><a/>",
			ReasonUnsupportedEncoding, 3 + len(head)},
		{"UTF-32 little-endian", "\xff\xfe\x00\x00<\x00\x00\x00", ReasonUnsupportedEncoding, 0},
		{"UTF-32 big-endian", "\x00\x00\xfe\xff\x00\x00\x00<", ReasonUnsupportedEncoding, 0},
		{"UTF-16 without byte order mark", "<\x00a\x00/\x00>\x00", ReasonUnsupportedEncoding, 0},
		{"UTF-16 big-endian without byte order mark", "\x00<\x00a\x00/\x00>", ReasonUnsupportedEncoding, 0},
		{"UTF-16 declared, UTF-8 sent", head + "UTF-16'?><a/>", ReasonBadEncoding, len(head)},
		{"UTF-8 declared, UTF-16 sent", string(utf16Bytes(binary.LittleEndian, head+"UTF-8'?><a/>")),
			ReasonBadEncoding, 2 + 2*len(head)},
		{"KOI8-R after a byte order mark of UTF-8", "\uFEFF" + head + "KOI8-R'?><a/>", ReasonBadEncoding, 3 + len(head)},
		{"byte that windows-1251 does not have", head + "windows-1251'?><a>\xc0\x98</a>",
			ReasonBadEncoding, len(head + "windows-1251'?><a>\xc0")},
		{"UTF-16 cut off in a unit", string(utf16Bytes(binary.LittleEndian, "<a/>")) + "x", ReasonBadEncoding, 10},
		{"high surrogate at the end", string(utf16Bytes(binary.BigEndian, "<a>")) + "\xd8\x00", ReasonBadEncoding, 8},
		{"low surrogate first", string(utf16Bytes(binary.BigEndian, "<a>")) + "\xdc\x00\x00<", ReasonBadEncoding, 8},
		{"two high surrogates", string(utf16Bytes(binary.LittleEndian, "<a>")) + "\x00\xd8\x00\xd8", ReasonBadEncoding, 8},
		{"nothing in UTF-16", "\xff\xfe", ReasonEmptyDocument, 2},
		{"version in UTF-16", string(utf16Bytes(binary.BigEndian, "<?xml version='1.1'?><a/>")),
			ReasonVersion, 2 + 2*len("<?xml version='")},
		{"NUL in UTF-16", string(utf16Bytes(binary.LittleEndian, "<a>\x00</a>")), ReasonBadCharacter, 8},
		// The windows-1251 bytes of a Russian text are no UTF-8, whatever is declared.
		{"windows-1251 sent as UTF-8",
			strings.Replace(string(encoded(t, charmap.Windows1251, declared("utf-8"))), "\xc9", "Й", 1),
			ReasonBadEncoding, len(head + "utf-8'?><!--Й--><")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := refusal(t, []byte(test.raw), Limits{})
			if got.Reason != test.reason || got.Offset != test.offset {
				t.Errorf("got %v\nwant %s at byte %d", got, test.reason, test.offset)
			}
		})
	}
}

// TestOffsetsInAnyOrder asks for places of a converted text forwards and backwards.
func TestOffsetsInAnyOrder(t *testing.T) {
	src, err := decode(utf16Bytes(binary.LittleEndian, "<а😀б/>"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"<": 2, "а": 4, "😀": 6, "б": 10, "/": 12, ">": 14}
	for _, place := range []string{"б", "<", ">", "😀", "а", "/"} {
		if got := src.offset(strings.Index(src.text, place)); got != want[place] {
			t.Errorf("%s stands at byte %d, want %d", place, got, want[place])
		}
	}
}

// TestOffsetsAreThoseReceived shows that places are told in bytes of the input, not of the text
// that it was converted to.
func TestOffsetsAreThoseReceived(t *testing.T) {
	const marker = "<Вес"
	for name, raw := range map[string]string{
		"UTF-8":                      declared("UTF-8"),
		"UTF-8 with byte order mark": "\uFEFF" + declared("UTF-8"),
		"windows-1251":               string(encoded(t, charmap.Windows1251, declared("windows-1251"))),
		"UTF-16":                     string(utf16Bytes(binary.LittleEndian, declared("UTF-16"))),
	} {
		needle := marker
		switch name {
		case "windows-1251":
			needle = string(encoded(t, charmap.Windows1251, marker))
		case "UTF-16":
			needle = string(utf16Bytes(binary.LittleEndian, marker)[2:])
		}
		tree, err := Parse([]byte(raw), Limits{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for e := range tree.Root().Children() {
			if want := strings.Index(raw, needle); e.Offset() != want {
				t.Errorf("%s: offset %d, want %d", name, e.Offset(), want)
			}
		}
		broken := strings.Replace(raw, needle, needle+needle, 1)
		if got, want := refusal(t, []byte(broken), Limits{}), strings.LastIndex(broken, needle); got.Offset != want {
			t.Errorf("%s: error at byte %d, want %d: %v", name, got.Offset, want, got)
		}
	}
}
