package signature

import (
	"crypto/x509"
	"slices"

	"asugate/xmltree"
)

// claim is what a container says of its signer: these octets are signed by the key of one of these
// certificates. Every container comes down to it.
type claim struct {
	method       *method
	octets       []byte
	value        []byte
	certificates []carried
	place        xmltree.Element // of the value, for the report; zero in a CMS
}

// carried is a certificate that came with a signature: base64 in XML, else DER.
type carried struct {
	text  string
	der   []byte
	place xmltree.Element
}

// judge finds the signer of the claim and says all that is wrong with him.
func (c claim) judge(report *Report, trust *Trust) {
	at, policy := report.Moment, report.policy
	if trust.Empty() {
		report.fault(noTrust, xmltree.Element{}, "", "")
		trust = NewTrust(nil)
	}
	if c.method == nil || c.value == nil || len(c.certificates) == 0 {
		return // each has been said already
	}
	key := keyOf(c.certificates, policy.Rules)
	if known := trust.known.find(key, at); known != nil &&
		c.method.verify(policy, known.certificate, c.octets, c.value) == (reason{}) {
		report.Certificate, report.Chain, report.Signer = known.certificate, known.chain, known.identity
		return
	}
	certificates := c.readCertificates(report)
	signers, why := c.signers(policy, certificates)
	if len(signers) == 0 {
		if why != (reason{}) {
			report.fault(why, c.place, "", "")
		}
		return
	}
	// Certificates may share a key (one renewed): the first without fault is the signer's.
	var faults [][]certificateFault
	for _, i := range signers {
		leaf := certificates[i]
		chain, wrong := trust.path(leaf, others(certificates, i), at)
		faults = append(faults, wrong)
		if len(wrong) == 0 || len(faults) == 1 {
			report.Certificate, report.Chain, report.Signer = leaf, chain, IdentityOf(leaf)
		}
		if len(wrong) == 0 && !trust.Empty() {
			trust.known.add(key, newKnownSigner(report.Signer, chain))
		}
		if len(wrong) == 0 {
			return
		}
	}
	for _, fault := range faults[0] {
		report.fault(fault.why, c.certificates[signers[0]].place, fault.expected, fault.actual)
	}
}

// telling orders the reasons why no certificate verifies the value: what policy forbids is said
// before «wrong», because it would be refused even if it were right.
var telling = []reason{keyTooShort, keyTooLong, keyNotSupported, signatureMismatch, signatureMalformed, keyKindMismatch}

// signers are the indexes of the certificates whose key verifies the value, else the most telling
// reason why there is none.
func (c claim) signers(policy Policy, certificates []*x509.Certificate) ([]int, reason) {
	var found []int
	best := len(telling)
	for i, certificate := range certificates {
		if certificate == nil {
			continue
		}
		why := c.method.verify(policy, certificate, c.octets, c.value)
		if why == (reason{}) {
			found = append(found, i)
		} else {
			best = min(best, slices.Index(telling, why))
		}
	}
	if len(found) > 0 || best == len(telling) {
		return found, reason{}
	}
	return nil, telling[best]
}

func others(certificates []*x509.Certificate, except int) []*x509.Certificate {
	var list []*x509.Certificate
	for i, c := range certificates {
		if i != except && c != nil {
			list = append(list, c)
		}
	}
	return list
}
