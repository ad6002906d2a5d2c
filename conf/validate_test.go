package conf

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sane is a file with which the daemon runs; $DIR is the folder of the test.
const sane = `store:
  path: $DIR/g.db
admin:
  socket: $DIR/a.sock
spool:
  dir: $DIR/spool
signing:
  keys:
    - key: $DIR/secret
      certificate: $DIR/public
`

// validateFile judges sane and the lines of extra, in a folder with a secret and a public file.
func validateFile(t *testing.T, extra string) (dir string, err error) {
	t.Helper()
	dir = t.TempDir()
	for name, mode := range map[string]os.FileMode{"secret": 0o640, "public": 0o644, "open": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("user:pass\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	text := strings.ReplaceAll(sane+extra, "$DIR", dir)
	file := filepath.Join(dir, "c.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return dir, c.Validate()
}

func TestValidateAccepts(t *testing.T) {
	tests := []struct{ name, extra string }{
		{"the least", ""},
		{"TLS for everyone",
			"listen:\n  address: 0.0.0.0:8443\n  tls: {certificate: $DIR/public, key: $DIR/secret, client_ca: $DIR/public, require_client_certificate: true}\n"},
		{"a container behind a proxy",
			"listen:\n  address: :8080\n  insecure: true\n  trusted_proxies: [10.1.0.0/16, '2001:db8::/64']\nops:\n  address: :9464\n"},
		{"two ports of the system's choice", "listen:\n  address: 127.0.0.1:0\nops:\n  address: 127.0.0.1:0\n"},
		{"two addresses on one port", "listen:\n  address: 127.0.0.1:8080\nops:\n  address: 127.0.0.2:8080\n"},
		{"sources of revocation", "revocation:\n  crls:\n  - {file: $DIR/pub*, issuer: $DIR/public}\n" +
			"  - {url: 'https://ca.example/a.crl', issuer: $DIR/public}\n" +
			"  ocsp:\n  - {url: 'http://ocsp.example', issuer: $DIR/public, responder: $DIR/public}\n" +
			"  cache: $DIR/cache\n  proxy: http://proxy.example:3128\n"},
		{"tables of one's own", "codes:\n  tables: $DIR\n"},
		{"a broker", "office:\n  transport: rabbit\nbroker:\n  url: amqps://b.example/v\n  credentials: $DIR/secret\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := validateFile(t, tt.extra); err != nil {
				t.Error(err)
			}
		})
	}
}

// Bad configurations: each with the sentence for which it must fail, and no other.
func TestValidateRefuses(t *testing.T) {
	tests := []struct{ name, extra, want string }{
		{"address", "listen:\n  address: '8080'\n", `:12:3: listen.address: "8080" is no address such as 127.0.0.1:8080`},
		{"port", "ops:\n  address: 127.0.0.1:99999\n",
			`:12:3: ops.address: "127.0.0.1:99999" is no address such as 127.0.0.1:8080`},
		{"same port twice", "listen:\n  address: 127.0.0.1:9464\n",
			": ops.address: has the port of listen.address\nhint: give each listener a port of its own"},
		{"same port by a wildcard", "ops:\n  address: :8080\n",
			":12:3: ops.address: has the port of listen.address\nhint: give each listener a port of its own"},
		{"in the clear", "listen:\n  address: 0.0.0.0:8080\n",
			":12:3: listen.address: documents and secrets would cross the network in the clear" +
				"\nhint: set listen.tls, or listen on 127.0.0.1 behind a proxy, or say listen.insecure: true"},
		{"profiles for all", "ops:\n  address: 10.0.0.1:9464\n  pprof: true\n",
			":13:3: ops.pprof: profiles show memory, with personal data in it; ops.address is no loopback" +
				"\nhint: profile on 127.0.0.1"},
		{"certificate without key", "listen:\n  tls:\n    certificate: $DIR/public\n",
			":12:3: listen.tls: certificate and key belong together\nhint: set both or neither"},
		{"client CA without TLS", "listen:\n  tls:\n    client_ca: $DIR/public\n",
			":13:5: listen.tls.client_ca: client certificates need TLS\nhint: set listen.tls.certificate and key"},
		{"required certificate without CA", "listen:\n  tls:\n    require_client_certificate: true\n",
			":13:5: listen.tls.require_client_certificate: no CA is named by which to judge them" +
				"\nhint: set listen.tls.client_ca"},
		{"proxy is no network", "listen:\n  trusted_proxies: [proxy.example]\n",
			`:12:21: listen.trusted_proxies[0]: "proxy.example" is no network such as 10.0.0.0/24 or 10.0.0.7/32`},
		{"network with bits of a host", "listen:\n  trusted_proxies: [10.0.0.7/24]\n",
			":12:21: listen.trusted_proxies[0]: 10.0.0.7/24 has bits of a host\nhint: write 10.0.0.0/24"},
		{"everyone is a proxy", "listen:\n  trusted_proxies: [0.0.0.0/0]\n",
			":12:21: listen.trusted_proxies[0]: 0.0.0.0/0 trusts everyone to say who they are" +
				"\nhint: name the addresses of the proxies"},
		{"header", "listen:\n  trusted_proxies: [10.0.0.7/32]\n  client_certificate_header: 'X Cert'\n",
			`:13:3: listen.client_certificate_header: "X Cert" is no name of a header`},
		{"no time", "listen:\n  read_timeout: 0s\n", ":12:3: listen.read_timeout: 0s is not between 100ms and 10m"},
		{"wait longer than the contract", "limits:\n  wait_max: 61s\n",
			":12:3: limits.wait_max: 1m1s is not between 0s and 1m"},
		{"retry later than the contract", "push:\n  retry_max: 6m\n",
			":12:3: push.retry_max: 6m is not between 100ms and 5m"},
		{"document too small", "limits:\n  max_document: 1B\n",
			":12:3: limits.max_document: 1B is not between 1KiB and 64MiB"},
		{"one participant may take more than all", "limits:\n  max_in_flight: 4\n  max_in_flight_participant: 5\n",
			":13:3: limits.max_in_flight_participant: 5 is not between 1 and 4"},
		{"rate", "limits:\n  rate: 0\n", ":12:3: limits.rate: 0 is not between 0.001 and 100000"},
		{"old TLS", "listen:\n  tls:\n    min_version: 1.0\n",
			`:13:5: listen.tls.min_version: "1.0" is not one of 1.2, 1.3`},
		{"transport", "office:\n  transport: kafka\n", `:12:3: office.transport: "kafka" is not one of spool, rabbit`},
		{"railway", "office:\n  railway: рждl\n",
			`:12:3: office.railway: "рждl" is no code such as RZD` + "" +
				"\nhint: use the code that the railway has in the register of participants"},
		{"level", "log:\n  level: loud\n", `:12:3: log.level: "loud" is not one of debug, info, warn, error`},
		{"password in the broker's URL", "broker:\n  url: amqp://u:p@b.example/\n",
			":12:3: broker.url: holds a user or password\nhint: put them into a file and name it in broker.credentials"},
		{"broker's URL", "broker:\n  url: http://b.example/\n",
			":12:3: broker.url: is no URL such as amqps://broker.example/vhost"},
		{"queue", "broker:\n  office_queue: 'a b'\n", `:12:3: broker.office_queue: "a b" is no name of the broker's`},
		{"one queue for both ways", "broker:\n  office_queue: asugate.in\n",
			":11:1: broker.inbound_queue: is the queue of what we send"},
		{"revocations from nowhere", "revocation:\n  crls:\n  - {issuer: $DIR/public}\n",
			":13:5: revocation.crls[0]: names not exactly one of file and url\nhint: write one item for each place"},
		{"revocations from two places", "revocation:\n  crls:\n  - {file: $DIR/public, url: 'http://ca.example/', issuer: $DIR/public}\n  cache: $DIR/c\n",
			":13:5: revocation.crls[0]: names not exactly one of file and url\nhint: write one item for each place"},
		{"revocations of nobody", "revocation:\n  crls:\n  - {file: $DIR/public}\n",
			":13:5: revocation.crls[0]: issuer is missing\nhint: name a file with the certificates of those whose revocations come from there"},
		{"responder for nobody", "revocation:\n  ocsp:\n  - {url: 'http://ocsp.example'}\n",
			":13:5: revocation.ocsp[0]: issuer is missing\nhint: name a file with the certificates of those whose revocations come from there"},
		{"no list", "revocation:\n  crls:\n  - {file: $DIR/*.crl, issuer: $DIR/public}\n",
			":13:6: revocation.crls[0].file: no file is called $DIR/*.crl\nhint: put the lists there first"},
		{"no pattern", "revocation:\n  crls:\n  - {file: '$DIR/[', issuer: $DIR/public}\n",
			`:13:6: revocation.crls[0].file: "$DIR/[" is no pattern such as /etc/gatewayd/crl/*.crl`},
		{"no certificates of the issuer", "revocation:\n  crls:\n  - file: $DIR/public\n    issuer: $DIR/none\n",
			":14:5: revocation.crls[0].issuer: stat $DIR/none: no such file or directory"},
		{"address of a responder", "revocation:\n  ocsp:\n  - {url: ocsp.example, issuer: $DIR/public}\n",
			":13:6: revocation.ocsp[0].url: is no URL such as http://ca.example/ca.crl"},
		{"password in an address", "revocation:\n  ocsp:\n  - {url: 'http://u:p@ocsp.example', issuer: $DIR/public}\n",
			":13:6: revocation.ocsp[0].url: holds a user or password\nhint: evidence of revocation is public; none is sent"},
		{"list from a file by its URL", "revocation:\n  crls:\n  - {url: 'file:///ca.crl', issuer: $DIR/public}\n  cache: $DIR/c\n",
			":13:6: revocation.crls[0].url: is no URL such as http://ca.example/ca.crl"},
		{"folder of copies", "revocation:\n  crls:\n  - {url: 'http://ca.example', issuer: $DIR/public}\n  cache: $DIR/no/cache\n",
			":14:3: revocation.cache: stat $DIR/no: no such file or directory\nhint: make the folder, owned by the user of the daemon"},
		{"lists fetched all the time", "revocation:\n  refresh: 10ms\n", ":12:3: revocation.refresh: 10ms is not between 1s and 7d"},
		{"proxy", "revocation:\n  proxy: socks5://p.example\n", ":12:3: revocation.proxy: is no URL such as http://ca.example/ca.crl"},
		{"absent file", "push:\n  ca: $DIR/none\n", ":12:3: push.ca: stat $DIR/none: no such file or directory"},
		{"folder for a file", "push:\n  ca: $DIR\n", ":12:3: push.ca: $DIR is no file"},
		{"file for a folder", "codes:\n  tables: $DIR/public\n", ":12:3: codes.tables: $DIR/public is no folder"},
		{"absent folder", "codes:\n  tables: $DIR/none\n", ":12:3: codes.tables: stat $DIR/none: no such file or directory"},
		{"secret for everyone", "broker:\n  credentials: $DIR/open\n",
			":12:3: broker.credentials: $DIR/open can be read by everyone on this machine\nhint: chmod 0640 $DIR/open"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir, err := validateFile(t, tt.extra)
			if err == nil {
				t.Fatal("is valid")
			}
			got := strings.ReplaceAll(err.Error(), dir, "$DIR")
			// A default has no line of its own: the section's, if the file has it, or none.
			got = strings.TrimPrefix(got, "$DIR/c.yaml")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if ps, ok := errors.AsType[Problems](err); !ok || len(ps) != 1 {
				t.Errorf("%d problems: %v", len(ps), err)
			}
		})
	}
}

// Mistakes of the part that sane gets right.
func TestValidateRefusesWithout(t *testing.T) {
	dir := t.TempDir()
	open := filepath.Join(dir, "open")
	if err := errors.Join(os.WriteFile(open, nil, 0o700), os.Chmod(open, 0o777)); err != nil {
		t.Fatal(err)
	}
	base := "store: {path: $DIR/g}\nadmin: {socket: $DIR/a}\nspool: {dir: $DIR/s}\n"
	tests := []struct{ name, yaml, want string }{
		{"no signing key", base,
			"c.yaml: signing.keys: no key: without one nothing can be acknowledged, so nothing is accepted" +
				"\nhint: name a key and its certificate"},
		{"half a signing key", base + "signing: {keys: [{key: $DIR/k}]}\n",
			"c.yaml:4:18: signing.keys[0]: certificate is missing\nc.yaml:4:19: signing.keys[0].key: stat $DIR/k: no such file or directory"},
		{"keys in no order",
			base + "signing:\n  keys:\n" +
				"  - {key: $DIR/k, certificate: $DIR/c, from: 2026-02-01T00:00:00Z}\n" +
				"  - {key: $DIR/k, certificate: $DIR/c, from: 2026-01-01T00:00:00Z}\n",
			"c.yaml:7:5: signing.keys[1]: from is not after that of the key before" +
				"\nhint: list the keys of a name in the order of their start"},
		{"two keys of one name, the second nameless",
			base + "signing:\n  keys:\n  - {name: default, key: $DIR/k, certificate: $DIR/c}\n  - {key: $DIR/k, certificate: $DIR/c}\n",
			"c.yaml:7:5: signing.keys[1]: from is not after that of the key before"},
		{"key and command", base + "signing: {keys: [{key: $DIR/k, command: [/bin/sh], certificate: $DIR/c}]}\n",
			"signing.keys[0]: has both a key and a command"},
		{"neither key nor command", base + "signing: {keys: [{certificate: $DIR/c}]}\n",
			"signing.keys[0]: key is missing\nhint: name its file in key, or a program that signs with it in command"},
		{"name of a key", base + "signing: {keys: [{name: '../x', key: $DIR/k, certificate: $DIR/c}]}\n",
			`signing.keys[0].name: "../x" is no name such as default or gost-2026`},
		{"command without path", base + "signing: {keys: [{command: [signer, --key], certificate: $DIR/c}]}\n",
			`signing.keys[0].command: "signer" is no absolute path`},
		{"command that is not there", base + "signing: {keys: [{command: [$DIR/signer], certificate: $DIR/c}]}\n",
			"signing.keys[0].command: stat $DIR/signer: no such file or directory"},
		{"command that is no program", base + "verification: {gost: {command: [/etc/passwd]}}\n",
			"verification.gost.command: /etc/passwd is no program"},
		{"command that is a folder", base + "verification: {gost: {command: [/bin]}}\n",
			"verification.gost.command: /bin is no program"},
		{"command that everyone can change", base + "verification: {gost: {command: [$DIR/open]}}\n",
			"verification.gost.command: $DIR/open can be changed by everyone on this machine\nhint: chmod o-w $DIR/open"},
		{"folder of the store", "store: {path: $DIR/x/g}\nadmin: {socket: $DIR/a}\nspool: {dir: $DIR/s}\n",
			"c.yaml:1:9: store.path: stat $DIR/x: no such file or directory" +
				"\nhint: make the folder, owned by the user of the daemon"},
		{"socket too long", "admin: {socket: /" + strings.Repeat("a", 107) + "}\n",
			"admin.socket: is longer than the 107 bytes that a socket's path may have"},
		{"empty path", "store: {path: ''}\n",
			"c.yaml:1:9: store.path: is empty\nhint: put a # before the line to use the default"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Parse([]byte(strings.ReplaceAll(tt.yaml, "$DIR", dir)), "c.yaml")
			if err != nil {
				t.Fatal(err)
			}
			err = c.Validate()
			if err == nil {
				t.Fatal("is valid")
			}
			for _, want := range strings.Split(tt.want, "\nc.yaml") {
				if got := strings.ReplaceAll(err.Error(), dir, "$DIR"); !strings.Contains(got, want) {
					t.Errorf("want %s\n got %s", want, got)
				}
			}
		})
	}
}

// The password of the broker is read from its file, and shown nowhere.
func TestBrokerDial(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "secret")
	if err := os.WriteFile(file, []byte("gate:p@ss/word\nsecond line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := Broker{URL: "amqps://b.example:5671/v", Credentials: file}
	got, err := b.Dial()
	if want := "amqps://gate:p%40ss%2Fword@b.example:5671/v"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if err := os.WriteFile(file, []byte("nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Dial(); err == nil || strings.Contains(err.Error(), "nonsense") {
		t.Errorf("file without colon: %v", err)
	}
	c := Default()
	c.Broker.URL = "amqp://u:hunter2@b.example/"
	if text, err := c.Effective(); err != nil || strings.Contains(string(text), "hunter2") {
		t.Errorf("effective shows the password: %v\n%s", err, text)
	}
}
