package gateway

import (
	"cmp"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"time"

	"asugate/signature"
)

// Authenticity is all that was found out about a signature («проверка достоверности»), as gatewayd
// verify and POST /v1/verify tell it.
type Authenticity struct {
	Outcome          string               `json:"outcome"`    // holds | fails | undecided
	Indication       string               `json:"indication"` // ETSI EN 319 102-1
	SubIndication    string               `json:"subIndication,omitempty"`
	Container        string               `json:"container"` // xmldsig | cms
	Algorithm        string               `json:"algorithm,omitempty"`
	Digest           string               `json:"digest,omitempty"`
	Canonicalization string               `json:"canonicalization,omitempty"`
	Content          string               `json:"content,omitempty"` // hex SHA-256 of what is signed
	Claimed          *time.Time           `json:"claimed,omitempty"` // signing time as the signer states it
	Taken            *time.Time           `json:"taken,omitempty"`   // of it, when it is the moment
	Received         time.Time            `json:"received"`
	Moment           time.Time            `json:"moment"` // at which the certificates were judged
	Signer           *Holder              `json:"signer,omitempty"`
	Path             []PathCertificate    `json:"path,omitempty" xml:"Path>Certificate"` // the signer's first
	Revocations      []RevocationEvidence `json:"revocations,omitempty" xml:"Revocations>Revocation"`
	Legacy           []string             `json:"legacy,omitempty"` // switches without which it would not hold
	Checks           []Check              `json:"checks" xml:"Checks>Check"`
}

// Holder is who the certificate says its holder is; proven only when the outcome is «holds».
type Holder struct {
	Name         string `json:"name"`
	Title        string `json:"title,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Unit         string `json:"unit,omitempty"`
	INN          string `json:"inn,omitempty"`
	INNLE        string `json:"innle,omitempty"`
	OGRN         string `json:"ogrn,omitempty"`
	OGRNIP       string `json:"ogrnip,omitempty"`
	SNILS        string `json:"snils,omitempty"`
	EDRPOU       string `json:"edrpou,omitempty"`
	RNOKPP       string `json:"rnokpp,omitempty"`
	Issuer       string `json:"issuer"`
	Serial       string `json:"serial"`
}

// PathCertificate is one certificate of the path.
type PathCertificate struct {
	Name      string    `json:"-" xml:"-"` // of its holder, for people
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	Serial    string    `json:"serial"`
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	SHA256    string    `json:"sha256"`
}

// RevocationEvidence is what was known of one certificate of the path, and how old that was at receipt.
type RevocationEvidence struct {
	RevocationFinding
	Age string `json:"age,omitempty"`
}

// Check is one check and what became of it.
type Check struct {
	Name   string `json:"name" xml:"name,attr"`
	Result string `json:"result" xml:"result,attr"` // passed | failed | indeterminate | warned | ignored | not-reached
	Reason string `json:"reason,omitempty" xml:"reason,attr,omitempty"`
	Detail string `json:"detail,omitempty" xml:",chardata"`
}

// Authenticity tells of the signature; nil for an answer that was stored, of which the journal has the
// evidence.
func (j Judgment) Authenticity() *Authenticity {
	if j.Report.Container == "" {
		return nil
	}
	return Explain(j.Report)
}

// Explain tells what a report says.
func Explain(r signature.Report) *Authenticity {
	indication, sub := r.Indication()
	a := &Authenticity{
		Outcome: outcomes[r.Outcome], Indication: string(indication), SubIndication: string(sub),
		Container: r.Container, Algorithm: r.Signature, Digest: r.Digest, Canonicalization: r.Canonicalization,
		Claimed: stated(r.ClaimedTime), Taken: stated(r.SigningTime), Received: r.Received, Moment: r.Moment,
		Legacy: r.Legacy.Names(),
	}
	if r.Content != ([32]byte{}) {
		a.Content = hex.EncodeToString(r.Content[:])
	}
	if r.Certificate != nil {
		a.Signer = holderOf(r.Signer)
	}
	for _, c := range r.Chain {
		a.Path = append(a.Path, pathCertificate(c))
	}
	for i, known := range r.Revocations {
		if i < len(a.Path) {
			a.Revocations = append(a.Revocations, revocationEvidence(known, a.Path[i].SHA256, r.Received))
		}
	}
	for _, c := range r.Checks() {
		a.Checks = append(a.Checks, Check{Name: c.Name, Result: string(c.Result), Reason: c.Reason, Detail: c.Detail})
	}
	return a
}

func holderOf(i signature.Identity) *Holder {
	return &Holder{
		Name: i.Person(), Title: i.Title, Organisation: i.Organisation, Unit: i.Unit, INN: i.INN, INNLE: i.INNLE,
		OGRN: i.OGRN, OGRNIP: i.OGRNIP, SNILS: i.SNILS, EDRPOU: i.EDRPOU, RNOKPP: i.RNOKPP,
		Issuer: i.Issuer, Serial: i.Serial,
	}
}

func pathCertificate(c *x509.Certificate) PathCertificate {
	digest, id := sha256.Sum256(c.Raw), signature.IdentityOf(c)
	return PathCertificate{
		Name: cmp.Or(id.Person(), signature.SubjectOf(c)), Subject: signature.SubjectOf(c), Issuer: id.Issuer, Serial: id.Serial,
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), SHA256: hex.EncodeToString(digest[:]),
	}
}

func revocationEvidence(known signature.Revocation, certificate string, received time.Time) RevocationEvidence {
	e := RevocationEvidence{RevocationFinding: finding(known, certificate)}
	if !known.Produced.IsZero() {
		e.Age = max(0, received.Sub(known.Produced)).Round(time.Second).String()
	}
	return e
}
