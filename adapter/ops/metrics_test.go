package ops

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"asugate/queue"
)

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// busy is sources that have something of everything.
func busy() Sources {
	return Sources{
		Version:  "1.2.3",
		Now:      func() time.Time { return now },
		InFlight: func() int { return 3 }, BodyBytes: func() int64 { return 12345 },
		Lanes: func() ([]Lane, error) {
			return []Lane{
				{Name: "office", Depth: 7, Parked: 2, Oldest: now.Add(-90 * time.Second)},
				{Name: "client/SHIP-01", Oldest: time.Time{}},
				{Name: "client/SHIP-02", Depth: 1, Oldest: now.Add(time.Hour)}, // a clock that was set back
			}, nil
		},
		Certificates: func() []Certificate {
			c := Certificate{Use: "signing", Key: "default", Subject: "CN=gatewayd", Serial: "0A", Until: time.Unix(1800000000, 0)}
			return []Certificate{c, c} // the same under two keys
		},
		StaffLists: func() ([]StaffList, error) {
			return []StaffList{{
				Organisation: "7707083893", Version: 42, Imported: now.Add(-time.Hour), PeopleEnding: 2, ProxiesEnding: 1,
			}}, nil
		},
		StoreBytes: func() (int64, int64, error) { return 4096, 1 << 30, nil },
		Deferred:   func() (int, time.Time, error) { return 12, now.Add(-2 * time.Hour), nil },
		Retired:    func() map[string]int { return map[string]int{"accepted": 7} },
		Awaited: func() (Awaited, error) {
			return Awaited{Over: 1, HalfHour: 2, TwoHours: 3, Longer: 40, Held: 5, Unaddressed: 6}, nil
		},
		Signing:   func() map[string]bool { return map[string]bool{"default": true, "gost": false} },
		Verifying: func() bool { return false },
		Revocation: func() Revocation {
			ca := RevocationSource{
				Name: "http://ca.example/ca.crl", Produced: now.Add(-2 * time.Hour), Until: time.Unix(1800000000, 0), Had: 5, Bad: 1,
			}
			return Revocation{
				Sources: []RevocationSource{ca, ca, {Name: "http://ocsp.example/", Silent: true, Bad: 3}},
				Answers: map[string]uint64{"good": 40, "revoked": 2},
			}
		},
	}
}

// exercised is metrics of which each has a value.
func exercised(s Sources) *Metrics {
	m := NewMetrics(s)
	m.Document(Document{Kind: "Waybill", Via: "rest", Result: "positive", Duration: 7 * time.Millisecond})
	m.Document(Document{Kind: "Memo", Via: "spool", Result: "positive", Duration: time.Millisecond})
	m.Document(Document{Kind: "<x>", Via: "rest", Result: "negative", Codes: []string{"A03"}, Duration: time.Millisecond})
	m.Document(Document{Via: "rest", Duration: time.Millisecond})
	m.Request("POST /v1/documents", 200)
	m.Request("", 404)
	m.ConnectionRefused()
	outcomes := []error{nil, errors.New("down"), fmt.Errorf("no: %w", queue.ErrRefused), fmt.Errorf("no: %w", queue.ErrPermanent)}
	for _, want := range outcomes {
		deliver := m.Deliveries(func(context.Context, queue.Message, []byte, []byte) error { return want })
		if got := deliver(context.Background(), queue.Message{Lane: "office"}, nil, nil); got != want {
			panic("the outcome was changed")
		}
	}
	return m
}

func TestMetricsValues(t *testing.T) {
	m := exercised(busy())
	const want = `
# HELP gatewayd_bodies_bytes Bytes of documents that are being read, wait for their turn, or are being judged.
# TYPE gatewayd_bodies_bytes gauge
gatewayd_bodies_bytes 12345
# HELP gatewayd_build_info 1; the label is the version.
# TYPE gatewayd_build_info gauge
gatewayd_build_info{version="1.2.3"} 1
# HELP gatewayd_certificate_expiry_timestamp_seconds End of the validity of a certificate of ours.
# TYPE gatewayd_certificate_expiry_timestamp_seconds gauge
gatewayd_certificate_expiry_timestamp_seconds{key="default",serial="0A",subject="CN=gatewayd",use="signing"} 1.8e+09
# HELP gatewayd_deferred_documents Documents whose authenticity cannot be decided now.
# TYPE gatewayd_deferred_documents gauge
gatewayd_deferred_documents 12
# HELP gatewayd_deferred_oldest_seconds Time since the oldest of them was deferred, 0 when there is none.
# TYPE gatewayd_deferred_oldest_seconds gauge
gatewayd_deferred_oldest_seconds 7200
# HELP gatewayd_deliveries_total Tries to deliver a message, by lane and outcome: confirmed, failed, refused, impossible.
# TYPE gatewayd_deliveries_total counter
gatewayd_deliveries_total{lane="office",outcome="confirmed"} 1
gatewayd_deliveries_total{lane="office",outcome="failed"} 1
gatewayd_deliveries_total{lane="office",outcome="impossible"} 1
gatewayd_deliveries_total{lane="office",outcome="refused"} 1
# HELP gatewayd_documents_awaiting_answer Memos and acts that wait for the client's answer, by the time that is left: over, 30m, 2h, more.
# TYPE gatewayd_documents_awaiting_answer gauge
gatewayd_documents_awaiting_answer{left="2h"} 3
gatewayd_documents_awaiting_answer{left="30m"} 2
gatewayd_documents_awaiting_answer{left="more"} 40
gatewayd_documents_awaiting_answer{left="over"} 1
# HELP gatewayd_documents_held Memos and acts whose term passed while they could not be read, and that wait for the operator.
# TYPE gatewayd_documents_held gauge
gatewayd_documents_held 5
# HELP gatewayd_documents_in_flight Documents being judged.
# TYPE gatewayd_documents_in_flight gauge
gatewayd_documents_in_flight 3
# HELP gatewayd_documents_total Documents received, by kind, by way in and by result; «none» when there was no verdict.
# TYPE gatewayd_documents_total counter
gatewayd_documents_total{kind="Memo",result="positive",via="spool"} 1
gatewayd_documents_total{kind="Waybill",result="positive",via="rest"} 1
gatewayd_documents_total{kind="other",result="negative",via="rest"} 1
gatewayd_documents_total{kind="other",result="none",via="rest"} 1
# HELP gatewayd_documents_unaddressed Memos and acts of which the register does not know to whom they go.
# TYPE gatewayd_documents_unaddressed gauge
gatewayd_documents_unaddressed 6
# HELP gatewayd_findings_total Verdicts with at least one error of the code.
# TYPE gatewayd_findings_total counter
gatewayd_findings_total{code="A03"} 1
# HELP gatewayd_http_connections_refused_total Connections closed because there were too many.
# TYPE gatewayd_http_connections_refused_total counter
gatewayd_http_connections_refused_total 1
# HELP gatewayd_http_requests_total Requests of clients, by route and status; status 0: closed without an answer.
# TYPE gatewayd_http_requests_total counter
gatewayd_http_requests_total{route="POST /v1/documents",status="200"} 1
gatewayd_http_requests_total{route="none",status="404"} 1
# HELP gatewayd_lane_depth Messages that wait to be confirmed, parked ones included.
# TYPE gatewayd_lane_depth gauge
gatewayd_lane_depth{lane="client/SHIP-01"} 0
gatewayd_lane_depth{lane="client/SHIP-02"} 1
gatewayd_lane_depth{lane="office"} 7
# HELP gatewayd_lane_oldest_seconds Age of the oldest message that waits to be confirmed, 0 when there is none.
# TYPE gatewayd_lane_oldest_seconds gauge
gatewayd_lane_oldest_seconds{lane="client/SHIP-01"} 0
gatewayd_lane_oldest_seconds{lane="client/SHIP-02"} 0
gatewayd_lane_oldest_seconds{lane="office"} 90
# HELP gatewayd_lane_parked Messages that cannot be delivered and wait for the operator.
# TYPE gatewayd_lane_parked gauge
gatewayd_lane_parked{lane="client/SHIP-01"} 0
gatewayd_lane_parked{lane="client/SHIP-02"} 0
gatewayd_lane_parked{lane="office"} 2
# HELP gatewayd_retired_total What retention has let go, by kind.
# TYPE gatewayd_retired_total counter
gatewayd_retired_total{kind="accepted"} 7
# HELP gatewayd_revocation_age_seconds Time since the list of revoked certificates in force was made.
# TYPE gatewayd_revocation_age_seconds gauge
gatewayd_revocation_age_seconds{source="http://ca.example/ca.crl"} 7200
# HELP gatewayd_revocation_answers_total Certificates asked about, by state: good, revoked, unknown, unconfigured.
# TYPE gatewayd_revocation_answers_total counter
gatewayd_revocation_answers_total{state="good"} 40
gatewayd_revocation_answers_total{state="revoked"} 2
# HELP gatewayd_revocation_fetches_total Looks at a source of revocation, by outcome: done, failed.
# TYPE gatewayd_revocation_fetches_total counter
gatewayd_revocation_fetches_total{outcome="done",source="http://ca.example/ca.crl"} 5
gatewayd_revocation_fetches_total{outcome="done",source="http://ocsp.example/"} 0
gatewayd_revocation_fetches_total{outcome="failed",source="http://ca.example/ca.crl"} 1
gatewayd_revocation_fetches_total{outcome="failed",source="http://ocsp.example/"} 3
# HELP gatewayd_revocation_silent 1 when the source has no list that counts, or does not answer.
# TYPE gatewayd_revocation_silent gauge
gatewayd_revocation_silent{source="http://ca.example/ca.crl"} 0
gatewayd_revocation_silent{source="http://ocsp.example/"} 1
# HELP gatewayd_revocation_usable_until_timestamp_seconds End of the grace of the list in force.
# TYPE gatewayd_revocation_usable_until_timestamp_seconds gauge
gatewayd_revocation_usable_until_timestamp_seconds{source="http://ca.example/ca.crl"} 1.8e+09
# HELP gatewayd_signing_key_up 1 when ЭСИД can be signed with the key of this name now.
# TYPE gatewayd_signing_key_up gauge
gatewayd_signing_key_up{key="default"} 1
gatewayd_signing_key_up{key="gost"} 0
# HELP gatewayd_staff_ending Appointments (people) and powers of attorney (proxies) that end within 30 days.
# TYPE gatewayd_staff_ending gauge
gatewayd_staff_ending{organisation="7707083893",what="people"} 2
gatewayd_staff_ending{organisation="7707083893",what="proxies"} 1
# HELP gatewayd_staff_list_age_seconds Time since the staff list in force came.
# TYPE gatewayd_staff_list_age_seconds gauge
gatewayd_staff_list_age_seconds{organisation="7707083893"} 3600
# HELP gatewayd_staff_list_version Version of the staff list in force.
# TYPE gatewayd_staff_list_version gauge
gatewayd_staff_list_version{organisation="7707083893"} 42
# HELP gatewayd_store_free_bytes Free space of the file system of the store.
# TYPE gatewayd_store_free_bytes gauge
gatewayd_store_free_bytes 1.073741824e+09
# HELP gatewayd_store_size_bytes Size of the store's file.
# TYPE gatewayd_store_size_bytes gauge
gatewayd_store_size_bytes 4096
# HELP gatewayd_verifying_program_up 1 when the program that verifies in our place answers.
# TYPE gatewayd_verifying_program_up gauge
gatewayd_verifying_program_up 0
`
	names := slices.DeleteFunc(ownNames(t, m), func(n string) bool { return n == "gatewayd_document_seconds" })
	if err := testutil.GatherAndCompare(m.registry, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
	problems, err := testutil.GatherAndLint(m.registry, ownNames(t, m)...)
	if err != nil || len(problems) > 0 {
		t.Errorf("%v %v", problems, err)
	}
}

// ownNames is every metric of ours.
func ownNames(t *testing.T, m *Metrics) (names []string) {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if strings.HasPrefix(f.GetName(), "gatewayd_") {
			names = append(names, f.GetName())
		}
	}
	return names
}

// docs/metrics.md lists every metric with its kind and labels, and no other.
func TestMetricsPage(t *testing.T) {
	m := exercised(busy())
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	want := make(map[string]string)
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "gatewayd_") {
			continue
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		slices.Sort(labels)
		want[f.GetName()] = strings.ToLower(f.GetType().String()) + " " + strings.Join(labels, " ")
	}
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	row := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([a-z]+) \\| ([a-z_` ]*?) *\\| ")
	for _, f := range row.FindAllStringSubmatch(string(page), -1) {
		labels := strings.Fields(strings.ReplaceAll(f[3], "`", ""))
		slices.Sort(labels)
		got[f[1]] = f[2] + " " + strings.Join(labels, " ")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics against docs/metrics.md (-want +got):\n%s", diff)
	}
}

// A source that fails takes nothing from the others; one that is absent is left out.
func TestMetricsSourceFails(t *testing.T) {
	s := busy()
	s.Lanes = func() ([]Lane, error) { return nil, errors.New("the store is closed") }
	s.StoreBytes = nil
	server := httptest.NewServer(Handler(Options{Metrics: exercised(s), Log: slog.New(slog.DiscardHandler)}))
	defer server.Close()
	status, body := get(t, server.URL+"/metrics")
	if status != http.StatusOK || !strings.Contains(body, "gatewayd_documents_in_flight 3") ||
		strings.Contains(body, "gatewayd_lane_depth{") || strings.Contains(body, "gatewayd_store_size_bytes ") {
		t.Errorf("%d\n%s", status, body)
	}
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}
