package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asugate/internal/scene"
)

// publisher serves the lists of the script as an authority does.
type publisher struct {
	*httptest.Server
	down atomic.Bool // it answers with an error
}

// crl FILE [number=N] [made=DURATION] [next=DURATION] [revoked=PERSONA,…] writes the list of the
// shippers' authority, which names petrova-revoked; times are from now. crl serve publishes the files
// of the script at $CRL; crl down and crl up end and begin that.
func crl(ts *testscript.TestScript, _ bool, args []string) {
	a := actorOf(ts)
	ts.Check(a.scene(ts))
	switch strings.Join(args, " ") {
	case "serve":
		p := new(publisher)
		p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if p.down.Load() {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			http.ServeFile(w, r, filepath.Join(a.dir, filepath.Base(r.URL.Path)))
		}))
		a.publisher = p
		a.ending = append(a.ending, p.Close)
		ts.Setenv("CRL", p.URL)
	case "down", "up":
		a.publisher.down.Store(args[0] == "down")
	default:
		if len(args) == 0 {
			ts.Fatalf("usage: crl FILE [key=value…] | serve | down | up")
		}
		ts.Check(a.writeCRL(args[0], args[1:]))
	}
}

func (a *actor) writeCRL(file string, args []string) error {
	v, err := options(args, "number", "made", "next", "revoked")
	if err != nil {
		return err
	}
	number, err := number(v["number"], 1)
	if err != nil {
		return err
	}
	now := time.Now()
	at := map[string]time.Time{"made": now.Add(-time.Minute), "next": now.Add(24 * time.Hour)}
	for key := range at {
		if v[key] != "" {
			from, err := time.ParseDuration(v[key])
			if err != nil {
				return err
			}
			at[key] = now.Add(from)
		}
	}
	var more []*scene.Persona
	for _, name := range strings.FieldsFunc(v["revoked"], func(r rune) bool { return r == ',' }) {
		p, err := a.persona(name)
		if err != nil {
			return err
		}
		more = append(more, p)
	}
	der, err := a.RevocationList(int64(number), at["made"], at["next"], more...)
	if err != nil {
		return err
	}
	path := filepath.Join(a.dir, file)
	if err := os.WriteFile(path+".new", der, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path) // nobody reads half of it
}
