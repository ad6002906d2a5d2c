package rest

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// format is how a list or a state is told.
type format uint8

const (
	asJSON format = iota
	asXML
	asPEM
	asParts
)

// formats by media type, for Accept.
var formats = map[string]format{
	"application/json":       asJSON,
	"application/xml":        asXML,
	"text/xml":               asXML,
	"application/x-pem-file": asPEM,
	"multipart/mixed":        asParts,
}

// preferred is the format among those offered that Accept (RFC 9110 §12.5.1) likes best; the first
// one offered when Accept says nothing that we know.
func preferred(r *http.Request, offered ...format) format {
	best, quality := offered[0], 0.0
	for _, line := range r.Header.Values("Accept") {
		for _, part := range strings.Split(line, ",") {
			mediaType, params, err := mime.ParseMediaType(part)
			if err != nil {
				continue
			}
			f, known := formats[mediaType]
			q, err := strconv.ParseFloat(params["q"], 64)
			if err != nil {
				q = 1
			}
			if !known || q <= quality {
				continue
			}
			for _, o := range offered {
				if o == f {
					best, quality = f, q
				}
			}
		}
	}
	return best
}

// tell writes a view of something in the format that the client prefers.
func tell(w http.ResponseWriter, r *http.Request, status int, view any) error {
	var body []byte
	var err error
	mediaType := "application/json"
	if preferred(r, asJSON, asXML) == asXML {
		mediaType = "application/xml"
		body, err = xml.MarshalIndent(view, "", "  ")
		body = append([]byte(xml.Header), append(body, '\n')...)
	} else {
		body, err = json.Marshal(view)
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept")
	w.WriteHeader(status)
	_, _ = w.Write(body) // The client may be gone; it asks again.
	return nil
}

// encoded is bytes that are signed, told in base64 in JSON and in XML alike.
type encoded []byte

// MarshalText writes the standard encoding with padding.
func (b encoded) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, b), nil
}
