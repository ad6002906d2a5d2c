package attack

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Case is one attack.
type Case struct {
	Name     string
	Document []byte
	Want     []string // «code reason», any of these; «A01» when the document is to be refused as XML
}

// Opener judges a document: whether the signature holds, and else the faults as «code reason», or
// «A01» where it is not even read.
type Opener func(document []byte) (holds bool, faults []string)

// most is the longest that one refusal may take. It is generous: the race detector and a machine
// that does other things as well are not to decide.
const most = 2 * time.Second

// Run tries every attack. None may hold; the first fault is to be the one expected.
func Run(t *testing.T, cases []Case, open Opener) {
	t.Helper()
	for _, c := range cases {
		start := time.Now()
		holds, faults := open(c.Document)
		spent := time.Since(start)
		switch {
		case holds:
			t.Errorf("%s: it holds:\n%s", c.Name, shortened(c.Document))
		case len(faults) == 0 || !slices.Contains(c.Want, faults[0]):
			t.Errorf("%s: refused as %q, want %q:\n%s", c.Name, faults, c.Want, shortened(c.Document))
		case spent > most:
			t.Errorf("%s: it took %v", c.Name, spent)
		}
	}
}

func shortened(document []byte) string {
	const long = 6000
	return strings.ToValidUTF8(string(document[:min(len(document), long)]), "?")
}

// list collects cases of one document.
type list struct {
	*Document
	cases []Case
}

// add adds an attack that changes the document. One that does not is a slip of the table.
func (l *list) add(name, forged string, want ...string) {
	if forged == l.text {
		panic("attack: " + name + " changes nothing")
	}
	l.cases = append(l.cases, Case{Name: name, Document: []byte(forged), Want: want})
}

// The refusals, by the names that attacks give them.
const (
	notXML         = "A01"
	noSignature    = "A02 no-signature"
	wrongDigest    = "A03 digest-mismatch"
	badDigest      = "A03 digest-malformed"
	wrongValue     = "A03 signature-mismatch"
	badValue       = "A03 signature-malformed"
	wrongKind      = "A03 key-kind-mismatch"
	wrongShape     = "A10 signature-shape"
	misplaced      = "A10 signature-misplaced"
	several        = "A10 several-signatures"
	wrongTarget    = "A10 reference-target"
	wrongCount     = "A10 reference-count"
	wrongTransform = "A10 transform-not-allowed"
	wrongForm      = "A10 canonicalization-not-allowed"
	manyPrefixes   = "A10 too-many-prefixes"
	otherSigner    = "A10 signing-certificate-mismatch"
	noCertificate  = "A05 no-certificate"
	untrusted      = "A05 untrusted"
	unreadable     = "A05 certificate-unreadable"
	tooMany        = "A05 too-many-certificates"
	keyValue       = "A04 key-value-only"
	isHMAC         = "A04 hmac"
	isSHA1         = "A04 sha1"
	isMD5          = "A04 md5"
	isDSA          = "A04 dsa"
	unknown        = "A04 algorithm-unknown"
)
