package scene

import (
	"fmt"
	"time"

	"asugate/internal/pki"
	"asugate/signature"
)

// The organisations of the scene.
const (
	ShipperINN = "7707083893"
	RailINN    = "7708503727"
)

// Persona is a person with a certificate.
type Persona struct {
	Name  string
	Post  string
	SNILS string
	pki.Credential
}

// Scene is one railway and one shipper with its people.
type Scene struct {
	Now time.Time

	Root    *pki.Authority // of the shipper's people
	Foreign *pki.Authority // trusted by nobody
	Rail    *pki.Authority // of the railway

	Signatory *Persona // signs ЭД №1
	Performer *Persona // in the staff list, may sign ЭД №2
	Deputy    *Persona // not in the list, signs ЭД №2 by power of attorney
	Dismissed *Persona // was in the list until last month
	Unlisted  *Persona // never was
	Helper    *Persona // in the list, without the right to sign
	Elsewhere *Persona // in the list, for another station
	Expired   *Persona // the signatory's certificate of last year
	Revoked   *Persona // the signatory's certificate that was taken back last week
	Impostor  *Persona // calls himself the signatory, certified by a foreign authority

	Office    *Persona       // signs for the railway
	Gateway   pki.Credential // signs ЭСИД
	Successor pki.Credential // will sign ЭСИД after it
}

// New makes the scene as of now; all keys are fresh.
func New(now time.Time) (*Scene, error) {
	s := &Scene{Now: now.Truncate(time.Second)}
	var err error
	if s.Root, err = pki.NewAuthority("Удостоверяющий центр грузоотправителей (пример)", now); err != nil {
		return nil, err
	}
	if s.Foreign, err = pki.NewAuthority("Чужой удостоверяющий центр", now); err != nil {
		return nil, err
	}
	if s.Rail, err = pki.NewAuthority("Удостоверяющий центр дороги (пример)", now); err != nil {
		return nil, err
	}
	people := []struct {
		to                **Persona
		name, post, snils string
		issuer            *pki.Authority
		from, until       time.Time
	}{
		{&s.Signatory, "Петрова Анна Олеговна", "товаровед", "11223344595", s.Root, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)},
		{&s.Performer, "Иванов Иван Иванович", "мастер погрузки", "08765430300", s.Root, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)},
		{&s.Deputy, "Сидорова Мария Петровна", "инженер", "12345678964", s.Root, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)},
		{&s.Dismissed, "Орлов Олег Олегович", "мастер погрузки", "23456789109", s.Root, now.AddDate(0, -6, 0), now.AddDate(1, 0, 0)},
		{&s.Unlisted, "Никитин Никита Ильич", "грузчик", "34567891211", s.Root, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)},
		{&s.Helper, "Егоров Егор Егорович", "бригадир", "45678912345", s.Root, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)},
		{&s.Elsewhere, "Волков Роман Ильич", "мастер погрузки", "56789123456", s.Root, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)},
		{&s.Expired, "Петрова Анна Олеговна", "товаровед", "11223344595", s.Root, now.AddDate(-1, -1, 0), now.AddDate(0, -1, 0)},
		{&s.Revoked, "Петрова Анна Олеговна", "товаровед", "11223344595", s.Root, now.AddDate(0, -2, 0), now.AddDate(1, 0, 0)},
		{&s.Impostor, "Петрова Анна Олеговна", "товаровед", "11223344595", s.Foreign, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)},
		{&s.Office, "Служба коммерческой работы", "технолог", "67891234567", s.Rail, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)},
	}
	for _, p := range people {
		c, err := p.issuer.Issue(pki.Request{
			Subject: pki.Subject{
				CommonName: p.name, Title: p.post, SNILS: checked(p.snils),
				Organisation: "ООО «Лесоторговый дом»", INNLE: ShipperINN,
			},
			NotBefore: p.from, NotAfter: p.until,
		})
		if err != nil {
			return nil, fmt.Errorf("certifying %s: %w", p.name, err)
		}
		*p.to = &Persona{Name: p.name, Post: p.post, SNILS: checked(p.snils), Credential: c}
	}
	for to, name := range map[*pki.Credential]string{&s.Gateway: "gatewayd", &s.Successor: "gatewayd, следующий ключ"} {
		*to, err = s.Rail.Issue(pki.Request{
			Subject:   pki.Subject{CommonName: name, Organisation: "ОАО «РЖД»", INNLE: RailINN},
			NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(1, 0, 0),
		})
		if err != nil {
			return nil, fmt.Errorf("certifying the gateway: %w", err)
		}
	}
	return s, nil
}

// checked is a СНИЛС with its control number put right.
func checked(snils string) string {
	sum := 0
	for i := range 9 {
		sum += int(snils[i]-'0') * (9 - i)
	}
	if sum > 101 {
		sum %= 101
	}
	if sum >= 100 {
		sum = 0
	}
	return fmt.Sprintf("%s%02d", snils[:9], sum)
}

// Sign signs a document as the persona does.
func (p *Persona) Sign(document []byte) ([]byte, error) {
	k, err := signature.NewKey(p.Key, p.Chain...)
	if err != nil {
		return nil, err
	}
	return k.Sign(document)
}

// SignDetached makes a detached CMS signature over a document, as the persona does.
func (p *Persona) SignDetached(document []byte) ([]byte, error) {
	k, err := signature.NewKey(p.Key, p.Chain...)
	if err != nil {
		return nil, err
	}
	return k.SignDetached(document)
}

// MustSign is Sign for documents of our own.
func (p *Persona) MustSign(document []byte) []byte { return pki.Must(p.Sign(document)) }
