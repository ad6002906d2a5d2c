package ops

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// RevocationSource is how a place stands from which evidence of revocation comes.
type RevocationSource struct {
	Name     string    // file or URL
	Produced time.Time // thisUpdate of the list in force, zero when there is none
	Until    time.Time // from then on the list clears nobody, zero when there is none
	Silent   bool      // what depends on it is deferred
	Had, Bad uint64    // looks at it that went well and that did not
}

// Revocation is what is known of revoked certificates.
type Revocation struct {
	Sources []RevocationSource
	Answers map[string]uint64 // good, revoked, unknown, unconfigured
}

var (
	revocationAgeDesc = prometheus.NewDesc("gatewayd_revocation_age_seconds",
		"Time since the list of revoked certificates in force was made.", []string{"source"}, nil)
	revocationUntilDesc = prometheus.NewDesc("gatewayd_revocation_usable_until_timestamp_seconds",
		"End of the grace of the list in force.", []string{"source"}, nil)
	revocationSilentDesc = prometheus.NewDesc("gatewayd_revocation_silent",
		"1 when the source has no list that counts, or does not answer.", []string{"source"}, nil)
	revocationFetchesDesc = prometheus.NewDesc("gatewayd_revocation_fetches_total",
		"Looks at a source of revocation, by outcome: done, failed.", []string{"source", "outcome"}, nil)
	revocationAnswersDesc = prometheus.NewDesc("gatewayd_revocation_answers_total",
		"Certificates asked about, by state: good, revoked, unknown, unconfigured.", []string{"state"}, nil)
)

var revocationDescs = []*prometheus.Desc{
	revocationAgeDesc, revocationUntilDesc, revocationSilentDesc, revocationFetchesDesc, revocationAnswersDesc,
}

func (r Revocation) collect(now time.Time, out chan<- prometheus.Metric) {
	send := func(d *prometheus.Desc, kind prometheus.ValueType, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, kind, v, labels...)
	}
	seen := make(map[string]bool) // two entries of the configuration may name one place
	for _, s := range r.Sources {
		if seen[s.Name] {
			continue
		}
		seen[s.Name] = true
		silent := 0.0
		if s.Silent {
			silent = 1
		}
		send(revocationSilentDesc, prometheus.GaugeValue, silent, s.Name)
		if !s.Produced.IsZero() {
			send(revocationAgeDesc, prometheus.GaugeValue, max(0, now.Sub(s.Produced).Seconds()), s.Name)
			send(revocationUntilDesc, prometheus.GaugeValue, float64(s.Until.Unix()), s.Name)
		}
		send(revocationFetchesDesc, prometheus.CounterValue, float64(s.Had), s.Name, "done")
		send(revocationFetchesDesc, prometheus.CounterValue, float64(s.Bad), s.Name, "failed")
	}
	for state, n := range r.Answers {
		send(revocationAnswersDesc, prometheus.CounterValue, float64(n), state)
	}
}
