package revocation

import (
	"bytes"
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"asugate/internal/pki"
)

// The next list of a series, with nobody on it.
func (w *world) next(number int64, made time.Duration) []byte {
	return pki.Must(w.ca.CRL(pki.CRL{Number: number, ThisUpdate: now.Add(made), NextUpdate: now.Add(24 * time.Hour)}))
}

// A file that changes is read again; whatever is wrong with it leaves the last good list in force, and
// is told.
func TestFileChanges(t *testing.T) {
	w := newWorld(t)
	first := pki.Must(w.ca.CRL(w.revoked())) // number 7, made an hour ago
	other := pki.Must(pki.Must(pki.NewAuthority("Other CA", now)).CRL(w.revoked()))
	for _, one := range []struct {
		name, failure string
		text          []byte // nil: the file goes
		want          string // of bad
	}{
		{"a newer one", "", w.next(8, -time.Minute), "good"},
		{"the same again", "", first, "revoked keyCompromise"},
		{"the same number, made later", "", w.next(7, -time.Minute), "good"},
		{"a lower number, made later", "number 6, the one in force 7", w.next(6, -time.Minute), "revoked keyCompromise"},
		{"a higher number, made earlier", "older than the one in force", w.next(8, -2*time.Hour), "revoked keyCompromise"},
		{"half of it", "is no CRL", first[:len(first)/2], "revoked keyCompromise"},
		{"nothing in it", "is no CRL", []byte{}, "revoked keyCompromise"},
		{"of somebody else", "not by the issuer", other, "revoked keyCompromise"},
		{"of the future", "dated in the future", w.next(8, time.Hour), "revoked keyCompromise"},
		{"too large", "larger than max_size", bytes.Repeat([]byte{0x30}, 1<<20+1), "revoked keyCompromise"},
		{"gone", "the file is gone", nil, "revoked keyCompromise"},
	} {
		t.Run(one.name, func(t *testing.T) {
			w := *w
			w.t, w.dir = t, t.TempDir()
			w.write("ca.pem", pki.EncodeCertificates(w.ca.Certificate))
			path := w.write("one.crl", first)
			w.write("two.crl", first)
			k := w.using(w.config(w.in("*.crl")))
			drain(k)
			w.write("two.crl", w.next(1, -24*time.Hour)) // refused: it changes nothing
			if one.text == nil {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			} else {
				w.write("one.crl", one.text)
			}
			source := k.book.Load().sources[0]
			source.poll()
			source.poll() // what fails is told once
			got := stateOf(k, path)
			if !strings.Contains(got.Failure, one.failure) || (got.Failure == "") != (one.failure == "") {
				t.Errorf("failure %q, want %q", got.Failure, one.failure)
			}
			if status := state(w.status(k, w.bad, now)); status != one.want {
				t.Errorf("bad is %s, want %s", status, one.want)
			}
			if n := strings.Count(w.log.String(), "source="+path+" "); one.failure != "" && n != 1 {
				t.Errorf("told %d times:\n%s", n, w.log.String())
			}
			if changed := drain(k); changed != (one.want == "good") {
				t.Errorf("updated: %t", changed)
			}
			w.log.Reset()
			// And when it is in order again it is taken.
			w.write("one.crl", w.next(9, -time.Second))
			source.poll()
			if got := stateOf(k, path); got.Failure != "" || state(w.status(k, w.bad, now)) != "good" {
				t.Errorf("afterwards: %q, %s", got.Failure, state(w.status(k, w.bad, now)))
			}
		})
	}
}

func stateOf(k *Keeper, source string) State {
	for _, s := range k.Sources() {
		if s.Source == source {
			return s
		}
	}
	return State{}
}

// drain says whether the keeper has told of a change.
func drain(k *Keeper) bool {
	select {
	case <-k.Updated():
		return true
	default:
		return false
	}
}

// A file that comes into the folder counts; of two lists of one scope the newer does, in whichever
// file it is.
func TestFileComes(t *testing.T) {
	w := newWorld(t)
	w.write("a.crl", w.next(6, -2*time.Hour))
	k := w.using(w.config(w.in("*.crl")))
	if got := state(w.status(k, w.bad, now)); got != "good" {
		t.Fatal(got)
	}
	w.write("b.crl", pki.Must(w.ca.CRL(w.revoked())))
	k.book.Load().sources[0].poll()
	if got := state(w.status(k, w.bad, now)); got != "revoked keyCompromise" {
		t.Error(got)
	}
	w.write("0.crl", w.next(1, -100*time.Hour)) // long superseded
	k.book.Load().sources[0].poll()
	if got := state(w.status(k, w.bad, now)); got != "revoked keyCompromise" {
		t.Error(got)
	}
}

// What is not there at the start is an error that names it.
func TestPrepareRefuses(t *testing.T) {
	w := newWorld(t)
	w.write("one.crl", w.next(1, 0))
	w.write("empty.pem", nil)
	if err := os.Mkdir(filepath.Join(w.dir, "folder.crl"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, one := range map[string]struct {
		config Config
		want   string
	}{
		"no such file":  {w.config(w.in("none*.crl")), "none*.crl"},
		"a folder":      {w.config(w.in("folder.crl")), "folder.crl: is no file"},
		"a bad pattern": {w.config(w.in("[")), "syntax error in pattern"},
		"no issuer":     {w.config(ListSource{File: filepath.Join(w.dir, "one.crl"), Issuer: filepath.Join(w.dir, "no.pem")}), "no.pem"},
		"empty issuer":  {w.config(ListSource{URL: "http://ca.example/", Issuer: filepath.Join(w.dir, "empty.pem")}), "empty.pem"},
		"no responder": {Config{Responders: []ResponderSource{{URL: "http://o.example/", Issuer: filepath.Join(w.dir, "ca.pem"),
			Responder: filepath.Join(w.dir, "no.pem")}}}, "no.pem"},
	} {
		if _, err := w.keeper().Prepare(one.config); err == nil || !strings.Contains(err.Error(), one.want) {
			t.Errorf("%s: %v, want %q", name, err, one.want)
		}
	}
}

// A reload with an older list than the one in force is refused, and nothing changes; one that is
// newer is taken. What is no longer configured is forgotten.
func TestReload(t *testing.T) {
	w := newWorld(t)
	w.write("one.crl", pki.Must(w.ca.CRL(w.revoked())))
	k := w.using(w.config(w.in("*.crl")))
	w.write("one.crl", w.next(6, -2*time.Hour))
	if _, err := k.Prepare(w.config(w.in("*.crl"))); !errors.Is(err, errOlder) {
		t.Errorf("an older list: %v", err)
	}
	if got := state(w.status(k, w.bad, now)); got != "revoked keyCompromise" {
		t.Error(got)
	}
	w.write("one.crl", w.next(8, -time.Minute))
	k.Use(pki.Must(k.Prepare(w.config(w.in("*.crl")))))
	if got := state(w.status(k, w.bad, now)); got != "good" {
		t.Error(got)
	}
	k.Use(pki.Must(k.Prepare(w.config())))
	if got := state(w.status(k, w.bad, now)); got != "unconfigured" {
		t.Error(got)
	}
}

// The configuration in force may be put in force again, and by several at once.
func TestUseTwice(t *testing.T) {
	w := newWorld(t)
	w.write("one.crl", w.next(8, -time.Minute))
	k := w.using(w.config(w.in("*.crl")))
	p := pki.Must(k.Prepare(w.config(w.in("*.crl"))))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { k.Use(p) })
	}
	group.Wait()
	k.Use(p)
	if k.book.Load() != p.book {
		t.Error("another one is in force")
	}
}

// What sorting compares first never contradicts the order in which is looked up.
func TestOrderOfSerials(t *testing.T) {
	var serials [][]byte
	for _, size := range []int{0, 1, 2, 7, 8, 20, 254, 255, 256, 300} {
		for _, first := range []byte{1, 2, 0xFF} {
			serial := bytes.Repeat([]byte{first}, size)
			serials = append(serials, serial)
		}
	}
	for _, a := range serials {
		for _, b := range serials {
			if cmp.Compare(startOf(a), startOf(b))*compareSerials(a, b) < 0 {
				t.Errorf("%d octets %.8x and %d octets %.8x", len(a), a, len(b), b)
			}
		}
	}
}
