package rabbittest

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

// The node answers, comes back with its data after Kill, and leaves nothing behind.
func TestNode(t *testing.T) {
	n := Shared(t)
	if _, err := n.Ctl("add_vhost", "kept"); err != nil {
		t.Fatal(err)
	}
	n.Kill()
	if conn, err := net.DialTimeout("tcp", n.Address(), time.Second); err == nil {
		conn.Close()
		t.Error("the port answers after Kill")
	}
	if err := n.Boot(); err != nil {
		t.Fatal(err)
	}
	vhosts, err := n.Ctl("list_vhosts")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(vhosts, "kept") {
		t.Errorf("virtual hosts after Boot: %q; want kept among them", vhosts)
	}
	n.Stop()
	if _, err := os.Stat(n.dir); !os.IsNotExist(err) {
		t.Errorf("folder after Stop: %v; want none", err)
	}
	shared.node = nil
}
