package register

import (
	"cmp"
	"fmt"
	"math"
	"net"
	"net/url"
	"regexp"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"asugate/schema"
	"asugate/schema/checkdigit"
)

// checker collects everything that is wrong with a file of participants.
type checker struct {
	doc      yamlDocument
	extract  bool // of one sender, which may be a railway
	problems []Problem
}

func (c *checker) problem(path, format string, args ...any) {
	p := Problem{Path: path, Text: fmt.Sprintf(format, args...)}
	p.Line, p.Column = c.doc.place(path)
	c.problems = append(c.problems, p)
}

// err is nil when nothing is wrong.
func (c *checker) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &FileError{c.problems}
}

// codePattern is that of participants and railways (contracts.md, «Participants»).
var codePattern = regexp.MustCompile(`^[A-Z0-9-]{1,32}$`)

// check looks at a file whose defaults have been filled in.
func (c *checker) check(f *participantsFile) {
	if len(f.Railways) == 0 {
		c.problem("railways", "no railway is named: whose messages are taken, and in which zone?")
	}
	if len(f.Participants) == 0 && !c.extract {
		c.problem("participants", "no participant is named: everybody would be refused")
	}
	c.policy("policy", f.Policy, policyEntry{})
	codes := map[text]string{}
	for i, r := range f.Railways {
		path := fmt.Sprintf("railways[%d]", i)
		c.code(path, r.Code, codes)
		c.railway(path, r)
		c.policy(path+".policy", r.Policy, f.Policy)
	}
	railways := map[text]bool{}
	for _, r := range f.Railways {
		railways[r.Code] = true
	}
	certificates := map[text]text{}
	for i, p := range f.Participants {
		path := fmt.Sprintf("participants[%d]", i)
		c.code(path, p.Code, codes)
		if !railways[p.Railway] {
			c.problem(path+".railway", "there is no railway %q in this file", p.Railway)
		}
		c.participant(path, p)
		c.policy(path+".policy", p.Policy, f.Policy)
		c.seal(path+".seal", p.Seal)
		for j, fingerprint := range p.ClientCertificates {
			at := fmt.Sprintf("%s.client_certificates[%d]", path, j)
			if !isHex(string(fingerprint), 64) {
				c.problem(at, "the SHA-256 of a certificate is 64 hexadecimal digits")
			} else if other, taken := certificates[fingerprint]; taken {
				c.problem(at, "this certificate is named already, by participant %s", other)
			}
			certificates[fingerprint] = p.Code
		}
	}
}

// code checks a code and that nobody else has it: a Sender names one party only.
func (c *checker) code(path string, code text, taken map[text]string) {
	if !codePattern.MatchString(string(code)) {
		c.problem(path+".code", "code %q is not 1 to 32 of A-Z, 0-9 and hyphen", bounded(string(code)))
		return
	}
	if other := taken[code]; other != "" {
		c.problem(path+".code", "code %s is taken by %s", code, other)
		return
	}
	taken[code] = path
}

func (c *checker) railway(path string, r railwayEntry) {
	if _, ok := profiles[r.Profile]; !ok {
		c.problem(path+".profile", "profile %q is not rzd or uz", bounded(string(r.Profile)))
	}
	if _, err := loadZone(r.Zone); err != nil {
		c.problem(path+".zone", "time zone %q is not known", bounded(string(r.Zone)))
	}
	if len(r.Trust) == 0 {
		c.problem(path+".trust", "no trusted certificate: no message of the railway could be verified")
	}
	c.oneOf(path+".consent", r.Consent, []string{ConsentOurs, ConsentRailway})
	c.guard(path+".guard", r.Guard)
	c.numbering(path+".numbering", r.Numbering)
}

func (c *checker) participant(path string, p participantEntry) {
	c.oneOf(path+".language", p.Language, schema.Languages())
	if p.Push != "" {
		if fault := pushFault(string(p.Push)); fault != "" {
			c.problem(path+".push", "%s", fault)
		}
	}
	if p.Rate < 0 || p.Rate > 1e6 || math.IsNaN(p.Rate) {
		c.problem(path+".rate", "a rate is 0 (the default) to 1000000 documents a second")
	}
	if len(p.Trust) == 0 {
		c.problem(path+".trust", "no trusted certificate: no document could be verified")
	}
	if len(p.Organisations) == 0 {
		c.problem(path+".organisations", "no organisation: the participant could act for nobody")
	}
	keys := map[string]bool{}
	for i, o := range p.Organisations {
		at := fmt.Sprintf("%s.organisations[%d]", path, i)
		c.organisation(at, o)
		if key := o.id().Key(); key != "" && keys[key] {
			c.problem(at, "organisation %s is there twice", key)
		} else {
			keys[key] = true
		}
	}
}

// pushFault says why we do not push to a URL. Acknowledgments carry names of people, so they
// leave this machine under TLS only.
func pushFault(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return "a push URL is https://host/path"
	case u.User != nil:
		return "a push URL carries no credentials"
	case u.Fragment != "":
		return "a push URL has no fragment"
	case u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname()):
		return ""
	}
	return "a push URL is https; http only to this machine"
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (c *checker) organisation(path string, o organisationEntry) {
	c.name(path+".name", o.Name)
	id := o.id()
	if id.Key() == "" {
		c.problem(path, "an organisation is identified by inn, edrpou or okpo: none is given")
	}
	c.digits(path+".inn", id.INN, checkdigit.INN, 10, 12)
	c.digits(path+".okpo", id.OKPO, checkdigit.OKPO, 8, 10)
	c.digits(path+".ogrn", id.OGRN, isOGRN, 13, 15)
	c.digits(path+".edrpou", id.EDRPOU, checkdigit.EDRPOU, 8)
	if id.KPP != "" && !kppPattern.MatchString(id.KPP) {
		c.problem(path+".kpp", "КПП %q is not 9 characters like 770801001", bounded(id.KPP))
	}
	c.agreement(path+".agreement", o.Agreement)
	for i, s := range o.Signatories {
		c.signatory(fmt.Sprintf("%s.signatories[%d]", path, i), s)
	}
	owned := map[certificateName]bool{}
	for i, e := range o.Certificates {
		at := fmt.Sprintf("%s.certificates[%d]", path, i)
		name := certificateName{e.Issuer, e.Serial}
		c.certificate(at, name)
		c.person(at+".person", e.Person)
		if owned[name] {
			c.problem(at, "this certificate is there twice")
		}
		owned[name] = true
	}
}

var kppPattern = regexp.MustCompile(`^[0-9]{4}[0-9A-Z]{2}[0-9]{3}$`)

// isOGRN takes the ОГРНИП of an entrepreneur too.
func isOGRN(s string) bool { return checkdigit.OGRN(s) || checkdigit.OGRNIP(s) }

// coveredKinds are those that an agreement may cover: what clients send, and what they answer.
var coveredKinds = []string{
	string(schema.KindWaybill), string(schema.KindPlacement), string(schema.KindPaperSwitch),
	string(schema.KindMemo), string(schema.KindAct),
}

// signedKinds are those for which a signatory is registered. ЭД №2 is signed by the performer, who
// stands in the staff list with the right to sign. Who may sign the answers to memos, consent and
// rejection alike, is registered for Memo, and to acts for Act.
var signedKinds = []string{
	string(schema.KindWaybill), string(schema.KindPaperSwitch), string(schema.KindMemo), string(schema.KindAct),
}

func (c *checker) agreement(path string, a agreementEntry) {
	if a.Number == "" {
		c.problem(path+".number", "the number of the agreement is missing")
	}
	c.longText(path+".number", a.Number, 64)
	if a.From == "" {
		c.problem(path+".from", "the first day of the agreement is missing")
	}
	c.period(path, a.From, a.To)
	c.kinds(path+".covers", a.Covers, coveredKinds)
	c.oneOf(path+".placement", a.Placement, []string{PlacementSigned, PlacementByHand})
	c.normSwitches(path+".norms", a.Norms)
	c.agreementTerms(path, a)
	if a.Placement == PlacementByHand && slices.Contains(a.Covers, text(schema.KindPlacement)) {
		c.problem(path+".placement", "placement by hand expects no Placement, which covers names")
	}
}

func (c *checker) signatory(path string, s signatoryEntry) {
	c.person(path, personEntry{s.Name, s.Post, s.SNILS, s.INN, s.RNOKPP})
	c.kinds(path+".kinds", s.Kinds, signedKinds)
	c.period(path, s.From, s.To)
	if s.Certificate != nil {
		c.certificate(path+".certificate", *s.Certificate)
	} else if s.person().PersonID.IsZero() {
		c.problem(path, "nothing binds this person to a certificate: give snils, inn, rnokpp or certificate")
	}
}

func (c *checker) person(path string, p personEntry) {
	c.name(path+".name", p.Name)
	if p.Post != "" {
		c.name(path+".post", p.Post)
	}
	c.digits(path+".snils", string(p.SNILS), checkdigit.SNILS, 11)
	c.digits(path+".inn", string(p.INN), checkdigit.INN, 12)
	c.digits(path+".rnokpp", string(p.RNOKPP), checkdigit.RNOKPP, 10)
}

func (c *checker) certificate(path string, n certificateName) {
	if n.Issuer == "" || len(n.Issuer) > 1000 {
		c.problem(path+".issuer", "the issuer is written as in RFC 2253, at most 1000 bytes")
	}
	if n.Serial == "" || !isHex(string(n.Serial), len(n.Serial)) || len(n.Serial) > 64 {
		c.problem(path+".serial", "the serial number is written in hexadecimal, at most 64 digits")
	}
}

// name is a line of 1 to 255 characters, as the schema of documents has it.
func (c *checker) name(path string, s text) {
	if s == "" {
		c.problem(path, "a name is missing")
	}
	c.longText(path, s, 255)
}

func (c *checker) longText(path string, s text, limit int) {
	if n := utf8.RuneCountInString(string(s)); n > limit {
		c.problem(path, "%d characters are too many: at most %d", n, limit)
	}
	for _, r := range string(s) {
		if unicode.IsControl(r) || r == utf8.RuneError {
			c.problem(path, "a control character is not allowed here")
			return
		}
	}
}

// digits checks an identifier that is there: its length first, since that is the likelier mistake.
func (c *checker) digits(path, s string, valid func(string) bool, lengths ...int) {
	switch {
	case s == "" || valid(s):
	case !slices.Contains(lengths, len(s)) || !isDecimal(s):
		c.problem(path, "%q has not the length or the digits of such a number", bounded(s))
	default:
		c.problem(path, "the check digit of %s is wrong", s)
	}
}

func (c *checker) kinds(path string, kinds []text, allowed []string) {
	if len(kinds) == 0 {
		c.problem(path, "no kind of document is named")
	}
	for i, k := range kinds {
		at := fmt.Sprintf("%s[%d]", path, i)
		c.oneOf(at, k, allowed)
		if slices.Contains(kinds[:i], k) {
			c.problem(at, "%s is there twice", k)
		}
	}
}

func (c *checker) oneOf(path string, s text, allowed []string) {
	if !slices.Contains(allowed, string(s)) {
		c.problem(path, "%q is not one of %v", bounded(string(s)), allowed)
	}
}

func (c *checker) period(path string, from, to text) {
	first, err := dateOf(from)
	if err != nil {
		c.problem(path+".from", "a day is written 2026-01-31")
	}
	last, err := dateOf(to)
	if err != nil {
		c.problem(path+".to", "a day is written 2026-01-31")
	}
	if !last.IsZero() && last.Before(first) {
		c.problem(path+".to", "the last day is before the first")
	}
}

// dateOf reads a day; empty is none.
func dateOf(s text) (schema.Date, error) {
	if s == "" {
		return schema.Date{}, nil
	}
	if len(s) != len("2006-01-02") {
		return schema.Date{}, schema.ErrNotDate
	}
	return schema.ParseDate(string(s))
}

// loadZone refuses the names that would mean another place on another machine.
func loadZone(name text) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fmt.Errorf("time zone %q has no fixed meaning", name)
	}
	return time.LoadLocation(string(name))
}

func isDecimal(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func isHex(s string, length int) bool {
	for i := range len(s) {
		c := s[i]
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
			return false
		}
	}
	return len(s) == length && length > 0
}
