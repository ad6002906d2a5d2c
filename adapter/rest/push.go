package rest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"asugate/queue"
)

// PushOptions are how messages are sent to one participant.
type PushOptions struct {
	// URL is where, asked anew for each try; empty: the participant has stopped taking pushes.
	URL func() string

	Timeout       time.Duration  // of one try
	RetryMax      time.Duration  // cap of what Retry-After may ask for
	Roots         *x509.CertPool // nil: those of the system
	AllowLoopback bool           // URLs that lead to this machine
	Insecure      bool           // http://
	Now           func() time.Time
}

// pushLimit bounds how much of an answer is read; nothing in it matters.
const pushLimit = 64 << 10

// ErrPaused: the participant's server asked us to wait, and the time is not over.
var ErrPaused = errors.New("paused")

// pusher delivers to one participant. Each has its own connections, so that one that hangs keeps
// nothing from the others.
type pusher struct {
	PushOptions
	client *http.Client

	mu       sync.Mutex // protects notUntil
	notUntil time.Time  // Retry-After
}

// Push is a queue.Deliver that POSTs each message to the participant's URL. 2xx confirms it. When the
// network fails, or with 408, 425, 429 or 5xx, it is tried again; another status is queue.ErrRefused,
// which parks the message at the third time.
func Push(o PushOptions) queue.Deliver {
	p := &pusher{PushOptions: o}
	p.client = &http.Client{
		Transport: &http.Transport{
			// No Proxy: the environment must not decide where documents go.
			DialContext:            dialer(o.AllowLoopback, o.Timeout).DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    o.Timeout,
			ResponseHeaderTimeout:  o.Timeout,
			MaxResponseHeaderBytes: 32 << 10,
			MaxConnsPerHost:        4,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        30 * time.Second,
			DisableCompression:     true, // the answer is not read, so it is not unpacked either
			ForceAttemptHTTP2:      true,
		},
		// A redirect is an answer like any other that is not 2xx: followed, it would be a way for the
		// other side to choose whom we talk to.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return p.deliver
}

func (p *pusher) deliver(ctx context.Context, m queue.Message, body, cms []byte) error {
	target, err := p.target()
	if err != nil {
		return err
	}
	if err := p.paused(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	mediaType := "application/xml"
	if cms != nil {
		mediaType, body = multipartOf(m.ID, body, cms)
	}
	status, after, err := p.post(ctx, target, m, mediaType, body)
	switch {
	case err != nil:
		return err
	case status/100 == 2:
		return nil
	case mayPass(status):
		p.pause(after)
		return fmt.Errorf("pushing: the participant's server answered %d", status)
	}
	return fmt.Errorf("%w: it answered %d", queue.ErrRefused, status)
}

// target is the URL of the register. Its text is not repeated in errors: it may hold a password.
func (p *pusher) target() (*url.URL, error) {
	u, err := url.Parse(p.URL())
	switch {
	case err != nil || u.Host == "":
		return nil, errors.New("pushing: the participant has no URL that can be read")
	case u.Scheme == "https", u.Scheme == "http" && p.Insecure:
		return u, nil
	}
	return nil, errors.New("pushing: the participant's URL is not https")
}

// mayPass are the statuses after which trying again can help (RFC 9110 §15).
func mayPass(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= 500
}

// paused says whether the other side has asked for more time.
func (p *pusher) paused() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if wait := p.notUntil.Sub(p.Now()); wait > 0 {
		return fmt.Errorf("%w: the participant's server asked for %s more", ErrPaused, wait.Round(time.Second))
	}
	return nil
}

// pause obeys Retry-After, within reason.
func (p *pusher) pause(after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notUntil = p.Now().Add(min(after, p.RetryMax))
}

// post sends the message once and returns status and Retry-After.
func (p *pusher) post(
	ctx context.Context, target *url.URL, m queue.Message, mediaType string, body []byte,
) (status int, after time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(body))
	if err != nil {
		return 0, 0, errors.New("pushing: the participant has no URL that can be read")
	}
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("User-Agent", "gatewayd")
	setMessageHeaders(req.Header, m)
	resp, err := p.client.Do(req)
	if err != nil {
		// *url.Error repeats the URL.
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		return 0, 0, fmt.Errorf("pushing: %w", err)
	}
	defer resp.Body.Close()
	// The status is the confirmation; what follows is read so that the connection can be used again.
	_, _ = io.CopyN(io.Discard, resp.Body, pushLimit)
	return resp.StatusCode, retryAfter(resp.Header.Get("Retry-After"), p.Now()), nil
}

// retryAfter reads seconds or a date (RFC 9110 §10.2.3); 0 when there is none to read.
func retryAfter(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if n, err := strconv.ParseUint(value, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(value); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}
