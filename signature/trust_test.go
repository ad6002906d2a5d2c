package signature

import (
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"asugate/internal/pki"
)

// Certificates are read from PEM with anything around them, or from DER; none is lost in silence.
func TestParseCertificates(t *testing.T) {
	root := pki.Must(pki.NewAuthority("Корень", now))
	leaf := pki.Must(root.Issue(pki.Request{}))
	text := string(pki.EncodeCertificates(root.Certificate, leaf.Certificate))
	for _, c := range []struct {
		name, text string
		count      int
	}{
		{"PEM", text, 2},
		{"PEM with notes", "Корень\n" + text + "\nend", 2},
		{"PEM with a key", string(pki.Must(leaf.KeyPEM())) + text, 2},
		{"DER", string(root.Certificate.Raw), 1},
		{"nothing", "", 0},
		{"text", "no certificate", 0},
		{"a key alone", string(pki.Must(leaf.KeyPEM())), 0},
		{"one of two damaged", strings.Replace(text, "MII", "***", 1), 0},
		{"cut off", text[:len(text)-40], 0},
		{"DER with a tail", string(root.Certificate.Raw) + "x", 0},
		{"too long", strings.Repeat("x", maxCertificateFile+1), 0},
	} {
		list, err := ParseCertificates([]byte(c.text))
		if len(list) != c.count || (err == nil) != (c.count > 0) {
			t.Errorf("%s: %d certificates, %v", c.name, len(list), err)
		}
	}
}

func TestTrustEmpty(t *testing.T) {
	var none *Trust
	root := pki.Must(pki.NewAuthority("Корень", now)).Certificate
	if !none.Empty() || !NewTrust(nil).Empty() || NewTrust([]*x509.Certificate{root}).Empty() {
		t.Error("Empty is wrong")
	}
}

// The cache changes no verdict: not after the certificate has expired, not for a document whose
// issuers are missing, not for another Trust.
func TestCacheChangesNoVerdict(t *testing.T) {
	root := pki.Must(pki.NewAuthority("Корень", now))
	middle := pki.Must(root.Intermediate(pki.Request{Subject: pki.Subject{CommonName: "Промежуточный"}}))
	cred := pki.Must(middle.Issue(pki.Request{Subject: person, NotAfter: now.Add(day)}))
	whole := string(pki.Must(pki.Must(NewKey(cred.Key, cred.Chain...)).Sign([]byte(document))))
	alone := setKeyInfo(whole, "<ds:X509Data>"+certificateText(cred)+"</ds:X509Data>")
	beside := setKeyInfo(whole, "<ds:X509Data>"+certificateText(cred)+
		certificateText(pki.Credential{Certificate: middle.Certificate})+"<ds:X509Certificate>AAAA</ds:X509Certificate></ds:X509Data>")
	stranger := pki.Must(pki.NewAuthority("Другой", now))
	trust := NewTrust([]*x509.Certificate{root.Certificate})
	for round := range 3 {
		for _, c := range []struct {
			name, document string
			trust          *Trust
			at             time.Time
			want           string
		}{
			{"good", whole, trust, now, ""},
			{"issuer missing", alone, trust, now, "A05 untrusted"},
			{"tomorrow's last second", whole, trust, now.Add(day), ""},
			{"expired", whole, trust, now.Add(day + time.Second), "A06 expired"},
			{"not yet valid", whole, trust, now.Add(-day), "A06 not-yet-valid"},
			{"another trust", whole, NewTrust([]*x509.Certificate{stranger.Certificate}), now, "A05 untrusted"},
			{"content changed", strings.Replace(whole, "размещен", "брошен", 1), trust, now, "A03 digest-mismatch"},
			{"an unreadable certificate beside it", beside, trust, now, "A05 certificate-unreadable"},
			{"signature changed", setValue(whole, make([]byte, 64)), trust, now, "A03 signature-mismatch"},
		} {
			_, report := open(t, c.document, c.trust, c.at)
			if got := words(report); got != c.want {
				t.Errorf("round %d, %s: got %q, want %q", round, c.name, got, c.want)
			}
			if c.want == "" && len(report.Chain) != 3 {
				t.Errorf("round %d, %s: chain of %d", round, c.name, len(report.Chain))
			}
		}
	}
	if len(trust.known.present) != 1 {
		t.Errorf("the cache holds %d signers", len(trust.known.present))
	}
}

// The cache stays within its bounds and keeps who signs often.
func TestCacheBounds(t *testing.T) {
	var c signerCache
	name := func(s string) cacheKey { return cacheKey{certificates: sha256.Sum256([]byte(s))} }
	often := &knownSigner{from: now.Add(-day), to: now.Add(day)}
	c.add(name("often"), often)
	for i := range 10 * maxKnown {
		c.add(name(fmt.Sprint(i)), &knownSigner{})
		if i%(maxKnown/2) == 0 && c.find(name("often"), now) != often {
			t.Fatalf("forgotten after %d others", i)
		}
		if len(c.present) > maxKnown || len(c.former) > maxKnown {
			t.Fatalf("%d and %d signers", len(c.present), len(c.former))
		}
	}
	if c.find(name("0"), now) != nil {
		t.Error("the first of many is still there")
	}
	if c.find(name("often"), now.Add(2*day)) != nil {
		t.Error("found out of its time")
	}
}

// One Trust, one Key and one element to seal serve many goroutines.
func TestConcurrentOpen(t *testing.T) {
	s := newSigner(t, pki.P256)
	signed, root := s.sign(t, document), esid("e1", "причина")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				sealed := string(pki.Must(s.key.Seal(root)))
				for _, document := range []string{signed, sealed} {
					if _, report := open(t, document, s.trust, now); report.Outcome != Holds {
						t.Errorf("%v", report.Faults)
					}
				}
			}
		})
	}
	group.Wait()
}

// Of two certificates of one key the signer is whoever was chosen if no document had come before.
func TestCacheKeepsNoHistory(t *testing.T) {
	s := newSigner(t, pki.P256)
	later := reissue(t, s, now.Add(time.Hour), now.AddDate(1, 0, 0))
	signed := setKeyInfo(s.sign(t, document), "<ds:X509Data>"+
		certificateText(pki.Credential{Certificate: later})+certificateText(s.cred)+"</ds:X509Data>")
	for _, at := range []time.Duration{0, 2 * time.Hour, time.Hour, time.Hour - 1, 0} {
		_, known := open(t, signed, s.trust, now.Add(at))
		_, fresh := open(t, signed, NewTrust([]*x509.Certificate{s.root.Certificate}), now.Add(at))
		if known.Outcome != Holds || !known.Certificate.Equal(fresh.Certificate) {
			t.Errorf("%v from now: outcome %d, serial %s, without the cache %s", at, known.Outcome, known.Signer.Serial, fresh.Signer.Serial)
		}
	}
}

// A finding that names the moment is of the moment, though the rules let it pass.
func TestCacheOfUntimely(t *testing.T) {
	s := newSigner(t, pki.P256)
	s.cred.Certificate = reissue(t, s, now.Add(-2*day), now.Add(-day))
	signed := setKeyInfo(s.sign(t, document), "<ds:X509Data>"+certificateText(s.cred)+"</ds:X509Data>")
	policy := levels(Warn, "certificate-validity")
	for _, at := range []time.Time{now, now.Add(time.Hour)} {
		_, report := openAs(t, signed, s.trust, policy, at)
		if report.Outcome != Holds || len(report.Warnings) == 0 || report.Warnings[0].Expected != stamp(at) {
			t.Errorf("outcome %d, warnings %v", report.Outcome, report.Warnings)
		}
	}
}
