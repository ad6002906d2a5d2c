package signature

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"

	"asugate/internal/pki"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The holder is read from the attributes that Russian and Ukrainian authorities write.
func TestIdentity(t *testing.T) {
	root := pki.Must(pki.NewAuthority("Корень", now))
	for _, c := range []struct {
		name    string
		subject pki.Subject
		want    Identity
	}{
		{"a person of an organisation", person, Identity{
			CommonName: "Петрова Анна Олеговна", Surname: "Петрова", GivenName: "Анна Олеговна", Title: "инженер",
			Organisation: "ООО «Шпала»", INN: "500100732259", INNLE: "7708503727", SNILS: "11223344595",
		}},
		{"an organisation with the former, padded ИНН", pki.Subject{INN: "007708503727", OGRN: "1037739877295"},
			Identity{INNLE: "7708503727", OGRN: "1037739877295"}},
		{"padded and new: the new attribute counts", pki.Subject{INN: "007708503727", INNLE: "7707083893"},
			Identity{INNLE: "7707083893"}},
		{"ОГРНИП", pki.Subject{OGRNIP: "304500116000157", Unit: "Цех"}, Identity{OGRNIP: "304500116000157", Unit: "Цех"}},
		{"Ukrainian identifiers", pki.Subject{EDRPOU: "40081216", RNOKPP: "1234567899"},
			Identity{EDRPOU: "40081216", RNOKPP: "1234567899"}},
		{"numbers of a wrong length are none", pki.Subject{INN: "123", INNLE: "12345678991", SNILS: "1", OGRN: "2", EDRPOU: "3"},
			Identity{}},
	} {
		cert := pki.Must(root.Issue(pki.Request{Subject: c.subject})).Certificate
		c.want.Issuer = "CN=Корень"
		if diff := cmp.Diff(c.want, IdentityOf(cert), cmpopts.IgnoreFields(Identity{}, "Serial")); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// The newer Ukrainian form writes the numbers into serialNumber and organizationIdentifier.
func TestIdentityOfSemantics(t *testing.T) {
	cert := pki.Must(pki.Must(pki.NewAuthority("Корень", now)).Issue(pki.Request{})).Certificate
	name := func(oid asn1.ObjectIdentifier, value string) pkix.AttributeTypeAndValue {
		return pkix.AttributeTypeAndValue{Type: oid, Value: value}
	}
	cert.Subject.Names = []pkix.AttributeTypeAndValue{
		name(asn1.ObjectIdentifier{2, 5, 4, 5}, "TINUA-1234567899"),
		name(asn1.ObjectIdentifier{2, 5, 4, 97}, "NTRUA-40081216"),
		name(asn1.ObjectIdentifier{2, 5, 4, 97}, "NTRUA-99999999"),
		name(asn1.ObjectIdentifier{2, 5, 4, 3}, " Перша "),
		name(asn1.ObjectIdentifier{2, 5, 4, 3}, "Друга"),
	}
	i := IdentityOf(cert)
	if i.RNOKPP != "1234567899" || i.EDRPOU != "40081216" || i.CommonName != "Перша" {
		t.Errorf("%+v", i)
	}
}

// Issuer and serial are written as the register has them.
func TestIdentityIssuerAndSerial(t *testing.T) {
	root := pki.Must(pki.NewAuthorityFor(pki.Request{Subject: pki.Subject{
		CommonName: `УЦ, "Рога"`, Organisation: "РЖД", OGRN: "1037739877295",
	}}, now))
	cert := pki.Must(root.Issue(pki.Request{Subject: person})).Certificate
	cert.SerialNumber.SetInt64(0x0a0b)
	i := IdentityOf(cert)
	want := `CN=УЦ\, \"Рога\",O=РЖД,1.2.643.100.1=#120d31303337373339383737323935`
	if i.Issuer != want || i.Serial != "A0B" {
		t.Errorf("issuer %s, serial %s", i.Issuer, i.Serial)
	}
}

// A person is called by surname and given names, or else by the common name.
func TestPerson(t *testing.T) {
	for want, i := range map[string]Identity{
		"Петрова Анна": {CommonName: "x", Surname: "Петрова", GivenName: "Анна"},
		"ООО «Шпала»":  {CommonName: "ООО «Шпала»", Surname: "Петрова"},
	} {
		if got := i.Person(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
