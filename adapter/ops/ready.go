package ops

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"
)

// Check is one thing that must work. Probe returns nil when it does, else why not; the text is for
// the operator and names no secrets.
type Check struct {
	Name  string
	Vital bool // documents are refused without it; otherwise the gateway is degraded
	Probe func(context.Context) error
}

// States of a check, and of the gateway as the worst of them.
const (
	stateOK       = "ok"
	stateDegraded = "degraded"
	stateFailed   = "failed"
)

// probeTimeout bounds a probe, so that /readyz answers before those who ask lose patience.
const probeTimeout = 2 * time.Second

// maxDetail bounds a probe's text.
const maxDetail = 300

var errStillRunning = errors.New("the probe before has not come back")

// checks runs probes, each at most once at a time: a disk that hangs holds one goroutine, not one
// per request.
type checks struct {
	list    []Check
	running []sync.Mutex // one per check, held by its probe
}

func newChecks(list []Check) *checks {
	return &checks{list: list, running: make([]sync.Mutex, len(list))}
}

// readiness is the answer of /readyz.
type readiness struct {
	Status string        `json:"status"`
	Checks []checkResult `json:"checks"`
}

type checkResult struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Detail string `json:"detail,omitempty"`
}

func (c *checks) run(ctx context.Context) readiness {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	results := make([]chan error, len(c.list))
	for i, check := range c.list {
		results[i] = make(chan error, 1)
		if !c.running[i].TryLock() {
			results[i] <- errStillRunning
			continue
		}
		go func() {
			defer c.running[i].Unlock()
			results[i] <- check.Probe(ctx)
		}()
	}
	r := readiness{Status: stateOK, Checks: make([]checkResult, len(c.list))}
	for i, check := range c.list {
		err := await(ctx, results[i])
		r.Checks[i] = checkResult{Name: check.Name, Status: stateOK}
		if err == nil {
			continue
		}
		r.Checks[i].Detail = bounded(err.Error())
		if check.Vital {
			r.Checks[i].Status, r.Status = stateFailed, stateFailed
			continue
		}
		r.Checks[i].Status = stateDegraded
		if r.Status == stateOK {
			r.Status = stateDegraded
		}
	}
	return r
}

// await is the result of a probe, or why there is none; one that is there counts, however late.
func await(ctx context.Context, result <-chan error) error {
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-result:
		return err
	default:
		return ctx.Err()
	}
}

// ServeHTTP answers 200 when documents can be taken, also degraded, and 503 when they cannot.
func (c *checks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ready := c.run(r.Context())
	body, err := json.MarshalIndent(ready, "", "  ")
	if err != nil {
		panic("ops: readiness is always JSON: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if ready.Status == stateFailed {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n')) // Whoever asked may be gone.
}

func bounded(s string) string {
	if len(s) > maxDetail {
		return s[:maxDetail] + "…"
	}
	return s
}
