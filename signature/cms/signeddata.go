package cms

import (
	"bytes"
	"time"
)

// SignedData is RFC 5652 section 5.1 with its one signer.
type SignedData struct {
	ContentType  string // eContentType, dotted
	Content      []byte // eContent; see Attached
	Attached     bool   // the content is inside
	Certificates []Certificate
	Signer       Signer
}

// Signer is a SignerInfo, section 5.3.
type Signer struct {
	ID         SignerID
	Digest     Algorithm // of the content
	Signature  Algorithm
	Attributes *Attributes // nil when nothing but the content is signed
	Value      []byte
}

// SignerID says whose certificate it is: either issuer and serial number, or the identifier of the
// key.
type SignerID struct {
	Issuer []byte // DER of the Name
	Serial []byte // the contents of the INTEGER
	KeyID  []byte
}

// Algorithm is an AlgorithmIdentifier.
type Algorithm struct {
	OID        string
	Parameters []byte // as encoded, with tag and length; nil when absent
}

// Equal says that two identifiers mean the same: parameters that are NULL are as good as none (RFC
// 5754 section 2).
func (a Algorithm) Equal(b Algorithm) bool {
	return a.OID == b.OID && (a.Plain() && b.Plain() || bytes.Equal(a.Parameters, b.Parameters))
}

// Plain says that there are no parameters, or NULL.
func (a Algorithm) Plain() bool {
	return len(a.Parameters) == 0 || bytes.Equal(a.Parameters, []byte{tagNull, 0})
}

// Attributes are the signed attributes, section 11 and RFC 5035.
type Attributes struct {
	// Octets are what is signed, the SET OF as it was sent. Section 5.4 signs its DER, which Sorted is
	// where the attributes were sent in another order, else nil. Both say the same.
	Octets, Sorted []byte

	ContentType   string
	MessageDigest []byte
	SigningTime   time.Time // zero when there is none

	// Certificates are the identifiers of the signer's certificate in signingCertificate and
	// signingCertificateV2, the first of each. What follows them limits paths, which trust does.
	Certificates []CertificateID

	Protection *Protection // of the algorithms, RFC 6211; nil when there is none
}

// CertificateID is ESSCertIDv2 or ESSCertID, RFC 5035 sections 4 and 6.
type CertificateID struct {
	Digest         Algorithm
	Hash           []byte // of the whole certificate
	Issuer, Serial []byte // as in SignerID; nil when not given
}

// Protection is CMSAlgorithmProtection: the algorithms once more, where the signature covers them.
type Protection struct{ Digest, Signature Algorithm }

// Certificate is an X.509 certificate with what it is found by. Of one that is not even in shape
// there is Raw only.
type Certificate struct {
	Raw            []byte
	Issuer, Serial []byte // as in SignerID
	KeyID          []byte // of the subject's key, nil when it does not say
}

// Is says that the signer means this certificate.
func (c Certificate) Is(id SignerID) bool {
	if len(id.KeyID) > 0 {
		return bytes.Equal(c.KeyID, id.KeyID)
	}
	return len(id.Serial) > 0 && bytes.Equal(c.Serial, id.Serial) && bytes.Equal(c.Issuer, id.Issuer)
}
