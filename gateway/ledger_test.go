package gateway_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/ledger"
	"asugate/schema"
	"asugate/signature"
	"asugate/store"
	"asugate/xmltree"
)

// proof reads a proof, and holds it against the gateway's certificate.
func (w *world) proof(document []byte) (schema.Proof, ledger.Leaf, schema.Checkpoint) {
	w.t.Helper()
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := schema.ReadProof(tree.Root())
	if err != nil {
		w.t.Fatal(err)
	}
	leaf, c, err := gateway.CheckProof(p)
	if err != nil {
		w.t.Fatal(err)
	}
	if tree, err = xmltree.Parse(p.Checkpoint, xmltree.DefaultLimits()); err != nil {
		w.t.Fatal(err)
	}
	if _, report := signature.Open(signature.Input{Tree: tree}, w.trust, signature.Policy{}, time.Now()); report.Outcome != signature.Holds {
		w.t.Fatalf("the checkpoint does not verify: %v", report.Faults)
	}
	return p, leaf, c
}

// Whoever asks gets the proof of his document at once, and by then the ledger has it signed.
func TestProof(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	id := scene.NewID()
	first := w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id}))
	refused := w.Performer.MustSign(w.Waybill(scene.Waybill{DocumentID: id, Version: 2}))
	forged := bytes.Replace(first, []byte(id), []byte(scene.NewID()), 1)
	a, b, f := w.accept(first), w.accept(refused), w.accept(forged)
	for _, c := range []struct {
		name, document, message string
		want                    gateway.Receipt
		raw                     []byte
	}{
		{"of one whose signature does not hold", f.Entry().DocumentID, f.MessageID(), f, forged},
		{"the newest", id, "", b, refused},
		{"by its message", id, a.MessageID(), a, first},
		{"with an id as SAP writes it", strings.ToUpper(strings.ReplaceAll(id, "-", "")), a.MessageID(), a, first},
	} {
		document, err := w.Proof(ctx, "SHIP-01", c.document, c.message)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		_, leaf, checkpoint := w.proof(document)
		if leaf.ID != c.want.MessageID() || leaf.Kind != ledger.Verdict || leaf.Received != hexSum(c.raw) || leaf.Sent != hexSum(c.want.Document()) {
			t.Errorf("%s: %+v", c.name, leaf)
		}
		if checkpoint.Size != 4 || checkpoint.Environment != "test" { // the staff list is the first leaf
			t.Errorf("%s: %+v", c.name, checkpoint)
		}
	}
	for _, c := range []struct{ name, participant, document, message string }{
		{"another's document", "SHIP-02", id, ""},
		{"another's message", "SHIP-02", id, a.MessageID()},
		{"a document that there is not", "SHIP-01", scene.NewID(), ""},
		{"a message about another document", "SHIP-01", id, scene.NewID()},
		{"no id", "SHIP-01", "x", ""},
	} {
		if _, err := w.Proof(ctx, c.participant, c.document, c.message); !errors.Is(err, gateway.ErrNoDocument) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A proof that was altered proves nothing.
func TestProof_altered(t *testing.T) {
	w := newWorld(t)
	var r gateway.Receipt
	id := scene.NewID()
	for range 3 {
		r = w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{DocumentID: id})))
		id = scene.NewID()
	}
	document, err := w.ProofOf(context.Background(), r.MessageID())
	if err != nil {
		t.Fatal(err)
	}
	whole, leaf, _ := w.proof(document)
	if whole.Index != 3 || len(whole.Path) != 2 {
		t.Fatalf("leaf %d, path %d", whole.Index, len(whole.Path))
	}
	for name, alter := range map[string]func(p *schema.Proof){
		"another document": func(p *schema.Proof) { p.Leaf = strings.Replace(p.Leaf, leaf.Received, leaf.Sent, 1) },
		"another place":    func(p *schema.Proof) { p.Index-- },
		"a place beyond":   func(p *schema.Proof) { p.Index = 4 },
		"another hash":     func(p *schema.Proof) { p.Path[1] = p.Path[0] },
		"a hash less":      func(p *schema.Proof) { p.Path = p.Path[:1] },
		"a hash more":      func(p *schema.Proof) { p.Path = append(p.Path, p.Path[0]) },
		"no checkpoint":    func(p *schema.Proof) { p.Checkpoint = []byte("<Checkpoint/>") },
		"an altered root": func(p *schema.Proof) {
			p.Checkpoint = []byte(strings.Replace(string(p.Checkpoint), `size="4"`, `size="5"`, 1))
		},
		"a leaf of no record": func(p *schema.Proof) { p.Leaf = "verdict" },
	} {
		p := whole
		p.Path = append([]string(nil), whole.Path...)
		alter(&p)
		if _, _, err := gateway.CheckProof(p); err == nil {
			t.Errorf("%s: nothing is found", name)
		}
	}
}

// ledgerProblems is what verifying the journal and its ledger finds.
func (w *world) ledgerProblems(kept ...schema.Checkpoint) (problems string, found gateway.LedgerAudit) {
	w.t.Helper()
	var lines []string
	found, err := w.VerifyLedger(context.Background(), w.trust, kept, func(about string, problem error) {
		lines = append(lines, about+": "+problem.Error())
	})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.VerifyJournal(context.Background(), func(e gateway.Entry, problem error) {
		if problem != nil {
			lines = append(lines, "entry "+e.ID+": "+problem.Error())
		}
	}); err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(lines, "\n"), found
}

// Whatever is changed or taken out behind the gateway's back is found, by one of the checks at least.
func TestVerifyLedger_tampering(t *testing.T) {
	get := func(tx store.Tx, table store.Table, key string) []byte {
		return append([]byte(nil), tx.Get(table, []byte(key))...)
	}
	last := func(tx store.Tx, table store.Table) (key []byte) {
		tx.RangeBack(table, nil, nil, 1, func(k, _ []byte) bool { key = append(key, k...); return false })
		return key
	}
	for _, c := range []struct {
		name   string
		tamper func(tx store.Tx, ids []string)
		want   string // ID0 … stand for the ids
	}{
		{"nothing", func(store.Tx, []string) {}, ""},
		{"a record is changed", func(tx store.Tx, ids []string) {
			tx.Put("journal", []byte(ids[1]), []byte(strings.Replace(string(get(tx, "journal", ids[1])), `"result":"positive"`, `"result":"negative"`, 1)))
		}, "leaf 2: the record of verdict ID1 is not what it was"},
		{"a record is written otherwise and says the same", func(tx store.Tx, ids []string) {
			tx.Put("journal", []byte(ids[1]), append(get(tx, "journal", ids[1]), ' '))
		}, "leaf 2: the record of verdict ID1 is not what it was"},
		{"a record is removed", func(tx store.Tx, ids []string) { tx.Delete("journal", []byte(ids[0])) }, "leaf 1: the record of verdict ID0 is missing"},
		{"a record is removed with its leaf", func(tx store.Tx, ids []string) {
			at := get(tx, "ledger.index", ids[1])
			tx.Delete("journal", []byte(ids[1]))
			tx.Delete("ledger.index", []byte(ids[1]))
			tx.Delete("ledger.leaves", at)
		}, "1 leaves are missing from leaf 2 on"},
		{"a record is added", func(tx store.Tx, ids []string) {
			id := strings.Replace(ids[1], "-7", "-7", 1)[:35] + "x"
			tx.Put("journal", []byte(id), []byte(strings.ReplaceAll(string(get(tx, "journal", ids[1])), ids[1], id)))
			tx.Put(store.Blobs, []byte(id), get(tx, store.Blobs, ids[1]))
		}, "entry "},
		{"two records change places", func(tx store.Tx, ids []string) {
			a, b := get(tx, "journal", ids[0]), get(tx, "journal", ids[1])
			tx.Put("journal", []byte(ids[0]), b)
			tx.Put("journal", []byte(ids[1]), a)
		}, "leaf 1: the record of verdict ID0 is not what it was"},
		{"two leaves change places", func(tx store.Tx, ids []string) {
			one, three := get(tx, "ledger.index", ids[0]), get(tx, "ledger.index", ids[2])
			a, b := get(tx, "ledger.leaves", string(one)), get(tx, "ledger.leaves", string(three))
			tx.Put("ledger.leaves", one, append(a[:64:64], b[96:]...))
			tx.Put("ledger.leaves", three, append(b[:96:96], a[64:]...))
		}, "leaf 1: the ledger is damaged"},
		{"a leaf is changed to suit a changed record, with all hashes", func(tx store.Tx, ids []string) {
			record := []byte(strings.Replace(string(get(tx, "journal", ids[2])), `"result":"positive"`, `"result":"negative"`, 1))
			tx.Put("journal", []byte(ids[2]), record)
			rebuild(tx, func(l *ledger.Leaf) {
				if l.ID == ids[2] {
					l.Record = hexSum(record)
				}
			})
		}, "its root is another: the leaves up to it are not what they were"},
		{"the ЭСИД is exchanged for another", func(tx store.Tx, ids []string) {
			tx.Put(store.Blobs, []byte(ids[1]), get(tx, store.Blobs, ids[2]))
		}, "entry ID1: "},
		{"the checkpoint is of another size", func(tx store.Tx, ids []string) {
			k := last(tx, "ledger.checkpoints")
			id := get(tx, "ledger.checkpoints", string(k))
			tx.Delete("ledger.checkpoints", k)
			k[7]--
			tx.Put("ledger.checkpoints", k, id)
		}, "of 4 leaves"},
		{"the checkpoint is exchanged for another message", func(tx store.Tx, ids []string) {
			tx.Put("ledger.checkpoints", last(tx, "ledger.checkpoints"), []byte(ids[0]))
		}, "checkpoint ID0: not a checkpoint"},
		{"the checkpoint is damaged", func(tx store.Tx, _ []string) {
			id := get(tx, "ledger.checkpoints", string(last(tx, "ledger.checkpoints")))
			body, _ := store.Unpack(get(tx, store.Blobs, string(id)))
			tx.Put(store.Blobs, id, store.Pack([]byte(strings.Replace(string(body), `size="4"`, `size="3"`, 1))))
		}, "its signature does not hold: A03/digest-mismatch ("},
		{"the end of the journal is cut off", func(tx store.Tx, ids []string) {
			at := get(tx, "ledger.index", ids[2])
			tx.Delete("journal", []byte(ids[2]))
			tx.Delete("ledger.index", []byte(ids[2]))
			tx.Delete("ledger.leaves", at)
		}, "it is of 4 leaves, of which only the first 3 are there"},
		{"the whole ledger is gone", func(tx store.Tx, ids []string) {
			for {
				k := last(tx, "ledger.leaves")
				if k == nil {
					break
				}
				tx.Delete("ledger.leaves", k)
			}
		}, "it is of 4 leaves, of which only the first 0 are there"},
		{"nothing is left that there was a ledger", func(tx store.Tx, _ []string) {
			for _, table := range []store.Table{"ledger.leaves", "ledger.index", "ledger.filled", "ledger.checkpoints"} {
				tx.Range(table, nil, nil, 1000, func(k, _ []byte) bool { tx.Delete(table, k); return true })
			}
		}, "ledger: 4 records have no leaf, and nothing proves them"},
		{"a record stands under another id as well", func(tx store.Tx, ids []string) {
			tx.Put("journal", []byte(ids[2]+"x"), get(tx, "journal", ids[2]))
		}, `entry ID2x: its record is that of "ID2"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			var ids []string
			for range 3 {
				r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
				ids = append(ids, r.MessageID())
			}
			if _, err := w.ProofOf(context.Background(), ids[2]); err != nil { // which makes a checkpoint
				t.Fatal(err)
			}
			undo := w.tamper(func(tx store.Tx) { c.tamper(tx, ids) })
			defer undo()
			got, found := w.ledgerProblems()
			want := c.want
			for i, id := range ids {
				want = strings.ReplaceAll(want, "ID"+string(rune('0'+i)), id)
			}
			if !strings.Contains(got, want) || (want == "") != (got == "") {
				t.Errorf("found\n%s\nwant %s", got, want)
			}
			if found.Checkpoints != 1 && !strings.Contains(c.name, "of another size") && !strings.Contains(c.name, "nothing is left") {
				t.Errorf("%+v", found)
			}
		})
	}
}

// rebuild writes the ledger anew, as somebody would who has the store and not the key.
func rebuild(tx store.Tx, change func(l *ledger.Leaf)) {
	var all []ledger.Leaf
	size, _ := ledger.Size(tx)
	for i := range size {
		l, err := ledger.At(tx, i)
		if err != nil {
			panic(err)
		}
		change(&l)
		all = append(all, l)
	}
	tx.Range("ledger.leaves", nil, nil, 1000, func(k, _ []byte) bool { tx.Delete("ledger.leaves", k); return true })
	for _, l := range all {
		if _, err := ledger.Append(tx, l); err != nil {
			panic(err)
		}
	}
}

// Whoever has the store and the key can make another past that is in order by itself. One checkpoint that
// was kept elsewhere finds him out.
func TestVerifyLedger_keptCheckpoint(t *testing.T) {
	w := newWorld(t)
	r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	document, err := w.ProofOf(context.Background(), r.MessageID())
	if err != nil {
		t.Fatal(err)
	}
	_, _, kept := w.proof(document)
	w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	if got, _ := w.ledgerProblems(kept); got != "" {
		t.Errorf("a ledger that has grown since: %s", got)
	}
	other := kept
	other.Origin = "urn:uuid:other"
	if got, _ := w.ledgerProblems(other); !strings.Contains(got, "is of another journal") {
		t.Errorf("another journal's: %s", got)
	}
	ahead := kept
	ahead.Size = 40
	if got, _ := w.ledgerProblems(ahead); !strings.Contains(got, "the ledger of 3 does not continue it") {
		t.Errorf("an older copy of the journal: %s", got)
	}
	undo := w.tamper(func(tx store.Tx) {
		tx.Range("ledger.checkpoints", nil, nil, 100, func(k, _ []byte) bool { tx.Delete("ledger.checkpoints", k); return true })
		rebuild(tx, func(l *ledger.Leaf) {
			if l.ID == r.MessageID() {
				l.Received = strings.Repeat("0", 64)
			}
		})
	})
	defer undo()
	if got, _ := w.ledgerProblems(kept); !strings.Contains(got, "it was kept, and has another root") {
		t.Errorf("another past: %s", got)
	}
}

// A checkpoint that somebody else has signed is not believed, once it is said whom to believe.
func TestVerifyLedger_trust(t *testing.T) {
	w := newWorld(t)
	r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	if _, err := w.ProofOf(context.Background(), r.MessageID()); err != nil {
		t.Fatal(err)
	}
	if got, found := w.ledgerProblems(); got != "" || len(found.Signers) != 1 || found.Signers[0].SHA256 != hexSum(w.Scene.Gateway.Certificate.Raw) {
		t.Errorf("%s, %+v", got, found)
	}
	w.trust = signature.NewTrust([]*x509.Certificate{w.Signatory.Certificate})
	if got, _ := w.ledgerProblems(); !strings.Contains(got, "its signature does not hold: A05/untrusted (") {
		t.Errorf("believed: %q", got)
	}
}

// The journal of a program that knew no ledger is entered into it before anything else: all records, once,
// also when that is broken off in between.
func TestFillLedger(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for range 5 {
		ids = append(ids, w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{}))).MessageID())
	}
	w.tamper(func(tx store.Tx) { // as it was before
		for _, table := range []store.Table{"ledger.leaves", "ledger.index", "ledger.filled"} {
			tx.Range(table, nil, nil, 1000, func(k, _ []byte) bool { tx.Delete(table, k); return true })
		}
	})
	if got, found := w.ledgerProblems(); !strings.HasPrefix(got, "ledger: 6 records have no leaf") || strings.Contains(got, "\n") || found.Unentered != 6 {
		t.Errorf("before the first start: %s, %+v", got, found) // said once, and of none what cannot be there
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if err := w.FillLedger(stopped); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	// An operator's command has written behind the gateway's back before the first start.
	w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	for range 2 {
		if err := w.FillLedger(context.Background()); err != nil {
			t.Fatal(err)
		}
		got, found := w.ledgerProblems()
		if got != "" || found.Leaves != 7 { // one is the staff list
			t.Errorf("%s, %+v", got, found)
		}
	}
	if _, err := w.Proof(context.Background(), "SHIP-01", w.entry(ids[0]).DocumentID, ""); err != nil {
		t.Error(err)
	}
}

// What was signed before a restart is continued after it.
func TestCheckpointsAcrossRestart(t *testing.T) {
	s, err := theScene()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	var kept []schema.Checkpoint
	for run := range 3 {
		t.Run("", func(t *testing.T) {
			w := worldIn(t, s, path, run == 0)
			for range 3 {
				r := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
				document, err := w.ProofOf(context.Background(), r.MessageID())
				if err != nil {
					t.Fatal(err)
				}
				_, _, c := w.proof(document)
				kept = append(kept, c)
			}
			if got, found := w.ledgerProblems(kept...); got != "" || found.Checkpoints != int64(len(kept)) {
				t.Errorf("%s, %+v", got, found)
			}
		})
	}
}

// entry is a line of the journal.
func (w *world) entry(id string) gateway.Entry {
	w.t.Helper()
	e, err := w.JournalEntry(id)
	if err != nil {
		w.t.Fatal(err)
	}
	return e
}

// tamper changes the store behind the gateway's back; undo puts back what there was of the tables that
// tests of the ledger touch, for the checks at the end of the test.
func (w *world) tamper(change func(tx store.Tx)) (undo func()) {
	w.t.Helper()
	tables := []store.Table{"journal", "ledger.leaves", "ledger.index", "ledger.checkpoints", store.Blobs}
	before := make(map[store.Table]map[string][]byte)
	if err := w.store.Update(func(tx store.Tx) error {
		for _, table := range tables {
			before[table] = make(map[string][]byte)
			tx.Range(table, nil, nil, 1000, func(k, v []byte) bool {
				before[table][string(k)] = append([]byte(nil), v...)
				return true
			})
		}
		change(tx)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return func() {
		if err := w.store.Update(func(tx store.Tx) error {
			for _, table := range tables {
				tx.Range(table, nil, nil, 1000, func(k, _ []byte) bool {
					if before[table][string(k)] == nil {
						tx.Delete(table, k)
					}
					return true
				})
				for k, v := range before[table] {
					tx.Put(table, []byte(k), v)
				}
			}
			return nil
		}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
