package signature

import (
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"strings"

	"asugate/schema/checkdigit"
)

// Identity is who the certificate says its holder is.
type Identity struct {
	CommonName, Surname, GivenName, Title, Organisation, Unit string

	INN    string // «ИНН» of a person, 12 digits
	INNLE  string // «ИНН» of an organisation, 10 digits, also where it stands padded to 12
	OGRN   string // «ОГРН», 13 digits
	OGRNIP string // «ОГРНИП», 15 digits
	SNILS  string // «СНИЛС», 11 digits
	EDRPOU string // «ЄДРПОУ» of an organisation, 8 digits
	RNOKPP string // «РНОКПП» of a person, 10 digits

	Issuer string // RFC 2253 of the issuer
	Serial string // upper-case hex, no leading zeros
}

// Person is the name for people: surname and given name, else the common name.
func (i Identity) Person() string {
	if i.Surname != "" && i.GivenName != "" {
		return i.Surname + " " + i.GivenName
	}
	return i.CommonName
}

// IdentityOf reads the certificate's subject.
func IdentityOf(c *x509.Certificate) Identity {
	i, _ := identify(c)
	return i
}

// identify reads the certificate's subject. A number whose check digit is wrong was never given to
// anybody: it is not used, and noticed.
func identify(c *x509.Certificate) (Identity, []certificateFault) {
	i := Identity{Issuer: distinguishedName(c.RawIssuer)}
	if c.SerialNumber != nil {
		i.Serial = fmt.Sprintf("%X", c.SerialNumber)
	}
	var innle string
	for _, name := range c.Subject.Names {
		value, ok := name.Value.(string)
		if ok {
			i.read(name.Type.String(), strings.TrimSpace(value), &innle)
		}
	}
	// ИНН ЮЛ has an attribute of its own since RFC 9215; formerly it stood, padded, in that of persons.
	if innle != "" {
		i.INNLE = innle
	}
	i.readDirectoryAttributes(c)
	var wrong []certificateFault
	for _, one := range []struct {
		name   string
		number *string
		given  func(string) bool
	}{
		{"ИНН", &i.INN, checkdigit.INN}, {"ИНН ЮЛ", &i.INNLE, checkdigit.INN},
		{"ОГРН", &i.OGRN, checkdigit.OGRN}, {"ОГРНИП", &i.OGRNIP, checkdigit.OGRNIP},
		{"СНИЛС", &i.SNILS, checkdigit.SNILS},
		{"ЄДРПОУ", &i.EDRPOU, checkdigit.EDRPOU}, {"РНОКПП", &i.RNOKPP, checkdigit.RNOKPP},
	} {
		if *one.number != "" && !one.given(*one.number) {
			wrong = append(wrong, certificateFault{identifierWrong, "", one.name + " " + *one.number})
			*one.number = ""
		}
	}
	return i, wrong
}

// read takes one attribute of the subject. A repeated attribute keeps its first value: what a
// reader further down the line would show first must be what we judge by.
func (i *Identity) read(oid, value string, innle *string) {
	switch oid {
	case "2.5.4.3":
		first(&i.CommonName, value)
	case "2.5.4.4":
		first(&i.Surname, value)
	case "2.5.4.10":
		first(&i.Organisation, value)
	case "2.5.4.11":
		first(&i.Unit, value)
	case "2.5.4.12":
		first(&i.Title, value)
	case "2.5.4.42":
		first(&i.GivenName, value)
	case "1.2.643.100.1": // OGRN, RFC 9215 section 4.1
		first(&i.OGRN, digits(value, 13))
	case "1.2.643.100.3": // SNILS
		first(&i.SNILS, digits(value, 11))
	case "1.2.643.100.4": // INNLE
		first(innle, digits(value, 10))
	case "1.2.643.100.5": // OGRNIP
		first(&i.OGRNIP, digits(value, 15))
	case "1.2.643.3.131.1.1": // INN, two leading zeros for an organisation
		if organisation, padded := strings.CutPrefix(value, "00"); padded {
			first(&i.INNLE, digits(organisation, 10))
		} else {
			first(&i.INN, digits(value, 12))
		}
	case "2.5.4.5": // serialNumber, ETSI EN 319 412-1 section 5.1.3
		if number, ok := strings.CutPrefix(value, "TINUA-"); ok {
			first(&i.RNOKPP, digits(number, 10))
		}
	case "2.5.4.97": // organizationIdentifier, ETSI EN 319 412-1 section 5.1.4
		if number, ok := strings.CutPrefix(value, "NTRUA-"); ok {
			first(&i.EDRPOU, digits(number, 8))
		}
	}
}

func first(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// digits is the value when it consists of so many digits, else nothing.
func digits(value string, count int) string {
	if len(value) != count || strings.Trim(value, "0123456789") != "" {
		return ""
	}
	return value
}

// readDirectoryAttributes takes the identifiers that Ukrainian certificates carry in the extension
// subjectDirectoryAttributes (RFC 5280 section 4.2.1.8). One that cannot be read says nothing.
func (i *Identity) readDirectoryAttributes(c *x509.Certificate) {
	for _, extension := range c.Extensions {
		if !extension.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 9}) {
			continue
		}
		var attributes []struct {
			Type   asn1.ObjectIdentifier
			Values []asn1.RawValue `asn1:"set"`
		}
		if rest, err := asn1.Unmarshal(extension.Value, &attributes); err != nil || len(rest) > 0 {
			return
		}
		for _, attribute := range attributes {
			if len(attribute.Values) != 1 {
				continue
			}
			value := strings.TrimSpace(string(attribute.Values[0].Bytes))
			switch attribute.Type.String() {
			case "1.2.804.2.1.1.1.11.1.4.1.1":
				first(&i.RNOKPP, digits(value, 10))
			case "1.2.804.2.1.1.1.11.1.4.2.1":
				first(&i.EDRPOU, digits(value, 8))
			}
		}
	}
}

// SubjectOf is the certificate's subject as Identity.Issuer writes an issuer.
func SubjectOf(c *x509.Certificate) string { return distinguishedName(c.RawSubject) }
