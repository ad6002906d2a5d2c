package revocation

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// source is one entry of the configuration that names lists.
type source struct {
	book    *book
	web     *web
	config  ListSource
	issuers []*x509.Certificate

	origins map[string]*origin // by name; protected by book.mu
}

// origin is one place of a list, a file or a URL, and the list that was had from there last; all
// of it protected by book.mu. A list that cannot be taken leaves the one before.
type origin struct {
	name     string
	list     *list             // nil: none has been had
	issuer   *x509.Certificate // whose key has signed it
	looked   time.Time         // when the place was last found to be in order
	failure  string            // why it is not; empty: it is
	failures int               // in a row
	had, bad uint64            // looks that went well and that did not, for counters

	changed   time.Time // of a file
	validator validator // of a URL
}

// pollInterval is how often files are looked at.
const pollInterval = time.Minute

// open reads what there is before the source is used.
func (s *source) open() error {
	if s.config.URL != "" {
		o := &origin{name: s.config.URL}
		s.origins[o.name] = o
		s.recall(o)
		return nil
	}
	names, err := filepath.Glob(s.config.File)
	if err != nil {
		return fmt.Errorf("reading CRLs %s: %w", s.config.File, err)
	}
	if len(names) == 0 {
		return fmt.Errorf("reading CRLs: no file is called %s", s.config.File)
	}
	for _, name := range names {
		o := &origin{name: name}
		if err := s.readFile(o); err != nil {
			return fmt.Errorf("reading CRL %s: %w", name, err)
		}
		s.origins[name] = o
	}
	return nil
}

// look keeps the source up to date until ctx ends.
func (s *source) look(ctx context.Context) {
	wait, act := func() time.Duration { return pollInterval }, func() { s.poll() }
	if s.config.URL != "" {
		wait, act = s.wait, func() { s.fetch(ctx) }
	}
	for {
		timer := time.NewTimer(wait())
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
			act()
		}
	}
}

// notOlder refuses a file that holds an older list than the one which has been in force from there.
func (s *source) notOlder(before *book) error {
	for _, o := range s.origins {
		old := before.origin(o.name)
		if old.list == nil || s.config.URL != "" {
			continue
		}
		if err := o.replaces(old.list, old.issuer); err != nil {
			return fmt.Errorf("reading CRL %s: %w", o.name, err)
		}
	}
	return nil
}

// origin is a copy of what is known of a place, the zero value when it is none of this book.
func (b *book) origin(name string) origin {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.sources {
		if o := s.origins[name]; o != nil {
			return *o
		}
	}
	return origin{}
}

// replaces says whether the list of o may take the place of another one.
func (o *origin) replaces(l *list, issuer *x509.Certificate) error {
	if !bytes.Equal(o.issuer.RawSubjectPublicKeyInfo, issuer.RawSubjectPublicKeyInfo) ||
		!bytes.Equal(o.list.scope.raw, l.scope.raw) {
		return nil // of another key or scope: nothing to compare
	}
	return o.list.newer(l)
}

// accept reads a list and finds out who signed it.
func (s *source) accept(text []byte) (*list, *x509.Certificate, error) {
	l, err := parse(text)
	if err != nil {
		return nil, nil, err
	}
	issuer, err := l.verify(s.issuers, s.book.keeper.GOST)
	if err != nil {
		return nil, nil, err
	}
	if l.thisUpdate.After(s.book.keeper.Now().Add(skew)) {
		return nil, nil, fmt.Errorf("%w: %s", errFuture, stamp(l.thisUpdate))
	}
	return l, issuer, nil
}

// offer puts a list in force that was had from an origin, unless it is older than the one before.
func (s *source) offer(o *origin, l *list, issuer *x509.Certificate) error {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	if o.list != nil {
		if bytes.Equal(o.list.der, l.der) {
			return nil
		}
		offered := origin{list: l, issuer: issuer}
		if err := offered.replaces(o.list, o.issuer); err != nil {
			return err
		}
	}
	o.list, o.issuer = l, issuer
	s.book.index()
	s.book.keeper.changed()
	return nil
}

// note writes down how a look at an origin went. Whoever reads the log learns of a failure once,
// and of its end.
func (s *source) note(o *origin, err error) {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	before := o.failure
	if err == nil {
		o.looked, o.failure, o.failures = s.book.keeper.Now(), "", 0
		o.had++
		if before != "" {
			s.book.keeper.Log.Info("revocation list is had again", "source", o.name)
		}
		return
	}
	o.failure = clean(err.Error())
	o.failures++
	o.bad++
	if o.failure != before {
		s.book.keeper.Log.Warn("revocation list cannot be had; the last good one stays in force",
			"source", o.name, "error", o.failure)
	}
}

// poll looks at the files: at those that are new, have changed, or were not in order last time.
func (s *source) poll() {
	names, err := filepath.Glob(s.config.File)
	if err != nil {
		names = nil // the pattern has been read before
	}
	here := make(map[string]bool)
	for _, name := range names {
		here[name] = true
		s.book.mu.Lock()
		o := s.origins[name]
		if o == nil {
			o = &origin{name: name}
			s.origins[name] = o
		}
		changed, failed := o.changed, o.failure != ""
		s.book.mu.Unlock()
		info, err := os.Stat(name)
		if err == nil && !failed && info.ModTime().Equal(changed) {
			continue
		}
		s.note(o, s.readFile(o))
	}
	for _, o := range s.places() {
		if !here[o.name] {
			s.note(o, errors.New("the file is gone"))
		}
	}
}

// places are the origins at this moment.
func (s *source) places() []*origin {
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	var all []*origin
	for _, o := range s.origins {
		all = append(all, o)
	}
	return all
}

// readFile takes the list that is in a file.
func (s *source) readFile(o *origin) error {
	f, err := os.Open(o.name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("is no file")
	}
	text, err := readAll(f, info.Size(), s.book.config.MaxSize)
	if err != nil {
		return err
	}
	l, issuer, err := s.accept(text)
	if err != nil {
		return err
	}
	if err := s.offer(o, l, issuer); err != nil {
		return err
	}
	s.book.mu.Lock()
	defer s.book.mu.Unlock()
	o.changed, o.looked = info.ModTime(), s.book.keeper.Now()
	return nil
}

// errTooLarge: more octets than the configuration allows for a list.
var errTooLarge = errors.New("is larger than max_size allows")

// readAll reads at most most octets; expected, when it is positive, spares growing the buffer.
func readAll(from io.Reader, expected, most int64) ([]byte, error) {
	if expected > most {
		return nil, errTooLarge
	}
	var buffer bytes.Buffer
	buffer.Grow(int(max(expected, 0)) + bytes.MinRead)
	if _, err := buffer.ReadFrom(io.LimitReader(from, most+1)); err != nil {
		return nil, err
	}
	if int64(buffer.Len()) > most {
		return nil, errTooLarge
	}
	return buffer.Bytes(), nil
}
