package signature

import (
	"testing"

	"asugate/internal/pki"
	"asugate/signature/cms"
	"asugate/xmltree"
)

// FuzzOpenDetached: no CMS makes Open panic; what fails has a reason of the closed list; what holds
// is of the signer, who is named in it, over the digest of this document, and verifies alone: with
// nothing but what is signed and the certificate, put into a CMS anew.
func FuzzOpenDetached(f *testing.F) {
	s := fuzzSigner(f)
	f.Add(pki.Must(s.key.signDetached([]byte(document), now)))
	f.Add(pki.Must(s.key.signDetached([]byte("<other/>"), now)))
	without := newForge(s, document)
	without.attributes = nil
	f.Add(without.write(f, document))
	attached := newForge(s, document)
	attached.content = []byte(document)
	f.Add(attached.write(f, document))
	reasons := make(map[reason]bool)
	for _, r := range closedList {
		reasons[r] = true
	}
	tree := pki.Must(xmltree.Parse([]byte(document), xmltree.DefaultLimits()))
	f.Fuzz(func(t *testing.T, signature []byte) {
		shown, report := Open(Input{Tree: tree, Detached: signature}, s.trust, Policy{}, now)
		if report.Outcome != Holds {
			if len(report.Faults) == 0 || shown.Valid() {
				t.Fatalf("outcome %d with faults %v", report.Outcome, report.Faults)
			}
			for _, fault := range report.Faults {
				if !reasons[reason{fault.Code, fault.Reason}] || len(fault.Actual) > 4*maxQuoted {
					t.Fatalf("%+v", fault)
				}
			}
			return
		}
		data := pki.Must(cms.Parse(signature))
		if !report.Certificate.Equal(s.cred.Certificate) || report.Content != [32]byte(sum256([]byte(document))) {
			t.Fatalf("%+v", report)
		}
		again := newForge(s, document)
		again.value, again.attributes = data.Signer.Value, nil
		if data.Signer.Attributes != nil {
			octets := data.Signer.Attributes.Octets
			_, body, ok := cut(octets)
			if !ok {
				t.Fatalf("% x", octets)
			}
			again.attributes, again.unsorted = [][]byte{body}, true
		}
		again.digest = algorithm(data.Signer.Digest.OID)
		again.signature = algorithm(data.Signer.Signature.OID)
		if _, report := Open(Input{Tree: tree, Detached: again.write(t, document)}, s.trust, Policy{}, now); report.Outcome != Holds {
			t.Fatalf("it does not hold alone: %v", report.Faults)
		}
	})
}

// cut is the header and the contents of a value of definite length.
func cut(der []byte) (header, body []byte, ok bool) {
	size := 2
	if len(der) > 2 && der[1] > 0x80 {
		size += int(der[1] & 0x7f)
	}
	if size > len(der) {
		return nil, nil, false
	}
	return der[:size], der[size:], true
}
