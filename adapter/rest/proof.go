package rest

import (
	"fmt"
	"net/http"
)

// getProof serves the proof that the answer to a document is in the journal (Proof.xsd). It may wait for a
// checkpoint, which is shared by all who wait: that takes no turn from a document.
func (s *service) getProof(w *answer, r *http.Request, c Client) error {
	ctx, cancel := s.judging(r)
	defer cancel()
	proof, err := s.Proof(ctx, c.Code, r.PathValue("id"), r.URL.Query().Get("message"))
	if err != nil {
		return fmt.Errorf("proving a document: %w", err)
	}
	writeBody(w, http.StatusOK, "application/xml", proof)
	return nil
}
