package signature

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"asugate/internal/gostengine"
	"asugate/internal/pki"
	"asugate/xmltree"
)

// pathOf looks for a path and says what was found: the faults by their words, those that the policy
// lets pass in parentheses.
func pathOf(trust *Trust, policy Policy, at time.Time, chain ...*x509.Certificate) (path []*x509.Certificate, words string) {
	path, faults := trust.path(chain[0], chain[1:], at, policy)
	var list []string
	for _, f := range faults {
		word := f.why.word
		if policy.level(checkOf(f.why)) != Fail {
			word = "(" + word + ")"
		}
		list = append(list, word)
	}
	return path, strings.Join(list, " ")
}

func levels(level Level, checks ...string) Policy {
	r := &Rules{Levels: map[string]Level{}}
	for _, c := range checks {
		r.Levels[c] = level
	}
	return Policy{Rules: r}
}

// What the rules let pass in a path is let pass, and nothing else with it: crypto/x509 has its say
// even then.
func TestPathUnderRules(t *testing.T) {
	root := pki.Must(pki.NewAuthorityFor(pki.Request{Subject: pki.Subject{CommonName: "Корень"}, Key: pki.RSA2048}, now))
	below := func(a *pki.Authority, r pki.Request) *pki.Authority {
		r.CommonName = "Промежуточный"
		return pki.Must(a.Intermediate(r))
	}
	leaf := func(a *pki.Authority, r pki.Request) []*x509.Certificate {
		r.Subject = person
		return pki.Must(a.Issue(r)).Chain
	}
	expired := pki.Request{NotBefore: now.Add(-2 * day), NotAfter: now.Add(-day)}
	critical := pki.Request{Extensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}}
	sha1 := pki.Request{Signature: x509.SHA1WithRSA}
	one := pki.Must(x509.OIDFromInts([]uint64{1, 2, 643, 100, 113, 1}))
	policy := pki.Request{Policies: []x509.OID{one}, Extensions: []pkix.Extension{pki.RequireExplicitPolicy()}}
	constrained := pki.Request{PermittedDNS: []string{"rzd.example"}}
	evil := expired
	evil.Hosts = []string{"evil.example"}
	legacy := func(l Legacy) Policy { return Policy{Rules: &Rules{Legacy: l}} }
	trust := NewTrust([]*x509.Certificate{root.Certificate})
	for _, c := range []struct {
		name   string
		chain  []*x509.Certificate
		policy Policy
		want   string
	}{
		{"expired signer", leaf(root, expired), Policy{}, "expired"},
		{"expired signer, let pass", leaf(root, expired), levels(Warn, "certificate-validity"), "(expired)"},
		{"expired signer, ignored", leaf(root, expired), levels(Ignore, "certificate-validity"), "(expired)"},
		{"expired signer, another check let pass", leaf(root, expired), levels(Warn, "issuer-validity"), "expired"},
		{"expired issuer, let pass", leaf(below(root, expired), pki.Request{}), levels(Warn, "issuer-validity"), "(issuer-expired)"},
		{"critical extension, let pass", leaf(root, critical), levels(Warn, "critical-extension"), "(critical-extension)"},
		// A constraint of an authority is nothing that rules may let pass.
		{"critical extension of the issuer", leaf(below(root, critical), pki.Request{}), levels(Warn, "critical-extension"), "issuer-critical-extension"},
		// Expired is let pass; the name constraint below it is not hidden by that.
		{"expired signer against a name constraint", leaf(below(root, constrained), evil), levels(Warn, "certificate-validity"), "(expired) path-constraint"},
		{"SHA-1 in the path", leaf(root, sha1), Policy{}, "sha1"},
		{"SHA-1 in the path, switched on", leaf(root, sha1), legacy(LegacySHA1), ""},
		{"SHA-1 in the path, another switch", leaf(root, sha1), legacy(LegacyRSA1024), "sha1"},
		// crypto/x509 cannot follow a path with SHA-1, and what it would have looked at is refused.
		{"SHA-1 and name constraints", leaf(below(root, pki.Request{Signature: x509.SHA1WithRSA, PermittedDNS: constrained.PermittedDNS}), pki.Request{}),
			legacy(LegacySHA1), "path-constraint"},
		{"SHA-1 and a required policy", leaf(below(root, pki.Request{Signature: x509.SHA1WithRSA, Extensions: policy.Extensions}), pki.Request{}),
			legacy(LegacySHA1), "path-constraint"},
		{"policy required and there", leaf(below(root, policy), pki.Request{Policies: []x509.OID{one}}), Policy{}, ""},
		{"policy required and not there", leaf(below(root, policy), pki.Request{}), Policy{}, "path-constraint"},
		{"weak issuer, switched on", leaf(below(root, pki.Request{Key: pki.RSA1024}), pki.Request{}), legacy(LegacyRSA1024), ""},
		{"an issuer below the register's minimum", leaf(root, pki.Request{}), Policy{Rules: &Rules{MinRSA: 3072}}, "rsa-key-too-short"},
		{"a signer below the register's minimum", leaf(root, pki.Request{}), Policy{Rules: &Rules{MinEC: 384}}, "ec-key-too-short"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path, got := pathOf(trust, c.policy, now, c.chain...)
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if len(path) < 2 {
				t.Errorf("path of %d", len(path))
			}
		})
	}
}

// The switches without which a path would not hold are named.
func TestLegacyOfPath(t *testing.T) {
	root := pki.Must(pki.NewAuthorityFor(pki.Request{Subject: pki.Subject{CommonName: "Корень"}, Key: pki.RSA2048}, now))
	weak := pki.Must(root.Intermediate(pki.Request{Subject: pki.Subject{CommonName: "Слабый"}, Key: pki.RSA1024}))
	plain := pki.Must(root.Issue(pki.Request{Subject: person}))
	old := pki.Must(weak.Issue(pki.Request{Subject: person, Signature: x509.SHA1WithRSA}))
	if l := legacyOf(append(plain.Chain, root.Certificate)); l != 0 {
		t.Errorf("plain: %v", l.Names())
	}
	if l := legacyOf(append(old.Chain, root.Certificate)); l != LegacySHA1|LegacyRSA1024 {
		t.Errorf("old: %v", l.Names())
	}
}

// Authorities that certify each other: the path is found across, and a circle ends.
func TestCrossCertificates(t *testing.T) {
	ours := pki.Must(pki.NewAuthority("Наш", now))
	theirs := pki.Must(pki.NewAuthority("Их", now))
	across := pki.Must(ours.CrossCertify(theirs, pki.Request{}))
	back := pki.Must(theirs.CrossCertify(ours, pki.Request{}))
	leaf := pki.Must(theirs.Issue(pki.Request{Subject: person})).Certificate
	stranger := pki.Must(pki.NewAuthority("Чужой", now))
	trust := func(list ...*x509.Certificate) *Trust { return NewTrust(list) }
	for _, c := range []struct {
		name  string
		trust *Trust
		chain []*x509.Certificate
		path  int
		want  string
	}{
		{"the cross-certificate comes along", trust(ours.Certificate), []*x509.Certificate{leaf, across}, 3, ""},
		{"it is trusted itself", trust(across), []*x509.Certificate{leaf}, 2, ""},
		{"it is missing", trust(ours.Certificate), []*x509.Certificate{leaf}, 0, "untrusted"},
		{"round in a circle", trust(stranger.Certificate), []*x509.Certificate{leaf, across, back, ours.Certificate, theirs.Certificate}, 0, "untrusted"},
		{"both, and one is trusted", trust(ours.Certificate), []*x509.Certificate{leaf, theirs.Certificate, back, across}, 3, ""},
	} {
		path, got := pathOf(c.trust, Policy{}, now, c.chain...)
		if got != c.want || len(path) != c.path {
			t.Errorf("%s: path of %d, %q; want %d, %q", c.name, len(path), got, c.path, c.want)
		}
	}
}

// An authority that has renewed its key many times under one name: the identifier of the key leads to
// the right one within the budget. Who leaves it out is looked for in order.
func TestManyOfOneName(t *testing.T) {
	var all []*x509.Certificate
	var last *pki.Authority
	for range maxPathChecks + 8 {
		last = pki.Must(pki.NewAuthority("УЦ", now))
		all = append(all, last.Certificate)
	}
	leaf := pki.Must(last.Issue(pki.Request{Subject: person})).Certificate
	if _, got := pathOf(NewTrust(all), Policy{}, now, leaf); got != "" {
		t.Errorf("with the identifier: %s", got)
	}
	// The document brings authorities of the same name along: they cost their checks and no more.
	anonymous := *leaf
	anonymous.AuthorityKeyId = nil
	s := pathSearch{trust: NewTrust(all), at: now}
	s.extend([]*x509.Certificate{&anonymous})
	if s.found || s.checks != maxPathChecks {
		t.Errorf("found %v after %d checks", s.found, s.checks)
	}
}

// The railway's own authority: a usage of its own, a period of the key, no number of anybody.
func TestCorporateCertificate(t *testing.T) {
	root := pki.Must(pki.NewAuthority("ЦС_3", now))
	c := pki.Must(root.Issue(pki.Corporate(pki.Subject{CommonName: "Иванов И.И."}, now)))
	trust := NewTrust([]*x509.Certificate{root.Certificate})
	for _, one := range []struct {
		at     time.Time
		policy Policy
		want   string
	}{
		{now, Policy{}, ""},
		{now.AddDate(2, 0, 0), Policy{}, "key-period"},
		{now.AddDate(2, 0, 0), levels(Warn, "key-period"), "(key-period)"},
		{now.AddDate(5, 0, 0), Policy{}, "expired key-period"},
	} {
		if _, got := pathOf(trust, one.policy, one.at, c.Certificate); got != one.want {
			t.Errorf("%v: %q, want %q", one.at, got, one.want)
		}
	}
}

// GOST paths are followed by ourselves: RFC 5280 section 6.1 with every fault named, and what we do
// not evaluate in them refused by name.
func TestGOSTPath(t *testing.T) {
	e := gostengine.New(t)
	at := time.Now().Add(time.Minute) // what is issued below is valid from its second on
	root := e.Authority(gostengine.GOST2012_512, "Корень")
	middle := e.Intermediate(root, gostengine.GOST2012_256, "Промежуточный")
	leaf := e.Issue(middle, gostengine.GOST2012_256, "/CN=Подписант")
	fromLeaf := e.Issue(leaf, gostengine.GOST2012_256, "/CN=Самозванец")
	stranger := e.Authority(gostengine.GOST2012_512, "Корень")
	ca := "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n"
	limited := gostIssued(t, e, root, "Без глубины", "basicConstraints=critical,CA:TRUE,pathlen:0\n")
	deeper := e.Intermediate(limited, gostengine.GOST2012_256, "Глубже")
	tooDeep := e.Issue(deeper, gostengine.GOST2012_256, "/CN=Подписант")
	named := gostIssued(t, e, root, "С именами", ca+"nameConstraints=critical,permitted;DNS:rzd.example\n")
	demanding := gostIssued(t, e, root, "С политикой", ca+"policyConstraints=requireExplicitPolicy:0\n")
	crlOnly := gostIssued(t, e, root, "Для списков", "basicConstraints=critical,CA:TRUE\nkeyUsage=cRLSign\n")
	signed := func(a gostengine.Credential) *x509.Certificate {
		return e.Issue(a, gostengine.GOST2012_256, "/CN=Подписант").Certificate
	}
	flipped := *leaf.Certificate
	flipped.Raw = flip(flipped.Raw, len(flipped.Raw)-8)
	trust := NewTrust([]*x509.Certificate{root.Certificate})
	for _, c := range []struct {
		name   string
		trust  *Trust
		policy Policy
		at     time.Time
		chain  []*x509.Certificate
		want   string
	}{
		{"through an intermediate", trust, Policy{}, at, []*x509.Certificate{leaf.Certificate, middle.Certificate}, ""},
		{"intermediate missing", trust, Policy{}, at, []*x509.Certificate{leaf.Certificate}, "untrusted"},
		{"another root of the name", NewTrust([]*x509.Certificate{stranger.Certificate}), Policy{}, at,
			[]*x509.Certificate{leaf.Certificate, middle.Certificate}, "untrusted"},
		{"pinned", NewTrust([]*x509.Certificate{leaf.Certificate}), Policy{}, at, []*x509.Certificate{leaf.Certificate}, ""},
		{"a changed signature of the certificate", trust, Policy{}, at, []*x509.Certificate{&flipped, middle.Certificate}, "untrusted"},
		{"issued by a person", trust, Policy{}, at,
			[]*x509.Certificate{fromLeaf.Certificate, leaf.Certificate, middle.Certificate}, "issuer-not-ca issuer-key-usage"},
		{"path length", trust, Policy{}, at, []*x509.Certificate{tooDeep.Certificate, deeper.Certificate, limited.Certificate}, "path-constraint"},
		{"name constraints", trust, Policy{}, at, []*x509.Certificate{signed(named), named.Certificate}, "path-constraint"},
		{"a required policy", trust, Policy{}, at, []*x509.Certificate{signed(demanding), demanding.Certificate}, "path-constraint"},
		{"an authority for lists only", trust, Policy{}, at, []*x509.Certificate{signed(crlOnly), crlOnly.Certificate}, "issuer-key-usage"},
		{"expired", trust, Policy{}, at.AddDate(2, 0, 0), []*x509.Certificate{leaf.Certificate, middle.Certificate}, "expired issuer-expired"},
		{"expired, let pass", trust, levels(Warn, "certificate-validity", "issuer-validity"), at.AddDate(2, 0, 0),
			[]*x509.Certificate{leaf.Certificate, middle.Certificate}, "(expired) (issuer-expired)"},
		{"below the register's minimum", trust, Policy{Rules: &Rules{MinEC: 512}}, at,
			[]*x509.Certificate{leaf.Certificate, middle.Certificate}, "ec-key-too-short ec-key-too-short"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, got := pathOf(c.trust, c.policy, c.at, c.chain...); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
	// 34.10-2001 in the path needs its switch.
	oldRoot := e.Authority(gostengine.GOST2001, "Старый корень")
	old := e.Issue(oldRoot, gostengine.GOST2001, "/CN=Подписант")
	trust = NewTrust([]*x509.Certificate{oldRoot.Certificate})
	if _, got := pathOf(trust, Policy{}, at, old.Certificate); got == "" {
		t.Error("34.10-2001 passes without its switch")
	}
	if _, got := pathOf(trust, Policy{Rules: &Rules{Legacy: LegacyGOST2001}}, at, old.Certificate); got != "" {
		t.Errorf("34.10-2001 with its switch: %s", got)
	}
}

func flip(b []byte, at int) []byte {
	b = append([]byte(nil), b...)
	b[at] ^= 1
	return b
}

// gostIssued is an authority with extensions of its own.
func gostIssued(t *testing.T, e *gostengine.Engine, issuer gostengine.Credential, name, extensions string) gostengine.Credential {
	t.Helper()
	dir := t.TempDir()
	file := func(s string) string { return filepath.Join(dir, s) }
	if err := os.WriteFile(file("extensions"), []byte(extensions), 0o600); err != nil {
		t.Fatal(err)
	}
	c := gostengine.Credential{
		Algorithm: gostengine.GOST2012_256, KeyFile: e.Key(gostengine.GOST2012_256), CertificateFile: file("certificate.pem"),
	}
	e.Run(nil, "req", "-new", "-md_gost12_256", "-key", c.KeyFile, "-subj", "/CN="+name, "-out", file("request"))
	e.Run(nil, "x509", "-req", "-md_gost12_512", "-in", file("request"), "-CA", issuer.CertificateFile,
		"-CAkey", issuer.KeyFile, "-set_serial", fmt.Sprint(time.Now().UnixNano()), "-days", "365",
		"-extfile", file("extensions"), "-out", c.CertificateFile)
	pem, err := os.ReadFile(c.CertificateFile)
	if err != nil {
		t.Fatal(err)
	}
	c.Certificate = pki.Must(ParseCertificates(pem))[0]
	return c
}

// goneProvider is a GOST provider that has gone away; it counts who has asked.
type goneProvider struct{ asked *int }

func (p goneProvider) Verify(context.Context, string, []byte, []byte, []byte) (bool, error) {
	*p.asked++
	return false, errors.New("no connection")
}

// Where the provider cannot say whether a certificate is genuine nothing is decided, and nothing is
// shown either: anybody may have made it.
func TestSilentProviderInPath(t *testing.T) {
	e := gostengine.New(t)
	root := e.Authority(gostengine.GOST2012_256, "Корень")
	leaf := e.Issue(root, gostengine.GOST2012_256, "/CN=Подписант")
	at := time.Now().Add(time.Minute)
	trust := NewTrust([]*x509.Certificate{root.Certificate})
	asked := 0
	policy := Policy{GOST: goneProvider{&asked}}
	path, got := pathOf(trust, policy, at, leaf.Certificate)
	if got != "provider-silent" || len(path) != 0 {
		t.Errorf("path of %d, %s", len(path), got)
	}
	// However many issuers and signers a document offers, nobody waits for each.
	asked = 0
	many := slices.Repeat([]*x509.Certificate{root.Certificate}, maxCertificates)
	if _, got := pathOf(trust, policy, at, append([]*x509.Certificate{leaf.Certificate}, many...)...); got != "provider-silent" || asked > maxSilences {
		t.Errorf("%d issuers: asked %d times, %s", len(many), asked, got)
	}
	asked = 0
	c := claim{method: methodNamed(nameGOST256), octets: []byte("x"), value: make([]byte, 64)}
	if _, why := c.signers(policy, many); why != providerSilent || asked > maxSilences {
		t.Errorf("%d signers: asked %d times, %v", len(many), asked, why)
	}
	r := Report{Certificate: leaf.Certificate}
	r.fault(providerSilent, xmltree.Element{}, "", "")
	r.conclude(true)
	if indication, sub := r.Indication(); r.Outcome != Undecided || indication != IndicationIndeterminate || sub != TryLater {
		t.Errorf("outcome %d, %s %s", r.Outcome, indication, sub)
	}
}

// A certificate whose own signature nobody here verifies says with what it is made.
func TestCertificateRefusal(t *testing.T) {
	for id, want := range map[string]reason{
		"1.2.804.2.1.1.1.1.3.1.1": algorithmDSTU,
		"1.2.643.2.2.3":           algorithmGOST, // on a curve that is not known
		"1.2.643.7.1.1.3.9":       algorithmGOST,
		"1.2.840.113549.1.1.4":    algorithmMD5,
		"1.2.840.10040.4.3":       algorithmDSA,
		"1.2.3":                   algorithmUnknown,
	} {
		var oid asn1.ObjectIdentifier
		for part := range strings.SplitSeq(id, ".") {
			oid = append(oid, pki.Must(strconv.Atoi(part)))
		}
		raw := pki.Must(asn1.Marshal(struct {
			TBS       struct{}
			Algorithm pkix.AlgorithmIdentifier
			Value     asn1.BitString
		}{Algorithm: pkix.AlgorithmIdentifier{Algorithm: oid}, Value: asn1.BitString{Bytes: []byte{0}, BitLength: 8}}))
		if why, name := certificateRefusal(&x509.Certificate{Raw: raw}); why != want || name != id {
			t.Errorf("%s: %v, named %s", id, why, name)
		}
	}
}
