package signature

import (
	"encoding/asn1"
	"encoding/hex"
	"slices"
	"strings"
)

// shortNames are the attribute types that RFC 2253 section 2.3 writes by name.
var shortNames = map[string]string{
	"2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.9": "STREET",
	"2.5.4.10": "O", "2.5.4.11": "OU",
	"0.9.2342.19200300.100.1.1": "UID", "0.9.2342.19200300.100.1.25": "DC",
}

// distinguishedName writes a Name as RFC 2253 has it: the last part first, attributes without a
// short name as the hexadecimal of their encoding. pkix.Name would forget the order of such
// attributes and pkix.RDNSequence their string type (ОГРН and ИНН are NumericString), so that the
// result would not be found again in what other tools print.
func distinguishedName(der []byte) string {
	type attribute struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue
	}
	type relativeNameSET []attribute // encoding/asn1 knows a SET by the end of the type's name
	var name []relativeNameSET
	if rest, err := asn1.Unmarshal(der, &name); err != nil || len(rest) > 0 {
		return ""
	}
	var b strings.Builder
	for i, relative := range slices.Backward(name) {
		for j, a := range relative {
			if j > 0 {
				b.WriteByte('+')
			}
			id := a.Type.String()
			var text string
			if short, ok := shortNames[id]; ok && readText(a.Value, &text) {
				b.WriteString(short + "=" + escapedValue(text))
			} else {
				b.WriteString(id + "=#" + hex.EncodeToString(a.Value.FullBytes))
			}
		}
		if i > 0 {
			b.WriteByte(',')
		}
	}
	return b.String()
}

// readText decodes an attribute of any string type.
func readText(value asn1.RawValue, text *string) bool {
	var decoded any
	if _, err := asn1.Unmarshal(value.FullBytes, &decoded); err != nil {
		return false
	}
	s, ok := decoded.(string)
	*text = s
	return ok
}

// escapedValue is RFC 2253 section 2.4.
func escapedValue(text string) string {
	var b strings.Builder
	for i, r := range text {
		first, last := i == 0, i == len(text)-1
		if strings.ContainsRune(`,+"\<>;`, r) || r == ' ' && (first || last) || r == '#' && first {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
