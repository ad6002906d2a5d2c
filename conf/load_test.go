package conf

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What the file cannot say: one mistake a case, with the sentence and the hint that it leads to.
func TestParseRefuses(t *testing.T) {
	tests := []struct {
		name string
		yaml string
		want string
	}{
		{"unknown key near a known one", "listen:\n  adress: 127.0.0.1:80\n",
			"c.yaml:2:3: listen.adress: unknown key\nhint: did you mean address?"},
		{"unknown section", "participants:\n  A: {}\n",
			"c.yaml:1:1: participants: unknown key" +
				"\nhint: known here: listen, push, ops, admin, store, signing, verification, revocation, codes, office, spool, broker, limits, retention, shutdown, log"},
		{"unknown key in a list", "signing:\n  keys:\n    - key: a\n      cert: b\n",
			"c.yaml:4:7: signing.keys[0].cert: unknown key\nhint: known here: name, key, command, certificate, from"},
		{"key in capitals", "Listen: {}\n", "c.yaml:1:1: Listen: unknown key\nhint: did you mean listen?"},
		{"hostile key is bounded and escaped", "\"\\e[31m" + strings.Repeat("x", 500) + "\": 1\n",
			`c.yaml:1:1: \x1b[31m` + strings.Repeat("x", 55) + "…: unknown key" +
				"\nhint: known here: listen, push, ops, admin, store, signing, verification, revocation, codes, office, spool, broker, limits, retention, shutdown, log"},
		{"key twice", "log:\n  level: info\n  level: warn\n",
			`c.yaml:3:3: mapping key "level" already defined at [2:3]`},
		{"section twice", "log:\n  level: info\nlog:\n  level: warn\n",
			`c.yaml:3:1: mapping key "log" already defined at [1:1]`},
		{"number is no address", "listen:\n  max_connections: many\n",
			`c.yaml:2:20: listen.max_connections: "many" is no whole number`},
		{"fraction is no whole number", "listen:\n  max_connections: 1.5\n",
			`c.yaml:2:20: listen.max_connections: "1.5" is no whole number`},
		{"quoted number is text", "listen:\n  max_connections: \"12\"\n",
			`c.yaml:2:20: listen.max_connections: "12" is no whole number`},
		{"octal is no whole number", "listen:\n  max_connections: 0o17\n",
			`c.yaml:2:20: listen.max_connections: "0o17" is no whole number`},
		{"number beyond 32 bits", "listen:\n  max_connections: 99999999999\n",
			`c.yaml:2:20: listen.max_connections: "99999999999" is no whole number`},
		{"yes is not true", "ops:\n  pprof: yes\n", `c.yaml:2:10: ops.pprof: "yes" is neither true nor false`},
		{"true is no text", "store:\n  path: true\n", `c.yaml:2:9: store.path: "true" is not text`},
		{"text is no number", "limits:\n  rate: fast\n", `c.yaml:2:9: limits.rate: "fast" is no number`},
		{"duration without unit", "shutdown:\n  grace: 30\n",
			`c.yaml:2:10: shutdown.grace: "30" is no duration such as 30s, 5m, 24h or 30d`},
		{"negative duration", "shutdown:\n  grace: -1s\n", `c.yaml:2:10: shutdown.grace: "-1s" is negative`},
		{"decimal size", "limits:\n  max_document: 5MB\n",
			`c.yaml:2:17: limits.max_document: "5MB" is no size such as 512B, 64KiB, 5MiB or 1GiB`},
		{"time without zone", "signing:\n  keys:\n    - from: 2026-11-22\n",
			`c.yaml:3:13: signing.keys[0].from: "2026-11-22" is no time such as 2026-11-22T10:00:00+03:00`},
		{"value where a section is", "listen: 127.0.0.1:80\n",
			"c.yaml:1:9: listen: is no section: lines of «key: value» are expected"},
		{"list where a section is", "- listen\n", "c.yaml:1:1: is no section: lines of «key: value» are expected"},
		{"value where a list is", "listen:\n  trusted_proxies: 10.0.0.7/32\n",
			"c.yaml:2:20: listen.trusted_proxies: is no list" +
				"\nhint: write each item on a line of its own that begins with «- »"},
		{"list where a value is", "store:\n  path: [a]\n", "c.yaml:2:9: store.path: is not one plain value"},
		{"key without value", "store:\n  path:\n",
			"c.yaml:2:3: store.path: has no value\nhint: put a # before the line to use the default"},
		{"anchors are no part of it", "store:\n  path: &p a\n", "c.yaml:2:9: store.path: is not one plain value"},
		{"merge keys neither", "<<: {log: {level: info}}\n", "c.yaml:1:1: a key is a plain word"},
		{"two documents", "log:\n  level: info\n---\nlog:\n  level: warn\n",
			"c.yaml:3:1: a second document begins here\nhint: one file has one configuration"},
		{"tabs", "log:\n\tlevel: info\n", "c.yaml:2:1: found character '\t' that cannot start any token"},
		{"all mistakes at once", "log:\n  levl: info\nlimits:\n  burst: x\n",
			"c.yaml:2:3: log.levl: unknown key\nhint: did you mean level?\n" +
				`c.yaml:4:10: limits.burst: "x" is no whole number`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.yaml), "c.yaml")
			if err == nil {
				t.Fatal("was read")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// An empty file, or one of comments, is the default.
func TestParseEmpty(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing\n", "---\n", "listen:\n  # nothing\nlog:\n"} {
		c, err := Parse([]byte(text), "c.yaml")
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if diff := cmp.Diff(Default(), c, ignoreSource); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// Relative paths begin at the folder of the file, wherever the daemon was started.
func TestLoadResolvesPaths(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "gatewayd.yaml")
	text := "store:\n  path: data/g.db\nsigning:\n  keys:\n    - key: k.pem\n      certificate: /etc/c.pem\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	got := []string{c.Store.Path, c.Signing.Keys[0].Key, c.Signing.Keys[0].Certificate, c.Admin.Socket, c.Push.CA}
	want := []string{filepath.Join(dir, "data/g.db"), filepath.Join(dir, "k.pem"), "/etc/c.pem", Default().Admin.Socket, ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(filepath.Join(dir, "none.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent file: %v", err)
	}
	big := filepath.Join(dir, "big.yaml")
	if err := os.WriteFile(big, make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(big); err == nil || !strings.Contains(err.Error(), "is larger than 1MiB") {
		t.Errorf("huge file: %v", err)
	}
}

// Whatever the file holds, Parse answers with a configuration or with Problems that name the file.
func FuzzParse(f *testing.F) {
	f.Add(Shipped)
	f.Add([]byte("listen: {tls: {min_version: 1.2}}"))
	f.Add([]byte("signing: {keys: [{key: a, from: 2026-11-22T10:00:00Z}, *x, !!t y]}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := Parse(text, "c.yaml")
		if err != nil {
			if c != nil || !strings.HasPrefix(err.Error(), "c.yaml") {
				t.Errorf("config %v with error %v", c, err)
			}
			return
		}
		_ = c.Validate()
	})
}
