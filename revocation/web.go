package revocation

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Why a server's answer is not taken.
var (
	// errElsewhere: a redirect. Where evidence comes from is said by the operator and by nobody else.
	errElsewhere = errors.New("the server sends us elsewhere; name the address itself in the configuration")
	// errEncoded: a compressed body could be of any size.
	errEncoded = errors.New("the server has encoded its answer, which was not asked for")
)

// web asks the servers of the configuration, and nobody else: it follows no redirect, takes no
// proxy from the environment, keeps no cookies, and sends no credentials.
type web struct {
	client  http.Client
	timeout time.Duration
}

// validator is what a server has said about the version that we hold, for a conditional request.
type validator struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"last_modified,omitempty"`
}

const maxHeader = 16 << 10

func newWeb(c Config, transport http.RoundTripper) (*web, error) {
	w := &web{timeout: c.Timeout}
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if transport != nil {
		w.client.Transport = transport
		return w, nil
	}
	own := &http.Transport{
		DialContext:            (&net.Dialer{Timeout: c.Timeout}).DialContext,
		TLSHandshakeTimeout:    c.Timeout,
		ResponseHeaderTimeout:  c.Timeout,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        time.Minute,
	}
	if c.Proxy != "" {
		proxy, err := url.Parse(c.Proxy)
		if err != nil {
			return nil, fmt.Errorf("reading the address of the proxy: %w", err)
		}
		own.Proxy = http.ProxyURL(proxy)
	}
	w.client.Transport = own
	return w, nil
}

// get fetches what is at an address, or finds that it is still the version that we hold.
func (w *web) get(ctx context.Context, address string, held validator, most int64) (body []byte, v validator, same bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, w.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, v, false, err
	}
	if held.ETag != "" {
		r.Header.Set("If-None-Match", held.ETag)
	}
	if held.Modified != "" {
		r.Header.Set("If-Modified-Since", held.Modified)
	}
	answer, err := w.client.Do(r)
	if err != nil {
		return nil, v, false, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotModified && held != v {
		return nil, held, true, nil
	}
	if err := plain(answer); err != nil {
		return nil, v, false, err
	}
	body, err = readAll(answer.Body, answer.ContentLength, most)
	v = validator{answer.Header.Get("ETag"), answer.Header.Get("Last-Modified")}
	return body, v, false, err
}

// post asks a responder, RFC 6960 appendix A.
func (w *web) post(ctx context.Context, address string, request []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(request))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/ocsp-request")
	r.Header.Set("Accept", "application/ocsp-response")
	answer, err := w.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if err := plain(answer); err != nil {
		return nil, err
	}
	return readAll(answer.Body, answer.ContentLength, maxAnswer)
}

// plain refuses every answer but a whole body as it is.
func plain(answer *http.Response) error {
	switch {
	case answer.StatusCode/100 == 3:
		return errElsewhere
	case answer.StatusCode != http.StatusOK:
		// The connection is worth keeping when the page about the error is short.
		_, _ = io.CopyN(io.Discard, answer.Body, 4<<10)
		return fmt.Errorf("the server answers %s", answer.Status)
	}
	if e := answer.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return errEncoded
	}
	return nil
}
