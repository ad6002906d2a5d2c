package schema

import "strings"

// OrgID identifies an organisation: ИНН+КПП, ОКПО, ОГРН, or ЄДРПОУ in Ukraine.
type OrgID struct{ INN, KPP, OKPO, OGRN, EDRPOU string }

// Key is the one identifier that registers use: ИНН, else ЄДРПОУ, else ОКПО. КПП is no part of it,
// because one staff list and one agreement serve all branches of an organisation. The numbers of
// different registers have the same lengths, so those that are no ИНН say whose they are:
// edrpou-00034045, okpo-31170931.
func (o OrgID) Key() string {
	switch {
	case o.INN != "":
		return o.INN
	case o.EDRPOU != "":
		return "edrpou-" + o.EDRPOU
	case o.OKPO != "":
		return "okpo-" + o.OKPO
	}
	return ""
}

func (o OrgID) IsZero() bool { return o == OrgID{} }

// PersonID binds a person: СНИЛС, ИНН or РНОКПП, digits only.
type PersonID struct{ SNILS, INN, RNOKPP string }

func (p PersonID) IsZero() bool { return p == PersonID{} }

// Person is a worker as a document or a register names them. The identifiers bind; the name only
// confirms.
type Person struct {
	Name string // фамилия, имя, отчество
	Post string // должность
	PersonID
}

// Party is a side of the consignment note: грузоотправитель, грузополучатель.
type Party struct {
	OrgID
	Name    string
	Address string
}

// CertificateRef names a registered certificate by issuer and serial number.
type CertificateRef struct{ Issuer, Serial string }

func (c CertificateRef) IsZero() bool { return c == CertificateRef{} }

// CanonicalID is a DocumentID for comparison: lower case with hyphens; SAP's 32 hex digits too. ok
// false: no UUID.
func CanonicalID(id string) (canonical string, ok bool) {
	switch len(id) {
	case 32:
		id = id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
	case 36:
	default:
		return "", false
	}
	for i := range len(id) {
		if hyphen := i == 8 || i == 13 || i == 18 || i == 23; hyphen != (id[i] == '-') || !hyphen && !isHex(id[i]) {
			return "", false
		}
	}
	return strings.ToLower(id), true
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
