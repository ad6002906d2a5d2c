package revocation

import (
	"bytes"
	"crypto/sha1"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"

	"asugate/signature"
)

// Why an answer of a responder is not used.
var (
	// errNotOCSP: the octets are no OCSP response, or one of another kind than «basic».
	errNotOCSP = errors.New("is no OCSP response")
	// errOtherQuestion: it says nothing of the certificate that was asked about.
	errOtherQuestion = errors.New("is not about the certificate that was asked about")
	// errResponder: whoever signed it may not speak for the issuer (RFC 6960 section 4.2.2.2).
	errResponder = errors.New("is not signed by a responder of the issuer")
)

// refusal is an OCSP response without an answer, RFC 6960 section 4.2.1.
type refusal int

// unauthorized: RFC 5019 section 2.2.3 has responders say it of certificates they do not know.
const unauthorized refusal = 6

var refusals = map[refusal]string{
	1: "malformedRequest", 2: "internalError", 3: "tryLater", 5: "sigRequired", unauthorized: "unauthorized",
}

func (r refusal) Error() string { return "the responder answers " + refusals[r] }

// answerState is CertStatus, RFC 6960 section 4.2.1.
type answerState uint8

const (
	answerGood    answerState = 0
	answerRevoked answerState = 1
	answerUnknown answerState = 2 // the responder does not know the certificate: nothing is said
)

// answer is what a responder says of one certificate; immutable.
type answer struct {
	der        []byte
	state      answerState
	since      time.Time
	reason     reason
	thisUpdate time.Time
	nextUpdate time.Time // zero when it is not told
}

// question identifies a certificate as RFC 6960 section 4.1.1 does. SHA-1 is what every responder
// knows (RFC 5019 section 2.1.1); it names, and proves nothing.
type question struct {
	nameHash, keyHash [sha1.Size]byte
	serial            []byte // without leading zeros
}

func ask(issuer *x509.Certificate, serial []byte) question {
	return question{sha1.Sum(issuer.RawSubject), sha1.Sum(publicKey(issuer)), serial}
}

// publicKey is the BIT STRING of SubjectPublicKeyInfo.
func publicKey(c *x509.Certificate) []byte {
	rest := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	var body cryptobyte.String
	var key []byte
	if !rest.ReadASN1(&body, casn1.SEQUENCE) || !body.SkipASN1(casn1.SEQUENCE) ||
		!body.ReadASN1BitStringAsBytes(&key) {
		return nil
	}
	return key
}

// basic is BasicOCSPResponse with the parts that verifying it takes.
type basic struct {
	tbs, algorithm, value []byte
	certificates          cryptobyte.String
	byName, byKey         []byte // of the responder, one of them
	responses             cryptobyte.String
}

// readBasic reads OCSPResponse, RFC 6960 section 4.2.1.
func readBasic(der []byte) (b basic, err error) {
	input := cryptobyte.String(der)
	var outer, bytesOf, body, response, tbs, algorithm cryptobyte.String
	var status int
	var present bool
	if !input.ReadASN1(&outer, casn1.SEQUENCE) || !input.Empty() || !outer.ReadASN1Enum(&status) {
		return b, errNotOCSP
	}
	if _, ok := refusals[refusal(status)]; ok {
		return b, refusal(status)
	}
	var kind asn1.ObjectIdentifier
	if status != 0 || !outer.ReadASN1(&bytesOf, casn1.Tag(0).ContextSpecific().Constructed()) ||
		!bytesOf.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadASN1ObjectIdentifier(&kind) ||
		!kind.Equal(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 1}) ||
		!body.ReadASN1(&response, casn1.OCTET_STRING) {
		return b, errNotOCSP
	}
	var inner cryptobyte.String
	if !response.ReadASN1(&inner, casn1.SEQUENCE) || !response.Empty() ||
		!inner.ReadASN1Element(&tbs, casn1.SEQUENCE) ||
		!inner.ReadASN1Element(&algorithm, casn1.SEQUENCE) ||
		!inner.ReadASN1BitStringAsBytes(&b.value) ||
		!inner.ReadOptionalASN1(&b.certificates, &present, casn1.Tag(0).ContextSpecific().Constructed()) ||
		!inner.Empty() {
		return b, errNotOCSP
	}
	b.tbs, b.algorithm = tbs, algorithm
	if present && !b.certificates.ReadASN1(&b.certificates, casn1.SEQUENCE) {
		return b, errNotOCSP
	}
	return b, b.readData()
}

// readData reads ResponseData.
func (b *basic) readData() error {
	outer := cryptobyte.String(b.tbs)
	var body, id cryptobyte.String
	var tag casn1.Tag
	if !outer.ReadASN1(&body, casn1.SEQUENCE) ||
		!body.SkipOptionalASN1(casn1.Tag(0).ContextSpecific().Constructed()) ||
		!body.ReadAnyASN1(&id, &tag) {
		return errNotOCSP
	}
	switch tag {
	case casn1.Tag(1).ContextSpecific().Constructed():
		b.byName = id
	case casn1.Tag(2).ContextSpecific().Constructed():
		var hash cryptobyte.String
		if !id.ReadASN1(&hash, casn1.OCTET_STRING) {
			return errNotOCSP
		}
		b.byKey = hash
	default:
		return errNotOCSP
	}
	if !body.SkipASN1(casn1.GeneralizedTime) || // producedAt: thisUpdate is what counts
		!body.ReadASN1(&b.responses, casn1.SEQUENCE) {
		return errNotOCSP
	}
	return readNoCritical(&body)
}

// readNoCritical reads [1] EXPLICIT Extensions, of which none may be critical: we know none.
func readNoCritical(body *cryptobyte.String) error {
	var wrapped, extensions cryptobyte.String
	var present bool
	if !body.ReadOptionalASN1(&wrapped, &present, casn1.Tag(1).ContextSpecific().Constructed()) || !body.Empty() {
		return errNotOCSP
	}
	if present && !wrapped.ReadASN1(&extensions, casn1.SEQUENCE) {
		return errNotOCSP
	}
	for !extensions.Empty() {
		x, ok := readExtension(&extensions)
		if !ok {
			return errNotOCSP
		}
		if x.critical {
			return errCritical
		}
	}
	return nil
}

// find is the SingleResponse to a question. Two of them that may contradict each other are none.
func (b *basic) find(q question) (found answer, err error) {
	count := 0
	for rest := b.responses; !rest.Empty(); {
		a, same, err := readSingle(&rest, q)
		if err != nil {
			return found, err
		}
		if same {
			found = a
			count++
		}
	}
	if count != 1 {
		return found, errOtherQuestion
	}
	return found, nil
}

var sha1ID = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}

func readSingle(rest *cryptobyte.String, q question) (a answer, same bool, err error) {
	var body, id, algorithm, name, key, serial, status cryptobyte.String
	var kind asn1.ObjectIdentifier
	var tag casn1.Tag
	if !rest.ReadASN1(&body, casn1.SEQUENCE) ||
		!body.ReadASN1(&id, casn1.SEQUENCE) ||
		!id.ReadASN1(&algorithm, casn1.SEQUENCE) || !algorithm.ReadASN1ObjectIdentifier(&kind) ||
		!id.ReadASN1(&name, casn1.OCTET_STRING) || !id.ReadASN1(&key, casn1.OCTET_STRING) ||
		!id.ReadASN1(&serial, casn1.INTEGER) || !body.ReadAnyASN1(&status, &tag) {
		return a, false, errNotOCSP
	}
	same = kind.Equal(sha1ID) && bytes.Equal(name, q.nameHash[:]) && bytes.Equal(key, q.keyHash[:]) &&
		bytes.Equal(significant(serial), q.serial)
	ok := true
	switch tag {
	case casn1.Tag(0).ContextSpecific():
		a.state = answerGood
	case casn1.Tag(1).ContextSpecific().Constructed():
		a.state = answerRevoked
		var wrapped cryptobyte.String
		var present bool
		a.since, ok = readTime(&status)
		ok = ok && status.ReadOptionalASN1(&wrapped, &present, casn1.Tag(0).ContextSpecific().Constructed())
		if ok && present {
			a.reason, ok = readReason(wrapped)
		}
	case casn1.Tag(2).ContextSpecific():
		a.state = answerUnknown
	default:
		ok = false
	}
	if ok {
		a.thisUpdate, ok = readTime(&body)
	}
	var next cryptobyte.String
	var present bool
	ok = ok && body.ReadOptionalASN1(&next, &present, casn1.Tag(0).ContextSpecific().Constructed())
	if ok && present {
		a.nextUpdate, ok = readTime(&next)
		ok = ok && !a.nextUpdate.Before(a.thisUpdate)
	}
	if !ok {
		return a, false, errNotOCSP
	}
	return a, same, readNoCritical(&body)
}

// readAnswer reads a response and believes it only when a responder of the issuer has signed it
// and it is in date.
func (r *responder) readAnswer(der []byte, issuer *authority, q question, now time.Time) (*answer, error) {
	b, err := readBasic(der)
	if err != nil {
		return nil, err
	}
	a, err := b.find(q)
	if err != nil {
		return nil, err
	}
	if err := r.believe(b, issuer, now); err != nil {
		return nil, err
	}
	if a.thisUpdate.After(now.Add(skew)) {
		return nil, fmt.Errorf("%w: %s", errFuture, stamp(a.thisUpdate))
	}
	// RFC 6960 section 3.2, 6: an answer whose nextUpdate is over may be a replay.
	if !a.nextUpdate.IsZero() && now.After(a.nextUpdate.Add(skew)) {
		return nil, fmt.Errorf("%w since %s", errStale, stamp(a.nextUpdate))
	}
	a.der = der
	return &a, nil
}

// believe verifies the signature, by the key of one who may speak for the issuer: a certificate
// that the configuration names, the issuer itself, or one to whom the issuer has given the right.
func (r *responder) believe(b basic, issuer *authority, now time.Time) error {
	if weak(b.algorithm) {
		return errAlgorithm
	}
	var why error
	try := func(c *x509.Certificate) bool {
		if !b.by(c) {
			return false
		}
		err := signature.Policy{GOST: r.book.keeper.GOST}.CheckSignatureBy(c, b.algorithm, b.tbs, b.value)
		if err != nil {
			why = err
		}
		return err == nil
	}
	for _, c := range r.trusted {
		if try(c) {
			return within(c, now)
		}
	}
	if try(issuer.certificate) {
		return nil
	}
	for rest := b.certificates; !rest.Empty(); {
		var der cryptobyte.String
		if !rest.ReadASN1Element(&der, casn1.SEQUENCE) {
			return errNotOCSP
		}
		c, err := x509.ParseCertificate(der)
		if err == nil && try(c) {
			return r.delegated(c, issuer, now)
		}
	}
	if why != nil {
		return fmt.Errorf("%w: %w", errResponder, why)
	}
	return errResponder
}

// by says whether the certificate is that of the responder that the response names.
func (b basic) by(c *x509.Certificate) bool {
	if b.byName != nil {
		return bytes.Equal(b.byName, c.RawSubject)
	}
	hash := sha1.Sum(publicKey(c))
	return bytes.Equal(b.byKey, hash[:])
}

// delegated says whether the issuer itself has given the certificate the right to sign answers, and
// has not taken it back by a list that we hold: RFC 6960 sections 4.2.2.2 and 4.2.2.2.1.
func (r *responder) delegated(c *x509.Certificate, issuer *authority, now time.Time) error {
	if !bytes.Equal(c.RawIssuer, issuer.certificate.RawSubject) {
		return fmt.Errorf("%w: %s is certified by somebody else", errResponder, nameOf(c.RawSubject))
	}
	may := false
	for _, usage := range c.ExtKeyUsage {
		may = may || usage == x509.ExtKeyUsageOCSPSigning
	}
	if !may {
		return fmt.Errorf("%w: %s has no right to sign OCSP responses", errResponder, nameOf(c.RawSubject))
	}
	parts := cryptobyte.String(c.Raw)
	var body, tbs, algorithm cryptobyte.String
	var value []byte
	if !parts.ReadASN1(&body, casn1.SEQUENCE) || !body.ReadASN1Element(&tbs, casn1.SEQUENCE) ||
		!body.ReadASN1Element(&algorithm, casn1.SEQUENCE) || !body.ReadASN1BitStringAsBytes(&value) {
		return errResponder
	}
	if weak(algorithm) {
		return errAlgorithm
	}
	gost := signature.Policy{GOST: r.book.keeper.GOST}
	if err := gost.CheckSignatureBy(issuer.certificate, algorithm, tbs, value); err != nil {
		return fmt.Errorf("%w: %w", errResponder, err)
	}
	for _, h := range issuer.lists {
		if s, applies := h.status(c, serialOf(c), now); applies && s.State == signature.RevocationRevoked {
			return fmt.Errorf("%w: the certificate of %s is revoked", errResponder, nameOf(c.RawSubject))
		}
	}
	return within(c, now)
}

// within says whether a responder's certificate is valid.
func within(c *x509.Certificate, now time.Time) error {
	if now.Before(c.NotBefore) || now.After(c.NotAfter) {
		return fmt.Errorf("%w: the certificate of %s is not valid now", errResponder, nameOf(c.RawSubject))
	}
	return nil
}
