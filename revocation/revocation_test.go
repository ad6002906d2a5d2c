package revocation

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"asugate/internal/pki"
	"asugate/signature"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// world is an authority, its people, and a folder with what it publishes.
type world struct {
	t     *testing.T
	dir   string
	files time.Time // when the newest file was written, as the file system says
	ca    *pki.Authority
	good  pki.Credential
	bad   pki.Credential // the one that lists name
	log   bytes.Buffer

	transport http.RoundTripper // nil: the network
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), files: now, ca: pki.Must(pki.NewAuthority("Issuing CA", now))}
	w.good, w.bad = w.issue("Good"), w.issue("Bad")
	w.write("ca.pem", pki.EncodeCertificates(w.ca.Certificate))
	return w
}

func (w *world) issue(name string) pki.Credential {
	return pki.Must(w.ca.Issue(pki.Request{Subject: pki.Subject{CommonName: name}}))
}

func (w *world) write(name string, text []byte) string {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		w.t.Fatal(err)
	}
	// Two versions within one tick of the file system's clock must be told apart.
	w.files = w.files.Add(time.Second)
	if err := os.Chtimes(path, w.files, w.files); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// revoked is a list that names bad for keyCompromise since a day ago.
func (w *world) revoked() pki.CRL {
	return pki.CRL{Number: 7, ThisUpdate: now.Add(-time.Hour), NextUpdate: now.Add(24 * time.Hour),
		Revoked: []pki.Revoked{{Serial: w.bad.Certificate.SerialNumber, At: now.Add(-24 * time.Hour), Reason: 1}}}
}

// config has the sources' common values.
func (w *world) config(lists ...ListSource) Config {
	return Config{
		Lists: lists, Refresh: time.Hour, Grace: 12 * time.Hour, Timeout: 5 * time.Second, MaxSize: 1 << 20,
		Cache: filepath.Join(w.dir, "cache"),
	}
}

func (w *world) in(pattern string) ListSource {
	return ListSource{File: filepath.Join(w.dir, pattern), Issuer: filepath.Join(w.dir, "ca.pem")}
}

func (w *world) keeper() *Keeper {
	return New(Options{
		Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(&w.log, nil)), transport: w.transport,
	})
}

// using is a keeper with the configuration in force.
func (w *world) using(c Config) *Keeper {
	w.t.Helper()
	k := w.keeper()
	p, err := k.Prepare(c)
	if err != nil {
		w.t.Fatal(err)
	}
	k.Use(p)
	return k
}

func (w *world) status(k *Keeper, c pki.Credential, at time.Time) signature.Revocation {
	return k.Status(c.Certificate, w.ca.Certificate, at)
}

// state is the answer in a word, with the reason of a revocation.
func state(r signature.Revocation) string {
	word := [...]string{"unconfigured", "good", "revoked", "unknown"}[r.State]
	if r.State == signature.RevocationRevoked {
		word += " " + r.Reason
	}
	return word
}

func critical(id asn1.ObjectIdentifier, value ...byte) pkix.Extension {
	return pkix.Extension{Id: id, Critical: true, Value: value}
}

// What a list says of a certificate it names and of one it does not.
func TestListSays(t *testing.T) {
	w := newWorld(t)
	idp := asn1.ObjectIdentifier{2, 5, 29, 28}
	since := now.Add(-24 * time.Hour)
	with := func(change func(*pki.CRL)) pki.CRL {
		c := w.revoked()
		change(&c)
		return c
	}
	because := func(reason int) pki.CRL { return with(func(c *pki.CRL) { c.Revoked[0].Reason = reason }) }
	scoped := func(value ...byte) pki.CRL {
		return with(func(c *pki.CRL) { c.Extensions = []pkix.Extension{critical(idp, value...)} })
	}
	for name, one := range map[string]struct {
		list      pki.CRL
		at        time.Time
		bad, good string
	}{
		"fresh":                    {w.revoked(), now, "revoked keyCompromise", "good"},
		"no reason":                {because(0), now, "revoked unspecified", "good"},
		"of a CA":                  {because(2), now, "revoked cACompromise", "good"},
		"affiliation":              {because(3), now, "revoked affiliationChanged", "good"},
		"superseded":               {because(4), now, "revoked superseded", "good"},
		"cessation":                {because(5), now, "revoked cessationOfOperation", "good"},
		"on hold":                  {because(6), now, "revoked certificateHold", "good"},
		"put back":                 {because(8), now, "good", "good"},
		"privilege":                {because(9), now, "revoked privilegeWithdrawn", "good"},
		"of an AA":                 {because(10), now, "revoked aACompromise", "good"},
		"the moment of revocation": {w.revoked(), since, "revoked keyCompromise", "good"},
		"a second before":          {w.revoked(), since.Add(-time.Second), "good", "good"},
		"within grace":             {w.revoked(), now.Add(36 * time.Hour), "revoked keyCompromise", "good"},
		"beyond grace":             {w.revoked(), now.Add(36*time.Hour + time.Second), "revoked keyCompromise", "unknown"},
		"on hold, beyond grace":    {because(6), now.Add(37 * time.Hour), "unknown", "unknown"},
		"nobody is revoked":        {with(func(c *pki.CRL) { c.Revoked = nil }), now, "good", "good"},
		"for users only":           {scoped(0x30, 3, 0x81, 1, 0xFF), now, "revoked keyCompromise", "good"},
		"for authorities only":     {scoped(0x30, 3, 0x82, 1, 0xFF), now, "unknown", "unknown"},
		"for another point":        {scoped(0x30, 7, 0xA0, 5, 0xA0, 3, 0x86, 1, 'x'), now, "unknown", "unknown"},
		"critical, but understood": {scoped(0x30, 0), now, "revoked keyCompromise", "good"},
		"revoked in the year 2050": {with(func(c *pki.CRL) { c.Revoked[0].At = time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC) }), now, "good", "good"},
		"revoked in the year 1999": {with(func(c *pki.CRL) { c.Revoked[0].At = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) }), now, "revoked keyCompromise", "good"},
		"named twice, earlier last": {with(func(c *pki.CRL) {
			c.Revoked = append(c.Revoked, pki.Revoked{Serial: c.Revoked[0].Serial, At: since.Add(-time.Hour), Reason: 4})
		}), since.Add(-time.Minute), "revoked superseded", "good"},
	} {
		t.Run(name, func(t *testing.T) {
			w.write("one.crl", pki.Must(w.ca.CRL(one.list)))
			k := w.using(w.config(w.in("one.crl")))
			got := [2]string{state(w.status(k, w.bad, one.at)), state(w.status(k, w.good, one.at))}
			if diff := cmp.Diff([2]string{one.bad, one.good}, got); diff != "" {
				t.Errorf("bad, good (-want +got):\n%s", diff)
			}
		})
	}
}

// The answer brings the evidence, and when it was made; one that is missing says why.
func TestListEvidence(t *testing.T) {
	w := newWorld(t)
	der := pki.Must(w.ca.CRL(w.revoked()))
	w.write("one.crl", der)
	k := w.using(w.config(w.in("one.crl")))
	want := signature.Revocation{
		State: signature.RevocationRevoked, Source: "crl", Produced: now.Add(-time.Hour), Next: now.Add(24 * time.Hour),
		RevokedAt: now.Add(-24 * time.Hour), Reason: "keyCompromise", Evidence: der,
	}
	if diff := cmp.Diff(want, w.status(k, w.bad, now)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	late := w.status(k, w.good, now.Add(48*time.Hour))
	if !strings.Contains(late.Why, "Issuing CA is out of date since 2026-11-23T22:00:00Z") {
		t.Errorf("why: %q", late.Why)
	}
}

// An issuer is found by its name and its key; one of the two is not enough.
func TestIssuerIsNameAndKey(t *testing.T) {
	w := newWorld(t)
	w.write("one.crl", pki.Must(w.ca.CRL(w.revoked())))
	k := w.using(w.config(w.in("one.crl")))
	sameName := pki.Must(pki.NewAuthority("Issuing CA", now))
	renamed := *w.ca.Certificate
	renamed.RawSubject = sameName.Certificate.RawSubjectPublicKeyInfo // any other octets
	for name, issuer := range map[string]*x509.Certificate{
		"the same name, another key": sameName.Certificate,
		"the same key, another name": &renamed,
		"another authority":          pki.Must(pki.NewAuthority("Other", now)).Certificate,
	} {
		if got := state(k.Status(w.bad.Certificate, issuer, now)); got != "unconfigured" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// A list is about the certificates that name its distribution point.
func TestDistributionPoint(t *testing.T) {
	w := newWorld(t)
	name := []byte{0x86, 8, 'h', 't', 't', 'p', ':', '/', '/', 'a'}
	point := func(inner []byte) []byte { // DistributionPointName: [0] { fullName [0] { GeneralNames } }
		full := append([]byte{0xA0, byte(len(inner))}, inner...)
		return append([]byte{0xA0, byte(len(full))}, full...)
	}
	sequence := func(inner []byte) []byte { return append([]byte{0x30, byte(len(inner))}, inner...) }
	sharded := pki.Must(w.ca.Issue(pki.Request{Subject: pki.Subject{CommonName: "Sharded"}, Extensions: []pkix.Extension{
		{Id: distributionPoints, Value: sequence(sequence(point(name)))},
	}}))
	c := w.revoked()
	c.Revoked[0].Serial = sharded.Certificate.SerialNumber
	c.Extensions = []pkix.Extension{critical(asn1.ObjectIdentifier{2, 5, 29, 28}, sequence(point(name))...)}
	w.write("one.crl", pki.Must(w.ca.CRL(c)))
	k := w.using(w.config(w.in("one.crl")))
	if got := state(w.status(k, sharded, now)); got != "revoked keyCompromise" {
		t.Errorf("the certificate that names the point: %s", got)
	}
	if got := w.status(k, w.good, now); state(got) != "unknown" || !strings.Contains(got.Why, "is about this certificate") {
		t.Errorf("the one that does not: %s, %s", state(got), got.Why)
	}
}

// A certificate that has ended may have been taken off the list.
func TestAfterTheEnd(t *testing.T) {
	w := newWorld(t)
	ended := pki.Must(w.ca.Issue(pki.Request{
		Subject: pki.Subject{CommonName: "Ended"}, NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.Add(-2 * time.Hour),
	}))
	w.write("one.crl", pki.Must(w.ca.CRL(w.revoked())))
	k := w.using(w.config(w.in("one.crl")))
	if got := w.status(k, ended, now.Add(-3*time.Hour)); state(got) != "unknown" || !strings.Contains(got.Why, "ended") {
		t.Errorf("%s, %s", state(got), got.Why)
	}
	// Unless the list says that it keeps them.
	c := w.revoked()
	c.Extensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 60},
		Value: append([]byte{0x18, 15}, "20200101000000Z"...)}}
	w.write("one.crl", pki.Must(w.ca.CRL(c)))
	k = w.using(w.config(w.in("one.crl")))
	if got := state(w.status(k, ended, now.Add(-3*time.Hour))); got != "good" {
		t.Errorf("kept on the list: %s", got)
	}
}

// What is refused when it is read, each by its name, and named with its file.
func TestListRefused(t *testing.T) {
	w := newWorld(t)
	good := pki.Must(w.ca.CRL(w.revoked()))
	number := asn1.ObjectIdentifier{2, 5, 29, 20}
	idp := asn1.ObjectIdentifier{2, 5, 29, 28}
	with := func(x ...pkix.Extension) []byte {
		c := w.revoked()
		c.Extensions = x
		return pki.Must(w.ca.CRL(c))
	}
	senseless := w.revoked()
	senseless.Revoked[0].Reason = 7
	future := w.revoked()
	future.ThisUpdate = now.Add(6 * time.Minute)
	noSign := pki.Must(pki.NewAuthorityFor(pki.Request{
		Subject: pki.Subject{CommonName: "Issuing CA"}, KeyUsage: x509.KeyUsageCertSign}, now))
	w.write("nosign.pem", pki.EncodeCertificates(noSign.Certificate))
	entry := func(x pkix.Extension) []byte {
		der, err := x509.CreateRevocationList(nil, &x509.RevocationList{
			Number: big.NewInt(1), ThisUpdate: now, NextUpdate: now.Add(time.Hour),
			RevokedCertificateEntries: []x509.RevocationListEntry{{
				SerialNumber: big.NewInt(5), RevocationTime: now, ExtraExtensions: []pkix.Extension{x}}},
		}, w.ca.Certificate, w.ca.Key)
		return pki.Must(der, err)
	}
	changed := bytes.Clone(good)
	changed[len(changed)-20] ^= 1
	// ecdsa-with-SHA384 outside, ecdsa-with-SHA256 inside.
	at := bytes.LastIndex(good, []byte{0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2})
	twoNames := bytes.Clone(good)
	twoNames[at+7] = 3
	serial := w.bad.Certificate.SerialNumber.Bytes()
	another := bytes.Clone(serial) // of the same length: serial numbers are not all as long as each other
	another[len(another)-1] ^= 1
	flipped := bytes.Replace(good, serial, another, 1)
	for name, one := range map[string]struct {
		text   []byte
		issuer string
		want   error
	}{
		"empty":                   {nil, "", errNotCRL},
		"a page in HTML":          {[]byte("<!DOCTYPE html><html><body>404</body></html>"), "", errNotCRL},
		"truncated":               {good[:len(good)-1], "", errNotCRL},
		"something behind":        {append(bytes.Clone(good), 0), "", errNotCRL},
		"a certificate":           {w.ca.Certificate.Raw, "", errNotCRL},
		"a certificate in PEM":    {pki.EncodeCertificates(w.ca.Certificate), "", errNotCRL},
		"two in PEM":              {append(armored(good), armored(good)...), "", errNotCRL},
		"damaged signature":       {changed, "", errForeign},
		"two algorithms":          {twoNames, "", errNotCRL},
		"another serial number":   {flipped, "", errForeign},
		"same name, another key":  {pki.Must(pki.Must(pki.NewAuthority("Issuing CA", now)).CRL(w.revoked())), "", errForeign},
		"another authority":       {pki.Must(pki.Must(pki.NewAuthority("Other CA", now)).CRL(w.revoked())), "", errForeign},
		"the key may not":         {resigned(noSign, w.revoked()), "nosign.pem", errUsage},
		"of the future":           {pki.Must(w.ca.CRL(future)), "", errFuture},
		"a delta":                 {with(critical(asn1.ObjectIdentifier{2, 5, 29, 27}, 2, 1, 1)), "", errDelta},
		"indirect":                {with(critical(idp, 0x30, 3, 0x84, 1, 0xFF)), "", errIndirect},
		"some reasons":            {with(critical(idp, 0x30, 4, 0x83, 2, 1, 0x40)), "", errPartial},
		"attribute certificates":  {with(critical(idp, 0x30, 3, 0x85, 1, 0xFF)), "", errPartial},
		"unknown critical":        {with(critical(asn1.ObjectIdentifier{1, 2, 3}, 5, 0)), "", errCritical},
		"negative number":         {with(pkix.Extension{Id: number, Value: []byte{2, 1, 0xFF}}), "", errNotCRL},
		"entry: other issuer":     {entry(critical(asn1.ObjectIdentifier{2, 5, 29, 29}, 0x30, 0)), "", errIndirect},
		"entry: unknown critical": {entry(critical(asn1.ObjectIdentifier{1, 2, 3}, 5, 0)), "", errCritical},
		"entry: no such reason":   {pki.Must(w.ca.CRL(senseless)), "", errNotCRL},
	} {
		t.Run(name, func(t *testing.T) {
			path := w.write("one.crl", one.text)
			source := w.in("one.crl")
			if one.issuer != "" {
				source.Issuer = filepath.Join(w.dir, one.issuer)
			}
			_, err := w.keeper().Prepare(w.config(source))
			if !errors.Is(err, one.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want %v of %s", err, one.want, path)
			}
		})
	}
}

// resigned is a list by an authority that crypto/x509 would not let sign one.
func resigned(a *pki.Authority, c pki.CRL) []byte {
	may := *a
	certificate := *a.Certificate
	certificate.KeyUsage |= x509.KeyUsageCRLSign
	may.Certificate = &certificate
	return pki.Must(may.CRL(c))
}

func armored(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: der})
}

// DER and PEM say the same.
func TestListInPEM(t *testing.T) {
	w := newWorld(t)
	w.write("one.crl", armored(pki.Must(w.ca.CRL(w.revoked()))))
	k := w.using(w.config(w.in("*.crl")))
	if got := state(w.status(k, w.bad, now)); got != "revoked keyCompromise" {
		t.Error(got)
	}
}

// Nothing that a certificate names is ever asked: neither its CRL, nor its issuer's certificate, nor
// its responder.
func TestCertificateSendsUsNowhere(t *testing.T) {
	asked := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.Path }))
	defer server.Close()
	w := newWorld(t)
	lure := pki.Must(w.ca.Issue(pki.Request{Subject: pki.Subject{CommonName: "Lure"}, Extensions: lures(server.URL)}))
	if len(lure.Certificate.CRLDistributionPoints) == 0 || len(lure.Certificate.OCSPServer) == 0 {
		t.Fatal("the certificate names nothing")
	}
	none := w.using(w.config())
	w.write("one.crl", pki.Must(w.ca.CRL(w.revoked())))
	one := w.using(w.config(w.in("one.crl")))
	for _, k := range []*Keeper{none, one} {
		w.status(k, lure, now)
		w.status(k, lure, now.Add(100*time.Hour))
	}
	select {
	case path := <-asked:
		t.Errorf("%s was asked for", path)
	case <-time.After(50 * time.Millisecond):
	}
}

// lures are cRLDistributionPoints and authorityInformationAccess that lead to a server.
func lures(address string) []pkix.Extension {
	uri := func(path string) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(address + path)}
	}
	type full struct {
		Names []asn1.RawValue `asn1:"tag:0"`
	}
	type point struct {
		Name full `asn1:"tag:0"`
	}
	type access struct {
		Method   asn1.ObjectIdentifier
		Location asn1.RawValue
	}
	ad := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48}
	return []pkix.Extension{
		{Id: distributionPoints, Value: pki.Must(asn1.Marshal([]point{{full{[]asn1.RawValue{uri("/ca.crl")}}}}))},
		{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 1}, Value: pki.Must(asn1.Marshal([]access{
			{append(ad, 1), uri("/ocsp")}, {append(ad, 2), uri("/ca.crt")},
		}))},
	}
}
