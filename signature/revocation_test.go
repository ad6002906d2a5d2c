package signature

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"asugate/internal/pki"
	"asugate/xmltree"

	"github.com/google/go-cmp/cmp"
)

// Revocation is judged for every certificate of the path but the one that is trusted, by what the
// source says: refused, waiting, let pass.
func TestRevocation(t *testing.T) {
	root := pki.Must(pki.NewAuthority("Корень", now))
	middle := pki.Must(root.Intermediate(pki.Request{Subject: pki.Subject{CommonName: "Промежуточный"}}))
	cred := pki.Must(middle.Issue(pki.Request{Subject: person}))
	signed := string(pki.Must(pki.Must(NewKey(cred.Key, cred.Chain...)).Sign([]byte(document))))
	leaf, issuer := cred.Certificate.SerialNumber.String(), middle.Certificate.SerialNumber.String()
	trust := NewTrust([]*x509.Certificate{root.Certificate})
	good := Revocation{State: RevocationGood, Source: "crl", Produced: now.Add(-4 * time.Hour)}
	fresh := Revocation{State: RevocationGood, Source: "ocsp", Produced: now}
	revoked := Revocation{State: RevocationRevoked, Source: "crl", Produced: now, RevokedAt: now.Add(-day), Reason: "keyCompromise"}
	held := Revocation{State: RevocationRevoked, Source: "ocsp", Produced: now, RevokedAt: now.Add(-day), Reason: "certificateHold"}
	unknown := Revocation{State: RevocationUnknown, Why: "nobody answers"}
	for _, c := range []struct {
		name       string
		book       book
		rules      *Rules
		outcome    Outcome
		faults     string
		warnings   string
		actual     string // of the first fault
		revocation string
	}{
		{"both good", book{leaf: fresh, issuer: good}, nil, Holds, "", "", "", "crl 2026-11-22T06:00Z"},
		{"no source for either", book{}, nil, Holds, "", "revocation-unconfigured", "", "none"},
		{"no source, and the register wants one", book{leaf: good}, levels(Fail, "revocation-unconfigured").Rules, Fails,
			"revocation-unconfigured", "", "Корень", "crl 2026-11-22T06:00Z"},
		{"the signer's revoked", book{leaf: revoked, issuer: good}, nil, Fails, "revoked", "", "keyCompromise 2026-11-21T10:00:00Z", "crl 2026-11-22T06:00Z"},
		{"the signer's on hold", book{leaf: held, issuer: good}, nil, Fails, "revoked", "", "certificateHold 2026-11-21T10:00:00Z", "crl 2026-11-22T06:00Z"},
		{"the issuer's revoked", book{leaf: good, issuer: revoked}, nil, Fails, "issuer-revoked", "", "keyCompromise 2026-11-21T10:00:00Z", "crl 2026-11-22T06:00Z"},
		// Nothing lets a revoked certificate pass.
		{"revoked, all relaxed", book{leaf: revoked, issuer: good}, levels(Ignore, append(Relaxable(), "revoked")...).Rules, Fails, "revoked", "", "keyCompromise 2026-11-21T10:00:00Z", "crl 2026-11-22T06:00Z"},
		{"nobody answers", book{leaf: unknown, issuer: good}, nil, Undecided, "revocation-pending", "", "Промежуточный nobody answers", "crl 2026-11-22T06:00Z"},
		{"nobody answers for either", book{leaf: unknown, issuer: unknown}, nil, Undecided, "revocation-pending", "", "Промежуточный nobody answers", "none"},
		{"nobody answers, let pass", book{leaf: unknown, issuer: unknown}, levels(Warn, "revocation").Rules, Holds, "", "revocation-pending", "", "none"},
		{"nobody answers for one, the other is revoked", book{leaf: revoked, issuer: unknown}, nil, Fails, "revoked", "", "keyCompromise 2026-11-21T10:00:00Z", "crl 2026-11-22T10:00Z"},
		{"nobody answers for the signer, the issuer is revoked", book{leaf: unknown, issuer: revoked}, nil, Fails, "revocation-pending issuer-revoked", "", "Промежуточный nobody answers", "crl 2026-11-22T10:00Z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// Twice: what the cache of signers remembers changes nothing.
			for range 2 {
				s, report := openUnder(t, signed, trust, Policy{Rules: c.rules, Revocations: c.book})
				if report.Outcome != c.outcome || s.Valid() != (c.outcome != Fails) {
					t.Errorf("outcome %d, signed %v", report.Outcome, s.Valid())
				}
				if got := reasonsOf(report.Faults); got != c.faults {
					t.Errorf("faults %q, want %q", got, c.faults)
				}
				if got := reasonsOf(report.Warnings); got != c.warnings {
					t.Errorf("warnings %q, want %q", got, c.warnings)
				}
				if len(report.Faults) > 0 && report.Faults[0].Actual != c.actual {
					t.Errorf("actual %q, want %q", report.Faults[0].Actual, c.actual)
				}
				if report.Revocation != c.revocation {
					t.Errorf("revocation %q, want %q", report.Revocation, c.revocation)
				}
				if diff := cmp.Diff([]Revocation{c.book[leaf], c.book[issuer]}, report.Revocations); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func reasonsOf(faults []Fault) string {
	var list []string
	for _, f := range faults {
		list = append(list, f.Reason)
	}
	return strings.Join(list, " ")
}

// What is wrong otherwise is not put off: it would be refused whatever the source said.
func TestRefusedWaitsForNothing(t *testing.T) {
	s := newSigner(t, pki.P256)
	silent := book{s.cred.Certificate.SerialNumber.String(): {State: RevocationUnknown}}
	changed := strings.Replace(s.sign(t, document), "размещен", "брошен", 1)
	if _, report := openUnder(t, changed, s.trust, Policy{Revocations: silent}); words(report) != "A03 digest-mismatch" {
		t.Errorf("%v", report.Faults)
	}
	if _, report := openUnder(t, changed, NewTrust(nil), Policy{Revocations: silent}); report.Revocations != nil {
		t.Error("asked about a certificate that nobody trusts")
	}
}

// Who is trusted as himself is not asked after.
func TestPinnedIsNotAsked(t *testing.T) {
	s := newSigner(t, pki.P256)
	revoked := book{s.cred.Certificate.SerialNumber.String(): {State: RevocationRevoked}}
	trust := NewTrust([]*x509.Certificate{s.cred.Certificate})
	if _, report := openUnder(t, s.sign(t, document), trust, Policy{Revocations: revoked}); report.Outcome != Holds || report.Revocations != nil {
		t.Errorf("%v", report.Faults)
	}
}

// asked keeps what a source was asked.
type asked []string

func (a *asked) Status(c, issuer *x509.Certificate, at time.Time) Revocation {
	*a = append(*a, c.Subject.CommonName+" of "+issuer.Subject.CommonName+" at "+stamp(at))
	return Revocation{State: RevocationGood}
}

// Each document is asked about anew and as of its receipt, also when the signer is known.
func TestRevocationIsAskedEachTime(t *testing.T) {
	s := newSigner(t, pki.P256)
	signed := s.sign(t, document)
	var log asked
	for i := range 3 {
		openAs(t, signed, s.trust, Policy{Revocations: &log}, now.Add(time.Duration(i)*time.Hour))
	}
	want := asked{
		"Петрова Анна Олеговна of Корень at 2026-11-22T10:00:00Z",
		"Петрова Анна Олеговна of Корень at 2026-11-22T11:00:00Z",
		"Петрова Анна Олеговна of Корень at 2026-11-22T12:00:00Z",
	}
	if diff := cmp.Diff(want, log); diff != "" {
		t.Error(diff)
	}
	if len(s.trust.known.present) != 1 {
		t.Errorf("%d signers are known", len(s.trust.known.present))
	}
}

// A known signer brings his warnings and switches along, and no verdict depends on the rules under
// which he became known.
func TestKnownSignerUnderRules(t *testing.T) {
	root := pki.Must(pki.NewAuthorityFor(pki.Request{Subject: pki.Subject{CommonName: "Корень"}, Key: pki.RSA2048}, now))
	weak := pki.Must(root.Issue(pki.Request{
		Subject: pki.Subject{CommonName: "Слабый", INNLE: "7708503728"}, Key: pki.P256, Signature: x509.SHA1WithRSA,
	}))
	trust := NewTrust([]*x509.Certificate{root.Certificate})
	signed := string(pki.Must(pki.Must(NewKey(weak.Key, weak.Chain...)).Sign([]byte(document))))
	lenient := Policy{Rules: &Rules{Legacy: LegacySHA1, Levels: map[string]Level{"revocation-unconfigured": Ignore}}}
	for round := range 3 {
		_, report := openUnder(t, signed, trust, lenient)
		if report.Outcome != Holds || report.Legacy != LegacySHA1 || reasonsOf(report.Warnings) != "identifier-check-digit legacy-used" {
			t.Errorf("round %d: %v %v %v", round, report.Faults, report.Warnings, report.Legacy.Names())
		}
		if _, report = openUnder(t, signed, trust, Policy{}); words(report) != "A04 sha1" {
			t.Errorf("round %d, strictly: %v", round, report.Faults)
		}
	}
}

// A key revoked after the stated signing time, and before receipt, signs nothing: the time could be
// stated by whoever has stolen it.
func TestRevocationIsJudgedAtReceipt(t *testing.T) {
	s := newSigner(t, pki.P256)
	stated := now.Add(-2 * time.Hour)
	source := sourceOf(func(at time.Time) Revocation {
		if at.Before(now.Add(-time.Hour)) {
			return Revocation{State: RevocationGood}
		}
		return Revocation{State: RevocationRevoked, RevokedAt: now.Add(-time.Hour)}
	})
	r := Report{
		Received: now, Moment: stated, SigningTime: stated, policy: Policy{Revocations: source},
		Chain: []*x509.Certificate{s.cred.Certificate, s.root.Certificate},
	}
	r.judgeRevocation(xmltree.Element{})
	if got := words(r); got != "A07 revoked" {
		t.Errorf("%q", got)
	}
}

type sourceOf func(at time.Time) Revocation

func (s sourceOf) Status(_, _ *x509.Certificate, at time.Time) Revocation { return s(at) }
