package scene_test

import (
	"path/filepath"
	"testing"
	"time"

	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/register"
	"asugate/schema"
	"asugate/store"
	"asugate/store/bolt"
)

// The register of the scene is one that the program takes, and the shipper in it is the addressee of
// the memos and acts of the scene, with the terms that were asked for.
func TestParticipantsAreRegistered(t *testing.T) {
	s := pki.Must(scene.New(time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)))
	path := filepath.Join(t.TempDir(), "store.db")
	if err := bolt.Create(path, bolt.Meta{Environment: "test", Created: s.Now}); err != nil {
		t.Fatal(err)
	}
	db := pki.Must(bolt.Open(path, bolt.Options{}))
	t.Cleanup(func() { _ = db.Close() })
	r := register.Open(db, func() time.Time { return s.Now })
	text := s.Participants(scene.Participants{
		More: []string{"SHIP-02"}, MemoTerm: "3h", Railway: "guard: {wait: 1h, then: refuse}",
	})
	if _, err := r.ImportParticipants(text, "", "test"); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var d *register.Directory
	if err := db.View(func(tx store.Reader) (err error) {
		d, err = r.Directory(tx)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	p, o, reason := d.Addressee("RZD", schema.OrgID{INN: scene.ShipperINN, KPP: "770801001"})
	if reason != "" || p.Code != "SHIP-01" {
		t.Fatalf("addressee: %+v, %s", p, reason)
	}
	if got := o.Agreement.Terms[schema.KindMemo].String(); got != "3h" {
		t.Errorf("term of a memo: %s", got)
	}
	if got := o.Agreement.Terms[schema.KindAct].String(); got != "24h" {
		t.Errorf("term of an act: %s", got)
	}
	if g := d.Railways["RZD"].Guard; g.Wait != time.Hour || !g.Refuse {
		t.Errorf("guard: %+v", g)
	}
}
