package rest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
)

// checkBody refuses by the head alone, before a turn is taken and a byte is read.
func (s *service) checkBody(r *http.Request) error {
	switch e := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); e {
	case "", "identity":
	default:
		// A compressed body is a bomb until it is unpacked; the limit is on bytes as they come.
		return wrongEncoding
	}
	switch mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); {
	case mediaType == "application/xml", mediaType == "text/xml":
		// The document says its encoding itself: charset, or a broken parameter, changes nothing.
	case strings.HasPrefix(mediaType, "multipart/") && err == nil:
		return wrongContainer
	default:
		return wrongType
	}
	return s.checkLength(r, s.Limits.Document)
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

// isSigned says that the root of the body is the envelope <Signed> of a detached signature. Only
// the first start tag is looked at, and only to refuse by the right name.
func isSigned(body []byte) bool {
	for {
		i := bytes.IndexByte(body, '<')
		if i < 0 || i+1 >= len(body) {
			return false
		}
		body = body[i+1:]
		end := ">"
		switch {
		case bytes.HasPrefix(body, []byte("!--")):
			end = "-->"
		case body[0] == '?':
			end = "?>"
		default:
			name := body
			if j := bytes.IndexAny(name, " \t\r\n/>"); j >= 0 {
				name = name[:j]
			}
			if j := bytes.IndexByte(name, ':'); j >= 0 {
				name = name[j+1:]
			}
			return string(name) == "Signed"
		}
		i = bytes.Index(body, []byte(end))
		if i < 0 {
			return false
		}
		body = body[i+len(end):]
	}
}
