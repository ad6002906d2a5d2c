package signature

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"

	"asugate/signature/cms"
	"asugate/xmltree"
)

// detached is a CMS signature over the bytes of a document.
type detached struct {
	*cms.SignedData
	content []byte
	digest  *digest // nil when refused
	method  *method // nil when refused
	report  *Report
}

// openDetached judges a detached CMS signature over tree.Raw(), the bytes exactly as they came, the
// prolog and comments with them; Signed shows the whole root. It is RFC 5652 sections 5.4 and 5.6,
// in the order: shape, algorithms, content, signed attributes, signature, certificate.
//
// A document that also holds a ds:Signature is refused: what of two signatures only one is looked at
// for somebody takes the other for verified. A signature without signed attributes is over the
// content itself, which section 5.3 allows for content of type data. It cannot be one over
// attributes, given out for one over content: attributes begin with the tag of a SET, 0x31, and with
// that no XML document begins.
func openDetached(in Input, trust *Trust, report *Report) bool {
	content := in.Tree.Raw()
	report.Content = sha256.Sum256(content)
	if inside := signatures(in.Tree.Root()); len(inside) > 0 {
		report.fault(severalSignatures, inside[0], "", "CMS, ds:Signature")
		return false
	}
	data, err := cms.Parse(in.Detached)
	if err != nil {
		report.faultCMS(err)
		return false
	}
	d := detached{SignedData: data, content: content, report: report}
	if !d.checkShape() {
		return false
	}
	d.chooseAlgorithms()
	held, method := d.checkContent(), d.method
	if d.Signer.Attributes != nil {
		d.checkAttributes()
		content, method = d.Signer.Attributes.Octets, method.orOver(d.Signer.Attributes.Sorted)
	}
	c := claim{
		method: method, octets: content, value: d.Signer.Value,
		certificates: d.certificates(trust), named: true,
	}
	c.judge(report, trust)
	return held && report.Certificate != nil
}

// faultCMS says why a CMS cannot be read.
func (r *Report) faultCMS(err error) {
	why, expected, actual := cmsMalformed, "", quoted(err.Error())
	switch {
	case errors.Is(err, cms.ErrNoSigner):
		why, actual = noSignature, ""
	case errors.Is(err, cms.ErrSeveralSigners):
		why, actual = severalSignatures, "CMS"
	case errors.Is(err, cms.ErrTooManyCertificates):
		why, expected, actual = tooManyCertificates, mostCertificates, ""
	case errors.Is(err, cms.ErrAttributes):
		why = cmsAttributes
	}
	r.fault(why, xmltree.Element{}, expected, actual)
}

// checkShape says whether what is signed is this document and no other kind of thing: a time stamp or
// a receipt is signed in a CMS as well.
func (d *detached) checkShape() bool {
	none := xmltree.Element{}
	switch {
	case d.ContentType != cms.OIDData:
		d.report.fault(cmsContentType, none, cms.OIDData, quoted(d.ContentType))
	case d.Attached && !bytes.Equal(d.Content, d.content):
		d.report.fault(attachedContentDiffers, none, "", "")
	case d.Signer.Attributes != nil && d.Signer.Attributes.ContentType != d.ContentType:
		d.report.fault(cmsContentType, none, d.ContentType, quoted(d.Signer.Attributes.ContentType))
	default:
		return true
	}
	return false
}

// checkContent is section 5.4: the digest of the content is that of the attribute messageDigest.
// Without attributes the signature itself says so.
func (d *detached) checkContent() bool {
	switch {
	case d.digest == nil:
		return false
	case d.Signer.Attributes == nil:
		return true
	}
	made := d.report.Content[:]
	if d.digest.name != "sha256" {
		made = d.digest.sum(d.content)
	}
	stated := d.Signer.Attributes.MessageDigest
	if len(stated) != d.digest.size {
		d.report.fault(digestMalformed, xmltree.Element{}, d.digest.name, "")
		return false
	}
	if !bytes.Equal(made, stated) {
		encode := base64.StdEncoding.EncodeToString
		d.report.fault(digestMismatch, xmltree.Element{}, encode(stated), encode(made))
		return false
	}
	return true
}

// checkAttributes is what the other attributes say: the algorithms once more (RFC 6211), the
// certificate by a digest that must be known, and when it was signed.
func (d *detached) checkAttributes() {
	a := d.Signer.Attributes
	if p := a.Protection; p != nil && !(p.Digest.Equal(d.Signer.Digest) && p.Signature.Equal(d.Signer.Signature)) {
		d.report.fault(algorithmsDiffer, xmltree.Element{},
			quoted(p.Digest.OID+" "+p.Signature.OID), quoted(d.Signer.Digest.OID+" "+d.Signer.Signature.OID))
	}
	for _, id := range a.Certificates {
		if certificateSum(id.Digest.OID) == nil {
			d.report.fault(refusalOfOID(id.Digest.OID), xmltree.Element{}, supportedDigests, quoted(id.Digest.OID))
		}
	}
	if !a.SigningTime.IsZero() {
		d.report.claimTime(a.SigningTime)
	}
}
