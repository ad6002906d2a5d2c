package rest

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"asugate/schema"
)

// writeSealed answers with a document of ours or of the railway. One whose signature is inside goes as
// it is. One with a detached CMS signature goes with it: as multipart/mixed of both, or as the envelope
// <Signed> to whoever accepts application/xml rather. The bytes depend on nothing but these and the id,
// so that what is asked for again is the same to the last byte.
func writeSealed(w http.ResponseWriter, r *http.Request, status int, id string, document, cms []byte) {
	if cms == nil {
		writeBody(w, status, "application/xml", document) // RFC 7303 §3: it says its encoding itself
		return
	}
	w.Header().Set("Vary", "Accept")
	if preferred(r, asParts, asXML) == asXML {
		writeBody(w, status, "application/xml", schema.AppendSigned(nil, document, cms))
		return
	}
	mediaType, body := multipartOf(id, document, cms)
	writeBody(w, status, mediaType, body)
}

func writeBody(w http.ResponseWriter, status int, mediaType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // The client may be gone; the answer is in its outbox.
}

// multipartOf is the two parts, and the Content-Type that names their boundary. That is made of the
// message's id, which is given after whoever wrote the document has written it; it is lengthened should
// it occur all the same.
func multipartOf(id string, document, cms []byte) (mediaType string, body []byte) {
	boundary := "gatewayd-" + id
	for bytes.Contains(document, []byte("--"+boundary)) || bytes.Contains(cms, []byte("--"+boundary)) {
		boundary += "-"
	}
	body = make([]byte, 0, len(document)+len(cms)+512)
	body = fmt.Appendf(body, "--%s\r\nContent-Type: application/xml\r\n\r\n", boundary)
	body = append(body, document...)
	body = fmt.Appendf(body, "\r\n--%s\r\nContent-Type: application/pkcs7-signature\r\n"+
		"Content-Transfer-Encoding: binary\r\n\r\n", boundary)
	body = append(body, cms...)
	return `multipart/mixed; boundary="` + boundary + `"`, fmt.Appendf(body, "\r\n--%s--\r\n", boundary)
}
