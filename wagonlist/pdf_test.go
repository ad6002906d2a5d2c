package wagonlist

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"
)

// The same sheet has the same bytes, whoever else draws at the time.
func TestPDF_deterministic(t *testing.T) {
	for name, s := range sheets() {
		want, err := s.PDF()
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if got, err := s.PDF(); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s: other bytes: %v", name, err)
				}
			})
		}
		all.Wait()
	}
}

// printed is the text of the PDF as a reader shows it, white space made single.
func printed(t *testing.T, s Sheet) string {
	t.Helper()
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed")
	}
	body, err := s.PDF()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sheet.pdf")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command(program, "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(text)), " ")
}

// Every value of the sheet can be read on the page.
func TestPDF_text(t *testing.T) {
	for name, s := range sheets() {
		t.Run(name, func(t *testing.T) {
			got := printed(t, s)
			want := []string{
				CheckLine, s.Caption + ":", s.Signature(), s.Consignor.Name, "985609 Находка", s.Waybill.DocumentID,
				s.Waybill.SHA256, "версия 2", s.Permission.MessageID, "от 22.11.2026 12:30:00 +03:00", "Страница 1 из ",
				dash(s.Number), s.Wagons[0], s.Wagons[1],
			}
			if s.Placement != nil {
				want = append(want, "ЭД №2 "+s.Placement.DocumentID, s.Placement.SHA256)
			}
			for _, w := range want {
				if !strings.Contains(got, w) {
					t.Errorf("%q is not on the page:\n%s", w, got)
				}
			}
			for _, sentence := range strings.SplitAfter(s.Text, ". ") {
				if name != "long" && !strings.Contains(got, strings.TrimSpace(sentence)) {
					t.Errorf("%q is not on the page:\n%s", sentence, got)
				}
			}
			if test := strings.Contains(got, "ТЕСТОВЫЙ КОНТУР"); test != (s.Environment == "test") {
				t.Errorf("the test contour is shown: %t", test)
			}
			if pages := strings.Count(got, "Страница "); (pages > 1) != (name == "long") {
				t.Errorf("%d pages", pages)
			}
		})
	}
}

// Who has no page break between statement and signature does not sign an empty page: at every length of
// the text the line of the check stands on the page on which the signature stands.
func TestPDF_together(t *testing.T) {
	if testing.Short() {
		t.Skip("many pages")
	}
	for n := 20; n < 60; n++ {
		s := example()
		s.Text = strings.Repeat("Груз размещен и закреплен правильно на платформе. ", n)
		text := printed(t, s)
		if from, to := strings.Index(text, "подписано ЭП"), strings.Index(text, CheckLine); from < 0 || to < from ||
			strings.Contains(text[from:to], "Страница") {
			t.Errorf("at %d sentences signature and check are on different pages", n)
		}
	}
}

// Characters that the font has not leave their place, and the sheet says so; no text makes it fail.
func TestPDF_strangeText(t *testing.T) {
	s := example()
	s.Performer.Name = "Әлиев Қайрат"
	if got := printed(t, s); !strings.Contains(got, "□лиев □айрат") || !strings.Contains(got, "знак, которого нет в шрифте") {
		t.Errorf("a name with other letters: %s", got)
	}
	s = example()
	if got := printed(t, s); strings.Contains(got, "знак, которого нет") {
		t.Error("nothing is missing, and the sheet says so")
	}
	s.Number = pagesMark
	if got := printed(t, s); !strings.Contains(got, "Накладная № □") || !strings.Contains(got, "Страница 1 из 1") {
		t.Errorf("the mark of our own within a value: %s", got)
	}
	for _, text := range []string{
		"", "\u202eдлинный", strings.Repeat("я", 4000), "😀 𝔘", "a\x00b\x07c", "\ufeff\u200b", pagesMark,
		strings.Repeat("😀", 2000), "(скобки) \\ и \\(", "中文 العربية",
	} {
		s.Text, s.Consignor.Name, s.Number = text, text, text
		if _, err := s.PDF(); err != nil {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// What is drawn has a glyph for each character, and none has vanished but those that show nothing.
func FuzzDrawable(f *testing.F) {
	f.Add("Груз № 5 «правильно» Ґґ Әә 😀\x00\u202e")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip()
		}
		text, lacks := goFont().drawable(s)
		shown := 0
		for _, c := range s {
			if !unicode.IsControl(c) && !unicode.Is(unicode.Cf, c) || unicode.IsSpace(c) {
				shown++
			}
		}
		if got := utf8.RuneCountInString(text); got != shown {
			t.Errorf("%d characters of %d are drawn", got, shown)
		}
		for _, c := range text {
			if !goFont().has(c) {
				t.Errorf("%q has no glyph", c)
			}
		}
		if !lacks && strings.ContainsRune(text, missing) && !strings.ContainsRune(s, missing) {
			t.Error("something is missing, and nobody says so")
		}
	})
}

func BenchmarkPDF(b *testing.B) {
	s := example()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.PDF(); err != nil {
			b.Fatal(err)
		}
	}
}
