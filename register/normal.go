package register

import (
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"asugate/schema"
	"asugate/signature"
)

// profile is what a railway's profile implies where the file does not say.
type profile struct{ zone, language text }

var profiles = map[text]profile{
	"rzd": {"Europe/Moscow", "ru"},
	"uz":  {"Europe/Kyiv", "uk"},
}

// fileLimit and certificateFileLimit bound what an import reads, in bytes.
const (
	fileLimit            = 16 << 20
	certificateFileLimit = 1 << 20
)

// readParticipants reads a file and brings it to its normal form: certificates inside, defaults
// filled in, numbers without their punctuation. Certificates given as paths are read relative to
// dir; an empty dir allows none.
func readParticipants(file []byte, dir string) (*participantsFile, error) {
	return readParticipantsBy(&checker{}, file, dir)
}

func readParticipantsBy(c *checker, file []byte, dir string) (*participantsFile, error) {
	if len(file) > fileLimit {
		return nil, &FileError{[]Problem{{Text: fmt.Sprintf("more than %d bytes", fileLimit)}}}
	}
	f := &participantsFile{}
	doc, err := readYAML(file, f)
	if err != nil {
		return nil, err
	}
	c.doc = doc
	n := normalizer{checker: c, dir: dir}
	n.normalize(f)
	c.check(f)
	if err := c.err(); err != nil {
		return nil, err
	}
	return f, nil
}

// normalizer brings a file to its normal form, in place.
type normalizer struct {
	*checker
	dir string
}

func (n *normalizer) normalize(f *participantsFile) {
	fillDefaults(f)
	railways := map[text]profile{}
	for i := range f.Railways {
		r := &f.Railways[i]
		setDefault(&r.Zone, profiles[r.Profile].zone)
		r.Trust = n.trust(fmt.Sprintf("railways[%d].trust", i), r.Trust)
		normalizeSpan(&r.Guard.Wait)
		normalizeNumbering(r.Numbering)
		railways[r.Code] = profiles[r.Profile]
	}
	for i := range f.Participants {
		p := &f.Participants[i]
		if len(f.Railways) == 1 {
			setDefault(&p.Railway, f.Railways[0].Code)
		}
		setDefault(&p.Language, railways[p.Railway].language)
		for j, fingerprint := range p.ClientCertificates {
			p.ClientCertificates[j] = text(strings.ToLower(without(string(fingerprint), ": ")))
		}
		p.Trust = n.trust(fmt.Sprintf("participants[%d].trust", i), p.Trust)
		for j := range p.Organisations {
			normalizeOrganisation(&p.Organisations[j])
		}
	}
}

func normalizeOrganisation(o *organisationEntry) {
	o.Name = tidy(o.Name)
	setDefault(&o.Agreement.Placement, PlacementSigned)
	normalizeTerms(&o.Agreement)
	for i := range o.Signatories {
		s := &o.Signatories[i]
		normalizePerson(&s.Name, &s.Post, &s.SNILS)
		if s.Certificate != nil {
			normalizeCertificate(&s.Certificate.Issuer, &s.Certificate.Serial)
		}
	}
	for i := range o.Certificates {
		e := &o.Certificates[i]
		normalizePerson(&e.Person.Name, &e.Person.Post, &e.Person.SNILS)
		normalizeCertificate(&e.Issuer, &e.Serial)
	}
}

func normalizePerson(name, post, snils *text) {
	*name, *post = tidy(*name), tidy(*post)
	// 112-233-445 95 is how СНИЛС is printed; documents and certificates carry the digits.
	*snils = text(without(string(*snils), "- "))
}

// normalizeCertificate writes a serial number as signature.Identity does. Tools print it with
// colons, in either case, and with a leading zero where the first bit is set.
func normalizeCertificate(issuer, serial *text) {
	*issuer = text(strings.TrimSpace(string(*issuer)))
	*serial = text(normalSerial(string(*serial)))
}

func normalSerial(s string) string {
	s = strings.ToUpper(without(s, ": "))
	if stripped := strings.TrimLeft(s, "0"); stripped != "" || s == "" {
		return stripped
	}
	return "0"
}

func setDefault(s *text, value text) {
	if *s == "" {
		*s = value
	}
}

func tidy(s text) text { return text(strings.Join(strings.Fields(string(s)), " ")) }

// without drops the characters of set.
func without(s, set string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(set, r) {
			return -1
		}
		return r
	}, s)
}

// trust brings certificates into the file, one PEM block each, none of them twice.
func (n *normalizer) trust(path string, entries []text) []text {
	var blocks []text
	for i, entry := range entries {
		at := fmt.Sprintf("%s[%d]", path, i)
		content := []byte(entry)
		if !strings.Contains(string(entry), "-----BEGIN ") {
			var fault string
			if content, fault = n.readCertificates(string(entry)); fault != "" {
				n.problem(at, "%s", fault)
				continue
			}
		}
		if strings.Contains(string(content), "PRIVATE KEY-----") {
			n.problem(at, "there is a private key here: it belongs nowhere but with its owner")
			continue
		}
		certificates, err := signature.ParseCertificates(content)
		if err != nil || len(certificates) == 0 {
			n.problem(at, "there is no certificate that can be read: %v", err)
			continue
		}
		for _, c := range certificates {
			block := text(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
			if !slices.Contains(blocks, block) {
				blocks = append(blocks, block)
			}
		}
	}
	if blocks == nil {
		return entries // what is wrong with them has been said
	}
	return blocks
}

// readCertificates reads a file of certificates; fault says why not.
func (n *normalizer) readCertificates(name string) (content []byte, fault string) {
	if n.dir == "" {
		return nil, "certificates stand inside the file here, not in files beside it"
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(n.dir, name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err.Error()
	}
	defer f.Close()
	content, err = io.ReadAll(io.LimitReader(f, certificateFileLimit+1))
	if err != nil {
		return nil, err.Error()
	}
	if len(content) > certificateFileLimit {
		return nil, fmt.Sprintf("%s has more than %d bytes", name, certificateFileLimit)
	}
	return content, ""
}

func (o organisationEntry) id() schema.OrgID {
	return schema.OrgID{
		INN: string(o.INN), KPP: string(o.KPP), OKPO: string(o.OKPO),
		OGRN: string(o.OGRN), EDRPOU: string(o.EDRPOU),
	}
}

func (s signatoryEntry) person() schema.Person {
	return personEntry{s.Name, s.Post, s.SNILS, s.INN, s.RNOKPP}.person()
}

func (p personEntry) id() schema.PersonID {
	return schema.PersonID{SNILS: string(p.SNILS), INN: string(p.INN), RNOKPP: string(p.RNOKPP)}
}

func (p personEntry) person() schema.Person {
	return schema.Person{Name: string(p.Name), Post: string(p.Post), PersonID: p.id()}
}
