package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"asugate/adapter/ops"
	"asugate/adapter/rest"
	"asugate/conf"
	"asugate/gateway"
	"asugate/schema"
	"asugate/store"
	"asugate/xmltree"
)

// listener is a server on its socket.
type listener struct {
	socket net.Listener
	server interface {
		Serve(net.Listener) error
		Shutdown(context.Context) error
	}
	tls atomic.Pointer[tls.Config] // of new connections; replaced by a reload
}

func (l *listener) address() string { return l.socket.Addr().String() }

func (l *listener) close() error { return l.socket.Close() }

// hasty is the grace when what is on disk is not known: nobody can be answered any more, and a client that
// is slow must not keep the next process waiting.
const hasty = 500 * time.Millisecond

// serve takes connections until ctx ends, and then finishes what is under way within grace.
func (l *listener) serve(ctx context.Context, grace time.Duration) error {
	drained := make(chan error, 1)
	served := make(chan struct{})
	go func() {
		select {
		case <-ctx.Done():
		case <-served:
		}
		if errors.Is(context.Cause(ctx), store.ErrUnknown) {
			grace = min(grace, hasty)
		}
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		drained <- l.server.Shutdown(limit)
	}()
	err := l.server.Serve(l.socket)
	close(served)
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	if drain := <-drained; drain != nil && !errors.Is(drain, context.DeadlineExceeded) {
		err = errors.Join(err, drain)
	}
	return err // what was not finished in time comes again from its client
}

// listenClients opens the listener for the clients' systems («АСУ клиента»).
func listenClients(d *daemon) (*listener, error) {
	c := d.config.Listen
	l := &listener{}
	secure, err := serverTLS(c.TLS)
	if err != nil {
		return nil, err
	}
	l.tls.Store(secure)
	if d.api, err = d.clientAPI(); err != nil {
		return nil, err
	}
	o := rest.ServerOptions{
		Handler:           d.api,
		ReadHeaderTimeout: c.ReadHeaderTimeout.Std(),
		ReadTimeout:       c.ReadTimeout.Std(),
		WriteTimeout:      c.WriteTimeout.Std(),
		IdleTimeout:       c.IdleTimeout.Std(),
		MaxHeader:         int(c.MaxHeader),
		MaxConnections:    c.MaxConnections,
		Log:               d.log,
		Refused:           d.metrics.ConnectionRefused,
	}
	if secure != nil {
		o.TLS = &tls.Config{
			MinVersion: secure.MinVersion,
			GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
				return l.tls.Load(), nil
			},
		}
	}
	if l.socket, err = net.Listen("tcp", c.Address); err != nil {
		return nil, fmt.Errorf("listening for clients: %w", err)
	}
	l.server = rest.NewServer(o)
	return l, nil
}

// serverTLS reads the files of a TLS listener; nil when it speaks in the clear.
func serverTLS(c conf.ServerTLS) (*tls.Config, error) {
	if !c.Enabled() {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate of the clients' listener: %w", err)
	}
	t := &tls.Config{
		Certificates: []tls.Certificate{pair},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
	}
	if c.MinVersion == "1.3" {
		t.MinVersion = tls.VersionTLS13
	}
	if c.ClientCA == "" {
		return t, nil
	}
	pem, err := os.ReadFile(c.ClientCA)
	if err != nil {
		return nil, fmt.Errorf("reading the authorities of client certificates: %w", err)
	}
	t.ClientCAs = x509.NewCertPool()
	if !t.ClientCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading the authorities of client certificates: %s holds none", c.ClientCA)
	}
	t.ClientAuth = tls.VerifyClientCertIfGiven
	if c.RequireClientCertificate {
		t.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return t, nil
}

// clientAPI introduces the clients' adapter to gateway, queue and registers.
func (d *daemon) clientAPI() (*rest.API, error) {
	c := d.config
	credentials := rest.Credentials{
		Secret: func(code, secret string) (string, bool, error) {
			owner, ok, err := d.register.Authenticate(code, secret)
			return owner, ok, unreadable(err)
		},
		Certificate: func(sha256hex string) (string, bool, error) {
			owner, ok, err := d.register.ByClientCertificate(sha256hex)
			return owner, ok, unreadable(err)
		},
		Client: d.client,
		Header: c.Listen.ClientCertificateHeader,
	}
	for _, p := range c.Listen.TrustedProxies {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			return nil, fmt.Errorf("reading listen.trusted_proxies: %w", err)
		}
		credentials.Proxies = append(credentials.Proxies, prefix)
	}
	return rest.Handler(rest.Options{
		Authenticate:   credentials.Authenticate,
		Accept:         d.gateway.Accept,
		Verify:         d.gateway.Verify,
		Document:       d.gateway.Document,
		Acknowledgment: d.gateway.Acknowledgment,
		Proof:          d.gateway.Proof,
		WagonList:      d.gateway.WagonList,
		Content:        d.gateway.Content,
		MayShow:        d.gateway.MayShow,
		Malformed:      malformedAt,
		Unwrap:         gateway.Unwrap,
		Queue:          d.queue,
		Lane:           gateway.ClientLane,
		Certificates:   d.signingCertificates,
		Schemas:        schema.Schemas(),
		Limits: rest.Limits{
			Document:          int64(c.Limits.MaxDocument),
			InFlight:          c.Limits.MaxInFlight,
			InFlightPerClient: c.Limits.MaxInFlightParticipant,
			InFlightWait:      c.Limits.InFlightWait.Std(),
			Handling:          c.Limits.Handling.Std(),
			WaitMax:           c.Limits.WaitMax.Std(),
			Write:             c.Listen.WriteTimeout.Std(),
			Rate:              c.Limits.Rate,
			Burst:             c.Limits.Burst,
		},
		Now:     d.now,
		Log:     d.log,
		Observe: d.metrics.Observe,
	}), nil
}

// acceptOffice is Gateway.Accept with the line for people and the metrics that the clients' adapter writes
// for its own documents.
func (d *daemon) acceptOffice(ctx context.Context, s gateway.Submission) (gateway.Receipt, error) {
	s.Office = true
	start := d.now()
	r, err := d.gateway.Accept(ctx, s)
	if err != nil {
		return r, err
	}
	e := r.Entry()
	codes := schema.ErrorCodes(e.Findings)
	d.log.Info("document", "railway", s.Participant, "via", s.Via, "kind", e.Kind, "document", e.DocumentID,
		"version", e.Version, "result", e.Result, "codes", strings.Join(codes, " "), "message", e.ID,
		"repeated", r.Repeated(), "bytes", len(s.Raw))
	d.metrics.Document(ops.Document{
		Kind: string(e.Kind), Via: s.Via, Result: string(e.Result), Codes: codes, Duration: d.now().Sub(start),
	})
	return r, nil
}

// client is what the adapter needs of a participant.
func (d *daemon) client(code string) (c rest.Client, ok bool, err error) {
	dir, err := d.directory()
	if err != nil {
		return rest.Client{}, false, unreadable(err)
	}
	p := dir.Participants[code]
	if p == nil {
		return rest.Client{}, false, nil
	}
	return rest.Client{
		Code: p.Code, Language: p.Language, AlwaysOK: p.AlwaysOK, Rate: p.Rate, Burst: p.Burst,
	}, true, nil
}

// unreadable says in the gateway's words, which the adapters know, what it means that the register of
// participants could not be read: after a failed sync nobody is answered, else clients come again.
func unreadable(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrUnknown):
		return fmt.Errorf("%w: %w", gateway.ErrStopping, err)
	default:
		return fmt.Errorf("%w: reading the register of participants: %w", gateway.ErrNotReady, err)
	}
}

// malformedAt takes the place out of an error of bytes that are no document.
func malformedAt(err error) (f schema.Finding, offset int, ok bool) {
	var syntax *xmltree.SyntaxError
	if !errors.As(err, &syntax) {
		return schema.Finding{}, 0, false
	}
	return schema.SyntaxFinding(syntax), syntax.Offset, true
}

// signingCertificates are all keys of the ring, for those who verify ЭСИД.
func (d *daemon) signingCertificates() []rest.SigningCertificate {
	now := d.now()
	var list []rest.SigningCertificate
	for _, k := range d.keys.set.Load().keys {
		state := "past"
		switch current := d.keys.inForce(k.name); {
		case current != nil && k.key == current.key:
			state = "current"
		case k.from.After(now):
			state = "next"
		}
		list = append(list, rest.SigningCertificate{
			Key: k.name, Certificate: k.key.Certificate(), State: state, From: k.from,
		})
	}
	return list
}
