package signature

import (
	"crypto/x509"
	"time"
)

// Revocations says what is known of the revocation of certificates. It never asks a place that a
// document or a certificate names, and answers soon: what cannot be had now is RevocationUnknown.
type Revocations interface {
	Status(certificate, issuer *x509.Certificate, at time.Time) Revocation
}

// RevocationState is what is known of one certificate.
type RevocationState uint8

const (
	RevocationUnconfigured RevocationState = iota // no source is configured for the issuer
	RevocationGood                                // not revoked, by evidence that is fresh enough
	RevocationRevoked                             //
	RevocationUnknown                             // the configured sources are silent, or what they said is too old
)

// Revocation is the answer about one certificate, and by what evidence.
type Revocation struct {
	State     RevocationState
	Source    string    // «crl» or «ocsp»; empty when there is no evidence
	Produced  time.Time // thisUpdate of the evidence
	Next      time.Time // nextUpdate, zero when it names none
	RevokedAt time.Time
	Reason    string // of RFC 5280 section 5.3.1: keyCompromise …
	Evidence  []byte // the DER of the CRL or of the OCSP response
	Why       string // when unknown: what stands in the way, for people
}
