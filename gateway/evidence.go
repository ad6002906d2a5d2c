package gateway

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
	"weak"

	"asugate/signature"
	"asugate/store"
)

// evidence is the certificates, CRLs and OCSP responses by which verdicts were found, each kept once.
const evidence store.Table = "evidence" // hex SHA-256 of the DER → Proof; the body is in store.Blobs

// Evidence is what a verdict on a signature was based on besides document and registers, so that it can
// be found again.
type Evidence struct {
	Directory   int                 `json:"directory"` // version of the register of participants
	Outcome     string              `json:"outcome"`   // holds | fails | undecided
	Indication  string              `json:"indication"`
	Container   string              `json:"container"` // xmldsig | cms
	ClaimedTime *time.Time          `json:"claimed,omitempty"`
	Chain       []string            `json:"chain,omitempty"` // hex SHA-256 of certificates, leaf first
	Revocations []RevocationFinding `json:"revocations,omitempty"`
	Legacy      []string            `json:"legacy,omitempty"` // switches without which it would not hold
}

// RevocationFinding is what was known of one certificate of the chain.
type RevocationFinding struct {
	Certificate string     `json:"certificate"` // hex SHA-256
	State       string     `json:"state"`       // unconfigured | good | revoked | unknown
	Source      string     `json:"source,omitempty"`
	Produced    *time.Time `json:"produced,omitempty"`
	Next        *time.Time `json:"next,omitempty"`
	RevokedAt   *time.Time `json:"revokedAt,omitempty"`
	Reason      string     `json:"reason,omitempty"`
	Why         string     `json:"why,omitempty"`
	Evidence    string     `json:"evidence,omitempty"` // hex SHA-256 of the CRL or the OCSP response
}

// Proof is one thing in the table evidence.
type Proof struct {
	SHA256 string `json:"-"`
	Kind   string `json:"kind"` // certificate | crl | ocsp
	Bytes  int    `json:"bytes"`
	Kept   bool   `json:"kept"` // false: too large, only its digest is known
}

// proof is one on its way into the store.
type proof struct {
	Proof
	der    []byte
	packed *[]byte // nil: it was there when we looked
	stale  bool    // retention knows of no verdict of the last hour that names it
}

// evidenceKey is the key of its body in store.Blobs; no participant has a code in small letters.
func evidenceKey(digest string) string { return "evidence/" + digest }

var (
	outcomes = map[signature.Outcome]string{
		signature.Fails: "fails", signature.Holds: "holds", signature.Undecided: "undecided",
	}
	knownStates = map[signature.RevocationState]string{
		signature.RevocationUnconfigured: "unconfigured", signature.RevocationGood: "good",
		signature.RevocationRevoked: "revoked", signature.RevocationUnknown: "unknown",
	}
)

// prove collects the evidence of an assessment; what the store has not yet is packed, outside of the
// transaction. Only certificates with a path to the trust are kept, so that nobody else can fill the
// disk with them.
func (g *Gateway) prove(a *assessment) (*Evidence, []proof, error) {
	r := &a.report
	indication, sub := r.Indication()
	e := &Evidence{
		Directory: a.directory.Version, Outcome: outcomes[r.Outcome], Indication: string(indication), Container: r.Container,
		ClaimedTime: stated(r.ClaimedTime), Legacy: r.Legacy.Names(),
	}
	if sub != "" {
		e.Indication += " " + string(sub)
	}
	var proofs []proof
	add := func(kind string, der []byte) string {
		p := proof{Proof: Proof{SHA256: g.evidence.of(der), Kind: kind, Bytes: len(der)}, der: der}
		p.Kept = p.Bytes <= store.MaxBody
		proofs = append(proofs, p)
		return p.SHA256
	}
	for _, c := range r.Chain {
		e.Chain = append(e.Chain, add("certificate", c.Raw))
	}
	for i, known := range r.Revocations {
		if i >= len(e.Chain) {
			break
		}
		f := finding(known, e.Chain[i])
		if known.Evidence != nil {
			f.Evidence = add(known.Source, known.Evidence)
		}
		e.Revocations = append(e.Revocations, f)
	}
	lately := string(idsFrom(g.Now().Add(-evidenceFresh)))
	err := g.Store.View(func(tx store.Reader) error {
		for i := range proofs {
			if digest := []byte(proofs[i].SHA256); tx.Get(evidence, digest) != nil {
				proofs[i].der, proofs[i].stale = nil, string(tx.Get(evidenceUsed, digest)) < lately
			}
		}
		return nil
	})
	for i, p := range proofs {
		if p.der != nil && p.Kept {
			proofs[i].packed = g.evidence.pack(p.SHA256, p.der)
		}
	}
	return e, proofs, err
}

// finding is what was known of a certificate with that digest, the evidence itself left out.
func finding(known signature.Revocation, certificate string) RevocationFinding {
	return RevocationFinding{
		Certificate: certificate, State: knownStates[known.State], Source: known.Source,
		Produced: stated(known.Produced), Next: stated(known.Next), RevokedAt: stated(known.RevokedAt),
		Reason: known.Reason, Why: known.Why,
	}
}

// stated is nil for no time.
func stated(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// keepProofs stores what is not there yet, and tells retention of what the verdict id names for the first
// time since long. errMoved: what was there when we looked has been let go since.
func keepProofs(tx store.Tx, proofs []proof, id string) error {
	for _, p := range proofs {
		if tx.Get(evidence, []byte(p.SHA256)) != nil {
			if p.stale {
				tx.Put(evidenceUsed, []byte(p.SHA256), []byte(id))
			}
			continue
		}
		if p.der == nil {
			return errMoved
		}
		put(tx, evidence, []byte(p.SHA256), p.Proof)
		if p.Kept {
			tx.Put(store.Blobs, []byte(evidenceKey(p.SHA256)), *p.packed)
		}
	}
	return nil
}

// references are the digests of all evidence, each once.
func (e *Evidence) references() []string {
	var list []string
	seen := make(map[string]bool)
	add := func(digest string) {
		if digest != "" && !seen[digest] {
			seen[digest] = true
			list = append(list, digest)
		}
	}
	for _, c := range e.Chain {
		add(c)
	}
	for _, r := range e.Revocations {
		add(r.Evidence)
	}
	return list
}

// proofAt reads a piece of evidence; der is nil when it was too large to be kept.
func proofAt(tx store.Reader, digest string) (p Proof, der []byte, err error) {
	v := tx.Get(evidence, []byte(digest))
	if v == nil {
		return p, nil, fmt.Errorf("evidence %.64s: %w", digest, ErrNoDocument)
	}
	if err := json.Unmarshal(v, &p); err != nil {
		return p, nil, fmt.Errorf("reading evidence %.64s: %w", digest, err)
	}
	p.SHA256 = digest
	if !p.Kept {
		return p, nil, nil
	}
	if der, err = store.Unpack(tx.Get(store.Blobs, []byte(evidenceKey(digest)))); err != nil {
		return p, nil, fmt.Errorf("reading evidence %.64s: %w", digest, err)
	}
	if got := sum(der); got != digest {
		return p, nil, fmt.Errorf("evidence %.64s has digest %s", digest, got)
	}
	return p, der, nil
}

// Evidence hands over every certificate, CRL and OCSP response of a verdict, each once, but for what
// retention has let go.
func (g *Gateway) Evidence(id string, take func(p Proof, der []byte) error) error {
	var references []string
	if err := g.Store.View(func(tx store.Reader) error {
		e, err := entryAt(tx, id)
		if err == nil && e.Evidence != nil {
			references = e.Evidence.references()
		}
		return err
	}); err != nil {
		return err
	}
	for _, digest := range references { // a snapshot each: whoever takes may be slow
		var p Proof
		var der []byte
		gone := false
		if err := g.Store.View(func(tx store.Reader) (err error) {
			p, der, err = proofAt(tx, digest)
			gone = errors.Is(err, ErrNoDocument) && recordRetired(tx, digest)
			return err
		}); gone {
			continue
		} else if err != nil {
			return err
		}
		if err := take(p, der); err != nil {
			return err
		}
	}
	return nil
}

// digests remembers the SHA-256 of large octets by where they are: a CRL of tens of megabytes is the
// same one for thousands of documents. It keeps none of them in memory.
type digests struct {
	mu    sync.Mutex // protects known
	known map[weak.Pointer[byte]]knownDigest

	packing sync.Mutex // protects packed; held while packing, because others wait for the same
	packed  map[string]weak.Pointer[[]byte]
}

type knownDigest struct {
	size   int
	digest string
}

// largeEvidence is the size from which hashing costs more than remembering, mostDigests how many are
// remembered.
const (
	largeEvidence = 64 << 10
	mostDigests   = 64
)

// of is the hex SHA-256 of octets that nobody changes.
func (d *digests) of(octets []byte) string {
	if len(octets) < largeEvidence {
		return sum(octets)
	}
	at := weak.Make(&octets[0])
	d.mu.Lock()
	known := d.known[at]
	d.mu.Unlock()
	if known.size == len(octets) {
		return known.digest
	}
	known = knownDigest{len(octets), sum(octets)}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil || len(d.known) >= mostDigests {
		d.known = make(map[weak.Pointer[byte]]knownDigest)
	}
	d.known[at] = known
	return known.digest
}

// pack compresses evidence. Whoever comes with the same large one before the first has stored it gets
// the first one's: a new CRL meets all documents that are under way, and would be in memory for each.
func (d *digests) pack(digest string, der []byte) *[]byte {
	if len(der) < largeEvidence {
		packed := store.Pack(der)
		return &packed
	}
	d.packing.Lock()
	defer d.packing.Unlock()
	if known := d.packed[digest].Value(); known != nil {
		return known
	}
	if d.packed == nil || len(d.packed) >= mostDigests {
		d.packed = make(map[string]weak.Pointer[[]byte])
	}
	packed := store.Pack(der)
	d.packed[digest] = weak.Make(&packed)
	return &packed
}

// recorded answers about certificates what was known of them when a verdict was found.
type recorded []RevocationFinding

// Status is what was recorded.
func (r recorded) Status(certificate, _ *x509.Certificate, _ time.Time) signature.Revocation {
	digest := sha256.Sum256(certificate.Raw)
	for _, f := range r {
		if f.Certificate != hex.EncodeToString(digest[:]) {
			continue
		}
		answer := signature.Revocation{Source: f.Source, Reason: f.Reason, Why: f.Why}
		for state, word := range knownStates {
			if word == f.State {
				answer.State = state
			}
		}
		for to, from := range map[*time.Time]*time.Time{
			&answer.Produced: f.Produced, &answer.Next: f.Next, &answer.RevokedAt: f.RevokedAt,
		} {
			if from != nil {
				*to = *from
			}
		}
		return answer
	}
	return signature.Revocation{}
}
