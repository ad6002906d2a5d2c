package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"time"
)

// KeyPeriod is the extension privateKeyUsagePeriod (X.509 section 9.2.2.5).
func KeyPeriod(from, to time.Time) pkix.Extension {
	type period struct {
		NotBefore time.Time `asn1:"tag:0,generalized"`
		NotAfter  time.Time `asn1:"tag:1,generalized"`
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 16}, Value: marshal(period{from.UTC(), to.UTC()})}
}

// Usages is the extension extKeyUsage with identifiers that crypto/x509 has no names for.
func Usages(ids ...asn1.ObjectIdentifier) pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Value: marshal(ids)}
}

// Statements is the extension qcStatements (RFC 3739 section 3.2.6), critical as Ukrainian
// authorities write it.
func Statements(ids ...asn1.ObjectIdentifier) pkix.Extension {
	type statement struct{ ID asn1.ObjectIdentifier }
	var list []statement
	for _, id := range ids {
		list = append(list, statement{id})
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 3}, Critical: true, Value: marshal(list)}
}

// RequireExplicitPolicy is the extension policyConstraints (RFC 5280 section 4.2.1.11) that wants a
// policy from the certificate on.
func RequireExplicitPolicy() pkix.Extension {
	type constraints struct {
		Require int `asn1:"tag:0"`
	}
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 36}, Critical: true, Value: marshal(constraints{0})}
}

// Corporate is a certificate as the railway's own authority («ЦС») makes them for its workers: a usage
// of its own, a period of the key shorter than that of the certificate, and no number of anybody.
func Corporate(s Subject, now time.Time) Request {
	return Request{
		Subject: s, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment | x509.KeyUsageKeyEncipherment,
		Extensions: []pkix.Extension{
			Usages(asn1.ObjectIdentifier{1, 2, 643, 2, 65, 23, 1}, asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 2}),
			KeyPeriod(now.AddDate(0, -1, 0), now.AddDate(0, 14, 0)),
		},
		NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(4, 0, 0),
	}
}

// marshal is for values of types of this package, which all have a form.
func marshal(value any) []byte { return Must(asn1.Marshal(value)) }
