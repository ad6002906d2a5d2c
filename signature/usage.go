package signature

import (
	"crypto/ecdsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"strconv"
	"strings"
	"time"
)

// certificateFault is a fault of a certificate, before it is known where in the document it stands.
type certificateFault struct {
	why              reason
	expected, actual string
}

// signerFaults are the faults of the signer's own certificate, all of them, at the moment.
func signerFaults(c *x509.Certificate, at time.Time) []certificateFault {
	var faults []certificateFault
	switch {
	case at.Before(c.NotBefore):
		faults = append(faults, periodFault(certificateNotYetValid, c.NotBefore, c.NotAfter, at))
	case at.After(c.NotAfter):
		faults = append(faults, periodFault(certificateExpired, c.NotBefore, c.NotAfter, at))
	}
	if from, to := keyPeriod(c); outside(at, from, to) {
		faults = append(faults, periodFault(keyPeriodOver, from, to, at))
	}
	const signing = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	if c.KeyUsage != 0 && c.KeyUsage&signing == 0 {
		faults = append(faults, certificateFault{
			keyUsageMissing, "digitalSignature nonRepudiation", keyUsageNames(c.KeyUsage)})
	}
	if fault, ok := extendedUsageFault(c); ok {
		faults = append(faults, fault)
	}
	if len(c.UnhandledCriticalExtensions) > 0 {
		faults = append(faults, certificateFault{unknownCritical, "", extensionNames(c)})
	}
	return faults
}

// keySizeFaults are those of the certificate's key. The signer's RSA key is looked at where its
// signature is verified, too: what is too short is not even tried.
func (p Policy) keySizeFaults(c *x509.Certificate) []certificateFault {
	if key, _ := rsaOf(c); key != nil && key.N.BitLen() < p.minRSA() {
		return []certificateFault{{keyTooShort, strconv.Itoa(p.minRSA()), strconv.Itoa(key.N.BitLen())}}
	}
	switch key := c.PublicKey.(type) {
	case *ecdsa.PublicKey:
		if bits := key.Curve.Params().BitSize; bits < p.minEC() {
			return []certificateFault{{curveTooShort, strconv.Itoa(p.minEC()), strconv.Itoa(bits)}}
		}
	case nil:
		if bits := curveBits(c); bits > 0 && bits < p.minEC() {
			return []certificateFault{{curveTooShort, strconv.Itoa(p.minEC()), strconv.Itoa(bits)}}
		}
	}
	return nil
}

// curveBits is the size of a GOST key by the identifier of RFC 9215 section 4.1 or RFC 4491, 0 for
// another.
func curveBits(c *x509.Certificate) int {
	var key struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	if rest, err := asn1.Unmarshal(c.RawSubjectPublicKeyInfo, &key); err != nil || len(rest) > 0 {
		return 0
	}
	switch key.Algorithm.Algorithm.String() {
	case "1.2.643.7.1.1.1.1", "1.2.643.2.2.19":
		return 256
	case "1.2.643.7.1.1.1.2":
		return 512
	}
	return 0
}

func periodFault(why reason, from, to, at time.Time) certificateFault {
	return certificateFault{why, stamp(at), stamp(from) + "/" + stamp(to)}
}

// stamp writes a time for people and for the journal; a period without an end has none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ".."
	}
	return t.UTC().Format(time.RFC3339)
}

// outside says that a moment lies out of a period of which either end may be missing.
func outside(at, from, to time.Time) bool {
	return !from.IsZero() && at.Before(from) || !to.IsZero() && at.After(to)
}

var (
	oidKeyPeriod    = asn1.ObjectIdentifier{2, 5, 29, 16}
	oidQCStatements = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 3}
)

// keyPeriod is the privateKeyUsagePeriod of X.509 section 9.2.2.5: for how long the private key
// may sign, while the certificate verifies for longer. Russian authorities write it.
func keyPeriod(c *x509.Certificate) (from, to time.Time) {
	for _, extension := range c.Extensions {
		if extension.Id.Equal(oidKeyPeriod) {
			var period struct {
				NotBefore time.Time `asn1:"optional,tag:0,generalized"`
				NotAfter  time.Time `asn1:"optional,tag:1,generalized"`
			}
			if rest, err := asn1.Unmarshal(extension.Value, &period); err == nil && len(rest) == 0 {
				return period.NotBefore, period.NotAfter
			}
		}
	}
	return time.Time{}, time.Time{}
}

// extendedUsageFault: an extended key usage for TLS, code, time stamps or OCSP alone was not given
// for documents. A usage that we do not know may have been: authorities define their own.
func extendedUsageFault(c *x509.Certificate) (certificateFault, bool) {
	if len(c.ExtKeyUsage) == 0 || len(c.UnknownExtKeyUsage) > 0 {
		return certificateFault{}, false
	}
	why := tlsOnly
	var names []string
	for _, usage := range c.ExtKeyUsage {
		switch usage {
		case x509.ExtKeyUsageServerAuth:
			names = append(names, "serverAuth")
		case x509.ExtKeyUsageClientAuth:
			names = append(names, "clientAuth")
		case x509.ExtKeyUsageCodeSigning:
			why, names = extendedUsage, append(names, "codeSigning")
		case x509.ExtKeyUsageTimeStamping:
			why, names = extendedUsage, append(names, "timeStamping")
		case x509.ExtKeyUsageOCSPSigning:
			why, names = extendedUsage, append(names, "OCSPSigning")
		default:
			return certificateFault{}, false
		}
	}
	return certificateFault{why, "", strings.Join(names, " ")}, true
}

// keyUsageNames are the names of RFC 5280 section 4.2.1.3, by bit.
func keyUsageNames(usage x509.KeyUsage) string {
	all := []string{"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
		"keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly"}
	var names []string
	for bit, name := range all {
		if usage&(1<<bit) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func extensionNames(c *x509.Certificate) string {
	var names []string
	for _, id := range c.UnhandledCriticalExtensions {
		names = append(names, id.String())
	}
	return quoted(strings.Join(names, " "))
}

// withKnownExtensions takes out of the list of unhandled critical extensions those that are
// handled here: the period of the private key, which signerFaults checks, and the statements of
// qualified certificates, which are critical in Ukrainian ones and restrict nothing that we do.
func withKnownExtensions(c *x509.Certificate) *x509.Certificate {
	handled := func(id asn1.ObjectIdentifier) bool {
		return id.Equal(oidKeyPeriod) || id.Equal(oidQCStatements) && knownStatements(c)
	}
	if !slices.ContainsFunc(c.UnhandledCriticalExtensions, handled) {
		return c
	}
	reduced := *c
	reduced.UnhandledCriticalExtensions = slices.DeleteFunc(
		slices.Clone(c.UnhandledCriticalExtensions), handled)
	return &reduced
}

// knownStatements says that every statement of RFC 3739 section 3.2.6 in the certificate is one of
// ETSI EN 319 412-5, of RFC 3739 itself, or the Ukrainian «qualified certificate».
func knownStatements(c *x509.Certificate) bool {
	var statements []struct {
		ID   asn1.ObjectIdentifier
		Info asn1.RawValue `asn1:"optional"`
	}
	for _, extension := range c.Extensions {
		if !extension.Id.Equal(oidQCStatements) {
			continue
		}
		if rest, err := asn1.Unmarshal(extension.Value, &statements); err != nil || len(rest) > 0 {
			return false
		}
	}
	for _, statement := range statements {
		id := statement.ID.String()
		known := strings.HasPrefix(id, "0.4.0.1862.1.") || strings.HasPrefix(id, "1.3.6.1.5.5.7.11.") ||
			id == "1.2.804.2.1.1.1.2.1"
		if !known {
			return false
		}
	}
	return true
}
