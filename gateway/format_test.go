package gateway_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"asugate/gateway"
	"asugate/internal/scene"
	"asugate/schema"
	"asugate/store/bolt"
)

// makeFixture writes the fixture of the format that the program has now. It is for the moment before a
// format is raised; the file is committed, and stays as it is for ever:
//
//	go test ./gateway -run '^TestFixtureOfFormat$' -make-fixture
var makeFixture = flag.Bool("make-fixture", false, "write testdata/formatN.db.gz for the format of this program")

// fixtureOf is the file with a store of a format, as the program of that format left it.
func fixtureOf(format int) string {
	return filepath.Join("testdata", fmt.Sprintf("format%d.db.gz", format))
}

// unpackFixture puts the store of a format where it can be opened, and returns its path.
func unpackFixture(t *testing.T, format int) string {
	t.Helper()
	f, err := os.Open(fixtureOf(format))
	must(t, err)
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	must(t, err)
	whole, err := io.ReadAll(unpacked)
	must(t, err)
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	must(t, os.WriteFile(path, whole, 0o600))
	return path
}

// TestFixtureOfFormat makes a store of everyday's work: accepted, refused, in conflict, withdrawn,
// deferred, for later, confirmed and waiting.
func TestFixtureOfFormat(t *testing.T) {
	if !*makeFixture {
		t.Skip("fixtures of earlier formats are committed; -make-fixture writes that of this one")
	}
	path := filepath.Join(t.TempDir(), "gatewayd.db")
	s, err := theScene()
	must(t, err)
	t.Run("fill", func(t *testing.T) { fill(worldIn(t, s, path, true)) })
	_, _, err = bolt.Compact(context.Background(), path, nil)
	must(t, err)
	whole, err := os.ReadFile(path)
	must(t, err)
	var packed bytes.Buffer
	to, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	must(t, err)
	_, err = to.Write(whole)
	must(t, err)
	must(t, to.Close())
	if packed.Len() > 64<<10 {
		t.Fatalf("the fixture has %d bytes", packed.Len())
	}
	must(t, os.WriteFile(fixtureOf(bolt.Format), packed.Bytes(), 0o644))
	t.Logf("%s: %d bytes, unpacked %d", fixtureOf(bolt.Format), packed.Len(), len(whole))
}

// fill does a day's work.
func fill(w *world) {
	w.t.Helper()
	sources := &sources{crl: []byte("a list of revoked certificates")}
	w.Options.Revocations = sources
	p := w.pair()
	second := scene.Waybill{DocumentID: p.id, Version: 2}
	w.want(w.accept(w.Signatory.MustSign(w.Waybill(second))), schema.Positive) // ends the permission
	second.Station = "985502"
	w.want(w.accept(w.Signatory.MustSign(w.Waybill(second))), schema.Conflict, "A09/id-conflict")
	tampered := bytes.Replace(p.waybill, []byte("985609"), []byte("985502"), 1)
	if r := w.accept(tampered); r.Result() != schema.Negative {
		w.t.Fatalf("tampered: %s", r.Result())
	}
	confirmed := w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	_, err := w.queue.Confirm("client/SHIP-01", confirmed.MessageID())
	must(w.t, err)
	_, err = w.later(w.Signatory.MustSign(w.Waybill(scene.Waybill{})))
	must(w.t, err)
	sources.hush()
	w.want(w.accept(w.Signatory.MustSign(w.Waybill(scene.Waybill{}))), schema.Deferred)
	sources.speak()
	must(w.t, w.RecordAct("uid 0", "staff import"))
	must(w.t, w.Awake())
	w.Options.Now = time.Now
}

// Every earlier format has a step and a fixture.
func TestMigrationsAreWhole(t *testing.T) {
	steps := gateway.Migrations()
	if len(steps) != bolt.Format-1 {
		t.Errorf("%d steps lead to format %d", len(steps), bolt.Format)
	}
	for i, s := range steps {
		if s.From != i+1 || s.What == "" {
			t.Errorf("step %d: %+v", i, s)
		}
		if _, err := os.Stat(fixtureOf(s.From)); err != nil {
			t.Error(err)
		}
	}
}

// A store of each earlier format is carried over, and everything that was in it goes on: documents are
// known, messages are delivered, what was promised is judged, and the journal proves right.
func TestMigrations(t *testing.T) {
	for format := 1; format < bolt.Format; format++ {
		t.Run(fmt.Sprint(format), func(t *testing.T) {
			path := unpackFixture(t, format)
			if _, err := bolt.Open(path, bolt.Options{}); !errors.Is(err, bolt.ErrOlder) {
				t.Fatalf("opened: %v", err)
			}
			older, err := bolt.OpenOlder(path)
			must(t, err)
			done, err := older.Migrate(context.Background(), gateway.Migrations())
			must(t, errors.Join(err, older.Close()))
			if len(done) != bolt.Format-format {
				t.Errorf("it took %q", done)
			}
			s, err := theScene()
			must(t, err)
			goesOn(worldIn(t, s, path, false))
		})
	}
}

// goesOn works with what an earlier program left.
func goesOn(w *world) {
	w.t.Helper()
	must(w.t, w.FillLedger(context.Background()))
	entries, err := w.Journal("", time.Time{}, 1000)
	must(w.t, err)
	if len(entries) < 8 {
		w.t.Fatalf("only %d verdicts are there", len(entries))
	}
	again := 0
	for _, e := range entries {
		body, err := w.Body(e.ID)
		must(w.t, err)
		document, _, err := w.Acknowledgment(e.ID)
		must(w.t, err)
		if e.Result != schema.Positive || e.Participant != "SHIP-01" {
			continue
		}
		r, err := w.Accept(context.Background(), w.submission(body))
		must(w.t, err)
		if r.MessageID() != e.ID || !bytes.Equal(r.Document(), document) {
			w.t.Errorf("the document of %s gets %s", e.ID, r.MessageID())
		}
		again++
	}
	if again < 4 {
		w.t.Errorf("only %d accepted documents are there", again)
	}
	before := len(w.lane("client/SHIP-01"))
	w.decide() // nobody knows of revoked certificates any more
	if now := len(w.lane("client/SHIP-01")); now != before+1 || w.count("deferred") != 0 {
		w.t.Errorf("%d messages, were %d; %d documents are deferred", now, before, w.count("deferred"))
	}
	w.pend("client/SHIP-01", len(w.lane("client/SHIP-01"))+1)
	if left := w.count("pending"); left != 0 {
		w.t.Errorf("%d documents wait to be judged", left)
	}
}
