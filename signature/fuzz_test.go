package signature

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"os"
	"strings"
	"testing"

	"asugate/internal/attack"
	"asugate/internal/pki"
	"asugate/xmltree"

	"github.com/beevik/etree"
)

// fuzzSigner is the same signer in all processes of one fuzzing run: the seeds come from the first
// process, and must hold in the others, which inherit its environment.
func fuzzSigner(f *testing.F) signer {
	const variable = "ASUGATE_FUZZ_SIGNER"
	text := os.Getenv(variable)
	if text == "" {
		s := newSigner(f, pki.P256)
		text = string(pki.Must(s.cred.KeyPEM())) + string(pki.EncodeCertificates(s.cred.Certificate, s.root.Certificate))
		f.Setenv(variable, text)
	}
	block, _ := pem.Decode([]byte(text))
	private := pki.Must(x509.ParsePKCS8PrivateKey(block.Bytes)).(crypto.Signer)
	certificates := pki.Must(ParseCertificates([]byte(text)))
	return signer{
		cred:  pki.Credential{Key: private, Certificate: certificates[0], Chain: certificates[:1]},
		key:   pki.Must(NewKey(private, certificates[0])),
		trust: NewTrust(certificates[1:]),
	}
}

// FuzzOpen: no input makes Open panic; what fails has a reason of the closed list; what holds
// shows the signed content and nothing else.
func FuzzOpen(f *testing.F) {
	s := fuzzSigner(f)
	signed := s.sign(f, document)
	_, rest := taken(signed)
	for _, seed := range []string{
		signed, s.sign(f, odd), s.sign(f, `<a ID="x"/>`), rest,
		strings.Replace(signed, `URI="#d1"`, `URI=""`, 1), strings.Replace(signed, "</ds:SignedInfo>", "", 1),
		strings.Replace(signed, nsExclusive, inclusive10.uri, 2), setKeyInfo(signed, "<ds:KeyName>x</ds:KeyName>"),
		changed(f, s, func(*attack.Envelope, *attack.Properties) {}),
	} {
		f.Add([]byte(seed))
	}
	reasons := make(map[string]bool)
	for code, words := range Reasons() {
		for _, word := range words {
			reasons[code+" "+word] = true
		}
	}
	_, genuine := open(f, signed, s.trust, now)
	f.Fuzz(func(t *testing.T, raw []byte) {
		tree, err := xmltree.Parse(raw, xmltree.DefaultLimits())
		if err != nil {
			return
		}
		shown, report := Open(Input{Tree: tree}, s.trust, Policy{}, now)
		if report.Outcome != Holds {
			if len(report.Faults) == 0 || shown.Valid() {
				t.Fatalf("outcome %d with faults %v", report.Outcome, report.Faults)
			}
			for _, fault := range report.Faults {
				if !reasons[fault.Code+" "+fault.Reason] || len(fault.Actual) > 4*maxQuoted {
					t.Fatalf("%+v", fault)
				}
			}
			return
		}
		octets := shown.Root().AppendCanonical(nil, xmltree.Form{})
		if sha256.Sum256(octets) != report.Content {
			t.Fatal("what is shown is not what was digested")
		}
		if report.Certificate == nil || len(report.Faults) > 0 {
			t.Fatalf("%+v", report)
		}
		// The fuzzer has no key: content of a new digest would be a forgery, unless it is that of
		// another seed.
		if report.Content != genuine.Content && !bytes.Contains(octets, []byte("размещ")) && !bytes.HasPrefix(octets, []byte(`<a ID="x">`)) {
			t.Fatalf("a forgery:\n%s", octets)
		}
	})
}

// FuzzSignRoundTrip: every document that Parse takes and that is not signed yet, Sign signs, Open
// holds, and the content is that of the document.
func FuzzSignRoundTrip(f *testing.F) {
	s := fuzzSigner(f)
	for _, seed := range []string{document, odd, `<a/>`, `<a x="/>"/><!--/>-->`, "\ufeff<a> </a >\n", `<a xmlns="urn:x" ID="q"><b xmlns=""/></a>`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		tree, err := xmltree.Parse(raw, xmltree.DefaultLimits())
		if err != nil || len(signatures(tree.Root())) > 0 || bytes.IndexByte(raw, 0) >= 0 {
			return
		}
		want := sha256.Sum256(tree.Root().AppendCanonical(nil, xmltree.Form{}))
		signed, err := s.key.Sign(raw)
		if err != nil {
			t.Fatal(err)
		}
		tree, err = xmltree.Parse(signed, xmltree.Limits{Bytes: len(signed) + 1, Elements: 200_000, Nodes: 800_000})
		if err != nil {
			t.Fatalf("%v in\n%s", err, signed)
		}
		_, report := Open(Input{Tree: tree}, s.trust, Policy{}, now)
		if report.Outcome != Holds || report.Content != want {
			t.Fatalf("%v in\n%s", report.Faults, signed)
		}
	})
}

// FuzzSeal: whatever text we echo, the sealed element holds.
func FuzzSeal(f *testing.F) {
	s := fuzzSigner(f)
	f.Add("d1", hostile)
	f.Add("", "]]>\x00\xff\u202e")
	f.Fuzz(func(t *testing.T, id, text string) {
		sealed, err := s.key.Seal(esid(id, text))
		if err != nil {
			t.Fatal(err)
		}
		tree, err := xmltree.Parse(sealed, xmltree.DefaultLimits())
		if err != nil {
			t.Fatalf("%v in\n%q", err, sealed)
		}
		if _, report := Open(Input{Tree: tree}, s.trust, Policy{}, now); report.Outcome != Holds {
			t.Fatalf("%v in\n%q", report.Faults, sealed)
		}
		if err := etree.NewDocument().ReadFromBytes(sealed); err != nil {
			t.Fatal(err)
		}
	})
}
