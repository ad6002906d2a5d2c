package legitimacy

import (
	"slices"
	"strings"

	"asugate/register"
	"asugate/schema"
)

// sender: the Sender is who has logged in. One participant must not speak as another, however good
// the signature (contracts.md, A11).
func sender(c *Case) []schema.Finding {
	expected := ""
	switch {
	case c.Participant != nil:
		expected = c.Participant.Code
	case c.Railway != nil:
		expected = c.Railway.Code
	}
	if m := c.Document.Memo(); m != nil && m.Platform != "" {
		return nil // the form of another system names none; the signature says whose it is
	}
	actual := c.Document.Header().Sender
	switch {
	case expected == "":
		return one("A11", schema.ReasonSenderUnknown, c.root("/Header/Sender"), "", actual)
	case actual != expected:
		return one("A11", schema.ReasonSenderNotAllowed, c.root("/Header/Sender"), expected, actual)
	}
	return nil
}

// kind: registers and notices, memos, acts and what is said of them are the railway's to send, all
// else is the clients'.
func kind(c *Case) []schema.Finding {
	allowed := clientKinds
	if c.Participant == nil {
		allowed = railwayKinds
	}
	if k := c.Document.Kind(); !slices.Contains(allowed, k) {
		return one("A11", schema.ReasonKindNotAllowed, c.root(""), kindList(allowed), string(k))
	}
	return nil
}

// receiver: the document is meant for the railway of this participant.
func receiver(c *Case) []schema.Finding {
	expected := ""
	if c.Railway != nil {
		expected = c.Railway.Code
	}
	if actual := c.Document.Header().Receiver; expected == "" || actual != expected {
		return one("W17", schema.ReasonReceiverUnknown, c.root("/Header/Receiver"), expected, actual)
	}
	return nil
}

// environment: a test document must never become a real consignment, nor the reverse. A document
// that does not say is meant for the gateway that it was sent to.
func environment(c *Case) []schema.Finding {
	if e := c.Document.Environment(); e != "" && e != c.Environment {
		return one("W17", schema.ReasonEnvironmentDiffers, c.root("/@Environment"), c.Environment, e)
	}
	return nil
}

// organisation: the participant may act for it, and it is the one that the register knows under
// this key. КПП is that of a branch and may differ.
func organisation(c *Case) []schema.Finding {
	path, given := c.root("/Header/Organisation"), c.Document.Header().Organisation
	if c.Organisation == nil {
		expected := ""
		if c.Participant != nil {
			expected = c.Participant.Code
		}
		return one("A11", schema.ReasonOrganisationNotAllowed, path, expected, given.Key())
	}
	var found []schema.Finding
	differs := func(attribute, registered, actual string) {
		if registered != "" && actual != "" && registered != actual {
			found = append(found, finding("A11", schema.ReasonOrganisationNotAllowed,
				path+"/@"+attribute, registered, actual))
		}
	}
	differs("inn", c.Organisation.INN, given.INN)
	differs("ogrn", c.Organisation.OGRN, given.OGRN)
	differs("edrpou", c.Organisation.EDRPOU, given.EDRPOU)
	return found
}

// certificateOrganisation: the certificate is the organisation's. Where it names an organisation it
// must be this one. Where it names none (a person's certificate, or a corporate one without
// numbers), something registered has to bind it: the certificate itself, or a power of attorney of
// its holder that is in force.
func certificateOrganisation(c *Case) []schema.Finding {
	if c.Organisation == nil {
		return nil // said already
	}
	id, o := c.Report.Signer, c.Organisation.OrgID
	var found []schema.Finding
	bound := false
	compare := func(registered, certificate string) {
		switch {
		case registered == "" || certificate == "":
		case registered == certificate:
			bound = true
		default:
			found = append(found, finding("A08", schema.ReasonOrganisationDiffers,
				c.root("/Header/Organisation"), registered, certificate))
		}
	}
	compare(o.INN, id.INNLE)
	compare(o.OGRN, id.OGRN)
	compare(o.OGRN, id.OGRNIP)
	compare(o.EDRPOU, id.EDRPOU)
	// An entrepreneur's ИНН is a person's; that of an employee says nothing of the organisation.
	bound = bound || o.INN != "" && o.INN == id.INN
	if found != nil || bound || c.certificateRegistered() || c.holdsProxy() {
		return found
	}
	return one("A08", schema.ReasonOrganisationAbsent, c.root("/Header/Organisation"), o.Key(), id.Person())
}

// certificateRegistered says whether the register names the certificate under this organisation.
func (c *Case) certificateRegistered() bool {
	id := c.Report.Signer
	for _, owner := range c.Organisation.Certificates {
		if register.SameCertificate(owner.CertificateRef, id) {
			return true
		}
	}
	for _, s := range c.Organisation.Signatories {
		if register.SameCertificate(s.Certificate, id) {
			return true
		}
	}
	return c.Staff != nil && c.Staff.Registers(id)
}

// holdsProxy says whether the signer holds a power of attorney of the organisation at the moment.
func (c *Case) holdsProxy() bool {
	if c.Staff == nil {
		return false
	}
	today := c.day(c.Moment)
	s := c.signer()
	for _, p := range c.Staff.ProxiesOf(s.id, c.Report.Signer) {
		if s.is(p.Holder, p.Certificate) == same && today.Within(p.From, p.To) && !withdrawn(p, today) {
			return true
		}
	}
	return false
}

// agreedKind: there is an agreement at the moment, and it covers documents of this kind.
func agreedKind(c *Case) []schema.Finding {
	if c.Organisation == nil || c.form() == "" {
		return nil // said already, or by the workflow
	}
	return c.agreed(c.Organisation.Agreement, c.form())
}

// agreed says what keeps documents of the kind from being exchanged under the agreement at the
// moment.
func (c *Case) agreed(a register.Agreement, kind schema.Kind) []schema.Finding {
	if c.day(c.Moment).Within(a.From, a.To) && slices.Contains(a.Covers, kind) {
		return nil
	}
	expected := strings.TrimSpace(a.Number + " " + term(a.From, a.To) + ": " + kindList(a.Covers))
	return one("W17", schema.ReasonKindNotAgreed, c.root(""), expected, string(kind))
}

// agreement: the agreement provides that placement is signed electronically (288 п. 1.4).
func agreement(c *Case) []schema.Finding {
	if c.Organisation == nil || c.Organisation.Agreement.Number == "" {
		return one("L06", schema.ReasonNoAgreement, c.root("/Header/Organisation"),
			c.Document.Header().Organisation.Key(), "")
	}
	a := c.Organisation.Agreement
	var found []schema.Finding
	if today := c.day(c.Moment); !today.Within(a.From, a.To) {
		found = append(found, finding("L06", schema.ReasonAgreementNotInForce, c.root("/Header/Organisation"),
			term(a.From, a.To), today.String()))
	}
	switch {
	case a.Placement == register.PlacementByHand:
		found = append(found, finding("L06", schema.ReasonPlacementByHand, c.root(""),
			register.PlacementByHand, string(c.Document.Kind())))
	case !slices.Contains(a.Covers, c.Document.Kind()):
		found = append(found, finding("L06", schema.ReasonNotCovered, c.root(""),
			kindList(a.Covers), string(c.Document.Kind())))
	}
	return found
}
