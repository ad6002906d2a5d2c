package conf

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Validate says everything that keeps the daemon from running with this configuration: values out
// of range, values that contradict each other, files that are not there or that everyone can read.
// The error is Problems.
func (c *Config) Validate() error {
	v := validation{config: c}
	v.listeners()
	v.clientCertificates()
	v.ranges()
	v.words()
	v.signing()
	v.broker()
	v.revocation()
	v.retention()
	v.files()
	return v.problems.err()
}

type validation struct {
	config   *Config
	problems Problems
}

func (v *validation) fail(field, what, hint string) {
	v.problems = append(v.problems, v.config.source.problem(field, what, hint))
}

func (v *validation) listeners() {
	c := v.config
	host, port := v.address("listen.address", c.Listen.Address)
	opsHost, opsPort := v.address("ops.address", c.Ops.Address)
	// Two wildcards or two equal hosts on one port; port 0 is chosen by the system, anew each time.
	if port != "" && port == opsPort && port != "0" && overlap(host, opsHost) {
		v.fail("ops.address", "has the port of listen.address", "give each listener a port of its own")
	}
	if host != "" && !loopback(host) && !c.Listen.TLS.Enabled() && !c.Listen.Insecure {
		v.fail("listen.address", "documents and secrets would cross the network in the clear",
			"set listen.tls, or listen on 127.0.0.1 behind a proxy, or say listen.insecure: true")
	}
	if opsHost != "" && !loopback(opsHost) && c.Ops.Pprof {
		v.fail("ops.pprof", "profiles show memory, with personal data in it; ops.address is no loopback",
			"profile on 127.0.0.1")
	}
	if (c.Listen.TLS.Certificate == "") != (c.Listen.TLS.Key == "") {
		v.fail("listen.tls", "certificate and key belong together", "set both or neither")
	}
}

// address checks host:port and returns its parts, empty when they cannot be told.
func (v *validation) address(field, address string) (host, port string) {
	host, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		v.fail(field, quote(address)+" is no address such as 127.0.0.1:8080", "")
		return "", ""
	}
	if host == "" {
		host = "0.0.0.0"
	}
	return host, port
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

func overlap(a, b string) bool {
	wild := func(h string) bool { return h == "0.0.0.0" || h == "::" }
	return a == b || wild(a) || wild(b) || (loopback(a) && loopback(b) && (a == "localhost" || b == "localhost"))
}

func (v *validation) clientCertificates() {
	l := v.config.Listen
	if l.TLS.ClientCA != "" && !l.TLS.Enabled() {
		v.fail("listen.tls.client_ca", "client certificates need TLS", "set listen.tls.certificate and key")
	}
	if l.TLS.RequireClientCertificate && l.TLS.ClientCA == "" {
		v.fail("listen.tls.require_client_certificate", "no CA is named by which to judge them",
			"set listen.tls.client_ca")
	}
	for i, p := range l.TrustedProxies {
		field := fmt.Sprintf("listen.trusted_proxies[%d]", i)
		prefix, err := netip.ParsePrefix(p)
		switch {
		case err != nil:
			v.fail(field, quote(p)+" is no network such as 10.0.0.0/24 or 10.0.0.7/32", "")
		case prefix != prefix.Masked():
			v.fail(field, p+" has bits of a host", "write "+prefix.Masked().String())
		case prefix.Bits() == 0:
			v.fail(field, p+" trusts everyone to say who they are", "name the addresses of the proxies")
		}
	}
	if len(l.TrustedProxies) > 0 && !headerName.MatchString(l.ClientCertificateHeader) {
		v.fail("listen.client_certificate_header", quote(l.ClientCertificateHeader)+" is no name of a header", "")
	}
}

var headerName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)

// ranges are the bounds within which the daemon has been tried.
func (v *validation) ranges() {
	c := v.config
	const shortest = Duration(100 * time.Millisecond)
	check(v, "listen.read_header_timeout", c.Listen.ReadHeaderTimeout, shortest, Duration(time.Minute))
	check(v, "listen.read_timeout", c.Listen.ReadTimeout, shortest, Duration(10*time.Minute))
	check(v, "listen.write_timeout", c.Listen.WriteTimeout, shortest, Duration(10*time.Minute))
	check(v, "listen.idle_timeout", c.Listen.IdleTimeout, shortest, Duration(time.Hour))
	check(v, "listen.max_header", c.Listen.MaxHeader, 4*KiB, MiB)
	check(v, "listen.max_connections", c.Listen.MaxConnections, 1, 100000)
	check(v, "push.timeout", c.Push.Timeout, shortest, Duration(5*time.Minute))
	// contracts.md: «at most 5 min apart».
	check(v, "push.retry_max", c.Push.RetryMax, shortest, Duration(5*time.Minute))
	check(v, "ops.certificate_warn", c.Ops.CertificateWarn, 0, Duration(365*day))
	check(v, "ops.staff_max_age", c.Ops.StaffMaxAge, Duration(time.Hour), Duration(3650*day))
	check(v, "store.min_free", c.Store.MinFree, 0, 1024*GiB)
	check(v, "spool.interval", c.Spool.Interval, Duration(10*time.Millisecond), Duration(time.Hour))
	check(v, "broker.window", c.Broker.Window, 1, 65535)
	check(v, "broker.heartbeat", c.Broker.Heartbeat, Duration(time.Second), Duration(time.Minute))
	check(v, "broker.confirm_timeout", c.Broker.ConfirmTimeout, Duration(time.Second), Duration(5*time.Minute))
	check(v, "limits.max_document", c.Limits.MaxDocument, KiB, 64*MiB)
	check(v, "limits.max_in_flight", c.Limits.MaxInFlight, 1, 10000)
	check(v, "limits.max_in_flight_participant", c.Limits.MaxInFlightParticipant, 1, max(1, c.Limits.MaxInFlight))
	check(v, "limits.in_flight_wait", c.Limits.InFlightWait, 0, Duration(time.Minute))
	check(v, "limits.handling", c.Limits.Handling, Duration(time.Second), Duration(10*time.Minute))
	// contracts.md: «wait ≤ 60 s».
	check(v, "limits.wait_max", c.Limits.WaitMax, 0, Duration(time.Minute))
	check(v, "limits.outbox_limit", c.Limits.OutboxLimit, 1, 10_000_000)
	check(v, "limits.rate", c.Limits.Rate, 0.001, 100000)
	check(v, "limits.burst", c.Limits.Burst, 1, 100000)
	check(v, "limits.unverified", c.Limits.Unverified, 0, 1_000_000)
	check(v, "shutdown.grace", c.Shutdown.Grace, 0, Duration(10*time.Minute))
}

func check[T int | float64 | Duration | Size](v *validation, field string, value, least, most T) {
	if value < least || value > most {
		v.fail(field, fmt.Sprintf("%v is not between %v and %v", value, least, most), "")
	}
}

var railwayCode = regexp.MustCompile(`^[A-Z0-9-]{1,32}$`)

func (v *validation) words() {
	c := v.config
	v.oneOf("listen.tls.min_version", c.Listen.TLS.MinVersion, "1.2", "1.3")
	v.oneOf("office.transport", c.Office.Transport, TransportSpool, TransportRabbit)
	v.oneOf("broker.topology", c.Broker.Topology, "declare", "check", "none")
	v.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	if !railwayCode.MatchString(c.Office.Railway) {
		v.fail("office.railway", quote(c.Office.Railway)+" is no code such as RZD",
			"use the code that the railway has in the register of participants")
	}
	v.needed("admin.socket", c.Admin.Socket)
	v.needed("store.path", c.Store.Path)
	if c.Office.Transport == TransportSpool {
		v.needed("spool.dir", c.Spool.Dir)
	}
	// sun_path of unix(7) has 108 bytes with its terminating zero.
	if len(c.Admin.Socket) > 107 {
		v.fail("admin.socket", "is longer than the 107 bytes that a socket's path may have", "")
	}
}

func (v *validation) oneOf(field, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		v.fail(field, fmt.Sprintf("%s is not one of %s", quote(value), strings.Join(allowed, ", ")), "")
	}
}

func (v *validation) needed(field, value string) {
	if value == "" {
		v.fail(field, "is empty", "put a # before the line to use the default")
	}
}

func (v *validation) signing() {
	keys := v.config.Signing.Keys
	if len(keys) == 0 {
		v.fail("signing.keys", "no key: without one nothing can be acknowledged, so nothing is accepted",
			"name a key and its certificate")
	}
	before := make(map[string]time.Time) // start of the latest key of a name
	for i, k := range keys {
		field := fmt.Sprintf("signing.keys[%d]", i)
		switch {
		case k.Key == "" && len(k.Command) == 0:
			v.fail(field, "key is missing", "name its file in key, or a program that signs with it in command")
		case k.Key != "" && len(k.Command) > 0:
			v.fail(field, "has both a key and a command", "take one of them away")
		}
		if k.Certificate == "" {
			v.fail(field, "certificate is missing", "")
		}
		if !keyName.MatchString(k.KeyName()) {
			v.fail(field+".name", quote(k.Name)+" is no name such as default or gost-2026", "")
		}
		if start, ok := before[k.KeyName()]; ok && !k.From.After(start) {
			v.fail(field, "from is not after that of the key before", "list the keys of a name in the order of their start")
		}
		before[k.KeyName()] = k.From
		v.command(field+".command", k.Command)
	}
	v.command("verification.gost.command", v.config.Verification.GOST.Command)
}

var keyName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// command checks a program that we start; without one there is nothing to check.
func (v *validation) command(field string, command []string) {
	if len(command) == 0 {
		return
	}
	program := command[0]
	info, err := os.Stat(program)
	switch {
	case !filepath.IsAbs(program):
		v.fail(field, quote(program)+" is no absolute path", "there is no shell that would look for it")
	case err != nil:
		v.fail(field, err.Error(), "")
	case !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0:
		v.fail(field, program+" is no program", "")
	case info.Mode().Perm()&0o002 != 0:
		v.fail(field, program+" can be changed by everyone on this machine", "chmod o-w "+program)
	}
}

func (v *validation) broker() {
	c := v.config
	u, err := url.Parse(c.Broker.URL)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "amqp" && u.Scheme != "amqps"):
		// The URL may hold a password in spite of all: it is not repeated.
		v.fail("broker.url", "is no URL such as amqps://broker.example/vhost", "")
	case u.User != nil:
		v.fail("broker.url", "holds a user or password", "put them into a file and name it in broker.credentials")
	}
	if (c.Broker.TLS.Certificate == "") != (c.Broker.TLS.Key == "") {
		v.fail("broker.tls", "certificate and key belong together", "set both or neither")
	}
	names := []struct{ field, value string }{
		{"broker.exchange", c.Broker.Exchange},
		{"broker.office_queue", c.Broker.OfficeQueue},
		{"broker.inbound_queue", c.Broker.InboundQueue},
	}
	for _, n := range names {
		// AMQP 0-9-1, 1.1: names are at most 127 characters of this set.
		if !amqpName.MatchString(n.value) {
			v.fail(n.field, quote(n.value)+" is no name of the broker's", "")
		}
	}
	if c.Broker.OfficeQueue == c.Broker.InboundQueue {
		v.fail("broker.inbound_queue", "is the queue of what we send", "")
	}
}

var amqpName = regexp.MustCompile(`^[a-zA-Z0-9-_.:]{1,127}$`)

func (v *validation) files() {
	for _, p := range v.config.paths() {
		if *p.path == "" || p.field == "spool.dir" && v.config.Office.Transport != TransportSpool ||
			p.field == "revocation.cache" && !v.config.Revocation.fetches() {
			continue // not used
		}
		switch p.kind {
		case ownPath:
			v.folder(p.field, filepath.Dir(*p.path))
			continue
		case pattern:
			v.matches(p.field, *p.path)
			continue
		}
		info, err := os.Stat(*p.path)
		switch {
		case err != nil:
			v.fail(p.field, err.Error(), "")
		case p.kind == publicFolder:
			if !info.IsDir() {
				v.fail(p.field, *p.path+" is no folder", "")
			}
		case !info.Mode().IsRegular():
			v.fail(p.field, *p.path+" is no file", "")
		case p.kind == secretFile && info.Mode().Perm()&0o007 != 0:
			v.fail(p.field, *p.path+" can be read by everyone on this machine", "chmod 0640 "+*p.path)
		}
	}
}

// folder must exist; what lies in it is made by whoever owns it.
func (v *validation) folder(field, dir string) {
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		v.fail(field, err.Error(), "make the folder, owned by the user of the daemon")
	case !info.IsDir():
		v.fail(field, dir+" is no folder", "")
	}
}
