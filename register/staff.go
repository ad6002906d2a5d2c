package register

import (
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"asugate/schema"
	"asugate/signature"
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
	bySerial  map[string][]*schema.StaffEntry
	byNumber  map[string][]*schema.PowerOfAttorney
	byHolder  map[schema.PersonID][]*schema.PowerOfAttorney
	heldBy    map[string][]*schema.PowerOfAttorney // by the serial number of the holder's certificate
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

// ByNumber are the powers of attorney of a number, whatever their dates. A machine-readable one is
// also found by its number in the register that keeps it.
func (s *Staff) ByNumber(number string) []*schema.PowerOfAttorney {
	s.index.Do(s.build)
	return s.byNumber[proxyNumber(number)]
}

// Registers says whether the certificate is registered for an entry of the list.
func (s *Staff) Registers(certificate signature.Identity) bool {
	s.index.Do(s.build)
	return slices.ContainsFunc(s.bySerial[normalSerial(certificate.Serial)], func(e *schema.StaffEntry) bool {
		return SameCertificate(e.Certificate, certificate)
	})
}

// ProxiesOf are the powers of attorney held by a person, or by the owner of a certificate.
func (s *Staff) ProxiesOf(id schema.PersonID, certificate signature.Identity) []*schema.PowerOfAttorney {
	s.index.Do(s.build)
	var found []*schema.PowerOfAttorney
	for _, single := range singles(id) {
		found = append(found, s.byHolder[single]...)
	}
	for _, p := range s.heldBy[normalSerial(certificate.Serial)] {
		if SameCertificate(p.Certificate, certificate) {
			found = append(found, p)
		}
	}
	return found
}

// SameCertificate says whether a register names the certificate, by issuer and serial number.
// Registers are written by hand: white space and case of the issuer make no difference, nor do
// colons and leading zeros of the number.
func SameCertificate(r schema.CertificateRef, certificate signature.Identity) bool {
	return r.Serial != "" && normalSerial(r.Serial) == normalSerial(certificate.Serial) &&
		strings.EqualFold(without(r.Issuer, " "), without(certificate.Issuer, " "))
}

func (s *Staff) build() {
	s.byPerson = map[schema.PersonID][]*schema.StaffEntry{}
	s.bySurname = map[string][]*schema.StaffEntry{}
	s.bySerial = map[string][]*schema.StaffEntry{}
	s.byNumber = map[string][]*schema.PowerOfAttorney{}
	s.byHolder = map[schema.PersonID][]*schema.PowerOfAttorney{}
	s.heldBy = map[string][]*schema.PowerOfAttorney{}
	for i := range s.Entries {
		e := &s.Entries[i]
		for _, single := range singles(e.PersonID) {
			s.byPerson[single] = append(s.byPerson[single], e)
		}
		s.bySurname[surname(e.Name)] = append(s.bySurname[surname(e.Name)], e)
		if serial := normalSerial(e.Certificate.Serial); serial != "" {
			s.bySerial[serial] = append(s.bySerial[serial], e)
		}
	}
	for i := range s.Proxies {
		p := &s.Proxies[i]
		number := proxyNumber(p.Number)
		s.byNumber[number] = append(s.byNumber[number], p)
		if registry := proxyNumber(p.Registry); registry != "" && registry != number {
			s.byNumber[registry] = append(s.byNumber[registry], p)
		}
		for _, single := range singles(p.Holder.PersonID) {
			s.byHolder[single] = append(s.byHolder[single], p)
		}
		if serial := normalSerial(p.Certificate.Serial); serial != "" {
			s.heldBy[serial] = append(s.heldBy[serial], p)
		}
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
