package pki

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/ocsp"
)

// Revoked is a certificate taken back.
type Revoked struct {
	Serial *big.Int
	At     time.Time
	Reason int // of RFC 5280 section 5.3.1
}

// CRL is a list of revoked certificates to be made.
type CRL struct {
	Number                 int64
	ThisUpdate, NextUpdate time.Time // zero: the authority's now, and a week later
	Revoked                []Revoked
	Extensions             []pkix.Extension
}

// CRL signs a list of revoked certificates (DER).
func (a *Authority) CRL(c CRL) ([]byte, error) {
	if c.ThisUpdate.IsZero() {
		c.ThisUpdate = a.now
	}
	if c.NextUpdate.IsZero() {
		c.NextUpdate = c.ThisUpdate.AddDate(0, 0, 7)
	}
	template := &x509.RevocationList{
		Number: big.NewInt(c.Number), ThisUpdate: c.ThisUpdate, NextUpdate: c.NextUpdate, ExtraExtensions: c.Extensions,
	}
	for _, r := range c.Revoked {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: r.Serial, RevocationTime: r.At, ReasonCode: r.Reason})
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, a.Certificate, a.Key)
	if err != nil {
		return nil, fmt.Errorf("making a CRL: %w", err)
	}
	return der, nil
}

// OCSP is an answer about a certificate to be made.
type OCSP struct {
	Serial                 *big.Int
	Status                 int // of package ocsp: Good, Revoked, Unknown
	RevokedAt              time.Time
	Reason                 int
	ThisUpdate, NextUpdate time.Time   // zero: the authority's now, and none
	Responder              *Credential // nil: the authority itself
}

// OCSP signs an answer of the authority's responder (DER), which carries the responder's certificate
// when that is not the authority's own.
func (a *Authority) OCSP(o OCSP) ([]byte, error) {
	if o.ThisUpdate.IsZero() {
		o.ThisUpdate = a.now
	}
	template := ocsp.Response{
		Status: o.Status, SerialNumber: o.Serial, ThisUpdate: o.ThisUpdate, NextUpdate: o.NextUpdate,
		RevokedAt: o.RevokedAt, RevocationReason: o.Reason,
	}
	by := a.Credential
	if o.Responder != nil {
		by = *o.Responder
		template.Certificate = by.Certificate
	}
	der, err := ocsp.CreateResponse(a.Certificate, by.Certificate, template, by.Key)
	if err != nil {
		return nil, fmt.Errorf("making an OCSP response: %w", err)
	}
	return der, nil
}
