package signature

import (
	"crypto/x509"
	"slices"
	"strconv"

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
	named        bool            // the container names its signer: the first certificate and no other
}

// carried is a certificate that came with a signature: base64 in XML, else DER.
type carried struct {
	text  string
	der   []byte
	place xmltree.Element
}

// judge finds the signer of the claim and says all that is wrong with him at the report's Moment,
// which the container has settled before.
func (c claim) judge(report *Report, trust *Trust) {
	if trust.Empty() {
		report.fault(noTrust, xmltree.Element{}, "", "")
		trust = NewTrust(nil)
	}
	report.judgeAlgorithms(c)
	if c.method == nil || c.value == nil || len(c.certificates) == 0 {
		return // each has been said already
	}
	key := keyOf(c.certificates, report.policy.Rules)
	if known := trust.known.find(key, report.Moment); known != nil &&
		c.method.verify(report.policy, known.certificate, c.octets, c.value) == (reason{}) {
		report.settle(known, c.certificates[known.index].place)
		return
	}
	certificates := c.readCertificates(report)
	signers, why := c.signers(report.policy, certificates)
	if len(signers) == 0 {
		if why != (reason{}) {
			report.fault(why, c.place, report.policy.wanted(why), "")
		}
		return
	}
	best := c.choose(report, trust, certificates, signers)
	// A certificate that cannot be read is a fault of the document each time it comes.
	readable := !slices.Contains(certificates, nil)
	if readable && !trust.Empty() && report.policy.failing(best.noticed) == 0 && !best.untimely() {
		best.hold(report.Moment, slices.Concat(certificates, trust.authorities))
		trust.known.add(key, best)
	}
	report.settle(best, c.certificates[best.index].place)
}

// wanted is what a key should have been, in bits, where it is refused for its size.
func (p Policy) wanted(why reason) string {
	switch why {
	case keyTooShort:
		return strconv.Itoa(p.minRSA())
	case keyTooLong:
		return strconv.Itoa(maxRSABits)
	case curveTooShort:
		return strconv.Itoa(p.minEC())
	}
	return ""
}

// choose finds the signer among certificates that share the key (one renewed): the first whom
// nothing fails, else the first.
func (c claim) choose(report *Report, trust *Trust, certificates []*x509.Certificate, signers []int) *knownSigner {
	var first *knownSigner
	for _, i := range signers {
		leaf := certificates[i]
		one := &knownSigner{certificate: leaf, index: i}
		one.chain, one.noticed = trust.path(leaf, others(certificates, i), report.Moment, report.policy)
		if report.policy.failing(one.noticed) == 0 || first == nil {
			first = one
		}
		if first == one {
			identity, wrong := identify(leaf)
			one.identity, one.noticed = identity, append(one.noticed, wrong...)
			one.legacy = legacyOf(one.chain)
		}
		if report.policy.failing(one.noticed) == 0 {
			return one
		}
	}
	return first
}

// settle writes down who the signer is and what was noticed of him, and asks for revocation where a
// path has been found.
func (r *Report) settle(signer *knownSigner, place xmltree.Element) {
	r.Certificate, r.Chain, r.Signer = signer.certificate, signer.chain, signer.identity
	for _, fault := range signer.noticed {
		r.fault(fault.why, place, fault.expected, fault.actual)
	}
	r.uses(signer.legacy)
	r.judgeRevocation(place)
}

// telling orders the reasons why no certificate verifies the value: what policy forbids is said
// before «wrong», because it would be refused even if it were right. What nobody could say comes
// first: it may still be right.
var telling = []reason{providerSilent, keyTooShort, keyTooLong, curveTooShort, keyNotSupported, signatureMismatch, signatureMalformed, keyKindMismatch}

// signers are the indexes of the certificates whose key verifies the value, else the most telling
// reason why there is none.
func (c claim) signers(policy Policy, certificates []*x509.Certificate) ([]int, reason) {
	var found []int
	var best reason
	rank, silences := len(telling), 0
	for i, certificate := range certificates {
		if certificate == nil || i > 0 && c.named || silences >= maxSilences {
			continue
		}
		why := c.method.verify(policy, certificate, c.octets, c.value)
		if why == providerSilent {
			silences++
		}
		if why == (reason{}) {
			found = append(found, i)
			continue
		}
		if n := slices.Index(telling, why); n >= 0 && n < rank || best == (reason{}) {
			best, rank = why, n
		}
	}
	if len(found) > 0 {
		return found, reason{}
	}
	return nil, best
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
