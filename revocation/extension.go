package revocation

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Identifiers of extensions as they stand in DER.
var (
	oidKeyIdentifier     = []byte{0x55, 0x1D, 35} // authorityKeyIdentifier
	oidNumber            = []byte{0x55, 0x1D, 20} // cRLNumber
	oidDelta             = []byte{0x55, 0x1D, 27} // deltaCRLIndicator
	oidIssuingPoint      = []byte{0x55, 0x1D, 28} // issuingDistributionPoint
	oidExpiredOnCRL      = []byte{0x55, 0x1D, 60} // expiredCertsOnCRL, X.509 section 9.5.2.8
	oidReasonCode        = []byte{0x55, 0x1D, 21}
	oidCertificateIssuer = []byte{0x55, 0x1D, 29}
)

// cRLDistributionPoints of a certificate, RFC 5280 section 4.2.1.13.
var distributionPoints = asn1.ObjectIdentifier{2, 5, 29, 31}

// extension is Extension of RFC 5280 section 4.1.
type extension struct {
	id       []byte
	critical bool
	value    cryptobyte.String
}

func readExtension(rest *cryptobyte.String) (x extension, ok bool) {
	var body, id cryptobyte.String
	ok = rest.ReadASN1(&body, casn1.SEQUENCE) && body.ReadASN1(&id, casn1.OBJECT_IDENTIFIER)
	if ok && body.PeekASN1Tag(casn1.BOOLEAN) {
		ok = body.ReadASN1Boolean(&x.critical)
	}
	ok = ok && body.ReadASN1(&x.value, casn1.OCTET_STRING) && body.Empty()
	x.id = id
	return x, ok
}

// reason is CRLReason, RFC 5280 section 5.3.1.
type reason uint8

const (
	certificateHold reason = 6
	removeFromCRL   reason = 8
)

var reasonNames = [...]string{
	"unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded",
	"cessationOfOperation", "certificateHold", "", "removeFromCRL", "privilegeWithdrawn", "aACompromise",
}

func (r reason) String() string { return reasonNames[r] }

// readReason reads an ENUMERATED that is one of the names.
func readReason(value cryptobyte.String) (reason, bool) {
	var n int
	if !value.ReadASN1Enum(&n) || !value.Empty() || n < 0 || n >= len(reasonNames) || reasonNames[n] == "" {
		return 0, false
	}
	return reason(n), true
}

// scope is which certificates of its issuer a list is about, RFC 5280 section 5.2.5; the zero value
// is all of them.
type scope struct {
	raw             []byte // the extension's value, to tell lists of different scope apart
	onlyUsers       bool
	onlyAuthorities bool
	points          []byte    // GeneralNames, one of which the certificate must name; nil: any certificate
	keptFrom        time.Time // certificates that ended since then are kept on the list; zero: none is
}

// readExtensions reads crlExtensions, RFC 5280 section 5.2.
func (l *list) readExtensions(body *cryptobyte.String, version int) error {
	var wrapped, extensions cryptobyte.String
	var present bool
	if !body.ReadOptionalASN1(&wrapped, &present, casn1.Tag(0).Constructed().ContextSpecific()) {
		return errNotCRL
	}
	if !present {
		return nil
	}
	// Section 5.1.2.1: extensions need version 2.
	if version != 1 || !wrapped.ReadASN1(&extensions, casn1.SEQUENCE) || !wrapped.Empty() {
		return errNotCRL
	}
	for !extensions.Empty() {
		x, ok := readExtension(&extensions)
		if !ok {
			return errNotCRL
		}
		if err := l.take(x); err != nil {
			return err
		}
	}
	return nil
}

func (l *list) take(x extension) error {
	value, ok := x.value, true
	switch {
	case bytes.Equal(x.id, oidKeyIdentifier): // a hint; the key is tried
	case bytes.Equal(x.id, oidNumber):
		var number cryptobyte.String
		ok = value.ReadASN1(&number, casn1.INTEGER) && !number.Empty() && number[0] < 0x80
		l.number = append([]byte{}, significant(number)...) // zero is not none
	case bytes.Equal(x.id, oidDelta):
		return errDelta
	case bytes.Equal(x.id, oidIssuingPoint):
		return l.readScope(x.value)
	case bytes.Equal(x.id, oidExpiredOnCRL):
		l.scope.keptFrom, ok = readTime(&value)
	case x.critical:
		return fmt.Errorf("%w: %x", errCritical, x.id)
	}
	if !ok {
		return errNotCRL
	}
	return nil
}

// readScope reads IssuingDistributionPoint, RFC 5280 section 5.2.5.
func (l *list) readScope(value cryptobyte.String) error {
	l.scope.raw = value
	var body cryptobyte.String
	if !value.ReadASN1(&body, casn1.SEQUENCE) || !value.Empty() {
		return errNotCRL
	}
	for !body.Empty() {
		var field cryptobyte.String
		var tag casn1.Tag
		if !body.ReadAnyASN1(&field, &tag) {
			return errNotCRL
		}
		switch tag {
		case casn1.Tag(0).ContextSpecific().Constructed(): // distributionPoint
			var names cryptobyte.String
			// A name relative to the issuer's is in use nowhere.
			if !field.ReadASN1(&names, casn1.Tag(0).ContextSpecific().Constructed()) || !field.Empty() {
				return errPartial
			}
			l.scope.points = names
			continue
		case casn1.Tag(3).ContextSpecific(): // onlySomeReasons
			return errPartial
		}
		if len(field) != 1 {
			return errNotCRL
		}
		is := field[0] != 0
		switch tag {
		case casn1.Tag(1).ContextSpecific():
			l.scope.onlyUsers = is
		case casn1.Tag(2).ContextSpecific():
			l.scope.onlyAuthorities = is
		case casn1.Tag(4).ContextSpecific():
			if is {
				return errIndirect
			}
		case casn1.Tag(5).ContextSpecific(): // onlyContainsAttributeCerts
			if is {
				return errPartial
			}
		default:
			return errNotCRL
		}
	}
	return nil
}

// covers says whether the list is about a certificate of its issuer, RFC 5280 section 6.3.3 (b)(2).
// The distribution points of the certificate are compared as names; nobody goes there.
func (s scope) covers(c *x509.Certificate) bool {
	authority := c.BasicConstraintsValid && c.IsCA
	if s.onlyUsers && authority || s.onlyAuthorities && !authority {
		return false
	}
	return s.points == nil || namesPoint(c, s.points)
}

// namesPoint says whether the certificate has one of the names among its distribution points.
func namesPoint(c *x509.Certificate, points cryptobyte.String) bool {
	for _, x := range c.Extensions {
		if !x.Id.Equal(distributionPoints) {
			continue
		}
		value := cryptobyte.String(x.Value)
		var list cryptobyte.String
		if !value.ReadASN1(&list, casn1.SEQUENCE) {
			return false
		}
		for !list.Empty() {
			var point, name, full cryptobyte.String
			if !list.ReadASN1(&point, casn1.SEQUENCE) {
				return false
			}
			if point.ReadASN1(&name, casn1.Tag(0).ContextSpecific().Constructed()) &&
				name.ReadASN1(&full, casn1.Tag(0).ContextSpecific().Constructed()) && share(full, points) {
				return true
			}
		}
	}
	return false
}

// share says whether two lists of names have one in common.
func share(a, b cryptobyte.String) bool {
	for !a.Empty() {
		var one cryptobyte.String
		var tag casn1.Tag
		if !a.ReadAnyASN1Element(&one, &tag) {
			return false
		}
		for rest := b; !rest.Empty(); {
			var other cryptobyte.String
			if !rest.ReadAnyASN1Element(&other, &tag) {
				return false
			}
			if bytes.Equal(one, other) {
				return true
			}
		}
	}
	return false
}

// readTime reads Time of RFC 5280 section 4.1.2.5: UTCTime until 2049, else GeneralizedTime, both
// with seconds and in UTC. It is read by hand because a list may have a million of them.
func readTime(rest *cryptobyte.String) (time.Time, bool) {
	var text cryptobyte.String
	switch {
	case rest.PeekASN1Tag(casn1.UTCTime):
		if !rest.ReadASN1(&text, casn1.UTCTime) || len(text) != len("YYMMDDhhmmssZ") {
			return time.Time{}, false
		}
		year, ok := digits(text[:2])
		if year < 50 {
			year += 100
		}
		t, rightly := clock(1900+year, text[2:])
		return t, ok && rightly
	case rest.PeekASN1Tag(casn1.GeneralizedTime):
		if !rest.ReadASN1(&text, casn1.GeneralizedTime) || len(text) != len("YYYYMMDDhhmmssZ") {
			return time.Time{}, false
		}
		century, ok := digits(text[:2])
		year, ok2 := digits(text[2:4])
		t, rightly := clock(100*century+year, text[4:])
		return t, ok && ok2 && rightly
	}
	return time.Time{}, false
}

// clock reads MMDDhhmmssZ.
func clock(year int, text []byte) (time.Time, bool) {
	var n [5]int
	for i := range n {
		var ok bool
		if n[i], ok = digits(text[2*i : 2*i+2]); !ok {
			return time.Time{}, false
		}
	}
	t := time.Date(year, time.Month(n[0]), n[1], n[2], n[3], n[4], 0, time.UTC)
	// time.Date takes the 31st of June for the 1st of July.
	same := int(t.Month()) == n[0] && t.Day() == n[1] && t.Hour() == n[2] && t.Minute() == n[3] && t.Second() == n[4]
	return t, same && text[10] == 'Z'
}

// digits reads two.
func digits(text []byte) (int, bool) {
	a, b := text[0]-'0', text[1]-'0'
	return int(a)*10 + int(b), a <= 9 && b <= 9
}
