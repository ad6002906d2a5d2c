package signature

import (
	"crypto/x509"
	"testing"
	"unicode/utf8"

	"asugate/internal/pki"
	"asugate/schema/checkdigit"
)

// Any certificate that crypto/x509 parses is judged within the budget, without panic: whoever sends one
// decides every byte of it. A path begins with it and ends in the trust; a number in it is one that
// was given out, or none; what is repeated of it is short.
func FuzzCertificate(f *testing.F) {
	root := pki.Must(pki.NewAuthority("Корень", now))
	middle := pki.Must(root.Intermediate(pki.Request{Subject: pki.Subject{CommonName: "Промежуточный"}}))
	for _, r := range []pki.Request{
		{Subject: person}, pki.Corporate(person, now),
		{Subject: pki.Subject{CommonName: "Перша", EDRPOU: "40081216", RNOKPP: "1234567899"}, Key: pki.RSA1024},
		{PermittedDNS: []string{"x"}, Key: pki.Ed25519},
	} {
		f.Add(pki.Must(middle.Issue(r)).Certificate.Raw)
	}
	f.Add(middle.Certificate.Raw)
	f.Add(root.Certificate.Raw)
	lenient := levels(Ignore, Relaxable()...)
	lenient.Rules.Legacy = LegacySHA1 | LegacyRSA1024 | LegacyGOST2001
	f.Fuzz(func(t *testing.T, der []byte) {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return
		}
		c = withKnownExtensions(c)
		trust := NewTrust([]*x509.Certificate{root.Certificate, c})
		for _, policy := range []Policy{{}, lenient} {
			s := pathSearch{trust: trust, others: []*x509.Certificate{middle.Certificate, c}, at: now, policy: policy}
			s.extend([]*x509.Certificate{c})
			if s.checks > maxPathChecks {
				t.Errorf("%d checks", s.checks)
			}
			chain, faults := trust.path(c, s.others, now, policy)
			if len(chain) > 0 && (chain[0] != c || !trust.ends(chain[len(chain)-1], len(chain) == 1)) {
				t.Errorf("a path of %d that leads elsewhere", len(chain))
			}
			if len(chain) == 0 && policy.failing(faults) == 0 {
				t.Error("no path, and nothing wrong with that")
			}
			for _, fault := range faults {
				if len(fault.actual) > 8*maxQuoted || !utf8.ValidString(fault.actual) {
					t.Errorf("%s: %d bytes: %q", fault.why.word, len(fault.actual), fault.actual)
				}
			}
		}
		i, wrong := identify(c)
		for _, one := range []struct {
			number string
			given  func(string) bool
		}{
			{i.INN, checkdigit.INN}, {i.INNLE, checkdigit.INN}, {i.OGRN, checkdigit.OGRN}, {i.OGRNIP, checkdigit.OGRNIP},
			{i.SNILS, checkdigit.SNILS}, {i.EDRPOU, checkdigit.EDRPOU}, {i.RNOKPP, checkdigit.RNOKPP},
		} {
			if one.number != "" && !one.given(one.number) {
				t.Errorf("%s is used", one.number)
			}
		}
		if len(wrong) > 7 {
			t.Errorf("%d wrong numbers", len(wrong))
		}
	})
}
