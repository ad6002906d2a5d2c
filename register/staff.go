package register

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"asugate/schema"
)

// MaxStaff is how many entries, and how many powers of attorney, one list may have.
const MaxStaff = 100_000

// Staff is a staff list at one version: immutable, shared.
type Staff struct {
	schema.StaffList
	Imported time.Time
	Source   string // cli | office

	index     sync.Once // builds what follows, at the first question
	byPerson  map[schema.PersonID][]*schema.StaffEntry
	bySurname map[string][]*schema.StaffEntry
	byNumber  map[string][]*schema.PowerOfAttorney
}

// ByPerson are the entries that carry any of the person's identifiers, in the order of the list.
func (s *Staff) ByPerson(id schema.PersonID) []*schema.StaffEntry {
	s.index.Do(s.build)
	var found []*schema.StaffEntry
	for _, single := range singles(id) {
		for _, e := range s.byPerson[single] {
			if !slices.Contains(found, e) {
				found = append(found, e)
			}
		}
	}
	return found
}

// ByName are the entries of all persons who may be meant by a name: «Иванов И.И.» means every
// Иванов with these initials.
func (s *Staff) ByName(name string) []*schema.StaffEntry {
	s.index.Do(s.build)
	var found []*schema.StaffEntry
	for _, e := range s.bySurname[surname(name)] {
		if schema.SamePerson(e.Name, name) {
			found = append(found, e)
		}
	}
	return found
}

// ByNumber are the powers of attorney of a number, whatever their dates.
func (s *Staff) ByNumber(number string) []*schema.PowerOfAttorney {
	s.index.Do(s.build)
	return s.byNumber[proxyNumber(number)]
}

func (s *Staff) build() {
	s.byPerson = map[schema.PersonID][]*schema.StaffEntry{}
	s.bySurname = map[string][]*schema.StaffEntry{}
	s.byNumber = map[string][]*schema.PowerOfAttorney{}
	for i := range s.Entries {
		e := &s.Entries[i]
		for _, single := range singles(e.PersonID) {
			s.byPerson[single] = append(s.byPerson[single], e)
		}
		s.bySurname[surname(e.Name)] = append(s.bySurname[surname(e.Name)], e)
	}
	for i := range s.Proxies {
		p := &s.Proxies[i]
		number := proxyNumber(p.Number)
		s.byNumber[number] = append(s.byNumber[number], p)
	}
}

// singles splits identifiers, so that each of them finds its person alone.
func singles(id schema.PersonID) []schema.PersonID {
	var list []schema.PersonID
	if id.SNILS != "" {
		list = append(list, schema.PersonID{SNILS: id.SNILS})
	}
	if id.INN != "" {
		list = append(list, schema.PersonID{INN: id.INN})
	}
	if id.RNOKPP != "" {
		list = append(list, schema.PersonID{RNOKPP: id.RNOKPP})
	}
	return list
}

// surname is the first part of a normalized name that is no initial.
func surname(name string) string {
	for _, part := range strings.Fields(schema.NormalizeName(name)) {
		if !strings.HasSuffix(part, ".") && utf8.RuneCountInString(part) > 1 {
			return part
		}
	}
	return ""
}

// proxyNumber is the number of a power of attorney for comparison: «№ 12-Д», «N 12-д» and «12-Д»
// are one.
func proxyNumber(number string) string {
	number = strings.ToUpper(strings.Join(strings.Fields(number), ""))
	number = strings.TrimPrefix(number, "№")
	if rest, found := strings.CutPrefix(number, "N"); found && rest != "" && isDecimal(rest[:1]) {
		return rest
	}
	return number
}
