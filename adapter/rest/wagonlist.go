package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"

	"asugate/wagonlist"
)

// getWagonList serves the lower part of the wagon list as WagonList.xsd has it.
func (s *service) getWagonList(w *answer, r *http.Request, c Client) error {
	return s.sheet(w, r, c, "application/xml", "xml", wagonlist.Sheet.XML)
}

// getWagonListPDF serves it to print.
func (s *service) getWagonListPDF(w *answer, r *http.Request, c Client) error {
	return s.sheet(w, r, c, "application/pdf", "pdf", wagonlist.Sheet.PDF)
}

// sheet serves the wagon list in a form. A cache may keep it and asks each time whether it still holds:
// the permission may end, and a list that nobody may print must not come out of a cache.
func (s *service) sheet(
	w *answer, r *http.Request, c Client, mediaType, extension string, form func(wagonlist.Sheet) ([]byte, error),
) error {
	// Two signatures are verified and a page drawn: that is the work of a document, and waits its turn.
	turn, err := s.turns.take(r.Context(), c.Code, 1)
	if err != nil {
		return err
	}
	defer turn.leave()
	list, err := s.WagonList(r.Context(), c.Code, r.PathValue("id"))
	if err != nil {
		return fmt.Errorf("reading a wagon list: %w", err)
	}
	body, err := form(list)
	if err != nil {
		return err
	}
	turn.leave() // the client may read slowly
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	// A canonical DocumentID is hexadecimal digits and hyphens: no name of a file can be made of it that
	// means something else.
	h.Set("Content-Disposition", `inline; filename="wagon-list-`+list.Waybill.DocumentID+`.`+extension+`"`)
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) // The client may be gone; it asks again.
	return nil
}
