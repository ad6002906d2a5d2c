package ops

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(int) { http.DefaultClient.CloseIdleConnections() }))
}

func works(context.Context) error { return nil }

func breaks(text string) func(context.Context) error {
	return func(context.Context) error { return errors.New(text) }
}

// Ready, degraded and failed, as the worst of the checks says.
func TestReady(t *testing.T) {
	tests := []struct {
		name   string
		checks []Check
		status int
		want   readiness
	}{
		{"nothing to check", nil, 200, readiness{Status: "ok", Checks: []checkResult{}}},
		{"all well", []Check{{"store", true, works}, {"staff", false, works}}, 200,
			readiness{"ok", []checkResult{{"store", "ok", ""}, {"staff", "ok", ""}}}},
		{"degraded", []Check{{"staff", false, breaks("7707083893: 40 days old")}, {"store", true, works}}, 200,
			readiness{"degraded", []checkResult{{"staff", "degraded", "7707083893: 40 days old"}, {"store", "ok", ""}}}},
		{"failed, and degraded besides",
			[]Check{{"signing key", true, breaks("expired")}, {"staff", false, breaks("old")}}, 503,
			readiness{"failed", []checkResult{{"signing key", "failed", "expired"}, {"staff", "degraded", "old"}}}},
		{"bounded", []Check{{"disk", true, breaks(strings.Repeat("x", 1000))}}, 503,
			readiness{"failed", []checkResult{{"disk", "failed", strings.Repeat("x", maxDetail) + "…"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Options{Checks: tt.checks, Metrics: NewMetrics(Sources{}), Log: slog.New(slog.DiscardHandler)}
			server := httptest.NewServer(Handler(o))
			defer server.Close()
			status, body := get(t, server.URL+"/readyz")
			var got readiness
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || status != tt.status {
				t.Errorf("%d, want %d (-want +got):\n%s", status, tt.status, diff)
			}
		})
	}
}

// A probe that hangs fails its check in time, holds one goroutine, and is well again afterwards.
func TestReadyProbeHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		var calls atomic.Int32
		c := newChecks([]Check{
			{"disk", true, func(context.Context) error { calls.Add(1); <-hang; return nil }},
			{"store", true, works},
		})
		want := [][]checkResult{
			{{"disk", "failed", context.DeadlineExceeded.Error()}, {"store", "ok", ""}},
			{{"disk", "failed", errStillRunning.Error()}, {"store", "ok", ""}},
			{{"disk", "ok", ""}, {"store", "ok", ""}},
		}
		for i, want := range want {
			if i == 2 {
				close(hang)
				synctest.Wait()
			}
			began := time.Now()
			if diff := cmp.Diff(want, c.run(context.Background()).Checks); diff != "" {
				t.Errorf("look %d (-want +got):\n%s", i, diff)
			}
			if took := time.Since(began); took > probeTimeout {
				t.Errorf("look %d took %s", i, took)
			}
			if wantCalls := []int32{1, 1, 2}[i]; calls.Load() != wantCalls {
				t.Errorf("look %d: %d probes, want %d", i, calls.Load(), wantCalls)
			}
		}
	})
}

// What is served, and what only after a switch.
func TestServer(t *testing.T) {
	for _, pprof := range []bool{false, true} {
		s := NewServer(Options{Metrics: NewMetrics(busy()), Pprof: pprof, Log: slog.New(slog.DiscardHandler)})
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		served := make(chan error, 1)
		go func() { served <- s.Serve(l) }()
		want := map[string]int{
			"/healthz": 200, "/readyz": 200, "/metrics": 200, "/": 404, "/debug/pprof/": 404, "/debug/pprof/heap": 404,
		}
		if pprof {
			want["/debug/pprof/"], want["/debug/pprof/heap"] = 200, 200
		}
		for path, status := range want {
			if got, _ := get(t, "http://"+l.Addr().String()+path); got != status {
				t.Errorf("pprof %v, %s: %d, want %d", pprof, path, got, status)
			}
		}
		http.DefaultClient.CloseIdleConnections()
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	}
}
