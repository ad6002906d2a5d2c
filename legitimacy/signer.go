package legitimacy

import (
	"cmp"
	"slices"

	"asugate/register"
	"asugate/schema"
)

// match is how two persons compare.
type match uint8

const (
	unknown   match = iota // nothing that binds stands on both sides
	same                   // a number or a registered certificate is the same
	different              // a number of the same sort differs, whatever else agrees
)

// compareIDs compares by what binds a person: СНИЛС, ИНН, РНОКПП.
func compareIDs(a, b schema.PersonID) match {
	result := unknown
	for _, pair := range [][2]string{{a.SNILS, b.SNILS}, {a.INN, b.INN}, {a.RNOKPP, b.RNOKPP}} {
		switch {
		case pair[0] == "" || pair[1] == "":
		case pair[0] != pair[1]:
			return different
		default:
			result = same
		}
	}
	return result
}

// sameName is schema.SamePerson, with the answer at hand where both are written alike, as most are.
func sameName(a, b string) bool { return a == b && a != "" || schema.SamePerson(a, b) }

// completed has the numbers of a, and those of b that a lacks.
func completed(a, b schema.PersonID) schema.PersonID {
	return schema.PersonID{
		SNILS: cmp.Or(a.SNILS, b.SNILS), INN: cmp.Or(a.INN, b.INN), RNOKPP: cmp.Or(a.RNOKPP, b.RNOKPP),
	}
}

// signer is who holds the certificate, by what it says itself and by what is registered of it.
type signer struct {
	c     *Case
	id    schema.PersonID
	name  string
	owner bool // the register says whose the certificate is
}

func (c *Case) signer() signer {
	i := c.Report.Signer
	s := signer{c: c, name: i.Person(), id: schema.PersonID{SNILS: i.SNILS, INN: i.INN, RNOKPP: i.RNOKPP}}
	if c.Organisation == nil {
		return s
	}
	for _, o := range c.Organisation.Certificates {
		if register.SameCertificate(o.CertificateRef, i) {
			s.owner = true
			s.name = o.Person.Name
			s.id = completed(s.id, o.Person.PersonID)
		}
	}
	return s
}

// is says whether the signer is the person, for whom these certificates are registered. The name
// alone binds nobody, except to a certificate whose owner the register names.
func (s signer) is(p schema.Person, certificates ...schema.CertificateRef) match {
	for _, r := range certificates {
		if register.SameCertificate(r, s.c.Report.Signer) {
			return same
		}
	}
	if m := compareIDs(s.id, p.PersonID); m != unknown || !s.owner {
		return m
	}
	if sameName(s.name, p.Name) {
		return same
	}
	return different
}

// against shows two persons who differ: by name, or where the names agree by the numbers, of which
// no more is shown than tells them apart.
func against(expected, actual schema.Person) (string, string) {
	if !sameName(expected.Name, actual.Name) {
		return expected.Name, actual.Name
	}
	return withNumber(expected), withNumber(actual)
}

func withNumber(p schema.Person) string {
	number := cmp.Or(p.SNILS, p.INN, p.RNOKPP)
	if len(number) < 8 {
		return p.Name
	}
	return p.Name + " (" + number[:3] + "…" + number[len(number)-4:] + ")"
}

func (s signer) person() schema.Person { return schema.Person{Name: s.name, PersonID: s.id} }

// registered are the signatories of the organisation whom the certificate shows to have signed.
func (c *Case) registered() []register.Signatory {
	if c.Organisation == nil {
		return nil
	}
	s := c.signer()
	return slices.DeleteFunc(slices.Clone(c.Organisation.Signatories), func(r register.Signatory) bool {
		return s.is(r.Person, r.Certificate) != same
	})
}

// signatory: the signer is registered under the agreement for this kind of document, and the
// registration is in force at the moment.
func signatory(c *Case) []schema.Finding {
	if c.Organisation == nil || c.form() == "" {
		return nil // said already, or by the workflow
	}
	path := c.root("/Signatory")
	if c.Document.Kind() == schema.KindPaperSwitch {
		path = c.root("/Person")
	}
	forKind := slices.DeleteFunc(c.registered(), func(r register.Signatory) bool {
		return !slices.Contains(r.Kinds, c.form())
	})
	if len(forKind) == 0 {
		return one("A11", schema.ReasonSignerNotRegistered, path, "", c.signer().name)
	}
	today := c.day(c.Moment)
	for _, r := range forKind {
		if today.Within(r.From, r.To) {
			return nil
		}
	}
	last := forKind[len(forKind)-1]
	return one("A11", schema.ReasonSignerNotInForce, path, term(last.From, last.To), today.String())
}

// namedSignatory: the person named in ЭД №1, or in an answer, as its signatory is the one who
// signed it.
func namedSignatory(c *Case) []schema.Finding {
	registered := c.registered()
	if len(registered) == 0 {
		return nil // said already
	}
	s, named := c.signer(), c.named()
	confirmed := sameName(s.name, named.Name)
	for _, r := range registered {
		confirmed = confirmed || sameName(r.Name, named.Name)
		s.id = completed(s.id, r.PersonID)
	}
	if confirmed && compareIDs(s.id, named.PersonID) != different {
		return nil
	}
	expected, actual := against(s.person(), named)
	f := finding("D03", schema.ReasonDeclaredDiffers, c.root("/Signatory"), expected, actual)
	f.Clause = "288 п. 1.5"
	return []schema.Finding{f}
}

// named is the signatory whom an ЭД №1 or an answer names.
func (c *Case) named() schema.Person {
	if a := c.Document.Answer(); a != nil {
		return a.Signatory
	}
	return c.Document.Waybill().Signatory
}
