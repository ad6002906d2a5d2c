package scene_test

import (
	"testing"
	"time"

	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/signature"
	"asugate/xmltree"
)

// What the scene writes of memos and acts is what the schemas say, signed by whom it should be.
func TestPrimaryDocumentsAreRead(t *testing.T) {
	s := pki.Must(scene.New(time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)))
	memo := s.Memo(scene.Memo{DocumentID: "5a1d9459-83a8-4b47-9f00-000000000002"})
	of := scene.ReferenceTo(memo, "5a1d9459-83a8-4b47-9f00-000000000002", 1)
	cases := []struct {
		kind     schema.Kind
		by       *scene.Persona
		issuer   *pki.Authority
		document []byte
	}{
		{schema.KindMemo, s.Office, s.Rail, memo},
		{schema.KindMemo, s.Office, s.Rail, s.Memo(scene.Memo{
			Operation: schema.OperationRemoval, Version: 2, Environment: "test", Wagons: []string{"63498000", "845012345678"},
			Change: func(m *schema.Memo) {
				m.Contractor = schema.Party{Name: "ООО «Мебель»"}
				m.Remarks, m.Bill, m.Train, m.Workplace = []string{"отказ от подписи"}, "31", "9856-012-8506", "АРМ-1"
				w := &m.Wagons[0]
				w.Containers = []schema.MemoContainer{{Number: "TKRU3331230", Size: "20"}}
				w.Delay, w.Acts, w.Remarks = 90*time.Minute, []string{"417"}, []string{"ДВ"}
				w.SupplyMemo, w.Weighings, w.Group, w.Contractor = "10983", 1, 2, "ООО «Мебель»"
			},
		})},
		{schema.KindAct, s.Office, s.Rail, s.Act(scene.Act{})},
		{schema.KindAct, s.Office, s.Rail, s.Act(scene.Act{Kind: schema.ActEnd, Start: of.DocumentID})},
		{schema.KindApproval, s.Signatory, s.Root, s.Approval(scene.Answer{Of: of})},
		{schema.KindRejection, s.Signatory, s.Root, s.Rejection(scene.Answer{Of: of})},
		{schema.KindStateReport, s.Office, s.Rail, s.StateReport(scene.StateReport{Of: of.DocumentID})},
		{schema.KindStateReport, s.Office, s.Rail, s.StateReport(scene.StateReport{
			Of: of.DocumentID, OfVersion: 1, State: schema.ReportSigned, StateID: 469, Reason: "подписан в АС ЭТРАН",
		})},
		{schema.KindMovements, s.Office, s.Rail, s.Movements(scene.Movements{})},
	}
	for _, c := range cases {
		t.Run(string(c.kind), func(t *testing.T) {
			tree := pki.Must(xmltree.Parse(c.by.MustSign(c.document), xmltree.DefaultLimits()))
			trust := signature.NewTrust(pki.Must(signature.ParseCertificates(c.issuer.CertificatePEM())))
			signed, report := signature.Open(signature.Input{Tree: tree}, trust, signature.Policy{}, s.Now)
			if report.Outcome != signature.Holds {
				t.Fatalf("signature: %+v", report.Faults)
			}
			d, findings := schema.Parse(signed, time.UTC)
			if len(findings) > 0 {
				t.Errorf("findings: %+v", findings)
			}
			if d.Kind() != c.kind {
				t.Errorf("kind %q, want %q", d.Kind(), c.kind)
			}
		})
	}
}
