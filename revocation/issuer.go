package revocation

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"os"
	"strings"
	"time"
	"unicode"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"asugate/signature"
)

// Why evidence is not believed.
var (
	// errForeign: nobody whom the configuration names for the source has made it.
	errForeign = errors.New("is not by the issuer that is configured for it")
	// errUsage: the issuer's key may not sign lists (RFC 5280 section 4.2.1.3, cRLSign).
	errUsage = errors.New("is signed by a key that may not sign CRLs")
	// errAlgorithm: SHA-1 and MD5 let a list be made that another one was signed for.
	errAlgorithm = errors.New("is signed with an algorithm that is not accepted")
	// errFuture: the clock of its maker, or ours, is wrong.
	errFuture = errors.New("is dated in the future")
	// errOlder: a newer one is in force; the older one is a mistake or a replay.
	errOlder = errors.New("is older than the one in force")
	// errStale: its nextUpdate is over.
	errStale = errors.New("is out of date")
)

// skew is how far clocks may differ.
const skew = 5 * time.Minute

// readCertificates reads the file that names the issuers of a source.
func readCertificates(path string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the issuers of a source: %w", err)
	}
	list, err := signature.ParseCertificates(text)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return list, nil
}

// verify finds the issuer who signed the list: by name and by key. An issuer that has no right to
// is an error, because the list would say nothing.
func (l *list) verify(issuers []*x509.Certificate, gost signature.Provider) (*x509.Certificate, error) {
	if weak(l.algorithm) {
		return nil, errAlgorithm
	}
	var why error
	for _, issuer := range issuers {
		if !bytes.Equal(issuer.RawSubject, l.issuerName) {
			continue
		}
		err := signature.Policy{GOST: gost}.CheckSignatureBy(issuer, l.algorithm, l.tbs, l.value)
		switch {
		case errors.Is(err, signature.ErrNotSignedBy):
			why = err // of this name; another key of the same name may still be the right one
		case err != nil:
			return nil, fmt.Errorf("verifying a CRL of %s: %w", nameOf(l.issuerName), err)
		case issuer.KeyUsage != 0 && issuer.KeyUsage&x509.KeyUsageCRLSign == 0:
			return nil, errUsage
		default:
			return issuer, nil
		}
	}
	if why != nil {
		return nil, fmt.Errorf("%w: %w", errForeign, why)
	}
	return nil, fmt.Errorf("%w: it is by %s", errForeign, nameOf(l.issuerName))
}

// weakAlgorithms have a hash for which two texts of one digest can be made: RSA with MD5 and SHA-1,
// and ECDSA with SHA-1.
var weakAlgorithms = []asn1.ObjectIdentifier{
	{1, 2, 840, 113549, 1, 1, 4}, {1, 2, 840, 113549, 1, 1, 5}, {1, 2, 840, 10045, 4, 1},
}

// weak judges an AlgorithmIdentifier.
func weak(algorithm []byte) bool {
	rest := cryptobyte.String(algorithm)
	var body cryptobyte.String
	var id asn1.ObjectIdentifier
	if !rest.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadASN1ObjectIdentifier(&id) {
		return true
	}
	for _, one := range weakAlgorithms {
		if id.Equal(one) {
			return true
		}
	}
	return false
}

// newer refuses a list that would replace one of the same issuer and scope by an older one. RFC
// 5280 section 5.2.3: numbers rise from list to list.
func (l *list) newer(held *list) error {
	switch {
	case l.thisUpdate.Before(held.thisUpdate):
		return fmt.Errorf("%w: made %s, the one in force %s", errOlder, stamp(l.thisUpdate), stamp(held.thisUpdate))
	case l.number != nil && held.number != nil && compareSerials(l.number, held.number) < 0:
		return fmt.Errorf("%w: number %d, the one in force %d",
			errOlder, new(big.Int).SetBytes(l.number), new(big.Int).SetBytes(held.number))
	}
	return nil
}

// serialOf is the serial number of a certificate as it stands in its DER: unlike that of
// crypto/x509 it costs no memory.
func serialOf(c *x509.Certificate) []byte {
	rest := cryptobyte.String(c.RawTBSCertificate)
	var body, serial cryptobyte.String
	if !rest.ReadASN1(&body, casn1.SEQUENCE) ||
		!body.SkipOptionalASN1(casn1.Tag(0).Constructed().ContextSpecific()) ||
		!body.ReadASN1(&serial, casn1.INTEGER) {
		return nil
	}
	return significant(serial)
}

// nameOf is a Name for people: its common name, else all of it.
func nameOf(raw []byte) string {
	var parts pkix.RDNSequence
	if _, err := asn1.Unmarshal(raw, &parts); err != nil {
		return "an unreadable name"
	}
	var name pkix.Name
	name.FillFromRDNSequence(&parts)
	if name.CommonName != "" {
		return clean(name.CommonName)
	}
	return clean(name.String())
}

// stamp writes a time for people.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// clean keeps what others have written short and on one line.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
	const most = 200
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
