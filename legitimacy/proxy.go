package legitimacy

import (
	"slices"
	"strings"

	"asugate/schema"
)

// registeredProxy finds the power of attorney that an ЭД №2 names: by number and date, else by
// number alone, when dated is false. One paper may be given to several, each in a row of the list: the
// signer's own is meant, where there is one. nil: there is none.
func (c *Case) registeredProxy() (p *schema.PowerOfAttorney, dated bool) {
	named := c.Document.Placement().Proxy
	if named == nil || c.Staff == nil {
		return nil, false
	}
	s, best := c.signer(), -1
	for _, candidate := range c.Staff.ByNumber(named.Number) {
		fits := 0
		if candidate.Date == named.Date {
			fits += 2
		}
		if s.holds(candidate) {
			fits++
		}
		if fits > best {
			p, best = candidate, fits
		}
	}
	return p, best >= 2
}

// holds says whether the power of attorney was given to the signer.
func (s signer) holds(p *schema.PowerOfAttorney) bool {
	held := s.is(p.Holder, p.Certificate)
	return held == same || held == unknown && sameName(s.name, p.Holder.Name)
}

// signerIsNamed: the certificate is that of the person named in the text as its signer: the
// performer, or by proxy the one who signed for the performer (288 п. 2.1.3 3), 7), сноска 6).
func signerIsNamed(c *Case) []schema.Finding {
	if c.Document.Placement().Proxy != nil {
		return proxySignerIsNamed(c)
	}
	named := c.Document.Placement().Performer
	entries, _ := c.performerEntries()
	var certificates []schema.CertificateRef
	for _, e := range entries {
		named.PersonID = completed(named.PersonID, e.PersonID)
		certificates = append(certificates, e.Certificate)
	}
	s := c.signer()
	switch s.is(named, certificates...) {
	case same:
		return nil
	case unknown:
		if sameName(s.name, named.Name) {
			if len(entries) == 0 {
				return nil // said already: nothing is registered of such a person
			}
			return one("L04", schema.ReasonSignerNotIdentified, "/Placement/Performer", named.Name, s.name)
		}
	}
	expected, actual := against(named, s.person())
	return one("L04", schema.ReasonSignerDiffers, "/Placement/Performer", expected, actual)
}

func proxySignerIsNamed(c *Case) []schema.Finding {
	const path = "/Placement/Proxy/Signer"
	named := c.Document.Placement().Proxy.Signer
	s := c.signer()
	confirmed := sameName(s.name, named.Name)
	var certificates []schema.CertificateRef
	if p, _ := c.registeredProxy(); p != nil && sameName(p.Holder.Name, named.Name) {
		// The register knows more of the holder than the document has to say.
		named.PersonID = completed(named.PersonID, p.Holder.PersonID)
		certificates = append(certificates, p.Certificate)
		confirmed = true
	}
	switch s.is(named, certificates...) {
	case same:
		// The name of the one who signs is part of the text, so it has to be somebody's here.
		if confirmed {
			return nil
		}
	case unknown:
		if confirmed {
			return one("L04", schema.ReasonSignerNotIdentified, path, named.Name, s.name)
		}
	}
	expected, actual := against(named, s.person())
	return one("L04", schema.ReasonProxySignerDiffers, path, expected, actual)
}

// powerOfAttorney: the paper exists, was given to the one who signed, is in force at the moment and
// covers this kind of document (288 сноска 6).
func powerOfAttorney(c *Case) []schema.Finding {
	const path = "/Placement/Proxy"
	named := c.Document.Placement().Proxy
	if named == nil || c.Staff == nil {
		return nil // without list the performer is absent too, which is said already
	}
	p, dated := c.registeredProxy()
	if p == nil {
		return one("L05", schema.ReasonProxyAbsent, path, "", "N "+named.Number+" "+named.Date.String())
	}
	var found []schema.Finding
	if !dated {
		found = append(found, finding("D03", schema.ReasonProxyDateDiffers, path+"/@date",
			p.Date.String(), named.Date.String()))
	}
	if s := c.signer(); !s.holds(p) {
		expected, actual := against(p.Holder, s.person())
		found = append(found, finding("L05", schema.ReasonProxyOtherPerson, path+"/Signer", expected, actual))
	}
	today := c.day(c.Moment)
	switch {
	case withdrawn(p, today):
		found = append(found, finding("L05", schema.ReasonProxyWithdrawn, path, p.Withdrawn.String(), today.String()))
	case today.Before(p.From):
		found = append(found, finding("L05", schema.ReasonProxyNotYet, path, term(p.From, p.To), today.String()))
	case !today.Within(p.From, p.To):
		found = append(found, finding("L05", schema.ReasonProxyExpired, path, term(p.From, p.To), today.String()))
	}
	return append(found, proxyScope(c, p)...)
}

// proxyScope: the power of attorney covers this kind of document, the branch whose document it is, and
// the performer for whom it is signed.
func proxyScope(c *Case, p *schema.PowerOfAttorney) (found []schema.Finding) {
	const path = "/Placement/Proxy"
	if len(p.Kinds) > 0 && !slices.Contains(p.Kinds, c.Document.Kind()) {
		found = append(found, finding("L05", schema.ReasonProxyOtherScope, path,
			string(c.Document.Kind()), kindList(p.Kinds)))
	}
	branch := c.Document.Header().Organisation.KPP
	if len(p.Branches) > 0 && !slices.Contains(p.Branches, branch) {
		found = append(found, finding("L05", schema.ReasonProxyOtherBranch, path, branch, strings.Join(p.Branches, ", ")))
	}
	if len(p.Principals) > 0 && !c.isPrincipal(p) {
		names := make([]string, len(p.Principals))
		for i, principal := range p.Principals {
			names[i] = principal.Name
		}
		found = append(found, finding("L05", schema.ReasonProxyOtherPrincipal, "/Placement/Performer",
			c.Document.Placement().Performer.Name, strings.Join(names, ", ")))
	}
	return found
}

// isPrincipal says whether the performer is one of those for whom the power of attorney lets sign: by
// a number, of which the staff list may know more than the document says, else by name.
func (c *Case) isPrincipal(p *schema.PowerOfAttorney) bool {
	performer := c.Document.Placement().Performer
	entries, _ := c.performerEntries()
	for _, e := range entries {
		performer.PersonID = completed(performer.PersonID, e.PersonID)
	}
	return slices.ContainsFunc(p.Principals, func(principal schema.Person) bool {
		m := compareIDs(performer.PersonID, principal.PersonID)
		return m == same || m == unknown && sameName(performer.Name, principal.Name)
	})
}

// withdrawn says whether the power of attorney is withdrawn on a day. The day of withdrawal is the
// first on which it no longer holds.
func withdrawn(p *schema.PowerOfAttorney, day schema.Date) bool {
	return !p.Withdrawn.IsZero() && !day.Before(p.Withdrawn)
}
