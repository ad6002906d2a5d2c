package ops

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"asugate/queue"
	"asugate/schema"
)

// Metrics counts what happens and asks, at each scrape, how things stand. All are described in
// docs/metrics.md. Labels have closed lists of values, or those of the registers, so that no client
// can make series.
type Metrics struct {
	registry    *prometheus.Registry
	documents   *prometheus.CounterVec
	findings    *prometheus.CounterVec
	judging     *prometheus.HistogramVec
	requests    *prometheus.CounterVec
	connections prometheus.Counter
	deliveries  *prometheus.CounterVec
}

// NewMetrics makes all metrics, in a registry of their own.
func NewMetrics(s Sources) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		documents: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatewayd_documents_total",
			Help: "Documents received, by kind, by way in and by result; «none» when there was no verdict.",
		}, []string{"kind", "via", "result"}),
		findings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatewayd_findings_total",
			Help: "Verdicts with at least one error of the code.",
		}, []string{"code"}),
		judging: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "gatewayd_document_seconds",
			Help:    "Time from the request to the answer of a document, the write included.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"result"}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatewayd_http_requests_total",
			Help: "Requests of clients, by route and status; status 0: closed without an answer.",
		}, []string{"route", "status"}),
		connections: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "gatewayd_http_connections_refused_total",
			Help: "Connections closed because there were too many.",
		}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "gatewayd_deliveries_total",
			Help: "Tries to deliver a message, by lane and outcome: confirmed, failed, refused, impossible.",
		}, []string{"lane", "outcome"}),
	}
	version := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "gatewayd_build_info", Help: "1; the label is the version.",
		ConstLabels: prometheus.Labels{"version": s.Version},
	})
	version.Set(1)
	m.registry.MustRegister(m.documents, m.findings, m.judging, m.requests, m.connections, m.deliveries, version,
		&state{s}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *Metrics) handler(log *slog.Logger) http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorLog:            slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandling:       promhttp.ContinueOnError, // one source that fails hides no other
		MaxRequestsInFlight: 4,
		Timeout:             10 * time.Second,
	})
}

// Document is one document and what became of it. result is empty when there was no verdict.
type Document struct {
	Kind, Via, Result string
	Codes             []string // of findings that are errors, each once
	Duration          time.Duration
}

// Document counts a document.
func (m *Metrics) Document(d Document) {
	if d.Result == "" {
		d.Result = "none"
	}
	m.documents.WithLabelValues(kindLabel(d.Kind), d.Via, d.Result).Inc()
	m.judging.WithLabelValues(d.Result).Observe(d.Duration.Seconds())
	for _, c := range d.Codes {
		m.findings.WithLabelValues(c).Inc()
	}
}

// kindLabel keeps the names that unverified documents give themselves out of the metrics.
func kindLabel(kind string) string {
	if slices.Contains(schema.Kinds(), schema.Kind(kind)) {
		return kind
	}
	return "other"
}

// Request counts an answer to a client. route is a pattern, never a path.
func (m *Metrics) Request(route string, status int) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Inc()
}

// ConnectionRefused counts a connection closed because there were too many.
func (m *Metrics) ConnectionRefused() { m.connections.Inc() }

// Deliveries counts the tries of a lane.
func (m *Metrics) Deliveries(deliver queue.Deliver) queue.Deliver {
	return func(ctx context.Context, msg queue.Message, body, signature []byte) error {
		err := deliver(ctx, msg, body, signature)
		outcome := "confirmed"
		switch {
		case errors.Is(err, queue.ErrPermanent):
			outcome = "impossible"
		case errors.Is(err, queue.ErrRefused):
			outcome = "refused"
		case err != nil:
			outcome = "failed"
		}
		m.deliveries.WithLabelValues(msg.Lane, outcome).Inc()
		return err
	}
}
