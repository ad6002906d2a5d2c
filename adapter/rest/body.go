package rest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"

	"asugate/gateway"
	"asugate/schema"
)

// container is how a body holds a document and its signature.
type container struct {
	form     containerForm
	boundary string // of a multipart
}

type containerForm uint8

const (
	bare     containerForm = iota // the document itself, or the envelope <Signed>
	inParts                       // multipart/mixed: document, detached CMS signature
	attached                      // the document inside its CMS signature («.p7m»)
)

// checkBody refuses by the head alone, before a turn is taken and a byte is read.
func (s *service) checkBody(r *http.Request) (c container, err error) {
	for _, e := range r.Header.Values("Content-Encoding") {
		// A compressed body is a bomb until it is unpacked; the limit is on bytes as they come.
		if e = strings.ToLower(strings.TrimSpace(e)); e != "" && e != "identity" {
			return c, wrongEncoding
		}
	}
	if c, err = containerOf(r.Header["Content-Type"]); err != nil {
		return c, err
	}
	return c, s.checkLength(r, packed(s.Limits.Document))
}

// containerOf is the form that the Content-Type names. Of two of them some reader would take the other.
func containerOf(contentType []string) (c container, err error) {
	if len(contentType) != 1 {
		return c, wrongType
	}
	mediaType, params, err := mime.ParseMediaType(contentType[0])
	switch {
	case isXML(mediaType):
		return c, nil // the document says its encoding itself: charset, or a broken parameter, changes nothing
	case mediaType == "multipart/mixed":
		c.form = inParts
		c.boundary, err = boundaryOf(contentType[0])
		return c, err
	case mediaType == "multipart/signed":
		return c, wrongContainer.detailed("S/MIME signs the head of the part with the document; sign the document alone")
	case strings.HasPrefix(mediaType, "multipart/"):
		return c, wrongContainer
	case mediaType != "application/pkcs7-mime" && mediaType != "application/x-pkcs7-mime":
		return c, wrongType
	case err != nil || params["smime-type"] != "" && !strings.EqualFold(params["smime-type"], "signed-data"):
		return c, wrongContainer.detailed("of application/pkcs7-mime only signed-data is taken")
	}
	c.form = attached
	return c, nil
}

// packed is how long a body may be whose document may have so many bytes: document and signature in
// base64, in lines of 64, are longer by less than two fifths, and something stands around them.
func packed(document int64) int64 { return (document + gateway.MaxDetached) / 5 * 7 }

// limitOf is how long the body may be. Only the envelope may be longer than a document, and the first
// tag says which of both it is, so that no more is read of a document that is too long.
func (s *service) limitOf(c container, r *http.Request) int64 {
	if c.form != bare {
		return packed(s.Limits.Document)
	}
	const head = 4 << 10
	body := bufio.NewReaderSize(r.Body, head)
	r.Body = struct {
		io.Reader
		io.Closer
	}{body, r.Body}
	// What cannot be read, or not in time, cannot be read again either: readBody answers for it.
	if first, _ := body.Peek(head); !schema.IsSigned(first) {
		return s.Limits.Document
	}
	return packed(s.Limits.Document)
}

// unpack takes the document and its detached signature, if any, out of a body. Both may share memory
// with it.
func (s *service) unpack(c container, body []byte) (document, cms []byte, err error) {
	switch {
	case c.form == inParts:
		document, cms, err = readMultipart(body, c.boundary)
	case c.form == attached:
		document, cms, err = s.Unwrap(body)
	case schema.IsSigned(body):
		document, cms, err = readSigned(body)
	default:
		document = body
	}
	switch {
	case err != nil:
		return nil, nil, err
	case int64(len(document)) > s.Limits.Document:
		return nil, nil, tooLarge
	case len(cms) > gateway.MaxDetached:
		return nil, nil, signatureTooLarge
	}
	return document, cms, nil
}

// readSigned is the document and the detached CMS signature (DER) of an envelope <Signed>. The error is a
// *schema.ContainerError or gateway.ErrNotDocument.
func readSigned(body []byte) (document, cms []byte, err error) {
	document, cms, err = schema.ReadSigned(body)
	if _, ours := errors.AsType[*schema.ContainerError](err); ours {
		return nil, nil, err
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", gateway.ErrNotDocument, err)
	}
	// Some programs hand a signature over in base64 or PEM, and it is put into base64 once more.
	if cms, err = gateway.Detached(cms); err != nil {
		return nil, nil, &schema.ContainerError{
			Reason: schema.ReasonBadEnvelope, Offset: max(0, bytes.Index(body, []byte("<CMS"))), Detail: "CMS: " + err.Error(),
		}
	}
	return document, cms, nil
}

func (s *service) checkLength(r *http.Request, limit int64) error {
	switch {
	case r.ContentLength > limit:
		return tooLarge
	case r.ContentLength == 0 && r.Header.Get("Content-Length") == "":
		return lengthRequired
	case r.ContentLength == 0:
		return emptyDocument
	}
	return nil
}

// readBody reads the whole body, into one buffer of its exact size when the length is known.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	var body []byte
	var err error
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	if r.ContentLength >= 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(r.Body, body)
	} else {
		// Chunked: the length is known at the end. MaxBytesReader closes the connection above limit.
		var b bytes.Buffer
		_, err = b.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
		body = b.Bytes()
	}
	switch {
	case err == nil && len(body) == 0:
		return nil, emptyDocument
	case err == nil:
		return body, nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, tooLarge
	}
	if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
		// The rest may still come, and must not be taken for the next request.
		w.Header().Set("Connection", "close")
		return nil, slowBody
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.Canceled) {
		// The client went away before the end: there is nobody to answer.
		return nil, errSilence
	}
	w.Header().Set("Connection", "close")
	return nil, badParameter.detailed("the body cannot be read to its end")
}
