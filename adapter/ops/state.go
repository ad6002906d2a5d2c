package ops

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Sources say how things stand; each is asked at every scrape, and may be nil.
type Sources struct {
	Version      string
	Now          func() time.Time
	InFlight     func() int
	BodyBytes    func() int64
	Lanes        func() ([]Lane, error)
	Certificates func() []Certificate
	StaffLists   func() ([]StaffList, error)
	StoreBytes   func() (size, free int64, err error)
	Revocation   func() Revocation
	Deferred     func() (documents int, oldest time.Time, err error) // oldest is zero when there is none
	Awaited      func() (Awaited, error)
	Signing      func() map[string]bool // by name of the key: it can sign now
	Verifying    func() bool            // the program of verification.gost answers; nil: none
	Retired      func() map[string]int  // what retention has let go since the start, by kind
}

// Lane is how one lane stands.
type Lane struct {
	Name   string
	Depth  int       // unconfirmed messages, parked ones included
	Parked int       // of these
	Oldest time.Time // when the oldest was made, zero when there is none
}

// Certificate is one of ours.
type Certificate struct {
	Use     string // signing | tls
	Key     string // name of the signing key
	Subject string
	Serial  string
	Until   time.Time
}

// StaffList is the list of one organisation.
type StaffList struct {
	Organisation string // key: ИНН …
	Version      int
	Imported     time.Time

	// In force today and over within 30 days, without another that goes on.
	PeopleEnding, ProxiesEnding int
}

// Awaited is how many memos and acts of the railway wait.
type Awaited struct {
	Over, HalfHour, TwoHours, Longer int // for the client's answer, by the time that is left at most
	Held                             int // for the operator: the term passed while we could not be read
	Unaddressed                      int // for the register to know to whom they go
}

// state is the collector that asks the sources.
type state struct{ Sources }

var (
	inFlightDesc = prometheus.NewDesc("gatewayd_documents_in_flight",
		"Documents being judged.", nil, nil)
	bodiesDesc = prometheus.NewDesc("gatewayd_bodies_bytes",
		"Bytes of documents that are being read, wait for their turn, or are being judged.", nil, nil)
	depthDesc = prometheus.NewDesc("gatewayd_lane_depth",
		"Messages that wait to be confirmed, parked ones included.", []string{"lane"}, nil)
	parkedDesc = prometheus.NewDesc("gatewayd_lane_parked",
		"Messages that cannot be delivered and wait for the operator.", []string{"lane"}, nil)
	oldestDesc = prometheus.NewDesc("gatewayd_lane_oldest_seconds",
		"Age of the oldest message that waits to be confirmed, 0 when there is none.", []string{"lane"}, nil)
	certificateDesc = prometheus.NewDesc("gatewayd_certificate_expiry_timestamp_seconds",
		"End of the validity of a certificate of ours.", []string{"use", "key", "subject", "serial"}, nil)
	staffVersionDesc = prometheus.NewDesc("gatewayd_staff_list_version",
		"Version of the staff list in force.", []string{"organisation"}, nil)
	staffAgeDesc = prometheus.NewDesc("gatewayd_staff_list_age_seconds",
		"Time since the staff list in force came.", []string{"organisation"}, nil)
	staffEndingDesc = prometheus.NewDesc("gatewayd_staff_ending",
		"Appointments (people) and powers of attorney (proxies) that end within 30 days.", []string{"organisation", "what"}, nil)
	deferredDesc = prometheus.NewDesc("gatewayd_deferred_documents",
		"Documents whose authenticity cannot be decided now.", nil, nil)
	deferredOldestDesc = prometheus.NewDesc("gatewayd_deferred_oldest_seconds",
		"Time since the oldest of them was deferred, 0 when there is none.", nil, nil)
	awaitedDesc = prometheus.NewDesc("gatewayd_documents_awaiting_answer",
		"Memos and acts that wait for the client's answer, by the time that is left: over, 30m, 2h, more.", []string{"left"}, nil)
	heldDesc = prometheus.NewDesc("gatewayd_documents_held",
		"Memos and acts whose term passed while they could not be read, and that wait for the operator.", nil, nil)
	unaddressedDesc = prometheus.NewDesc("gatewayd_documents_unaddressed",
		"Memos and acts of which the register does not know to whom they go.", nil, nil)
	signingDesc = prometheus.NewDesc("gatewayd_signing_key_up",
		"1 when ЭСИД can be signed with the key of this name now.", []string{"key"}, nil)
	verifyingDesc = prometheus.NewDesc("gatewayd_verifying_program_up",
		"1 when the program that verifies in our place answers.", nil, nil)
	retiredDesc = prometheus.NewDesc("gatewayd_retired_total",
		"What retention has let go, by kind.", []string{"kind"}, nil)
	storeSizeDesc = prometheus.NewDesc("gatewayd_store_size_bytes",
		"Size of the store's file.", nil, nil)
	storeFreeDesc = prometheus.NewDesc("gatewayd_store_free_bytes",
		"Free space of the file system of the store.", nil, nil)
)

// Describe sends nothing more than the closed list.
func (s *state) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{inFlightDesc, bodiesDesc, depthDesc, parkedDesc, oldestDesc, certificateDesc,
		staffVersionDesc, staffAgeDesc, staffEndingDesc, deferredDesc, deferredOldestDesc,
		awaitedDesc, heldDesc, unaddressedDesc, signingDesc, verifyingDesc, retiredDesc, storeSizeDesc, storeFreeDesc} {
		out <- d
	}
	for _, d := range revocationDescs {
		out <- d
	}
}

// Collect asks each source. One that fails is an error of the scrape, beside the others' values.
func (s *state) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	now := time.Now()
	if s.Now != nil {
		now = s.Now()
	}
	if s.InFlight != nil {
		gauge(inFlightDesc, float64(s.InFlight()))
	}
	if s.BodyBytes != nil {
		gauge(bodiesDesc, float64(s.BodyBytes()))
	}
	if s.Lanes != nil {
		lanes, err := s.Lanes()
		if err != nil {
			out <- prometheus.NewInvalidMetric(depthDesc, err)
		}
		for _, l := range lanes {
			age := 0.0
			if !l.Oldest.IsZero() {
				age = max(0, now.Sub(l.Oldest).Seconds())
			}
			gauge(depthDesc, float64(l.Depth), l.Name)
			gauge(parkedDesc, float64(l.Parked), l.Name)
			gauge(oldestDesc, age, l.Name)
		}
	}
	if s.Certificates != nil {
		seen := make(map[Certificate]bool) // one certificate may serve two keys
		for _, c := range s.Certificates() {
			if seen[c] {
				continue
			}
			seen[c] = true
			gauge(certificateDesc, float64(c.Until.Unix()), c.Use, c.Key, c.Subject, c.Serial)
		}
	}
	if s.StaffLists != nil {
		lists, err := s.StaffLists()
		if err != nil {
			out <- prometheus.NewInvalidMetric(staffVersionDesc, err)
		}
		for _, l := range lists {
			gauge(staffVersionDesc, float64(l.Version), l.Organisation)
			gauge(staffAgeDesc, max(0, now.Sub(l.Imported).Seconds()), l.Organisation)
			gauge(staffEndingDesc, float64(l.PeopleEnding), l.Organisation, "people")
			gauge(staffEndingDesc, float64(l.ProxiesEnding), l.Organisation, "proxies")
		}
	}
	if s.Revocation != nil {
		s.Revocation().collect(now, out)
	}
	s.collectUndecided(now, out)
	s.collectRetired(out)
	s.collectAwaited(out)
	s.collectPrograms(out)
	if s.StoreBytes != nil {
		size, free, err := s.StoreBytes()
		if err != nil {
			out <- prometheus.NewInvalidMetric(storeSizeDesc, err)
			return
		}
		gauge(storeSizeDesc, float64(size))
		gauge(storeFreeDesc, float64(free))
	}
}

func (s *state) collectUndecided(now time.Time, out chan<- prometheus.Metric) {
	if s.Deferred == nil {
		return
	}
	documents, oldest, err := s.Deferred()
	if err != nil {
		out <- prometheus.NewInvalidMetric(deferredDesc, err)
		return
	}
	age := 0.0
	if !oldest.IsZero() {
		age = max(0, now.Sub(oldest).Seconds())
	}
	out <- prometheus.MustNewConstMetric(deferredDesc, prometheus.GaugeValue, float64(documents))
	out <- prometheus.MustNewConstMetric(deferredOldestDesc, prometheus.GaugeValue, age)
}

func (s *state) collectRetired(out chan<- prometheus.Metric) {
	if s.Retired == nil {
		return
	}
	for kind, n := range s.Retired() {
		out <- prometheus.MustNewConstMetric(retiredDesc, prometheus.CounterValue, float64(n), kind)
	}
}

// collectAwaited says of memos and acts for whom they wait.
func (s *state) collectAwaited(out chan<- prometheus.Metric) {
	if s.Awaited == nil {
		return
	}
	a, err := s.Awaited()
	if err != nil {
		out <- prometheus.NewInvalidMetric(awaitedDesc, err)
		return
	}
	gauge := func(d *prometheus.Desc, v int, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), labels...)
	}
	gauge(awaitedDesc, a.Over, "over")
	gauge(awaitedDesc, a.HalfHour, "30m")
	gauge(awaitedDesc, a.TwoHours, "2h")
	gauge(awaitedDesc, a.Longer, "more")
	gauge(heldDesc, a.Held)
	gauge(unaddressedDesc, a.Unaddressed)
}

// collectPrograms says of keys and programs whether they can be used.
func (s *state) collectPrograms(out chan<- prometheus.Metric) {
	value := map[bool]float64{true: 1}
	if s.Signing != nil {
		for key, up := range s.Signing() {
			out <- prometheus.MustNewConstMetric(signingDesc, prometheus.GaugeValue, value[up], key)
		}
	}
	if s.Verifying != nil {
		out <- prometheus.MustNewConstMetric(verifyingDesc, prometheus.GaugeValue, value[s.Verifying()])
	}
}
