package signature

import (
	"bytes"
	"crypto/sha256"
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
	if !held || len(report.Faults) > 0 {
		return Signed{}, report
	}
	report.Outcome = Holds
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

	buffer := buffers.Get().(*[]byte)
	defer release(buffer)
	*buffer = e.checkContent((*buffer)[:0])
	if !shaped {
		return false
	}
	octets := e.signedInfo.AppendCanonical((*buffer)[:0], e.signedInfoForm.form)
	*buffer = octets
	c := claim{method: e.method, octets: octets, value: e.value, certificates: e.certificates, place: e.signatureValue}
	c.judge(report, trust)
	return report.Certificate != nil && e.digestValue != nil
}

// checkContent makes the digest that the Reference asks for and compares it (section 3.2.1), and
// the digest by which the gateway knows the content, which most signers' Reference is already.
// Where the shape or the algorithm was refused it makes the latter only.
func (e *envelope) checkContent(buffer []byte) []byte {
	plain := e.contentForm.form.Algorithm == xmltree.Exclusive && len(e.contentForm.form.Prefixes) == 0
	if e.shaped && e.digestValue != nil {
		buffer = e.root.AppendCanonical(buffer[:0], e.contentForm.form)
		made := e.digest.sum(buffer)
		if !bytes.Equal(made, e.digestValue) {
			encode := base64.StdEncoding.EncodeToString
			e.report.fault(digestMismatch, e.reference, encode(e.digestValue), encode(made))
		}
		if plain && e.digest.size == sha256.Size {
			e.report.Content = [32]byte(made)
			return buffer
		}
		if plain {
			e.report.Content = sha256.Sum256(buffer)
			return buffer
		}
	}
	buffer = e.root.AppendCanonical(buffer[:0], xmltree.Form{Algorithm: xmltree.Exclusive})
	e.report.Content = sha256.Sum256(buffer)
	return buffer
}

// buffers hold canonical octets between documents.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled keeps one great document from holding its memory for ever.
const maxPooled = 1 << 20

func release(buffer *[]byte) {
	if cap(*buffer) <= maxPooled {
		buffers.Put(buffer)
	}
}
