package register

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"asugate/calendar"
	"asugate/schema"
	"asugate/signature"
)

// Directory is the register of participants at one version: immutable, compiled, shared.
type Directory struct {
	Version      int
	Imported     time.Time
	By           string                  // who imported it
	Railways     map[string]*Railway     // by code
	Participants map[string]*Participant // by code

	policy             string
	clientCertificates map[string]string // SHA-256 of DER, hex → code of the participant
	addressees         map[identifier][]addressee
}

// Railway is a railway at whose edge we stand, and whose signed messages we take.
type Railway struct {
	Code    string
	Profile string // rzd | uz
	Zone    *time.Location
	Trust   *signature.Trust
	Rules   *signature.Rules // how strictly its signatures are judged

	// Of the memos and acts that it sends.
	Consent   string // ours | railway: who says that silence is consent
	Guard     Guard
	Numbering []Numbering // by station; see NumberingOf
}

// Country is where the railway is, by two letters: whose working days are worked there.
func (r *Railway) Country() string {
	if r.Profile == "uz" {
		return calendar.Ukraine
	}
	return calendar.Russia
}

// Guard is what becomes of a memo on removal whose supply is not known as signed, and of an act on the
// end of a delay without one on its start (1166/р 2.9.4, 3.10).
type Guard struct {
	Wait   time.Duration // for the missing one, before the document is decided
	Refuse bool          // then; else it goes to the client with a warning
	Since  schema.Date   // wagons supplied before are exempt; zero: none is
}

// The scopes in which a number is unique within a year (Д-720у п. 2).
const (
	ScopeStation = "station" // сквозная по всей станции
	ScopeRange   = "range"   // выделенные диапазоны приемосдатчиков, рабочих мест
	ScopeSiding  = "siding"  // по каждому подъездному пути, месту погрузки или выгрузки
)

// Numbering is how the memos and acts of a station are numbered.
type Numbering struct {
	Station string // ЕСР; empty: all others
	Scope   string
	Ranges  []NumberRange
}

// NumberRange is the range of one worker or workplace.
type NumberRange struct {
	Workplace string
	From, To  int
}

// Participant is a channel: credentials, quotas, and the organisations it may act for.
type Participant struct {
	Code               string
	Railway            string  // code
	Language           string  // ru | uk | en
	Push               string  // URL; empty: the client polls
	AlwaysOK           bool    // HTTP 200 for every ЭСИД
	Rate               float64 // documents a second; 0: the default
	Burst              int
	OutboxLimit        int
	ClientCertificates []string // SHA-256 of DER, hex
	Trust              *signature.Trust
	Rules              *signature.Rules // how strictly signatures of its people are judged
	Seal               Seal
	Organisations      []*Organisation
}

// The two ways in which we sign what a participant gets.
const (
	SealXMLDSig = "xmldsig" // inside the document
	SealCMS     = "cms"     // detached, beside it
)

// Seal is how we sign what the participant gets.
type Seal struct {
	Container string // xmldsig | cms
	Key       string // name of a signing key of the installation; empty: its first
}

// Organisation by the key of its OrgID, nil when the participant may not act for it.
func (p *Participant) Organisation(key string) *Organisation {
	for _, o := range p.Organisations {
		if o.Key() == key {
			return o
		}
	}
	return nil
}

// Organisation is a consignor or consignee with all that lets its people sign.
type Organisation struct {
	schema.OrgID
	Name         string
	Agreement    Agreement
	Signatories  []Signatory
	Certificates []CertificateOwner
}

// The two ways in which the placement of cargo may be signed for under an agreement (288 п. 1.4).
const (
	PlacementSigned = "signed"  // ЭД №2 with an electronic signature
	PlacementByHand = "by-hand" // on the wagon list, with a pen: no ЭД №2 is expected
)

// Agreement is the contract on electronic exchange («договор», 288 п. 1.4).
type Agreement struct {
	Number    string
	From, To  schema.Date
	Covers    []schema.Kind
	Placement string // signed | by-hand
	Norms     NormSwitches

	// AcceptMisprints lets texts repeat the misprints of 288, «Отравитель» and «закрашен».
	AcceptMisprints bool

	// Of memos and acts: how long the client may take for his answer («Соглашение об ЭОД»), when he is
	// reminded, counted back from the end of the term, and what the contract says of places.
	Terms     map[schema.Kind]calendar.Term
	Reminders []time.Duration // longest first
	Places    []Place
}

// Place is a место подачи as the contract has it (Д-720у 3.6).
type Place struct {
	Name       string
	Relocation time.Duration // время на перестановку of the next group of wagons
}

// Signatory is a worker registered under the agreement to sign documents of some kinds.
type Signatory struct {
	schema.Person
	Certificate schema.CertificateRef // optional
	Kinds       []schema.Kind
	From, To    schema.Date // inclusive; zero: open
}

// CertificateOwner binds a certificate to organisation and person where the certificate itself
// does not say.
type CertificateOwner struct {
	schema.CertificateRef
	Person schema.Person
}

// Policy is the hex SHA-256 of the switches of all agreements, what each covers, how placement is
// signed, its terms and places, of what the railways say of their memos and acts, and of the rules by
// which signatures are judged. It changes with a switch and with
// nothing else, so that two verdicts can be compared.
func (d *Directory) Policy() string { return d.policy }

// policyOf hashes one line for each organisation of each participant, and one for each party whose
// rules are not the strict default.
func policyOf(d *Directory) string {
	var lines []string
	rules := func(code string, r *signature.Rules) {
		if text := rulesText(r); text != "" {
			lines = append(lines, fmt.Sprintf("%s rules=%s\n", code, text))
		}
	}
	for code, r := range d.Railways {
		rules(code, r.Rules)
		if text := carrierText(r); text != "" {
			lines = append(lines, fmt.Sprintf("%s %s\n", code, text))
		}
	}
	for code, p := range d.Participants {
		rules(code, p.Rules)
	}
	for _, code := range slices.Sorted(maps.Keys(d.Participants)) {
		for _, o := range d.Participants[code].Organisations {
			covers := make([]string, 0, len(o.Agreement.Covers))
			for _, kind := range o.Agreement.Covers {
				covers = append(covers, string(kind))
			}
			slices.Sort(covers)
			line := fmt.Sprintf("%s %s covers=%s placement=%s",
				code, o.Key(), strings.Join(covers, ","), o.Agreement.Placement)
			if strict := o.Agreement.Norms.String(); strict != "" {
				line += " norms=" + strict
			}
			if o.Agreement.AcceptMisprints {
				line += " misprints=accepted"
			}
			line += termsText(&o.Agreement)
			lines = append(lines, line+"\n")
		}
	}
	slices.Sort(lines)
	digest := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(digest[:])
}
