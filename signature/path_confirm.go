package signature

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
)

// confirm verifies the path once more as a whole. crypto/x509 does where it knows all algorithms,
// name constraints and policies included; relaxed says that the rules let something of the path
// pass, which is then taken out of what crypto/x509 sees.
func (s *pathSearch) confirm(relaxed bool) error {
	if len(s.chain) == 1 {
		return nil // trusted as itself
	}
	if !classicPath(s.chain) {
		return unconfirmed(s.chain)
	}
	chain := s.chain
	if relaxed {
		chain = s.relaxed()
	}
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(chain[len(chain)-1])
	for _, c := range chain[1 : len(chain)-1] {
		intermediates.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots:         roots,
		Intermediates: intermediates,
		CurrentTime:   s.at,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err
}

// relaxed are copies of the path that crypto/x509 finds valid at the moment. Their periods and the
// extensions of the signer's certificate have been judged by the rules already.
func (s *pathSearch) relaxed() []*x509.Certificate {
	chain := make([]*x509.Certificate, len(s.chain))
	for i, c := range s.chain {
		lenient := *c
		lenient.NotBefore, lenient.NotAfter = s.at, s.at
		if i == 0 {
			lenient.UnhandledCriticalExtensions = nil
		}
		chain[i] = &lenient
	}
	return chain
}

// classicPath says that crypto/x509 verifies every link in a path. It verifies SHA-1 only outside
// of one, and by keys for RSASSA-PSS alone not at all.
func classicPath(chain []*x509.Certificate) bool {
	for i, c := range chain[:len(chain)-1] {
		if chain[i+1].PublicKey == nil {
			return false
		}
		switch c.SignatureAlgorithm {
		case x509.UnknownSignatureAlgorithm, x509.SHA1WithRSA, x509.ECDSAWithSHA1:
			return false
		}
	}
	return true
}

var oidNameConstraints = asn1.ObjectIdentifier{2, 5, 29, 30}

// What a path that crypto/x509 cannot follow must not hold.
var (
	errNameConstraints = errors.New("name constraints are not evaluated in a path of this algorithm")
	errExplicitPolicy  = errors.New("a required policy is not evaluated in a path of this algorithm")
)

// unconfirmed looks at a path that crypto/x509 cannot follow, GOST for one. issuerFaults has gone
// through RFC 5280 section 6.1 with it but for two things, whose half would be worse than none:
// name constraints, and policies where a certificate requires one. Without such a requirement
// every policy is acceptable (section 6.1.1, any-policy), and mappings change nothing.
func unconfirmed(chain []*x509.Certificate) error {
	for i, c := range chain {
		for _, extension := range c.Extensions {
			if i > 0 && extension.Id.Equal(oidNameConstraints) {
				return errNameConstraints
			}
		}
		if c.RequireExplicitPolicy > 0 || c.RequireExplicitPolicyZero {
			return errExplicitPolicy
		}
	}
	return nil
}
