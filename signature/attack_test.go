package signature

import (
	"errors"
	"net"
	"testing"
	"time"

	"asugate/internal/attack"
	"asugate/internal/pki"
	"asugate/xmltree"
)

// tried is Open as the corpus of attacks takes it.
func tried(trust *Trust, policy Policy) attack.Opener {
	return func(document []byte) (bool, []string) {
		tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
		if err != nil {
			return false, []string{"A01"}
		}
		signed, report := Open(Input{Tree: tree}, trust, policy, now)
		var faults []string
		for _, f := range report.Faults {
			faults = append(faults, f.Code+" "+f.Reason)
		}
		return signed.Valid() || report.Outcome != Fails, faults
	}
}

// TestAttacks tries the corpus on a document as Sign signs it; internal/attack tries it on every kind
// of document and every container. What no switch lets pass no switch lets pass.
func TestAttacks(t *testing.T) {
	s := newSigner(t, pki.P256)
	signed := []byte(s.sign(t, document))
	taken, err := attack.Take(signed, "ID")
	if err != nil {
		t.Fatal(err)
	}
	for name, policy := range map[string]Policy{"strict": {}, "all relaxed": everythingRelaxed()} {
		t.Run(name, func(t *testing.T) {
			open := tried(s.trust, policy)
			if holds, faults := open(signed); !holds {
				t.Fatal(faults)
			}
			for _, cases := range [][]attack.Case{
				attack.Outsider(taken),
				attack.Insider(taken, func(octets []byte) []byte { return signOctets(t, s.cred.Key, octets) }, silent(t)),
			} {
				for _, c := range cases {
					if holds, faults := open(c.Document); holds || len(faults) == 0 {
						t.Errorf("%s: it holds", c.Name)
					}
				}
				if policy.Rules == nil {
					attack.Run(t, cases, open)
				}
			}
		})
	}
}

// everythingRelaxed is the most lenient policy that a register can hold.
func everythingRelaxed() Policy {
	rules := &Rules{Levels: map[string]Level{}, Legacy: LegacySHA1 | LegacyRSA1024 | LegacyKeyValue | LegacyGOST2001}
	for _, name := range Relaxable() {
		rules.Levels[name] = Ignore
	}
	return Policy{Rules: rules}
}

// silent is a listener to whom nobody may connect; returns host and port.
func silent(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := listener.Accept()
			if err != nil {
				if !errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
				return
			}
			t.Errorf("a connection from %s", c.RemoteAddr())
			c.Close()
		}
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	return listener.Addr().String()
}

// TestValues changes the value of ECDSA and names algorithms that this key cannot have signed with.
func TestValues(t *testing.T) {
	const method = nsMore + "ecdsa-sha256"
	const gost = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:"
	s := newSigner(t, pki.P256)
	signed := s.sign(t, document)
	genuine := value(t, signed)
	valued := func(changed []byte) string { return setValue(signed, changed) }
	signedWith := func(uri string) string { return resign(t, s.cred, replace(t, signed, method, uri)) }
	digestedWith := func(uri string) string { return resign(t, s.cred, replace(t, signed, uriSHA256, uri)) }
	n := p256Order.Bytes()
	for name, one := range map[string]struct{ forged, want string }{
		"r = s = 0 (CVE-2022-21449)": {valued(make([]byte, 64)), "A03 signature-mismatch"},
		"r = s = n":                  {valued(append(n, n...)), "A03 signature-mismatch"},
		"bytes behind the value":     {valued(append(genuine[:64:64], 0, 0)), "A03 signature-malformed"},
		"a value of one byte":        {valued(genuine[:1]), "A03 signature-malformed"},
		"ASN.1 instead of r||s":      {valued(derOf(genuine)), "A03 signature-malformed"},
		"no base64":                  {replace(t, signed, "<ds:SignatureValue>", "<ds:SignatureValue>*"), "A03 signature-malformed"},
		"another document's value":   {valued(value(t, s.sign(t, `<a ID="x"/>`))), "A03 signature-mismatch"},
		"changed text, new digest":   {redigest(t, replace(t, signed, "размещен", "брошен")), "A03 signature-mismatch"},
		"ГОСТ 2012":                  {signedWith(gost + "gostr34102012-gostr34112012-256"), "A03 key-kind-mismatch"},
		"ГОСТ 2012, without the hyphen": {
			signedWith(gost + "gostr34102012-gostr34112012256"), "A03 key-kind-mismatch"},
		"ГОСТ 2001":   {signedWith(nsMore + "gostr34102001-gostr3411"), "A04 gost-2001"},
		"ГОСТ digest": {digestedWith(gost + "gostr34112012-256"), "A03 digest-mismatch"},
		"Kazakh ГОСТ 2015": {
			signedWith("urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34102015-gostr34112015-512"), "A04 gost-not-supported"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, report := open(t, one.forged, s.trust, now); words(report) != one.want {
				t.Errorf("got %s, want %s", words(report), one.want)
			}
		})
	}
}

// TestNothingIsFetched: the addresses in a certificate are not asked either.
func TestNothingIsFetched(t *testing.T) {
	url := "http://" + silent(t) + "/x"
	s := newSigner(t, pki.P256)
	stranger := pki.Must(pki.Must(pki.NewAuthority("Другой", now)).Issue(pki.Request{
		Subject: person, Extensions: addressExtensions(url),
	}))
	strange := signer{cred: stranger, key: pki.Must(NewKey(stranger.Key, stranger.Certificate))}
	if _, report := open(t, strange.sign(t, document), s.trust, now); words(report) != "A05 untrusted" {
		t.Error(words(report))
	}
	known := pki.Must(s.root.Issue(pki.Request{Subject: person, Extensions: addressExtensions(url)}))
	familiar := signer{cred: known, key: pki.Must(NewKey(known.Key, known.Certificate))}
	start := time.Now()
	if _, report := open(t, familiar.sign(t, document), s.trust, now); report.Outcome != Holds {
		t.Error(words(report))
	}
	if spent := time.Since(start); spent > time.Second {
		t.Errorf("it took %v", spent)
	}
}
