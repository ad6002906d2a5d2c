package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"asugate/internal/scene"
	"asugate/schema"
)

// memo is a памятка ГУ-45ВЦ of the demonstration, and how the shipper answers it.
type memo struct {
	number, wagon string
	title         string // of the answer
	answer        func(scene.Answer) []byte
}

// railway plays what begins at the railway: it signs memos, the shipper is told how much time there is, and
// signs one, too, and rejects the other.
func (s *show) railway(ctx context.Context) {
	st := s.stage
	for _, m := range []memo{
		{"10983", "63498000", "«Подписан Клиентом»: the shipper signs it, too", st.Approval},
		{"10984", "62310784", "«Отклонен»: the shipper rejects it, with a reason", st.Rejection},
	} {
		id := scene.NewID()
		fmt.Fprintf(s.out, "\n→ памятка ГУ-45ВЦ N %s, signed by the railway, comes from its back office\n", m.number)
		document := st.Office.MustSign(st.Memo(scene.Memo{DocumentID: id, Number: m.number, Wagons: []string{m.wagon}}))
		if err := st.sends(m.number, document); err != nil {
			s.fail("sending it: %v", err)
			return
		}
		notice, ok := s.notice(ctx, id)
		if !ok {
			return
		}
		fmt.Fprintf(s.out, "← StateNotice %s: %s, %s; to be answered by %s\n", notice.MessageID, notice.Event, notice.State,
			notice.SignBy.Format(time.RFC3339))
		_, _, got, err := s.client.do(ctx, http.MethodGet, "/v1/documents/"+id+"/content", nil)
		if err != nil || !bytes.Equal(got, document) {
			s.fail("the shipper does not get it as the railway has signed it: %v", err)
		}
		s.submit(ctx, act{m.title, st.Signatory.MustSign(m.answer(scene.Answer{
			Of: scene.Reference{DocumentID: id, Version: notice.About.Version, SHA256: notice.About.Content},
		})), http.StatusOK, ""})
	}
}

// sends puts a memo where the back office puts what it sends: the file that says what it is comes last.
func (st *stage) sends(name string, document []byte) error {
	in := filepath.Join(st.config.Spool.Dir, "in", name)
	if err := os.WriteFile(in+".xml", document, 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(in+".new", []byte("type: Memo\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(in+".new", in+".meta")
}

// notice waits for what the gateway tells the shipper of a memo.
func (s *show) notice(ctx context.Context, id string) (schema.StateNotice, bool) {
	var list struct {
		Messages []struct {
			ID, Kind, Document string
		}
	}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline) && ctx.Err() == nil; {
		list.Messages = nil
		_, _, answer, err := s.client.do(ctx, http.MethodGet, "/v1/outbox?limit=1000", nil)
		if err != nil {
			break
		}
		_ = json.Unmarshal(answer, &list) // what is no list has no such message
		for _, m := range list.Messages {
			if m.Kind == string(schema.KindStateNotice) && m.Document == id {
				return s.fetchNotice(ctx, m.ID)
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.fail("nothing was told of the memo")
	return schema.StateNotice{}, false
}

// fetchNotice believes a notice as a client must: only under the gateway's certificate.
func (s *show) fetchNotice(ctx context.Context, message string) (schema.StateNotice, bool) {
	_, _, answer, err := s.client.do(ctx, http.MethodGet, "/v1/outbox/"+message, nil)
	if err != nil {
		s.fail("fetching notice %s: %v", message, err)
		return schema.StateNotice{}, false
	}
	root, err := s.believe(answer)
	if err != nil {
		s.fail("notice %s: %v", message, err)
		return schema.StateNotice{}, false
	}
	n, err := schema.ReadStateNotice(root)
	if err != nil {
		s.fail("reading notice %s: %v", message, err)
	}
	return n, err == nil
}
