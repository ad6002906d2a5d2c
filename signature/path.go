package signature

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"time"
)

// maxPath is how many certificates a path may have, maxPathChecks how many signatures of
// certificates one document may make us verify while looking for it, maxSilences how often a GOST
// provider may not answer meanwhile: each time may take maxProvider.
const (
	maxPath       = 6
	maxPathChecks = 32
	maxSilences   = 2
)

// pathSearch looks for a path from a certificate to the trust. It does by hand what
// crypto/x509 does as a whole, because a refusal must say which certificate failed and all the
// ways in which it failed; what it finds, crypto/x509 must confirm where it can.
type pathSearch struct {
	trust  *Trust
	others []*x509.Certificate // of the document: candidates, not believed
	at     time.Time
	policy Policy

	checks      int
	found       bool
	chain       []*x509.Certificate // the best so far, leaf first
	faults      []certificateFault  // of its issuers
	unsupported *x509.Certificate   // one whose own signature we cannot verify
	unanswered  int                 // of how many the provider could not say
}

// path is the chain from the signer's certificate to the trust, and all that is wrong with the
// certificate or with a path. Where nothing of it fails, the path has been confirmed.
func (t *Trust) path(leaf *x509.Certificate, others []*x509.Certificate, at time.Time, policy Policy) ([]*x509.Certificate, []certificateFault) {
	s := pathSearch{trust: t, others: others, at: at, policy: policy}
	if !t.Empty() {
		s.extend([]*x509.Certificate{leaf})
	}
	faults := append(signerFaults(leaf, at), s.faults...)
	faults = append(faults, policy.keySizeFaults(leaf)...)
	switch {
	case s.found || t.Empty(): // no trust at all has been said once
	case s.unanswered > 0:
		faults = append(faults, certificateFault{providerSilent, "", quoted(distinguishedName(leaf.RawIssuer))})
	case s.unsupported != nil:
		why, name := certificateRefusal(s.unsupported)
		faults = append(faults, certificateFault{why, "", name})
	default:
		faults = append(faults, certificateFault{untrustedCertificate, "", quoted(distinguishedName(leaf.RawIssuer))})
	}
	if s.found && policy.failing(faults) == 0 {
		if err := s.confirm(len(faults) > 0); err != nil {
			faults = append(faults, certificateFault{pathConstraint, "", quoted(err.Error())})
		}
	}
	return s.chain, faults
}

// failing counts the faults for which the signature does not hold.
func (p Policy) failing(faults []certificateFault) int {
	count := 0
	for _, f := range faults {
		if p.level(checkOf(f.why)) == Fail {
			count++
		}
	}
	return count
}

// extend goes on from the last certificate of the chain to everyone who may have issued it: those
// whose key the certificate names before those of the same name (RFC 5280 section 4.2.1.1 has the
// identifier for that, and no more than that), ours before those of the document.
func (s *pathSearch) extend(chain []*x509.Certificate) {
	last := chain[len(chain)-1]
	if s.trust.ends(last, len(chain) == 1) {
		s.offer(chain)
		return
	}
	if len(chain) == maxPath {
		return
	}
	for _, named := range [2]bool{true, false} {
		for _, list := range [2][]*x509.Certificate{s.trust.authorities, s.others} {
			for _, issuer := range list {
				if s.done() {
					return
				}
				if namesKey(last, issuer) == named && !contains(chain, issuer) && s.issued(issuer, last) {
					s.extend(append(chain[:len(chain):len(chain)], issuer))
				}
			}
		}
	}
}

// namesKey says that the certificate names the issuer's key by its identifier.
func namesKey(c, issuer *x509.Certificate) bool {
	return len(c.AuthorityKeyId) > 0 && bytes.Equal(c.AuthorityKeyId, issuer.SubjectKeyId)
}

// done: a path that nothing fails needs no second one, and the budget is final.
func (s *pathSearch) done() bool {
	return s.found && s.policy.failing(s.faults) == 0 || s.checks >= maxPathChecks || s.unanswered >= maxSilences
}

// contains says that the authority is in the chain, by whichever certificate: authorities that
// certify each other lead round in circles.
func contains(chain []*x509.Certificate, c *x509.Certificate) bool {
	for _, one := range chain {
		if bytes.Equal(one.RawSubject, c.RawSubject) &&
			bytes.Equal(one.RawSubjectPublicKeyInfo, c.RawSubjectPublicKeyInfo) {
			return true
		}
	}
	return false
}

// issued says that the name and the signature of c lead to issuer. Whether the issuer was allowed
// to issue is judged later, so that the refusal can say it was not.
func (s *pathSearch) issued(issuer, c *x509.Certificate) bool {
	if !bytes.Equal(issuer.RawSubject, c.RawIssuer) {
		return false
	}
	if oversized(issuer) {
		return false // a document may bring a key along on which one check takes minutes
	}
	s.checks++
	err := s.policy.checkIssued(issuer, c)
	var insecure x509.InsecureAlgorithmError
	switch {
	case errors.Is(err, x509.ErrUnsupportedAlgorithm), errors.As(err, &insecure):
		s.unsupported = c
	case errors.Is(err, ErrProvider):
		s.unanswered++
	}
	return err == nil
}

// offer keeps the path with the fewest faults that fail, of equals the first.
func (s *pathSearch) offer(chain []*x509.Certificate) {
	faults := s.issuerFaults(chain)
	if !s.found || s.policy.failing(faults) < s.policy.failing(s.faults) {
		s.found, s.chain, s.faults = true, chain, faults
	}
}

// issuerFaults are the faults of the certificates above the leaf: RFC 5280 section 6.1.4 as far as
// it is about one certificate.
func (s *pathSearch) issuerFaults(chain []*x509.Certificate) []certificateFault {
	var faults []certificateFault
	add := func(why reason, actual string) {
		faults = append(faults, certificateFault{why, "", quoted(actual)})
	}
	below := 0 // authorities between the certificate and the leaf, self-issued ones not counted
	for i, c := range chain {
		if i == 0 {
			continue
		}
		name := IdentityOf(c).CommonName
		if !isAuthority(c) {
			add(issuerNotCA, name)
		}
		if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0 {
			add(issuerKeyUsage, name)
		}
		if limited := c.MaxPathLen > 0 || c.MaxPathLenZero; limited && below > c.MaxPathLen {
			add(pathConstraint, name)
		}
		if s.at.Before(c.NotBefore) {
			faults = append(faults, periodFault(issuerNotYetValid, c.NotBefore, c.NotAfter, s.at))
		}
		if s.at.After(c.NotAfter) {
			faults = append(faults, periodFault(issuerExpired, c.NotBefore, c.NotAfter, s.at))
		}
		if len(c.UnhandledCriticalExtensions) > 0 {
			add(issuerCritical, extensionNames(c))
		}
		if fault, ok := extendedUsageFault(c); ok && i < len(chain)-1 {
			faults = append(faults, fault)
		}
		faults = append(faults, s.policy.keySizeFaults(c)...)
		// The link was verified whatever its algorithm; whether that is allowed is said here.
		if id, legacy := signedWith(chain[i-1]); !s.policy.allows(legacy) {
			add(refusalOfLegacy(legacy), algorithmName(chain[i-1], id))
		}
		if !bytes.Equal(c.RawSubject, c.RawIssuer) {
			below++
		}
	}
	return faults
}

// legacyOf are the switches without which the path would not hold.
func legacyOf(chain []*x509.Certificate) Legacy {
	var used Legacy
	for i, c := range chain {
		if i > 0 {
			_, legacy := signedWith(chain[i-1])
			used |= legacy
		}
		if key, _ := rsaOf(c); key != nil && key.N.BitLen() < minRSABits {
			used |= LegacyRSA1024
		}
	}
	return used
}

// refusalOfLegacy is why what needs a switch is refused without it.
func refusalOfLegacy(l Legacy) reason {
	if l&LegacyGOST2001 != 0 {
		return algorithmGOST2001
	}
	return algorithmSHA1
}

func algorithmName(c *x509.Certificate, id asn1.ObjectIdentifier) string {
	if c.SignatureAlgorithm == x509.UnknownSignatureAlgorithm {
		return id.String()
	}
	return c.SignatureAlgorithm.String()
}

// certificateRefusal names the algorithm of a certificate's own signature that we do not verify. With
// ГОСТ Р 34.10-2001 it is not the switch that is missing: the key is one of an unknown curve.
func certificateRefusal(c *x509.Certificate) (reason, string) {
	id, _ := signedWith(c)
	why := refusalOfOID(id.String())
	if why == algorithmGOST2001 {
		why = algorithmGOST
	}
	return why, quoted(algorithmName(c, id))
}
