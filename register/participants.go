package register

// participantsFile is the register of participants as it is written: in YAML by the operator, in
// JSON in the store. In the store it is whole: defaults filled in, certificates inside.
type participantsFile struct {
	Policy       policyEntry        `yaml:"policy,omitzero" json:"policy,omitzero"`
	Railways     []railwayEntry     `yaml:"railways,omitempty" json:"railways"`
	Participants []participantEntry `yaml:"participants,omitempty" json:"participants"`
}

type railwayEntry struct {
	Code    text        `yaml:"code,omitempty" json:"code"`
	Profile text        `yaml:"profile,omitempty" json:"profile"`
	Zone    text        `yaml:"zone,omitempty" json:"zone"`
	Trust   []text      `yaml:"trust,omitempty" json:"trust"`
	Policy  policyEntry `yaml:"policy,omitzero" json:"policy,omitzero"`

	Consent   text             `yaml:"consent,omitempty" json:"consent,omitempty"`
	Guard     guardEntry       `yaml:"guard,omitzero" json:"guard,omitzero"`
	Numbering []numberingEntry `yaml:"numbering,omitempty" json:"numbering,omitempty"`
}

type participantEntry struct {
	Code               text                `yaml:"code,omitempty" json:"code"`
	Railway            text                `yaml:"railway,omitempty" json:"railway"`
	Language           text                `yaml:"language,omitempty" json:"language"`
	Push               text                `yaml:"push,omitempty" json:"push,omitempty"`
	AlwaysOK           bool                `yaml:"always_ok,omitempty" json:"always_ok,omitempty"`
	Rate               float64             `yaml:"rate,omitempty" json:"rate,omitempty"`
	Burst              whole               `yaml:"burst,omitempty" json:"burst,omitempty"`
	OutboxLimit        whole               `yaml:"outbox_limit,omitempty" json:"outbox_limit,omitempty"`
	ClientCertificates []text              `yaml:"client_certificates,omitempty" json:"client_certificates,omitempty"`
	Trust              []text              `yaml:"trust,omitempty" json:"trust"`
	Policy             policyEntry         `yaml:"policy,omitzero" json:"policy,omitzero"`
	Seal               sealEntry           `yaml:"seal,omitzero" json:"seal,omitzero"`
	Organisations      []organisationEntry `yaml:"organisations,omitempty" json:"organisations"`
}

type organisationEntry struct {
	Name         text               `yaml:"name,omitempty" json:"name"`
	INN          text               `yaml:"inn,omitempty" json:"inn,omitempty"`
	KPP          text               `yaml:"kpp,omitempty" json:"kpp,omitempty"`
	OKPO         text               `yaml:"okpo,omitempty" json:"okpo,omitempty"`
	OGRN         text               `yaml:"ogrn,omitempty" json:"ogrn,omitempty"`
	EDRPOU       text               `yaml:"edrpou,omitempty" json:"edrpou,omitempty"`
	Agreement    agreementEntry     `yaml:"agreement,omitempty" json:"agreement"`
	Signatories  []signatoryEntry   `yaml:"signatories,omitempty" json:"signatories,omitempty"`
	Certificates []certificateEntry `yaml:"certificates,omitempty" json:"certificates,omitempty"`
}

type agreementEntry struct {
	Number    text              `yaml:"number,omitempty" json:"number"`
	From      text              `yaml:"from,omitempty" json:"from"`
	To        text              `yaml:"to,omitempty" json:"to,omitempty"`
	Covers    []text            `yaml:"covers,omitempty" json:"covers"`
	Placement text              `yaml:"placement,omitempty" json:"placement"`
	Norms     normSwitchesEntry `yaml:"norms,omitempty" json:"norms,omitempty"`

	AcceptMisprints bool `yaml:"accept_misprints,omitempty" json:"accept_misprints,omitempty"`

	Terms     map[text]text `yaml:"terms,omitempty" json:"terms,omitempty"`
	Reminders []text        `yaml:"reminders,omitzero" json:"reminders,omitzero"` // empty: none are wanted
	Places    []placeEntry  `yaml:"places,omitempty" json:"places,omitempty"`
}

type signatoryEntry struct {
	Name        text             `yaml:"name,omitempty" json:"name"`
	Post        text             `yaml:"post,omitempty" json:"post,omitempty"`
	SNILS       text             `yaml:"snils,omitempty" json:"snils,omitempty"`
	INN         text             `yaml:"inn,omitempty" json:"inn,omitempty"`
	RNOKPP      text             `yaml:"rnokpp,omitempty" json:"rnokpp,omitempty"`
	Certificate *certificateName `yaml:"certificate,omitempty" json:"certificate,omitempty"`
	Kinds       []text           `yaml:"kinds,omitempty" json:"kinds"`
	From        text             `yaml:"from,omitempty" json:"from,omitempty"`
	To          text             `yaml:"to,omitempty" json:"to,omitempty"`
}

type certificateName struct {
	Issuer text `yaml:"issuer,omitempty" json:"issuer"`
	Serial text `yaml:"serial,omitempty" json:"serial"`
}

type certificateEntry struct {
	Issuer text        `yaml:"issuer,omitempty" json:"issuer"`
	Serial text        `yaml:"serial,omitempty" json:"serial"`
	Person personEntry `yaml:"person,omitempty" json:"person"`
}

type personEntry struct {
	Name   text `yaml:"name,omitempty" json:"name"`
	Post   text `yaml:"post,omitempty" json:"post,omitempty"`
	SNILS  text `yaml:"snils,omitempty" json:"snils,omitempty"`
	INN    text `yaml:"inn,omitempty" json:"inn,omitempty"`
	RNOKPP text `yaml:"rnokpp,omitempty" json:"rnokpp,omitempty"`
}
