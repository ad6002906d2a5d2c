package rest

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"asugate/gateway"
	"asugate/schema"
)

// judgmentView is the answer of POST /v1/verify: what the ЭСИД would say.
type judgmentView struct {
	XMLName    xml.Name      `json:"-" xml:"urn:asugate:1 Judgment"`
	Kind       string        `json:"kind,omitempty" xml:"kind,attr,omitempty"`
	DocumentID string        `json:"document,omitempty" xml:"document,attr,omitempty"`
	Version    int           `json:"version,omitempty" xml:"version,attr,omitempty"`
	Stage      string        `json:"stage" xml:"stage,attr"`
	Result     string        `json:"result" xml:"result,attr"`
	Known      bool          `json:"known" xml:"known,attr"` // the answer is stored already
	Findings   []findingView `json:"findings" xml:"Finding"`
	Basis      basisView     `json:"basis" xml:"Basis"`

	Authenticity *gateway.Authenticity `json:"authenticity,omitempty" xml:"Authenticity,omitempty"` // of the signature
}

type findingView struct {
	Code     string `json:"code" xml:"code,attr"`
	Reason   string `json:"reason" xml:"reason,attr"`
	Severity string `json:"severity" xml:"severity,attr"`
	Path     string `json:"path,omitempty" xml:"path,attr,omitempty"`
	Clause   string `json:"clause,omitempty" xml:"clause,attr,omitempty"`
	Expected string `json:"expected,omitempty" xml:"Expected,omitempty"`
	Actual   string `json:"actual,omitempty" xml:"Actual,omitempty"`
	Text     string `json:"its,omitempty" xml:"ITS,omitempty"` // in the client's language, likewise Remedy
	Remedy   string `json:"remedy,omitempty" xml:"Remedy,omitempty"`
}

type basisView struct {
	Moment     time.Time `json:"moment" xml:"moment,attr"`
	Staff      string    `json:"staff,omitempty" xml:"staff,attr,omitempty"`
	Appointed  string    `json:"appointment,omitempty" xml:"appointment,attr,omitempty"`
	Proxy      string    `json:"proxy,omitempty" xml:"proxy,attr,omitempty"`
	Trust      int       `json:"trust" xml:"trust,attr"`
	Policy     string    `json:"policy,omitempty" xml:"policy,attr,omitempty"`
	Norms      int       `json:"norms,omitempty" xml:"norms,attr,omitempty"`
	Templates  string    `json:"templates,omitempty" xml:"templates,attr,omitempty"`
	Revocation string    `json:"revocation,omitempty" xml:"revocation,attr,omitempty"`
}

// postVerify is a dry run: the same judgment, unsigned, and nothing is kept.
func (s *service) postVerify(w *answer, r *http.Request, c Client) error {
	sub, done, err := s.submission(w, r, c)
	if err != nil {
		return err
	}
	defer done()
	w.document.DryRun = true
	ctx, cancel := s.judging(r)
	defer cancel()
	j, err := s.Verify(ctx, sub)
	if err != nil {
		return err
	}
	done() // the client may read slowly
	d := w.document
	d.Kind, d.Stage, d.Result = string(j.Kind), string(j.Stage), string(j.Result)
	d.Codes, d.id, d.version = schema.ErrorCodes(j.Findings), j.DocumentID, j.Version
	w.Header().Set("Gateway-Result", string(j.Result))
	return tell(w, r, statusOf(j.Result, c), judgmentOf(j, language(c)))
}

func judgmentOf(j gateway.Judgment, lang string) judgmentView {
	return judgmentView{
		Kind: string(j.Kind), DocumentID: j.DocumentID, Version: j.Version,
		Stage: string(j.Stage), Result: string(j.Result), Known: j.Known,
		Findings: findingsOf(j.Findings, lang),
		Basis: basisView{
			Moment: j.Basis.Moment, Staff: j.Basis.Staff, Appointed: j.Basis.Appointment, Proxy: j.Basis.Proxy, Trust: j.Basis.Trust, Policy: j.Basis.Policy,
			Norms: j.Basis.Norms, Templates: j.Basis.Templates, Revocation: j.Basis.Revocation,
		},
		Authenticity: j.Authenticity(),
	}
}

func findingsOf(findings []schema.Finding, lang string) []findingView {
	views := make([]findingView, 0, len(findings))
	for _, f := range findings {
		f = f.Complete()
		v := findingView{
			Code: f.Code, Reason: f.Reason, Severity: string(f.Severity), Path: f.Path, Clause: f.Clause,
			Expected: f.Expected, Actual: f.Actual, Text: f.ITS(lang), Remedy: f.Remedy(lang),
		}
		views = append(views, v)
	}
	return views
}

// documentView is the answer of GET /v1/documents/{id}.
type documentView struct {
	XMLName    xml.Name      `json:"-" xml:"urn:asugate:1 Document"`
	Kind       string        `json:"kind" xml:"kind,attr"`
	DocumentID string        `json:"document" xml:"document,attr"`
	Version    int           `json:"version" xml:"version,attr"` // the newest
	State      string        `json:"state" xml:"state,attr"`
	Updated    time.Time     `json:"updated" xml:"updated,attr"`
	Primary    *primaryView  `json:"primary,omitempty" xml:"Primary,omitempty"` // of a memo or an act of the railway
	Versions   []versionView `json:"versions" xml:"Version"`
}

type versionView struct {
	Number int        `json:"version" xml:"number,attr"`
	ESIDs  []esidView `json:"esids" xml:"ESID"`
}

// esidView is one answer to a version. The bytes are encoded in JSON and in XML: they are signed.
type esidView struct {
	MessageID  string    `json:"message" xml:"message,attr"`
	Received   time.Time `json:"received" xml:"received,attr"` // the document
	Content    string    `json:"content,omitempty" xml:"content,attr,omitempty"`
	Stage      string    `json:"stage,omitempty" xml:"stage,attr,omitempty"`
	Result     string    `json:"result" xml:"result,attr"`
	Supersedes string    `json:"supersedes,omitempty" xml:"supersedes,attr,omitempty"`
	Withdraws  string    `json:"withdraws,omitempty" xml:"withdraws,attr,omitempty"` // the ЭСИД whose permission it ends
	CMS        encoded   `json:"cms,omitempty" xml:"cms,attr,omitempty"`             // its detached signature, if it has one
	Body       encoded   `json:"esid" xml:",chardata"`
}

// getDocument tells what has become of a document.
func (s *service) getDocument(w *answer, r *http.Request, c Client) error {
	d, err := s.Document(r.Context(), c.Code, r.PathValue("id"))
	if err != nil {
		return fmt.Errorf("reading a document: %w", err)
	}
	v := documentView{
		Kind: string(d.Kind), DocumentID: d.DocumentID, Version: d.Version, State: d.State, Updated: d.Updated,
		Versions: []versionView{}, Primary: primaryOf(d, s.Now()),
	}
	for _, e := range d.Versions {
		body, cms, err := s.Acknowledgment(e.ID)
		if err != nil {
			return fmt.Errorf("reading an acknowledgment: %w", err)
		}
		version := versionIn(&v, e.Version)
		version.ESIDs = append(version.ESIDs, esidView{
			MessageID: e.ID, Received: e.Received, Content: e.Content, Stage: string(e.Stage),
			Result: resultWord(e.Result), Supersedes: e.Supersedes, Withdraws: e.Withdraws,
			Body: body, CMS: cms,
		})
	}
	return tell(w, r, http.StatusOK, v)
}

// versionIn is the version's place in the view, made when it is new.
func versionIn(v *documentView, number int) *versionView {
	for i := range v.Versions {
		if v.Versions[i].Number == number {
			return &v.Versions[i]
		}
	}
	v.Versions = append(v.Versions, versionView{Number: number})
	return &v.Versions[len(v.Versions)-1]
}
