package rabbit

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"asugate/schema"
)

// frameSize is the greatest frame that we ask for: the broker's own default.
const frameSize = 131072

// transport is the octets below a connection: with a deadline for each write and, when consuming,
// without contents that are too large.
type transport struct {
	net.Conn
	in       *contents // nil: everything passes
	patience time.Duration
	ended    atomic.Pointer[error] // the first error of Read: why there is nothing more to come
}

func (t *transport) Read(p []byte) (n int, err error) {
	if t.in == nil {
		n, err = t.Conn.Read(p)
	} else {
		n, err = t.in.Read(p)
	}
	if err != nil {
		t.ended.CompareAndSwap(nil, &err)
	}
	return n, err
}

// Write gives up on a peer that takes nothing. The library has no deadline of its own, and holds the
// lock of its channel meanwhile: without one, a full socket would keep even the shutdown waiting.
func (t *transport) Write(p []byte) (int, error) {
	if err := t.SetWriteDeadline(time.Now().Add(t.patience)); err != nil {
		return 0, err
	}
	return t.Conn.Write(p)
}

// dial connects and shakes hands. name tells the broker's administrator what the connection is for;
// limit is the greatest content read, 0: any. The transport is returned once there is one, also with
// an error, to be closed.
func (c Config) dial(ctx context.Context, name string, limit int64) (*amqp.Connection, *transport, error) {
	address, err := c.URL()
	if err != nil {
		return nil, nil, err
	}
	uri, err := amqp.ParseURI(address)
	if err != nil {
		// The text of err repeats the URL, and with it the password.
		return nil, nil, errors.New("reading the URL of the broker: it is no amqp:// or amqps:// URL")
	}
	ctx, cancel := context.WithTimeout(ctx, c.DialTimeout)
	defer cancel()
	host := net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port))
	conn, err := c.connect(ctx, "tcp", host)
	if err != nil {
		return nil, nil, err
	}
	return c.shakeHands(ctx, conn, uri, name, limit)
}

// shakeHands makes a connection of AMQP, within TLS where the URL says so, of one of TCP.
func (c Config) shakeHands(ctx context.Context, conn net.Conn, uri amqp.URI, name string, limit int64,
) (*amqp.Connection, *transport, error) {
	t := &transport{Conn: conn, patience: c.ConfirmTimeout}
	// The library waits for each answer without end, so that closing is the one way to stop it.
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if uri.Scheme == "amqps" {
		secure, err := c.secure(ctx, conn, uri.Host)
		if err != nil {
			return nil, t, err
		}
		t.Conn = secure
	}
	if limit > 0 {
		t.in = newContents(t.Conn, limit)
	}
	mechanisms, err := authentication(uri)
	if err != nil {
		return nil, t, err
	}
	opened, err := amqp.Open(t, amqp.Config{
		SASL:       mechanisms,
		Vhost:      uri.Vhost,
		FrameSize:  frameSize,
		Heartbeat:  c.Heartbeat,
		Locale:     "en_US",
		Properties: amqp.Table{"product": "gatewayd", "connection_name": "gatewayd " + name},
	})
	if err != nil {
		return nil, t, t.why(ctx, err)
	}
	return opened, t, nil
}

// why is what has ended the handshake, where the library says only that it has.
func (t *transport) why(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("shaking hands: %w", context.Cause(ctx))
	}
	var said *amqp.Error
	if errors.As(err, &said) && said != amqp.ErrClosed {
		return err
	}
	if read := t.ended.Load(); read != nil {
		err = *read
	}
	return fmt.Errorf("shaking hands: %w", err)
}

// secure shakes hands for TLS. The files are read anew, so that they can be renewed while we run.
func (c Config) secure(ctx context.Context, conn net.Conn, host string) (net.Conn, error) {
	settings := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if c.ServerName != "" {
		settings.ServerName = c.ServerName
	}
	if c.CA != "" {
		pem, err := os.ReadFile(c.CA)
		if err != nil {
			return nil, fmt.Errorf("reading the broker's CA: %w", err)
		}
		settings.RootCAs = x509.NewCertPool()
		if !settings.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reading the broker's CA: %s holds no certificate", c.CA)
		}
	}
	if c.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
		if err != nil {
			return nil, fmt.Errorf("reading our certificate for the broker: %w", err)
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	client := tls.Client(conn, settings)
	if err := client.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("shaking hands for TLS: %w", err)
	}
	return client, nil
}

// authentication is how we say who we are: by user and password, or by what the URL names.
func authentication(uri amqp.URI) ([]amqp.Authentication, error) {
	if len(uri.AuthMechanism) == 0 {
		return []amqp.Authentication{uri.PlainAuth()}, nil
	}
	var all []amqp.Authentication
	for _, name := range uri.AuthMechanism {
		switch strings.ToLower(name) {
		case "plain":
			all = append(all, uri.PlainAuth())
		case "external":
			all = append(all, &amqp.ExternalAuth{})
		default:
			return nil, fmt.Errorf("auth_mechanism %s of the broker's URL is none of plain, external", schema.Foreign(name))
		}
	}
	return all, nil
}

// quit says goodbye to the broker and closes. It waits no longer than a moment: what is unconfirmed
// stays ours in any case.
func quit(conn *amqp.Connection, t *transport) {
	defer time.AfterFunc(2*time.Second, func() { t.Close() }).Stop()
	if err := conn.Close(); err != nil {
		t.Close()
	}
}
