package rest

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// openAPI is the description of this adapter; a test holds it against routes and problems.
//
//go:embed openapi.yaml
var openAPI []byte

func (s *service) getOpenAPI(w *answer, r *http.Request, _ Client) error {
	publish(w, r, "application/yaml", openAPI)
	return nil
}

// publish serves what changes only with the program.
func publish(w http.ResponseWriter, r *http.Request, mediaType string, body []byte) {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, max-age=3600")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // The client may be gone; it asks again.
}

// schemaList is the answer of GET /v1/schemas/.
type schemaList struct {
	XMLName xml.Name `json:"-" xml:"urn:asugate:1 Schemas"`
	Names   []string `json:"schemas" xml:"Schema"`
}

func (s *service) getSchemas(w *answer, r *http.Request, _ Client) error {
	names, err := fs.Glob(s.Schemas, "*.xsd")
	if err != nil {
		return fmt.Errorf("listing schemas: %w", err)
	}
	return tell(w, r, http.StatusOK, schemaList{Names: names})
}

func (s *service) getSchema(w *answer, r *http.Request, _ Client) error {
	name := r.PathValue("name")
	if !strings.HasSuffix(name, ".xsd") || strings.ContainsAny(name, `/\`) || !fs.ValidPath(name) {
		return notFound
	}
	body, err := fs.ReadFile(s.Schemas, name)
	if err != nil {
		return notFound // an embedded file is there or not
	}
	publish(w, r, "application/xml", body)
	return nil
}

// certificateView is one certificate in the answer of GET /v1/certificates.
type certificateView struct {
	Key       string     `json:"key" xml:"key,attr"`
	State     string     `json:"state" xml:"state,attr"`
	From      *time.Time `json:"from,omitempty" xml:"from,attr,omitempty"` // when it begins to sign
	NotBefore time.Time  `json:"notBefore" xml:"notBefore,attr"`
	NotAfter  time.Time  `json:"notAfter" xml:"notAfter,attr"`
	Subject   string     `json:"subject" xml:"Subject"`
	Issuer    string     `json:"issuer" xml:"Issuer"`
	Serial    string     `json:"serial" xml:"Serial"`
	SHA256    string     `json:"sha256" xml:"SHA256"`
	DER       encoded    `json:"der" xml:"DER"`
}

type certificateList struct {
	XMLName      xml.Name          `json:"-" xml:"urn:asugate:1 Certificates"`
	Certificates []certificateView `json:"certificates" xml:"Certificate"`
}

// getCertificates serves the certificates by which clients check our signature: PEM unless another
// format is asked for.
func (s *service) getCertificates(w *answer, r *http.Request, _ Client) error {
	certificates := s.Certificates()
	if preferred(r, asPEM, asJSON, asXML) == asPEM {
		var text []byte
		for _, c := range certificates {
			text = fmt.Appendf(text, "# %s, key %s, %s until %s\n", c.State, c.Key,
				c.Certificate.NotBefore.UTC().Format(time.RFC3339), c.Certificate.NotAfter.UTC().Format(time.RFC3339))
			text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate.Raw})...)
		}
		w.Header().Set("Content-Type", "application/x-pem-file")
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(text) // The client may be gone; it asks again.
		return nil
	}
	list := certificateList{Certificates: make([]certificateView, 0, len(certificates))}
	for _, c := range certificates {
		list.Certificates = append(list.Certificates, certificateViewOf(c))
	}
	return tell(w, r, http.StatusOK, list)
}

func certificateViewOf(c SigningCertificate) certificateView {
	x := c.Certificate
	sum := sha256.Sum256(x.Raw)
	v := certificateView{
		Key: c.Key, State: c.State, NotBefore: x.NotBefore.UTC(), NotAfter: x.NotAfter.UTC(),
		Subject: x.Subject.String(), Issuer: x.Issuer.String(), Serial: strings.ToUpper(x.SerialNumber.Text(16)),
		SHA256: hex.EncodeToString(sum[:]), DER: x.Raw,
	}
	if !c.From.IsZero() {
		from := c.From.UTC()
		v.From = &from
	}
	return v
}
