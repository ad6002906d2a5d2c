package signature

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"strings"
	"time"
)

// maxPath is how many certificates a path may have, maxPathChecks how many signatures of
// certificates one document may make us verify while looking for it.
const (
	maxPath       = 6
	maxPathChecks = 32
)

// pathSearch looks for a path from a certificate to the trust. It does by hand what
// crypto/x509 does as a whole, because a refusal must say which certificate failed and all the
// ways in which it failed; what it finds, crypto/x509 must confirm.
type pathSearch struct {
	trust  *Trust
	others []*x509.Certificate // of the document: candidates, not believed
	at     time.Time

	checks      int
	found       bool
	chain       []*x509.Certificate // the best so far, leaf first
	faults      []certificateFault  // of its issuers
	unsupported *x509.Certificate   // one whose own signature we cannot verify
}

// path is the chain from the signer's certificate to the trust, and all that is wrong with the
// certificate or with a path. Without a fault crypto/x509 has confirmed it.
func (t *Trust) path(leaf *x509.Certificate, others []*x509.Certificate, at time.Time) ([]*x509.Certificate, []certificateFault) {
	s := pathSearch{trust: t, others: others, at: at}
	if !t.Empty() {
		s.extend([]*x509.Certificate{leaf})
	}
	faults := append(signerFaults(leaf, at), s.faults...)
	switch {
	case s.found || t.Empty(): // no trust at all has been said once
	case s.unsupported != nil:
		why, name := certificateRefusal(s.unsupported)
		faults = append(faults, certificateFault{why, "", name})
	default:
		faults = append(faults, certificateFault{untrustedCertificate, "", quoted(distinguishedName(leaf.RawIssuer))})
	}
	if len(faults) == 0 && s.found {
		if err := s.confirm(); err != nil {
			faults = append(faults, certificateFault{pathConstraint, "", quoted(err.Error())})
		}
	}
	return s.chain, faults
}

// extend goes on from the last certificate of the chain to everyone who may have issued it.
func (s *pathSearch) extend(chain []*x509.Certificate) {
	last := chain[len(chain)-1]
	if s.trust.ends(last, len(chain) == 1) {
		s.offer(chain)
		return
	}
	if len(chain) == maxPath {
		return
	}
	for _, list := range [2][]*x509.Certificate{s.trust.authorities, s.others} {
		for _, issuer := range list {
			if s.done() {
				return
			}
			if !contains(chain, issuer) && s.issued(issuer, last) {
				s.extend(append(chain[:len(chain):len(chain)], issuer))
			}
		}
	}
}

// done: a path without faults needs no second one, and the budget is final.
func (s *pathSearch) done() bool {
	return s.found && len(s.faults) == 0 || s.checks >= maxPathChecks
}

func contains(chain []*x509.Certificate, c *x509.Certificate) bool {
	for _, one := range chain {
		if one.Equal(c) {
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
	if key, ok := issuer.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() > maxRSABits {
		return false // a document may bring a key along on which one check takes minutes
	}
	s.checks++
	err := issuer.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
	var insecure x509.InsecureAlgorithmError
	if errors.Is(err, x509.ErrUnsupportedAlgorithm) || errors.As(err, &insecure) {
		s.unsupported = c
	}
	return err == nil
}

// offer keeps the path with the fewest faults, of equals the first.
func (s *pathSearch) offer(chain []*x509.Certificate) {
	faults := s.issuerFaults(chain)
	if !s.found || len(faults) < len(s.faults) {
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
		if key, ok := c.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < minRSABits {
			add(keyTooShort, name)
		}
		// crypto/x509 verified the signature also where it is made with SHA-1.
		if child := chain[i-1]; strings.Contains(child.SignatureAlgorithm.String(), "SHA1") {
			add(algorithmSHA1, child.SignatureAlgorithm.String())
		}
		if !bytes.Equal(c.RawSubject, c.RawIssuer) {
			below++
		}
	}
	return faults
}

// certificateRefusal names the algorithm of a certificate's own signature that we do not verify.
func certificateRefusal(c *x509.Certificate) (reason, string) {
	switch c.SignatureAlgorithm {
	case x509.MD2WithRSA, x509.MD5WithRSA:
		return algorithmMD5, c.SignatureAlgorithm.String()
	case x509.DSAWithSHA1, x509.DSAWithSHA256:
		return algorithmDSA, c.SignatureAlgorithm.String()
	}
	// crypto/x509 does not keep the identifier of an algorithm that it does not know.
	var outer struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(c.Raw, &outer); err != nil {
		return algorithmUnknown, ""
	}
	id := outer.Algorithm.Algorithm.String()
	if strings.HasPrefix(id, "1.2.643.") {
		return algorithmGOST, id
	}
	return algorithmUnknown, quoted(id)
}

// confirm has crypto/x509 verify the path once more, name constraints and policies included.
func (s *pathSearch) confirm() error {
	if len(s.chain) == 1 {
		return nil // trusted as itself
	}
	intermediates := x509.NewCertPool()
	for _, c := range s.chain[1 : len(s.chain)-1] {
		intermediates.AddCert(c)
	}
	_, err := s.chain[0].Verify(x509.VerifyOptions{
		Roots:         s.trust.pool,
		Intermediates: intermediates,
		CurrentTime:   s.at,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	return err
}
