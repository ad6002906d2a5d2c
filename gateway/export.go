package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"asugate/queue"
	"asugate/store"
)

// The files of an export; VerifyExport reads them by these names.
const (
	fileVerdict      = "verdict.json" // the record of the journal, byte for byte
	fileDocument     = "document.xml"
	fileDocumentCMS  = "document.p7s"
	fileESID         = "esid.xml"
	fileESIDCMS      = "esid.p7s"
	fileProof        = "proof.xml"
	fileParticipants = "participants.yaml" // of the register then, what concerns the sender
	fileStaff        = "staff.json"        // of the staff list then, what the verdict rests on
	fileNorms        = "norms.yaml"
	fileDelivery     = "delivery.json" // what was sent of it, to whom, when it was confirmed
	folderEvidence   = "evidence/"
)

// Export hands over everything that is kept of a verdict, as files that need no gateway to be read: the
// record of the journal, the document and the ЭСИД byte for byte, the detached signatures, the evidence,
// the entries of the registers that it was based on, what was delivered, and the proof that it is in the
// journal. What has been let go is left out.
func (g *Gateway) Export(ctx context.Context, id string, add func(name string, body []byte) error) error {
	proof, err := g.ProofOf(ctx, id) // first: it may be that it cannot be made now
	if err != nil {
		return err
	}
	x := export{gateway: g}
	if err := g.Store.View(func(tx store.Reader) error { return x.read(tx, id) }); err != nil {
		return err
	}
	delivery, err := g.delivered(x.entry)
	if err != nil {
		return storeError(err)
	}
	for _, f := range append(x.files, exported{fileDelivery, delivery}, exported{fileProof, proof}) {
		if f.body == nil {
			continue
		}
		if err := add(f.name, f.body); err != nil {
			return err
		}
	}
	return g.Evidence(id, func(p Proof, der []byte) error {
		extension, known := map[string]string{"certificate": ".cer", "crl": ".crl", "ocsp": ".ors"}[p.Kind]
		switch {
		case !known:
			return errors.New("evidence of an unknown kind")
		case der == nil:
			return nil // too large to be kept; the verdict has its digest
		}
		return add(folderEvidence+p.SHA256+extension, der)
	})
}

// export is what one snapshot has of a verdict.
type export struct {
	gateway *Gateway
	entry   Entry
	files   []exported
}

type exported struct {
	name string
	body []byte
}

func (x *export) add(name string, body []byte) { x.files = append(x.files, exported{name, body}) }

func (x *export) read(tx store.Reader, id string) (err error) {
	if x.entry, err = entryAt(tx, id); err != nil {
		return err
	}
	esid, err := sealedAt(tx, id)
	if err != nil {
		return fmt.Errorf("reading acknowledgment %s: %w", id, err)
	}
	var body, detached []byte
	if tx.Get(store.Blobs, []byte(x.entry.Body())) != nil {
		if body, detached, err = bodyAt(tx, x.entry.Body()); err != nil {
			return err
		}
	}
	x.add(fileVerdict, cloned(tx.Get(journal, []byte(id))))
	x.add(fileDocument, body)
	x.add(fileDocumentCMS, detached)
	x.add(fileESID, esid.document)
	x.add(fileESIDCMS, esid.detached)
	return x.registers(tx)
}

// registers adds the entries of the registers that the verdict was based on.
func (x *export) registers(tx store.Reader) error {
	e, r := x.entry, x.gateway.Register
	version := e.Read.Directory
	if e.Evidence != nil {
		version = e.Evidence.Directory // by which the signature was judged
	}
	if version > 0 {
		text, err := r.ExtractParticipant(tx, version, e.Participant)
		if err != nil {
			return err
		}
		x.add(fileParticipants, text)
	}
	if e.Read.Norms > 0 {
		text, err := r.ExportNorms(tx, e.Read.Norms)
		if err != nil {
			return err
		}
		x.add(fileNorms, text)
	}
	if e.Read.Staff == 0 || e.Basis.Appointment == "" {
		return nil
	}
	text, err := r.ExtractStaff(tx, e.Read.StaffOf, e.Read.Staff, e.Basis.Appointment, e.Basis.Proxy)
	x.add(fileStaff, text)
	return err
}

// delivered tells of the messages that were made with a verdict, as far as they are still known: the ЭСИД,
// and where the document and the ЭСИД went besides. Their ids follow that of the verdict closely.
func (g *Gateway) delivered(e Entry) ([]byte, error) {
	const pages, page = 4, 1000
	var found []queue.Entry
	own, err := g.Queue.Show(e.ID)
	switch {
	case err == nil:
		found = append(found, own)
	case !errors.Is(err, queue.ErrNoMessage):
		return nil, err
	}
	cursor := e.ID
	for range pages {
		rows, next, err := g.Queue.Messages("", cursor, page)
		if err != nil {
			return nil, err
		}
		for _, m := range rows {
			if m.ID > e.ID && m.Created.Equal(e.Judged) && (m.Body == e.ID || m.Body == e.Body()) {
				found = append(found, m)
			}
		}
		if len(rows) < page || rows[len(rows)-1].Created.Sub(e.Judged) > HandlingLimit {
			break
		}
		cursor = next
	}
	slices.SortFunc(found, func(a, b queue.Entry) int { return cmp.Compare(a.ID, b.ID) })
	return json.MarshalIndent(slices.CompactFunc(found, func(a, b queue.Entry) bool { return a.ID == b.ID }), "", "  ")
}
