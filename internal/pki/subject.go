package pki

import (
	"crypto/x509/pkix"
	"encoding/asn1"
)

// Subject is what a certificate says of its holder. Empty fields are left out.
type Subject struct {
	CommonName   string
	Surname      string
	GivenName    string
	Title        string // the post («должность»)
	Organisation string
	Unit         string
	INN          string // of a person, 12 digits
	INNLE        string // of an organisation, 10 digits
	OGRN         string // 13 digits
	OGRNIP       string // 15 digits
	SNILS        string // 11 digits
	EDRPOU       string // «ЄДРПОУ» of a Ukrainian organisation, 8 digits
	RNOKPP       string // «РНОКПП» of a Ukrainian person, 10 digits
}

// Attribute types of X.520, and of RFC 9215 section 4.1 (ОГРН, СНИЛС, ИНН).
var (
	oidCommonName   = asn1.ObjectIdentifier{2, 5, 4, 3}
	oidSurname      = asn1.ObjectIdentifier{2, 5, 4, 4}
	oidOrganisation = asn1.ObjectIdentifier{2, 5, 4, 10}
	oidUnit         = asn1.ObjectIdentifier{2, 5, 4, 11}
	oidTitle        = asn1.ObjectIdentifier{2, 5, 4, 12}
	oidGivenName    = asn1.ObjectIdentifier{2, 5, 4, 42}
	oidOGRN         = asn1.ObjectIdentifier{1, 2, 643, 100, 1}
	oidSNILS        = asn1.ObjectIdentifier{1, 2, 643, 100, 3}
	oidINNLE        = asn1.ObjectIdentifier{1, 2, 643, 100, 4}
	oidOGRNIP       = asn1.ObjectIdentifier{1, 2, 643, 100, 5}
	oidINN          = asn1.ObjectIdentifier{1, 2, 643, 3, 131, 1, 1}
)

// Ukrainian identifiers stand in the extension subjectDirectoryAttributes, RFC 5280 section
// 4.2.1.8.
var (
	oidDirectoryAttributes = asn1.ObjectIdentifier{2, 5, 29, 9}
	oidRNOKPP              = asn1.ObjectIdentifier{1, 2, 804, 2, 1, 1, 1, 11, 1, 4, 1, 1}
	oidEDRPOU              = asn1.ObjectIdentifier{1, 2, 804, 2, 1, 1, 1, 11, 1, 4, 2, 1}
)

// name writes the subject with its attributes in the order usual in Russian certificates.
func (s Subject) name() pkix.Name {
	var n pkix.Name
	add := func(oid asn1.ObjectIdentifier, tag int, value string) {
		if value != "" {
			raw := asn1.RawValue{Class: asn1.ClassUniversal, Tag: tag, Bytes: []byte(value)}
			n.ExtraNames = append(n.ExtraNames, pkix.AttributeTypeAndValue{Type: oid, Value: raw})
		}
	}
	add(oidOGRN, asn1.TagNumericString, s.OGRN)
	add(oidOGRNIP, asn1.TagNumericString, s.OGRNIP)
	add(oidSNILS, asn1.TagNumericString, s.SNILS)
	add(oidINN, asn1.TagNumericString, s.INN)
	add(oidINNLE, asn1.TagNumericString, s.INNLE)
	add(oidOrganisation, asn1.TagUTF8String, s.Organisation)
	add(oidUnit, asn1.TagUTF8String, s.Unit)
	add(oidTitle, asn1.TagUTF8String, s.Title)
	add(oidSurname, asn1.TagUTF8String, s.Surname)
	add(oidGivenName, asn1.TagUTF8String, s.GivenName)
	add(oidCommonName, asn1.TagUTF8String, s.CommonName)
	return n
}

type directoryAttribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

// extensions are the attributes that stand outside the subject's name.
func (s Subject) extensions() ([]pkix.Extension, error) {
	var attributes []directoryAttribute
	add := func(oid asn1.ObjectIdentifier, value string) {
		if value != "" {
			raw := asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagPrintableString, Bytes: []byte(value)}
			attributes = append(attributes, directoryAttribute{oid, []asn1.RawValue{raw}})
		}
	}
	add(oidRNOKPP, s.RNOKPP)
	add(oidEDRPOU, s.EDRPOU)
	if attributes == nil {
		return nil, nil
	}
	der, err := asn1.Marshal(attributes)
	if err != nil {
		return nil, err
	}
	return []pkix.Extension{{Id: oidDirectoryAttributes, Value: der}}, nil
}
