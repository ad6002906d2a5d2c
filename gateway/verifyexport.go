package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"asugate/ledger"
	"asugate/register"
	"asugate/schema"
	"asugate/signature"
	"asugate/store"
	"asugate/xmltree"
)

// Offline checks what the gateway gave out without its store.
type Offline struct {
	// Trust is the certificates that are believed, of clients and of the gateway. Where it is nil, those are
	// believed that the files bring: then the files are found to fit together, and who made them is for the
	// reader to find out.
	Trust *signature.Trust
	GOST  signature.Provider // who verifies GOST signatures; nil: we
}

// FileAudit is what was found out about a proof or an export.
type FileAudit struct {
	Message string      `json:"message,omitempty"` // of the leaf
	Leaf    int64       `json:"leaf"`              // its place
	Origin  string      `json:"journal,omitempty"`
	Size    int64       `json:"leaves,omitempty"` // of the checkpoint
	At      *time.Time  `json:"at,omitempty"`     // when the checkpoint was made
	Signer  string      `json:"signer,omitempty"` // of the checkpoint: SHA-256 of the certificate
	Trusted bool        `json:"trusted"`          // the certificates are among those given, not only in the file
	Holds   bool        `json:"holds"`            // nothing has failed
	Checks  []FileCheck `json:"checks"`
}

// FileCheck is one thing that was looked at.
type FileCheck struct {
	Name   string `json:"name"`
	Result string `json:"result"` // passed | failed | not-checked
	Detail string `json:"detail,omitempty"`
}

// The checks, in their order.
const (
	checkCheckpoint = "checkpoint" // the signature of the root
	checkJournal    = "journal"    // the leaf is in the tree
	checkRecord     = "record"     // the verdict is the one of the leaf
	checkDocument   = "document"   // likewise
	checkESID       = "esid"       // likewise, and its signature
	checkEvidence   = "evidence"   // certificates and what was known of them are those of the verdict
	checkSignature  = "signature"  // of the document, judged again
	checkOther      = "other"      // of which the journal says nothing
)

// fileAudit is one audit under way.
type fileAudit struct {
	Offline
	FileAudit
	opener opener
	leaf   ledger.Leaf
}

func (o Offline) begin() *fileAudit {
	return &fileAudit{Offline: o, FileAudit: FileAudit{Holds: true, Trusted: o.Trust != nil}, opener: opener{trust: o.Trust, gost: o.GOST}}
}

func (a *fileAudit) passed(name, format string, args ...any) {
	a.Checks = append(a.Checks, FileCheck{name, "passed", fmt.Sprintf(format, args...)})
}

func (a *fileAudit) failed(name string, err error) {
	a.Holds = false
	a.Checks = append(a.Checks, FileCheck{name, "failed", err.Error()})
}

func (a *fileAudit) notChecked(name, why string) {
	a.Checks = append(a.Checks, FileCheck{name, "not-checked", why})
}

// Sealed is a document with its detached signature, if it has one.
type Sealed struct{ Document, CMS []byte }

// ErrNoProof: a file is neither a proof nor an export that has one.
var ErrNoProof = errors.New("no proof")

// VerifyProof checks a proof, and that it is about the document and the ЭСИД; either may be empty.
func (o Offline) VerifyProof(proof []byte, document, esid Sealed) (FileAudit, error) {
	a := o.begin()
	if err := a.proof(proof); err != nil {
		return FileAudit{}, err
	}
	a.same(checkDocument, document, a.leaf.Received)
	a.same(checkESID, esid, a.leaf.Sent)
	return a.FileAudit, nil
}

// Checkpoint reads a checkpoint that somebody has kept, alone or in a proof, if its signature holds.
func (o Offline) Checkpoint(document []byte) (schema.Checkpoint, error) {
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		return schema.Checkpoint{}, err
	}
	if tree.Root().Is(schema.Namespace, string(schema.KindProof)) {
		p, err := schema.ReadProof(tree.Root())
		if err != nil {
			return schema.Checkpoint{}, err
		}
		document = p.Checkpoint
	}
	c, _, err := o.begin().opener.checkpoint(document)
	return c, err
}

// proof checks the proof itself. The error is ErrNoProof; all else is in the audit.
func (a *fileAudit) proof(document []byte) error {
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoProof, err)
	}
	p, err := schema.ReadProof(tree.Root())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoProof, err)
	}
	c, certificate, err := a.opener.checkpoint(p.Checkpoint)
	if err != nil {
		a.failed(checkCheckpoint, err)
	} else {
		a.Origin, a.Size, a.At = c.Origin, c.Size, &c.CreatedAt
		a.Signer = sum(certificate.Raw)
		a.passed(checkCheckpoint, "%d leaves, signed by %s", c.Size, signature.SubjectOf(certificate))
	}
	leaf, _, err := CheckProof(p)
	if err != nil {
		a.failed(checkJournal, err)
	} else {
		a.passed(checkJournal, "leaf %d", p.Index)
	}
	a.leaf, a.Leaf, a.Message = leaf, p.Index, leaf.ID
	return nil
}

// same holds a document against the digest of the leaf.
func (a *fileAudit) same(name string, s Sealed, digest string) {
	switch got := sum(s.Document, s.CMS); {
	case s.Document == nil:
		a.notChecked(name, "not given; its SHA-256 is "+digest)
	case got != digest:
		a.failed(name, fmt.Errorf("its SHA-256 is %s, that in the journal %s", got, digest))
	default:
		a.passed(name, "SHA-256 %s", digest)
	}
}

// VerifyExport checks the files of an export: that they fit together, that the verdict is in the journal,
// that the signatures hold, and that the signature of the document is judged as it was then.
func (o Offline) VerifyExport(files map[string][]byte) (FileAudit, error) {
	a := o.begin()
	proof := files[fileProof]
	if proof == nil {
		return FileAudit{}, fmt.Errorf("%w: there is no %s", ErrNoProof, fileProof)
	}
	if err := a.proof(proof); err != nil {
		return FileAudit{}, err
	}
	var e Entry
	switch record := files[fileVerdict]; {
	case record == nil:
		a.failed(checkRecord, fmt.Errorf("there is no %s", fileVerdict))
		return a.FileAudit, nil
	case sum(record) != a.leaf.Record:
		a.failed(checkRecord, fmt.Errorf("the verdict is not the one in the journal: its SHA-256 is %s, that there %s", sum(record), a.leaf.Record))
		return a.FileAudit, nil // nothing that it says counts
	default:
		if err := json.Unmarshal(record, &e); err != nil || e.ID != a.leaf.ID || e.Raw != a.leaf.Received {
			a.failed(checkRecord, errors.New("the verdict is not by its form"))
			return a.FileAudit, nil
		}
	}
	a.passed(checkRecord, "%s, %s", e.Result, e.Judged.UTC().Format(time.RFC3339))
	document := Sealed{files[fileDocument], files[fileDocumentCMS]}
	a.same(checkDocument, document, a.leaf.Received)
	a.esid(e, Sealed{files[fileESID], files[fileESIDCMS]})
	a.evidence(e, files)
	a.signature(e, document, files[fileParticipants])
	a.others(files)
	return a.FileAudit, nil
}

// esid checks the ЭСИД as VerifyJournal does.
func (a *fileAudit) esid(e Entry, s Sealed) {
	if s.Document == nil {
		a.failed(checkESID, fmt.Errorf("there is no %s", fileESID))
		return
	}
	if got := sum(s.Document, s.CMS); got != a.leaf.Sent {
		a.failed(checkESID, fmt.Errorf("its SHA-256 is %s, that in the journal %s", got, a.leaf.Sent))
		return
	}
	tree, err := xmltree.Parse(s.Document, xmltree.DefaultLimits())
	if err != nil {
		a.failed(checkESID, err)
		return
	}
	signed, certificate, err := a.opener.open(signature.Input{Tree: tree, Detached: s.CMS}, e.Judged)
	if err != nil {
		a.failed(checkESID, err)
		return
	}
	esid, err := schema.ReadESID(signed.Root())
	switch {
	case err != nil:
		a.failed(checkESID, err)
	case esid.MessageID != e.ID || esid.InReplyTo.Raw != e.Raw || esid.Result != e.Result:
		a.failed(checkESID, fmt.Errorf("it is %s, %s on %s", esid.MessageID, esid.Result, esid.InReplyTo.Raw))
	default:
		a.passed(checkESID, "%s, signed by %s", esid.Result, signature.SubjectOf(certificate))
	}
}

// evidence checks that each piece is what its name says, and looks for those that the verdict names.
func (a *fileAudit) evidence(e Entry, files map[string][]byte) {
	found := make(map[string]bool)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file, ok := strings.CutPrefix(name, folderEvidence)
		if !ok {
			continue
		}
		digest, _, _ := strings.Cut(file, ".")
		if sum(files[name]) != digest {
			a.failed(checkEvidence, fmt.Errorf("%.100q is not what its name says", name))
			return
		}
		found[digest] = true
	}
	if e.Evidence == nil {
		a.notChecked(checkEvidence, "the verdict names none")
		return
	}
	var missing []string
	for _, digest := range e.Evidence.references() {
		if !found[digest] {
			missing = append(missing, digest)
		}
	}
	if len(missing) > 0 {
		a.notChecked(checkEvidence, "let go, or too large to be kept: "+strings.Join(missing, " "))
		return
	}
	a.passed(checkEvidence, "%d files", len(found))
}

// signature judges the signature of the document again, by the registers and what was known then.
func (a *fileAudit) signature(e Entry, document Sealed, participants []byte) {
	switch {
	case document.Document == nil:
		a.notChecked(checkSignature, "the document is not given")
		return
	case e.Evidence == nil || participants == nil:
		a.notChecked(checkSignature, "what it was judged by was not kept")
		return
	}
	then, err := register.ReadDirectory(participants)
	if err != nil {
		a.failed(checkSignature, fmt.Errorf("reading %s: %w", fileParticipants, err))
		return
	}
	if a.Trust != nil {
		if p := then.Participants[e.Participant]; p != nil {
			p.Trust = a.Trust
		}
		if r := then.Railways[e.Participant]; r != nil {
			r.Trust = a.Trust
		}
	}
	limits := xmltree.DefaultLimits()
	limits.Bytes = store.MaxBody
	g := Gateway{Options: Options{Limits: limits, GOST: a.GOST}}
	signed, report, err := g.reopen(then, e, document.Document, document.CMS)
	switch {
	case err != nil:
		a.failed(checkSignature, err)
	case unverifiable(e, signed, report) != nil:
		a.notChecked(checkSignature, "its algorithm cannot be verified here")
	case outcomes[report.Outcome] != e.Evidence.Outcome:
		again := fmt.Errorf("it was judged «%s», and judged again it is «%s»: %s",
			e.Evidence.Outcome, outcomes[report.Outcome], faultWords(report.Faults))
		if a.Trust != nil {
			again = fmt.Errorf("%w; the authority of its signer has to be among what is trusted, too", again)
		}
		a.failed(checkSignature, again)
	case !a.sameChain(e, report):
		a.failed(checkSignature, errors.New("its certificates are not those of the verdict"))
	default:
		a.passed(checkSignature, "%s, as it was judged then", outcomes[report.Outcome])
	}
}

// sameChain says whether the certificates are those by which the verdict was found: the register in the
// file is not in the journal, and so it may not bring in others. Where other certificates are believed, the
// path ends where these say.
func (a *fileAudit) sameChain(e Entry, report signature.Report) bool {
	var chain []string
	for _, c := range report.Chain {
		chain = append(chain, sum(c.Raw))
	}
	if a.Trust != nil && len(chain) > 0 && len(e.Evidence.Chain) > 0 {
		return chain[0] == e.Evidence.Chain[0]
	}
	return slices.Equal(chain, e.Evidence.Chain)
}

// others names the files of which the journal has no digest.
func (a *fileAudit) others(files map[string][]byte) {
	known := []string{fileVerdict, fileDocument, fileDocumentCMS, fileESID, fileESIDCMS, fileProof}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !slices.Contains(known, name) && !strings.HasPrefix(name, folderEvidence) {
			names = append(names, fmt.Sprintf("%.100s", name))
		}
	}
	if len(names) > 0 {
		a.notChecked(checkOther, "the journal has no digest of "+strings.Join(names, ", "))
	}
}
