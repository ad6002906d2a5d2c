package revocation

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Why a list is not used, whoever signed it.
var (
	// errNotCRL: the octets are no CRL in DER, nor one PEM block of it.
	errNotCRL = errors.New("is no CRL")
	// errDelta: a delta CRL (RFC 5280 section 5.2.4) says only what has changed.
	errDelta = errors.New("is a delta CRL, which is not used: name the complete one")
	// errIndirect: an indirect CRL (section 5.2.5) also speaks for other issuers.
	errIndirect = errors.New("is an indirect CRL, which is not used")
	// errPartial: a list of some reasons, or of attribute certificates, clears no certificate.
	errPartial = errors.New("is a CRL for some reasons or for attribute certificates only, which is not used")
	// errCritical: a critical extension that nobody here understands (section 5.2).
	errCritical = errors.New("has a critical extension that is not understood")
)

// list is a CRL as it was published; immutable. What it says of certificates stays in its DER, and
// entries tell where: four bytes for each, so that a list of a million costs little more than its
// file.
type list struct {
	der     []byte
	entries []uint32 // offsets of the entries in der, in the order of their serial numbers

	// Parts of der.
	tbs, algorithm, value []byte
	issuerName            []byte
	number                []byte // of the list, big-endian without leading zeros, nil when it has none

	thisUpdate time.Time
	nextUpdate time.Time // zero when it is not told
	scope      scope
}

// maxList is what offsets of four bytes reach.
const maxList = math.MaxUint32

// parse reads a CRL, DER or PEM. Each entry is read, so that no look-up can fail later; nothing is
// said yet about who signed it.
func parse(text []byte) (*list, error) {
	der, err := unarmored(text)
	if err != nil {
		return nil, err
	}
	if int64(len(der)) > maxList {
		return nil, errNotCRL
	}
	l := &list{der: der[:len(der):len(der)]}
	var outer, tbs, algorithm cryptobyte.String
	input := cryptobyte.String(l.der)
	var value []byte
	if !input.ReadASN1(&outer, casn1.SEQUENCE) || !input.Empty() ||
		!outer.ReadASN1Element(&tbs, casn1.SEQUENCE) ||
		!outer.ReadASN1Element(&algorithm, casn1.SEQUENCE) ||
		!outer.ReadASN1BitStringAsBytes(&value) || !outer.Empty() {
		return nil, errNotCRL
	}
	l.tbs, l.algorithm, l.value = tbs, algorithm, value
	return l, l.readBody()
}

// unarmored takes the DER out of a PEM file of one CRL; other octets are taken for DER.
func unarmored(text []byte) ([]byte, error) {
	if !bytes.Contains(text[:min(len(text), 64<<10)], []byte("-----BEGIN ")) || len(text) > 0 && text[0] == 0x30 {
		return text, nil
	}
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "X509 CRL" {
		return nil, errNotCRL
	}
	if more, _ := pem.Decode(rest); more != nil {
		return nil, fmt.Errorf("%w: the file holds more than one PEM block", errNotCRL)
	}
	return block.Bytes, nil
}

// readBody reads TBSCertList, RFC 5280 section 5.1.2.
func (l *list) readBody() error {
	outer := cryptobyte.String(l.tbs)
	var body, inner, name cryptobyte.String
	if !outer.ReadASN1(&body, casn1.SEQUENCE) {
		return errNotCRL
	}
	version := 0
	if body.PeekASN1Tag(casn1.INTEGER) && (!body.ReadASN1Integer(&version) || version != 1) {
		return fmt.Errorf("%w of version 1 or 2", errNotCRL)
	}
	// Section 5.1.1.2: both identifiers of the algorithm are the same.
	if !body.ReadASN1Element(&inner, casn1.SEQUENCE) || !bytes.Equal(inner, l.algorithm) ||
		!body.ReadASN1Element(&name, casn1.SEQUENCE) {
		return errNotCRL
	}
	l.issuerName = name
	var ok bool
	if l.thisUpdate, ok = readTime(&body); !ok {
		return errNotCRL
	}
	if body.PeekASN1Tag(casn1.UTCTime) || body.PeekASN1Tag(casn1.GeneralizedTime) {
		if l.nextUpdate, ok = readTime(&body); !ok || l.nextUpdate.Before(l.thisUpdate) {
			return errNotCRL
		}
	}
	if body.PeekASN1Tag(casn1.SEQUENCE) {
		var revoked cryptobyte.String
		if !body.ReadASN1(&revoked, casn1.SEQUENCE) {
			return errNotCRL
		}
		if err := l.readEntries(revoked); err != nil {
			return err
		}
	}
	if err := l.readExtensions(&body, version); err != nil {
		return err
	}
	if !body.Empty() {
		return errNotCRL
	}
	return nil
}

// readEntries notes where each entry stands, and puts them in order.
func (l *list) readEntries(revoked cryptobyte.String) error {
	count := 0
	for rest := revoked; !rest.Empty(); count++ {
		if !rest.SkipASN1(casn1.SEQUENCE) {
			return errNotCRL
		}
	}
	// A serial number of some 16 octets seldom shares its first seven with another: comparing
	// those saves reading the DER, which for a million entries is most of the time.
	type place struct {
		start  uint64 // length, then the first seven octets
		offset uint32
	}
	places := make([]place, 0, count)
	sorted := true
	for rest := revoked; !rest.Empty(); {
		// Both slices run to the end of the same array.
		offset := uint32(cap(l.der) - cap(rest))
		e, err := readEntry(&rest)
		if err != nil {
			return err
		}
		p := place{start: startOf(e.serial), offset: offset}
		sorted = sorted && (len(places) == 0 || places[len(places)-1].start < p.start)
		places = append(places, p)
	}
	if !sorted {
		slices.SortFunc(places, func(a, b place) int {
			switch {
			case a.start < b.start:
				return -1
			case a.start > b.start:
				return 1
			}
			return compareSerials(l.at(a.offset).serial, l.at(b.offset).serial)
		})
	}
	l.entries = make([]uint32, count)
	for i, p := range places {
		l.entries[i] = p.offset
	}
	return nil
}

// entry is one revoked certificate.
type entry struct {
	serial []byte // without leading zeros; part of the DER
	since  time.Time
	reason reason
}

// readEntry takes one entry off rest, RFC 5280 sections 5.1.2.6 and 5.3.
func readEntry(rest *cryptobyte.String) (entry, error) {
	var e entry
	var body, serial cryptobyte.String
	if !rest.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadASN1(&serial, casn1.INTEGER) || serial.Empty() {
		return e, errNotCRL
	}
	e.serial = significant(serial)
	var ok bool
	if e.since, ok = readTime(&body); !ok {
		return e, errNotCRL
	}
	if body.Empty() {
		return e, nil
	}
	var extensions cryptobyte.String
	if !body.ReadASN1(&extensions, casn1.SEQUENCE) || !body.Empty() {
		return e, errNotCRL
	}
	for !extensions.Empty() {
		x, ok := readExtension(&extensions)
		if !ok {
			return e, errNotCRL
		}
		switch {
		case bytes.Equal(x.id, oidReasonCode):
			if e.reason, ok = readReason(x.value); !ok {
				return e, errNotCRL
			}
		case bytes.Equal(x.id, oidCertificateIssuer):
			return e, errIndirect
		case x.critical:
			// Section 5.3: a list with such an entry says nothing of any certificate.
			return e, errCritical
		}
	}
	return e, nil
}

// at is the entry at an offset, which parse has read before.
func (l *list) at(offset uint32) entry {
	rest := cryptobyte.String(l.der[offset:])
	e, err := readEntry(&rest)
	if err != nil {
		panic("revocation: the entry has been read before: " + err.Error())
	}
	return e
}

// find looks a serial number up. A certificate that a list names twice has been revoked since the
// first time; one that the issuer has put back (removeFromCRL) is not revoked.
func (l *list) find(serial []byte) (entry, bool) {
	low, high := 0, len(l.entries)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if compareSerials(serialAt(l.der[l.entries[middle]:]), serial) < 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	var found entry
	revoked := false
	for ; low < len(l.entries); low++ {
		e := l.at(l.entries[low])
		if !bytes.Equal(e.serial, serial) {
			break
		}
		if e.reason != removeFromCRL && (!revoked || e.since.Before(found.since)) {
			found, revoked = e, true
		}
	}
	return found, revoked
}

// serialAt reads no more of an entry than its serial number.
func serialAt(der []byte) []byte {
	rest := cryptobyte.String(der)
	var body, serial cryptobyte.String
	rest.ReadASN1(&body, casn1.SEQUENCE)
	body.ReadASN1(&serial, casn1.INTEGER)
	return significant(serial)
}

// significant leaves out the zeros before a number: DER needs one before a high bit, and some
// authorities have forgotten it in their lists.
func significant(number []byte) []byte {
	for len(number) > 0 && number[0] == 0 {
		number = number[1:]
	}
	return number
}

// compareSerials orders numbers without leading zeros.
func compareSerials(a, b []byte) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return bytes.Compare(a, b)
}

// startOf has the order of compareSerials as far as it reaches: of a number so long that its length
// does not fit in, no further.
func startOf(serial []byte) uint64 {
	if len(serial) >= 0xFF {
		return 0xFF << 56
	}
	start := uint64(len(serial)) << 56
	for i := 0; i < 7 && i < len(serial); i++ {
		start |= uint64(serial[i]) << (48 - 8*i)
	}
	return start
}
