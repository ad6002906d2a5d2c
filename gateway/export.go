package gateway

import (
	"encoding/json"
	"errors"
	"fmt"

	"asugate/store"
)

// Export hands over everything that is kept of a verdict, as files that need no gateway to be read: the
// line of the journal, the document and the ЭСИД byte for byte, the detached signatures, and the
// evidence. A document that has been let go is left out.
func (g *Gateway) Export(id string, add func(name string, body []byte) error) error {
	var e Entry
	var esid sealed
	var body, detached []byte
	if err := g.Store.View(func(tx store.Reader) (err error) {
		if e, err = entryAt(tx, id); err != nil {
			return err
		}
		if esid, err = sealedAt(tx, id); err != nil {
			return fmt.Errorf("reading acknowledgment %s: %w", id, err)
		}
		if tx.Get(store.Blobs, []byte(e.Body())) != nil {
			body, detached, err = bodyAt(tx, e.Body())
		}
		return err
	}); err != nil {
		return err
	}
	verdict, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return fmt.Errorf("writing verdict %s: %w", id, err)
	}
	for _, f := range []struct {
		name string
		body []byte
	}{
		{"verdict.json", verdict},
		{"document.xml", body}, {"document.p7s", detached},
		{"esid.xml", esid.document}, {"esid.p7s", esid.detached},
	} {
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
		return add("evidence/"+p.SHA256+extension, der)
	})
}
