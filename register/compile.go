package register

import (
	"cmp"
	"fmt"
	"strings"

	"asugate/schema"
	"asugate/signature"
)

// compiler makes a Directory of a file in normal form. What it cannot read was checked at import,
// so an error means that the store holds something else than was put there.
type compiler struct {
	trust map[string]*signature.Trust // by the PEM: participants of one authority share it
	rules map[string]*signature.Rules // by rulesText: alike
	err   error                       // the first
}

func newCompiler() *compiler {
	return &compiler{trust: map[string]*signature.Trust{}, rules: map[string]*signature.Rules{}}
}

func compileDirectory(f *participantsFile, v DirectoryVersion) (*Directory, error) {
	c := newCompiler()
	d := &Directory{
		Version: v.Version, Imported: v.Imported, By: v.By,
		Railways: map[string]*Railway{}, Participants: map[string]*Participant{},
		clientCertificates: map[string]string{},
	}
	for _, r := range f.Railways {
		zone, err := loadZone(r.Zone)
		c.keep(err)
		d.Railways[string(r.Code)] = &Railway{
			Code: string(r.Code), Profile: string(r.Profile), Zone: zone, Trust: c.trustOf(r.Trust),
			Rules:   c.rulesOf(r.Policy.under(f.Policy), zone),
			Consent: string(r.Consent), Guard: c.guard(r.Guard), Numbering: numberingOf(r.Numbering),
		}
	}
	for _, p := range f.Participants {
		compiled := c.participant(p)
		if railway := d.Railways[compiled.Railway]; railway != nil {
			compiled.Rules = c.rulesOf(p.Policy.under(f.Policy), railway.Zone)
		}
		d.Participants[compiled.Code] = compiled
		for _, fingerprint := range compiled.ClientCertificates {
			d.clientCertificates[fingerprint] = compiled.Code
		}
	}
	if c.err != nil {
		return nil, fmt.Errorf("compiling participants version %d: %w", v.Version, c.err)
	}
	d.indexAddressees()
	d.policy = policyOf(d)
	return d, nil
}

func (c *compiler) keep(err error) {
	if c.err == nil {
		c.err = err
	}
}

func (c *compiler) date(s text) schema.Date {
	d, err := dateOf(s)
	c.keep(err)
	return d
}

func (c *compiler) trustOf(blocks []text) *signature.Trust {
	pem := joined(blocks)
	if t := c.trust[pem]; t != nil {
		return t
	}
	certificates, err := signature.ParseCertificates([]byte(pem))
	c.keep(err)
	t := signature.NewTrust(certificates)
	c.trust[pem] = t
	return t
}

func joined(blocks []text) string {
	var b strings.Builder
	for _, block := range blocks {
		b.WriteString(string(block))
	}
	return b.String()
}

func (c *compiler) participant(p participantEntry) *Participant {
	compiled := &Participant{
		Code: string(p.Code), Railway: string(p.Railway), Language: string(p.Language),
		Push: string(p.Push), AlwaysOK: p.AlwaysOK, Rate: p.Rate, Burst: int(p.Burst),
		OutboxLimit: int(p.OutboxLimit), Trust: c.trustOf(p.Trust),
		Seal: Seal{Container: cmp.Or(string(p.Seal.Container), SealXMLDSig), Key: string(p.Seal.Key)},
	}
	for _, fingerprint := range p.ClientCertificates {
		compiled.ClientCertificates = append(compiled.ClientCertificates, string(fingerprint))
	}
	for _, o := range p.Organisations {
		compiled.Organisations = append(compiled.Organisations, c.organisation(o))
	}
	return compiled
}

func (c *compiler) organisation(o organisationEntry) *Organisation {
	compiled := &Organisation{
		OrgID: o.id(),
		Name:  string(o.Name),
		Agreement: Agreement{
			Number: string(o.Agreement.Number), Placement: string(o.Agreement.Placement),
			From: c.date(o.Agreement.From), To: c.date(o.Agreement.To),
			Covers: kindsOf(o.Agreement.Covers), Norms: o.Agreement.Norms.compile(),
			AcceptMisprints: o.Agreement.AcceptMisprints,
		},
	}
	c.agreementTerms(&compiled.Agreement, o.Agreement)
	for _, s := range o.Signatories {
		signatory := Signatory{
			Person: s.person(), Kinds: kindsOf(s.Kinds), From: c.date(s.From), To: c.date(s.To),
		}
		if s.Certificate != nil {
			signatory.Certificate = s.Certificate.ref()
		}
		compiled.Signatories = append(compiled.Signatories, signatory)
	}
	for _, e := range o.Certificates {
		compiled.Certificates = append(compiled.Certificates, CertificateOwner{
			CertificateRef: certificateName{e.Issuer, e.Serial}.ref(), Person: e.Person.person(),
		})
	}
	return compiled
}

func (n certificateName) ref() schema.CertificateRef {
	return schema.CertificateRef{Issuer: string(n.Issuer), Serial: string(n.Serial)}
}

func kindsOf(names []text) []schema.Kind {
	kinds := make([]schema.Kind, 0, len(names))
	for _, name := range names {
		kinds = append(kinds, schema.Kind(name))
	}
	return kinds
}
