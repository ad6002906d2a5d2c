package wagonlist

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// missing stands for a character that the font cannot show; the sheet says so at its end.
const missing = '□'

// glyphs knows which characters the Go fonts show: Latin, Greek and the Cyrillic of Russian, Ukrainian and
// Belarusian, and «№», but not, for one, that of Kazakh. Regular and bold have the same.
type glyphs struct {
	mu    sync.Mutex // protects known
	font  *sfnt.Font
	known map[rune]bool
}

// goFont is part of the program, and the first test loads it: hence the panic.
var goFont = sync.OnceValue(func() *glyphs {
	f, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		panic("wagonlist: " + err.Error())
	}
	return &glyphs{font: f, known: make(map[rune]bool)}
})

// mostKnown bounds what is remembered of characters; all of Unicode would be more.
const mostKnown = 4096

func (g *glyphs) has(c rune) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	has, known := g.known[c]
	if known {
		return has
	}
	i, err := g.font.GlyphIndex(nil, c)
	has = err == nil && i != 0
	if len(g.known) < mostKnown {
		g.known[c] = has
	}
	return has
}

// drawable writes a text so that the font shows each of its characters. Nothing vanishes: what cannot be
// shown leaves its place, and lacks says that there was such.
func (g *glyphs) drawable(s string) (text string, lacks bool) {
	text = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c) || unicode.Is(unicode.Cf, c):
			return -1 // direction marks and the like: paper has no use for them
		case !g.has(c):
			lacks = true
			return missing
		}
		return c
	}, s)
	return text, lacks
}
