package signature

import (
	"bytes"
	"encoding/base64"
	"sync"
	"time"

	"asugate/xmltree"
)

// Input is one document as it came. Detached is a CMS signature over Tree.Raw(), nil for an
// enveloped signature.
type Input struct {
	Tree     *xmltree.Tree
	Detached []byte
}

// Signed shows only what a good signature covers. Only Open makes one; its zero value shows
// nothing.
type Signed struct{ root xmltree.Element }

// Valid says that Open made this value.
func (s Signed) Valid() bool { return !s.root.IsZero() }

// Root is the signed root, its Signature taken out.
func (s Signed) Root() xmltree.Element { return s.root }

// Open judges the signature of a document received at a moment. Where it does not hold, Signed is
// the zero value and Report.Faults says why. Where only revocation is Undecided, Signed shows what
// is signed, so that the document can be kept under its id until it is decided; nobody may act on
// it. Open takes the Signature element out of the tree.
func Open(in Input, trust *Trust, policy Policy, at time.Time) (Signed, Report) {
	report := Report{Received: at, Moment: at, policy: policy}
	report.Container = "xmldsig"
	held := false
	if in.Detached != nil {
		report.Container = "cms"
		held = openDetached(in, trust, &report)
	} else {
		held = openEnveloped(in.Tree, trust, &report)
	}
	if report.Certificate == nil {
		report.forgetTime()
	}
	report.conclude(held)
	if !held || report.Outcome == Fails || len(report.Chain) == 0 {
		return Signed{}, report
	}
	return Signed{root: in.Tree.Root()}, report
}

// openEnveloped judges the Signature inside the root. It is XML Signature section 3.2, core
// validation, in the order: shape, algorithms, content, signature, certificate. True: every step
// has been taken; whether one of them found a fault the report says.
func openEnveloped(tree *xmltree.Tree, trust *Trust, report *Report) bool {
	root := tree.Root()
	signature, ok := locate(root, report)
	if !ok {
		return false
	}
	e, shaped := dissect(root, signature, report)
	tree.Detach(signature)

	e.checkContent()
	if shaped {
		e.checkProperties()
	}
	if !e.shaped {
		return false
	}
	buffer := buffers.Get().(*[]byte)
	defer release(buffer)
	octets := e.signedInfo.AppendCanonical((*buffer)[:0], e.signedInfoForm.form)
	*buffer = octets
	e.findBareKey(trust)
	e.putSigningFirst()
	c := claim{method: e.method, octets: octets, value: e.value, certificates: e.certificates, place: e.signatureValue}
	c.judge(report, trust)
	e.checkSigningCertificate()
	return report.Certificate != nil && e.content.value != nil && (e.properties == nil || e.properties.value != nil)
}

// checkContent makes the digest that the Reference asks for and compares it (section 3.2.1), and
// the digest by which the gateway knows the content, which most signers' Reference is already.
// Where the shape or the algorithm was refused it makes the latter only.
func (e *envelope) checkContent() {
	of := e.content
	plain := of.form.form.Algorithm == xmltree.Exclusive && len(of.form.form.Prefixes) == 0
	if e.shaped && of.value != nil {
		made := of.digest.of(e.root, of.form.form)
		if !bytes.Equal(made, of.value) {
			encode := base64.StdEncoding.EncodeToString
			e.report.fault(digestMismatch, of.element, encode(of.value), encode(made))
		}
		if plain && of.digest.uri == uriSHA256 {
			e.report.Content = [32]byte(made)
			return
		}
	}
	known := digestOf(uriSHA256)
	e.report.Content = [32]byte(known.of(e.root, xmltree.Form{Algorithm: xmltree.Exclusive}))
}

// buffers hold the canonical octets of a SignedInfo between documents.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled keeps one great SignedInfo from holding its memory for ever.
const maxPooled = 64 << 10

func release(buffer *[]byte) {
	if cap(*buffer) <= maxPooled {
		buffers.Put(buffer)
	}
}
