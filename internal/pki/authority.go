package pki

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"slices"
	"time"
)

// DefaultValidity is how long a certificate holds when the request does not say: from an hour
// before the authority's now, so that clocks may differ.
const DefaultValidity = 365 * 24 * time.Hour

const clockSkew = time.Hour

// Request is one certificate to be made. Only the subject's CommonName is really needed.
type Request struct {
	Subject
	Key                 KeyKind
	NotBefore, NotAfter time.Time               // zero: DefaultValidity around the authority's now
	KeyUsage            x509.KeyUsage           // zero: digitalSignature and nonRepudiation
	NoKeyUsage          bool                    // leave the extension out
	ExtKeyUsage         []x509.ExtKeyUsage      // none: no such extension
	Hosts               []string                // DNS names and addresses, for TLS servers
	Policies            []x509.OID              // certificate policies
	PermittedDNS        []string                // name constraints of an authority: only these domains
	PathLength          int                     // of an authority: how many more below it; 0: any, negative: none
	Signature           x509.SignatureAlgorithm // of the issuer; zero: what goes with its key
	Extensions          []pkix.Extension        // also in place of one that would be made
}

// Authority issues certificates.
type Authority struct {
	Credential
	now time.Time
}

// NewAuthority makes a root with an ECDSA P-256 key, valid ten years around now.
func NewAuthority(name string, now time.Time) (*Authority, error) {
	return NewAuthorityFor(Request{Subject: Subject{CommonName: name}}, now)
}

// NewAuthorityFor makes a root as the request says.
func NewAuthorityFor(r Request, now time.Time) (*Authority, error) {
	root := &Authority{now: now}
	c, err := root.issue(r, authorityTemplate)
	if err != nil {
		return nil, err
	}
	c.Chain = nil // a root travels outside the chains that it ends
	root.Credential = c
	return root, nil
}

// AuthorityOf lets any credential issue certificates, also one that may not: for tests.
func AuthorityOf(c Credential, now time.Time) *Authority {
	return &Authority{Credential: c, now: now}
}

// Intermediate makes an authority below this one.
func (a *Authority) Intermediate(r Request) (*Authority, error) {
	c, err := a.issue(r, authorityTemplate)
	if err != nil {
		return nil, err
	}
	return &Authority{Credential: c, now: a.now}, nil
}

// Issue makes a certificate for signing documents, or whatever the request's usages say.
func (a *Authority) Issue(r Request) (Credential, error) {
	return a.issue(r, leafTemplate)
}

// IssueServer makes a TLS server certificate for host names and addresses.
func (a *Authority) IssueServer(hosts ...string) (Credential, error) {
	if len(hosts) == 0 {
		return Credential{}, fmt.Errorf("making a server certificate: no host named")
	}
	return a.Issue(Request{
		Subject:     Subject{CommonName: hosts[0]},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		Hosts:       hosts,
	})
}

// IssueClient makes a TLS client certificate.
func (a *Authority) IssueClient(name string) (Credential, error) {
	return a.Issue(Request{
		Subject:     Subject{CommonName: name},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

// CrossCertify certifies the key and the name of another authority. That one stays what it is; what
// it has issued now has a path to this one as well.
func (a *Authority) CrossCertify(other *Authority, r Request) (*x509.Certificate, error) {
	r.CommonName = other.Certificate.Subject.CommonName
	template, err := a.template(r, authorityTemplate)
	if err != nil {
		return nil, fmt.Errorf("cross-certifying %q: %w", r.CommonName, err)
	}
	template.RawSubject, template.SubjectKeyId = other.Certificate.RawSubject, other.Certificate.SubjectKeyId
	der, err := x509.CreateCertificate(rand.Reader, template, a.Certificate, other.Key.Public(), a.Key)
	if err != nil {
		return nil, fmt.Errorf("cross-certifying %q: %w", r.CommonName, err)
	}
	return x509.ParseCertificate(der)
}

func authorityTemplate(t *x509.Certificate, now time.Time) {
	t.IsCA = true
	t.BasicConstraintsValid = true
	t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	t.NotBefore = now.AddDate(-1, 0, 0)
	t.NotAfter = now.AddDate(10, 0, 0)
}

func leafTemplate(t *x509.Certificate, now time.Time) {
	t.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	t.NotBefore = now.Add(-clockSkew)
	t.NotAfter = now.Add(DefaultValidity)
}

// issue signs with the authority's key, or with the new one where the authority has none yet.
func (a *Authority) issue(r Request, fill func(*x509.Certificate, time.Time)) (Credential, error) {
	failed := func(err error) (Credential, error) {
		return Credential{}, fmt.Errorf("making a certificate for %q: %w", r.CommonName, err)
	}
	key, err := newKey(r.Key)
	if err != nil {
		return failed(err)
	}
	template, err := a.template(r, fill)
	if err != nil {
		return failed(err)
	}
	parent, signer := a.Certificate, a.Key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		return failed(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return failed(err)
	}
	chain := append([]*x509.Certificate{certificate}, a.Chain...)
	return Credential{Key: key, Certificate: certificate, Chain: chain}, nil
}

func (a *Authority) template(r Request, fill func(*x509.Certificate, time.Time)) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	extensions, err := r.extensions()
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: serial.Add(serial, big.NewInt(1)),
		Subject:      r.name(),
		ExtKeyUsage:  r.ExtKeyUsage,
		Policies:     r.Policies,

		SignatureAlgorithm:          r.Signature,
		PermittedDNSDomains:         r.PermittedDNS,
		PermittedDNSDomainsCritical: true,
		ExtraExtensions:             slices.Concat(extensions, r.Extensions),
	}
	fill(t, a.now)
	if t.IsCA && r.PathLength != 0 {
		t.MaxPathLen, t.MaxPathLenZero = max(r.PathLength, 0), r.PathLength < 0
	}
	if !r.NotBefore.IsZero() {
		t.NotBefore = r.NotBefore
	}
	if !r.NotAfter.IsZero() {
		t.NotAfter = r.NotAfter
	}
	if r.KeyUsage != 0 {
		t.KeyUsage = r.KeyUsage
	}
	if r.NoKeyUsage {
		t.KeyUsage = 0
	}
	for _, host := range r.Hosts {
		if ip := net.ParseIP(host); ip != nil {
			t.IPAddresses = append(t.IPAddresses, ip)
		} else {
			t.DNSNames = append(t.DNSNames, host)
		}
	}
	return t, nil
}
