package signature

import (
	"crypto/x509"
	"slices"
	"strings"
	"testing"
	"time"

	"asugate/internal/pki"

	"github.com/google/go-cmp/cmp"
)

// results are the checks that did not simply pass, as «name result reason», and the indication.
func results(r Report) string {
	var list []string
	for _, c := range r.Checks() {
		switch c.Result {
		case Passed, NotReached:
		default:
			list = append(list, strings.TrimSpace(c.Name+" "+string(c.Result)+" "+c.Reason))
		}
	}
	indication, sub := r.Indication()
	return strings.TrimSpace(string(indication)+" "+string(sub)) + ": " + strings.Join(list, ", ")
}

// book answers about certificates by their serial number.
type book map[string]Revocation

func (b book) Status(c, _ *x509.Certificate, _ time.Time) Revocation {
	return b[c.SerialNumber.String()]
}

// Each thing that can be wrong fails its own check, and amounts to what ETSI EN 319 102-1 says.
func TestChecks(t *testing.T) {
	s := newSigner(t, pki.P256)
	signed := s.sign(t, document)
	issued := func(r pki.Request) string {
		r.Subject = person
		return signedBy(t, s, pki.Must(s.root.Issue(r)))
	}
	good := func(serial string) book { return book{serial: {State: RevocationGood, Source: "crl", Produced: now}} }
	serial := s.cred.Certificate.SerialNumber.String()
	relaxed := levels(Warn, "certificate-validity")
	ignoring := levels(Ignore, "certificate-validity", "revocation-unconfigured")
	const quiet = ", revocation-unconfigured warned revocation-unconfigured"
	for _, c := range []struct {
		name, document string
		policy         Policy
		trust          *Trust
		want           string
	}{
		{"all is well", signed, Policy{Revocations: good(serial)}, s.trust, "TOTAL-PASSED: "},
		{"no source", signed, Policy{}, s.trust, "TOTAL-PASSED: " + quiet[2:]},
		{"content changed", strings.Replace(signed, "размещен", "брошен", 1), Policy{}, s.trust, "TOTAL-FAILED HASH_FAILURE: digest failed digest-mismatch" + quiet},
		{"value changed", setValue(signed, make([]byte, 64)), Policy{}, s.trust, "TOTAL-FAILED SIG_CRYPTO_FAILURE: signature failed signature-mismatch"},
		{"no certificate", setKeyInfo(signed, "<ds:KeyName>x</ds:KeyName>"), Policy{}, s.trust, "INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND: certificate failed no-certificate"},
		{"nobody trusts it", signed, Policy{}, newSigner(t, pki.P256).trust, "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND: trust failed untrusted"},
		{"unknown method", replace(t, signed, "ecdsa-sha256", "rsa-md5"), Policy{}, s.trust, "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE: algorithm failed md5"},
		{"unsigned", document, Policy{}, s.trust, "TOTAL-FAILED FORMAT_FAILURE: shape failed no-signature"},
		{"expired", issued(pki.Request{NotBefore: now.Add(-2 * day), NotAfter: now.Add(-day)}), Policy{}, s.trust,
			"INDETERMINATE OUT_OF_BOUNDS_NO_POE: certificate-validity failed expired" + quiet},
		{"expired, let pass", issued(pki.Request{NotBefore: now.Add(-2 * day), NotAfter: now.Add(-day)}), relaxed, s.trust,
			"TOTAL-PASSED: certificate-validity warned expired" + quiet},
		{"expired, ignored", issued(pki.Request{NotBefore: now.Add(-2 * day), NotAfter: now.Add(-day)}), ignoring, s.trust,
			"TOTAL-PASSED: certificate-validity ignored expired, revocation-unconfigured ignored revocation-unconfigured"},
		{"not yet valid at receipt", issued(pki.Request{NotBefore: now.Add(day), NotAfter: now.Add(2 * day)}), Policy{}, s.trust,
			"TOTAL-FAILED NOT_YET_VALID: certificate-validity failed not-yet-valid" + quiet},
		{"for TLS", issued(pki.Request{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}), Policy{}, s.trust,
			"INDETERMINATE CHAIN_CONSTRAINTS_FAILURE: extended-key-usage failed tls-only" + quiet},
		{"a wrong number in the certificate", signedBy(t, s, pki.Must(s.root.Issue(pki.Request{Subject: pki.Subject{CommonName: "x", INNLE: "7708503728"}}))), Policy{}, s.trust,
			"TOTAL-PASSED: " + quiet[2:] + ", identifier-check-digit warned identifier-check-digit"},
		{"an algorithm that has ended", signed, Policy{Rules: &Rules{Ends: map[string]time.Time{"ecdsa-sha256": now}}}, s.trust,
			"INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE: algorithm failed algorithm-ended" + quiet},
		{"an algorithm that ends later", signed, Policy{Rules: &Rules{Ends: map[string]time.Time{"ecdsa-sha256": now.Add(1)}}}, s.trust, "TOTAL-PASSED: " + quiet[2:]},
		{"a digest that has ended", signed, Policy{Rules: &Rules{Ends: map[string]time.Time{"sha256": now.Add(-day)}}}, s.trust,
			"INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE: algorithm failed algorithm-ended" + quiet},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, report := openUnder(t, c.document, c.trust, c.policy)
			if got := results(report); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A document whose certificate begins after the stated signing time, but before receipt, proves
// nothing by that.
func TestNotYetValidIsNoProof(t *testing.T) {
	s := newSigner(t, pki.P256)
	r := Report{Received: s.cred.Certificate.NotBefore.Add(1), Certificate: s.cred.Certificate}
	if sub := r.subIndication(certificateNotYetValid); sub != OutOfBoundsNoPOE {
		t.Errorf("%s", sub)
	}
}

// Of all checks each is there once, in order; what was not looked at has not passed.
func TestChecksInOrder(t *testing.T) {
	s := newSigner(t, pki.P256)
	_, whole := openUnder(t, s.sign(t, document), s.trust, Policy{Revocations: book{}})
	_, none := openUnder(t, document, s.trust, Policy{})
	var names, passed, reached []string
	for _, c := range whole.Checks() {
		names = append(names, c.Name)
		if c.Result == Passed {
			passed = append(passed, c.Name)
		}
	}
	for _, c := range none.Checks() {
		if c.Result != NotReached {
			reached = append(reached, c.Name)
		}
	}
	want := []string{"shape", "reference", "algorithm", "legacy", "digest", "certificate", "signature", "key-size", "trust", "path",
		"issuer-validity", "certificate-validity", "key-period", "key-usage", "extended-key-usage", "critical-extension",
		"revoked", "revocation", "revocation-unconfigured", "signing-time", "identifier-check-digit"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	want = slices.DeleteFunc(want, func(s string) bool { return s == "signing-time" || s == "revocation-unconfigured" })
	if diff := cmp.Diff(want, passed); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"shape"}, reached); diff != "" {
		t.Error(diff)
	}
}

// What makes a signature one no rules can relax, whatever they say.
func TestMandatoryChecks(t *testing.T) {
	everything := &Rules{Levels: map[string]Level{}}
	for _, row := range checkRows {
		everything.Levels[row.name] = Ignore
	}
	policy := Policy{Rules: everything}
	for c := range checkCount {
		relaxed := policy.level(c) == Ignore
		if relaxed != slices.Contains(Relaxable(), c.String()) {
			t.Errorf("%s is relaxed: %v", c, relaxed)
		}
	}
	for _, name := range []string{"shape", "reference", "algorithm", "digest", "signature", "certificate", "trust", "path", "revoked", "key-size"} {
		if slices.Contains(Relaxable(), name) {
			t.Errorf("%s can be relaxed", name)
		}
	}
}

// The minimum of RSA keys: the switch alone lowers it, the register raises it.
func TestMinRSA(t *testing.T) {
	for _, c := range []struct {
		rules *Rules
		want  int
	}{
		{nil, 2048}, {&Rules{}, 2048}, {&Rules{MinRSA: 1024}, 2048}, {&Rules{MinRSA: 3072}, 3072},
		{&Rules{Legacy: LegacyRSA1024}, 1024}, {&Rules{Legacy: LegacyRSA1024, MinRSA: 512}, 1024},
		{&Rules{Legacy: LegacyRSA1024, MinRSA: 1536}, 1536}, {&Rules{Legacy: LegacyRSA1024, MinRSA: 4096}, 4096},
	} {
		if got := (Policy{Rules: c.rules}).minRSA(); got != c.want {
			t.Errorf("%+v: %d, want %d", c.rules, got, c.want)
		}
	}
}
