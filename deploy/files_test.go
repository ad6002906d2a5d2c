// Package deploy answers: does what is shipped run where it is put? It holds tests only.
package deploy

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"asugate/conf"
)

const root = ".."

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// composition is what we look at in compose.yaml.
type composition struct {
	Services map[string]struct {
		Ports       []string `yaml:"ports"`
		Volumes     []string `yaml:"volumes"`
		Tmpfs       []string `yaml:"tmpfs"`
		GracePeriod string   `yaml:"stop_grace_period"`
		Command     []string `yaml:"command"`
	} `yaml:"services"`
}

func composed(t *testing.T) composition {
	t.Helper()
	var c composition
	if err := yaml.Unmarshal([]byte(read(t, "compose.yaml")), &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// compose.yaml, the configuration beside it and the image speak of the same ports and places.
func TestCompose(t *testing.T) {
	c, err := conf.Parse([]byte(read(t, "deploy/compose/gatewayd.yaml")), "deploy/compose/gatewayd.yaml")
	if err != nil {
		t.Fatal(err)
	}
	compose, image := composed(t), image(t)
	service := compose.Services["gatewayd"]
	_, port, err := net.SplitHostPort(c.Listen.Address)
	if err != nil {
		t.Fatal(err)
	}
	if want := "127.0.0.1:" + port + ":" + port; !slices.Equal(service.Ports, []string{want}) {
		t.Errorf("the ports published are %q, want %q alone: it speaks in the clear", service.Ports, want)
	}
	if image.exposed != port {
		t.Errorf("the image exposes %s, the configuration listens on %s", image.exposed, port)
	}
	if c.Office.Transport != conf.TransportRabbit {
		t.Errorf("the transport is %s", c.Office.Transport)
	}
	broker := regexp.MustCompile(`^amqp://([^:]+):5672/$`).FindStringSubmatch(c.Broker.URL)
	if broker == nil {
		t.Fatalf("the broker is at %s", c.Broker.URL)
	}
	if _, ok := compose.Services[broker[1]]; !ok {
		t.Errorf("the broker's host %s is no service of compose.yaml", broker[1])
	}
	for _, name := range []string{"gatewayd", "init"} {
		want := []string{"./deploy/compose:/etc/gatewayd:ro", "store:" + filepath.Dir(c.Store.Path)}
		if got := compose.Services[name].Volumes; !slices.Equal(got, want) {
			t.Errorf("%s mounts %q, want %q", name, got, want)
		}
	}
	if socket := filepath.Dir(c.Admin.Socket); len(service.Tmpfs) != 1 || !strings.HasPrefix(service.Tmpfs[0], socket+":uid=65532,") {
		t.Errorf("tmpfs %q is not %s of the image's user", service.Tmpfs, socket)
	}
	grace, err := time.ParseDuration(service.GracePeriod)
	if err != nil || grace <= c.Shutdown.Grace.Std() {
		t.Errorf("it is killed after %q, but may take %s to stop", service.GracePeriod, c.Shutdown.Grace)
	}
	if !slices.Contains(compose.Services["init"].Command, "--if-missing") {
		t.Errorf("init is %q: the second start would fail", compose.Services["init"].Command)
	}
}

// The systemd unit gives the daemon the folders that its defaults name, and the time that it takes.
func TestUnit(t *testing.T) {
	unit := read(t, "deploy/gatewayd.service")
	setting := func(key string) string {
		m := regexp.MustCompile(`(?m)^` + key + `=(.*)$`).FindStringSubmatch(unit)
		if m == nil {
			t.Fatalf("the unit has no %s", key)
		}
		return m[1]
	}
	c := conf.Default()
	for _, dir := range []struct{ what, setting, want string }{
		{"the store", "/var/lib/" + setting("StateDirectory"), filepath.Dir(c.Store.Path)},
		{"the spool", "/var/lib/" + setting("StateDirectory"), filepath.Dir(c.Spool.Dir)},
		{"the admin socket", "/run/" + setting("RuntimeDirectory"), filepath.Dir(c.Admin.Socket)},
		{"the configuration", "/etc/" + setting("ConfigurationDirectory"), "/etc/gatewayd"},
	} {
		if dir.setting != dir.want {
			t.Errorf("%s is in %s by default, the unit gives %s", dir.what, dir.want, dir.setting)
		}
	}
	if stop, err := time.ParseDuration(setting("TimeoutStopSec") + "s"); err != nil || stop <= c.Shutdown.Grace.Std() {
		t.Errorf("it is killed after %s, but may take %s to stop", stop, c.Shutdown.Grace)
	}
	if command := setting("ExecStart"); command != image(t).entrypoint[0]+" run" {
		t.Errorf("the unit starts %q, the image has %q", command, image(t).entrypoint)
	}
}

// systemd reads the unit without a complaint.
func TestUnitVerified(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	// It wants programs to be there; neither need be where the tests run.
	text := strings.NewReplacer("/usr/bin/gatewayd", "/bin/true", "/bin/kill", "/bin/true").Replace(read(t, "deploy/gatewayd.service"))
	unit := filepath.Join(t.TempDir(), "gatewayd.service")
	if err := os.WriteFile(unit, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("systemd-analyze", "--man=no", "verify", unit).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}
