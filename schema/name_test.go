package schema

import "testing"

func TestSamePerson(t *testing.T) {
	cases := []struct {
		a, b string
		want bool
	}{
		{"Иванов Иван Иванович", "Иванов Иван Иванович", true},
		{"Иванов Иван Иванович", "ИВАНОВ  Иван\u00a0Иванович ", true}, // case and blanks
		{"Семёнов Пётр Алексеевич", "Семенов Петр Алексеевич", true},
		{"Йорданов Андрей Юрьевич", "Йорданов Андрей Юрьевич", true}, // й composed and not
		{"Иванов Иван Иванович", "Иванов И.И.", true},
		{"Иванов Иван Иванович", "Иванов И. И.", true},
		{"Иванов Иван Иванович", "Иванов И И", true},
		{"Иванов Иван Иванович", "И.И. Иванов", true}, // initials first
		{"Иванов Иван Иванович", "Иванов, Иван Иванович", true},
		{"Иванов И.И.", "И. И. Иванов", true},
		{"Дем’яненко Олег Іванович", "Дем'яненко О.І.", true},
		{"Петрова-Водкина Анна-Мария Олеговна", "Петрова–Водкина А.-М. О.", true},
		{"Петрова-Водкина Анна-Мария Олеговна", "Петрова-Водкина А.О.", true},
		{"Смит Джон Джонович", "Смит Дж.Дж.", true},

		{"Иванов Иван Иванович", "Иванова Иван Иванович", false},
		{"Иванов Иван Иванович", "Иванов Пётр Иванович", false},
		{"Иванов Иван Иванович", "Иванов И.П.", false},
		{"Иванов Иван Иванович", "Иванов Иван", false}, // a name is missing
		{"Иванов Иван Иванович", "Иванов И.", false},
		{"Иванов Иван Иванович", "И. Иван Иванович", false}, // the surname is never abbreviated
		{"Иванов Иван Иванович", "Иван Иванович Иванов", false},
		{"Смит Джон Джонович", "Смит Джо.Дз.", false},
		{"", "", false},
		{"Иванов", "Иванов", true},
		{".", ".", true},
	}
	for _, c := range cases {
		if got := SamePerson(c.a, c.b); got != c.want {
			t.Errorf("SamePerson(%q, %q) is %v: %q, %q", c.a, c.b, got, nameParts(c.a), nameParts(c.b))
		}
		if got := SamePerson(c.b, c.a); got != c.want {
			t.Errorf("SamePerson(%q, %q) is %v, but not the other way round", c.b, c.a, got)
		}
	}
}

// FuzzSamePerson: everybody with a name is the same person as oneself, and who is same is so both
// ways.
func FuzzSamePerson(f *testing.F) {
	f.Add("Иванов Иван Иванович", "И.-М.О. Иванов")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(nameParts(a)) > 0 && !SamePerson(a, a) {
			t.Errorf("%q is somebody else than oneself", a)
		}
		if SamePerson(a, b) != SamePerson(b, a) {
			t.Errorf("%q and %q: one way only", a, b)
		}
		if n := NormalizeName(a); NormalizeName(n) != n {
			t.Errorf("%q becomes %q and then %q", a, n, NormalizeName(n))
		}
	})
}
