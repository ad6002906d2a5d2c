package signature

import (
	"testing"
	"time"

	"asugate/internal/pki"
)

// The signing time that the signer signs is the moment when it can be believed; else the receipt is,
// and a warning says so.
func TestMoment(t *testing.T) {
	s := newSigner(t, pki.P256)
	for _, c := range []struct {
		name    string
		age     time.Duration // SigningTimeAge of the rules
		signed  time.Duration // before the receipt
		taken   bool
		warning string
	}{
		{"now", 0, 0, true, ""},
		{"a minute ago", 0, time.Minute, true, ""},
		{"five minutes ahead", 0, -5 * time.Minute, true, ""},
		{"more than five minutes ahead", 0, -5*time.Minute - time.Second, false, "D03 signing-time-ahead"},
		{"a day ago", 0, day, true, ""},
		{"more than a day ago", 0, day + time.Second, false, "D03 signing-time-old"},
		{"two hours ago where one is allowed", time.Hour, 2 * time.Hour, false, "D03 signing-time-old"},
		{"a month ago where a year is allowed", 365 * day, 30 * day, true, ""},
		{"now where it is never taken", -1, 0, false, ""},
		{"a year ahead where it is never taken", -1, -365 * day, false, ""},
	} {
		signature := pki.Must(s.key.signDetached([]byte(document), now.Add(-c.signed)))
		policy := Policy{Rules: &Rules{SigningTimeAge: c.age}}
		at := now
		if c.signed >= day {
			at = now.Add(c.signed) // the certificate is not that old
			signature = pki.Must(s.key.signDetached([]byte(document), now))
		}
		_, report := openCMS(t, []byte(document), signature, s.trust, policy, at)
		moment := at
		if c.taken {
			moment = at.Add(-c.signed)
		}
		if report.Outcome != Holds || !report.Moment.Equal(moment) || report.SigningTime.IsZero() == c.taken {
			t.Errorf("%s: %v, moment %s, signed %s", c.name, report.Faults, report.Moment, report.SigningTime)
		}
		if want := at.Add(-c.signed); !report.ClaimedTime.Equal(want) || !report.Received.Equal(at) {
			t.Errorf("%s: claimed %s, want %s", c.name, report.ClaimedTime, want)
		}
		warned := ""
		for _, w := range report.Warnings {
			if w.Code == "D03" {
				warned = w.Code + " " + w.Reason
			}
		}
		if warned != c.warning {
			t.Errorf("%s: warning %q, want %q", c.name, warned, c.warning)
		}
	}
}

// The certificate is judged at the moment: one that has expired since signing holds, one that had
// expired before does not.
func TestCertificateAtTheMoment(t *testing.T) {
	s := newSigner(t, pki.P256)
	s.cred = pki.Must(s.root.Issue(pki.Request{Subject: person, NotAfter: now}))
	key := pki.Must(NewKey(s.cred.Key, s.cred.Chain...))
	received := now.Add(time.Hour)
	for signed, want := range map[time.Time]string{
		now.Add(-time.Minute): "", now: "", now.Add(time.Second): "A06 expired", received: "A06 expired", now.Add(-2 * time.Hour): "A06 not-yet-valid",
	} {
		signature := pki.Must(key.signDetached([]byte(document), signed))
		for range 2 { // the second time with what is known of the signer
			if _, report := openCMS(t, []byte(document), signature, s.trust, Policy{}, received); words(report) != want {
				t.Errorf("signed %s: got %q, want %q", signed, words(report), want)
			}
		}
	}
}

// A time that no key verifies nobody has stated.
func TestUnverifiedTime(t *testing.T) {
	s := newSigner(t, pki.P256)
	for _, signed := range []time.Time{now.Add(-time.Minute), now.Add(-10 * day), now.Add(day)} {
		f := newForge(s, document)
		f.attributes = append(f.attributes, attribute(signingTimeOID, tlv(0x17, []byte(signed.Format("060102150405Z")))))
		f.value = tlv(0x30, number(1), number(1))
		strict := Policy{Rules: &Rules{Levels: map[string]Level{"signing-time": Fail}}}
		for _, policy := range []Policy{{}, strict} {
			_, report := openCMS(t, []byte(document), f.write(t, document), s.trust, policy, now)
			if words(report) != "A03 signature-mismatch" || len(report.Warnings) > 0 || !report.ClaimedTime.IsZero() || !report.Moment.Equal(now) {
				t.Errorf("%s: %+v", signed, report)
			}
		}
	}
}
