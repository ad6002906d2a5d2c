package rabbittest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ErrNotInstalled: there is no rabbitmq-server on this machine, or no epmd.
var ErrNotInstalled = errors.New("rabbitmq-server is not installed")

const (
	// startTime is how long a node may take to start on a machine that is busy with other tests.
	startTime = 2 * time.Minute
	// ctlTime bounds one rabbitmqctl.
	ctlTime = time.Minute
)

// scripts are where distributions put the scripts that do not change the user, as those in the path
// of Debian do.
var scripts = []string{"/usr/lib/rabbitmq/bin", "/opt/rabbitmq/sbin", "/usr/local/sbin"}

// Node is one broker. Its methods are for one goroutine.
type Node struct {
	dir     string // everything of the node; removed by Stop
	scripts string
	port    int
	environ []string
	epmd    *process
	server  *process
}

// Start makes a node and waits until it serves. The caller stops it.
func Start() (*Node, error) {
	bin, err := installed()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "rabbittest-")
	if err != nil {
		return nil, fmt.Errorf("making the folder of the node: %w", err)
	}
	n := &Node{dir: dir, scripts: bin}
	if err := n.prepare(); err != nil {
		n.Stop()
		return nil, err
	}
	if err := n.Boot(); err != nil {
		n.Stop()
		return nil, err
	}
	return n, nil
}

// Installed says whether Start can do anything on this machine.
func Installed() bool {
	_, err := installed()
	return err == nil
}

// installed is the folder with the scripts of the server.
func installed() (string, error) {
	if _, err := exec.LookPath("epmd"); err != nil {
		return "", ErrNotInstalled
	}
	folders := scripts
	if path, err := exec.LookPath("rabbitmq-server"); err == nil {
		// Elsewhere than in Debian the one in the path is the right one.
		folders = append(folders[:len(folders):len(folders)], filepath.Dir(path))
	}
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, "rabbitmq-server")); err == nil {
			return folder, nil
		}
	}
	return "", ErrNotInstalled
}

// prepare chooses ports, writes the configuration and starts the port mapper.
func (n *Node) prepare() error {
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	n.port = ports[0]
	loopback := "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}"
	at := func(name string) string { return filepath.Join(n.dir, name) }
	n.environ = append(os.Environ(),
		"HOME="+n.dir, // of .erlang.cookie
		// Makes the script replace itself by the server, which then is our own child.
		"RUNNING_UNDER_SYSTEMD=true",
		"ERL_EPMD_ADDRESS=127.0.0.1",
		"ERL_EPMD_PORT="+strconv.Itoa(ports[1]),
		"RABBITMQ_NODENAME=rabbittest-"+strconv.Itoa(ports[0])+"@localhost",
		"RABBITMQ_NODE_IP_ADDRESS=127.0.0.1",
		"RABBITMQ_NODE_PORT="+strconv.Itoa(ports[0]),
		"RABBITMQ_DIST_PORT="+strconv.Itoa(ports[2]),
		"RABBITMQ_MNESIA_BASE="+at("data"),
		"RABBITMQ_LOG_BASE="+at("log"),
		"RABBITMQ_PID_FILE="+at("pid"),
		"RABBITMQ_CONFIG_FILE="+at("rabbitmq.conf"),
		"RABBITMQ_CONF_ENV_FILE="+at("no-env.conf"),
		"RABBITMQ_ENABLED_PLUGINS_FILE="+at("plugins"),
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+loopback,
		"RABBITMQ_CTL_ERL_ARGS="+loopback,
	)
	for name, text := range map[string]string{
		"plugins": "[].\n",
		"rabbitmq.conf": "log.file.level = warning\n" +
			// The alarms are the tests' own; a small disk is no reason for one.
			"disk_free_limit.absolute = 1MB\n" +
			"vm_memory_high_watermark.relative = 0.8\n",
	} {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("configuring the node: %w", err)
		}
	}
	epmd := exec.Command("epmd", "-port", strconv.Itoa(ports[1]), "-address", "127.0.0.1")
	if n.epmd, err = start(epmd, at("epmd.log")); err != nil {
		return fmt.Errorf("starting epmd: %w", err)
	}
	if err := n.epmd.listening(ports[1]); err != nil {
		return fmt.Errorf("waiting for epmd: %w", err)
	}
	return nil
}

// Boot starts the server after Kill, with its data, and waits until it serves.
func (n *Node) Boot() error {
	server := exec.Command(filepath.Join(n.scripts, "rabbitmq-server"))
	server.Env = n.environ
	var err error
	if n.server, err = start(server, filepath.Join(n.dir, "server.log")); err != nil {
		return fmt.Errorf("starting rabbitmq-server: %w", err)
	}
	if err := n.server.listening(n.port); err != nil {
		return fmt.Errorf("waiting for rabbitmq-server: %w\n%s", err, n.log())
	}
	if _, err := n.Ctl("await_startup", "--timeout", "60"); err != nil {
		return fmt.Errorf("waiting for rabbitmq-server: %w\n%s", err, n.log())
	}
	return nil
}

// Kill ends the server at once, as a power cut does, but leaves its data.
//
// The server writes the names of new quorum queues down up to three seconds after it has confirmed
// their declaration (rabbitmq-server, issue 15725); killed before that it comes back with queues that
// never find a leader. That is not what our tests are about, so the names are written first.
func (n *Node) Kill() {
	if n.server != nil {
		_, _ = n.Ctl("eval", "[dets:sync(Table) || Table <- dets:all()].") // one that hangs is killed all the same
		n.end()
	}
}

func (n *Node) end() {
	if n.server != nil {
		n.server.kill()
		n.server = nil
	}
}

// Stop ends everything and removes the data.
func (n *Node) Stop() {
	n.end()
	if n.epmd != nil {
		n.epmd.kill()
		n.epmd = nil
	}
	os.RemoveAll(n.dir)
}

// URL is that of the user guest in the virtual host /.
func (n *Node) URL() string { return "amqp://guest:guest@" + n.Address() + "/" }

// Address is host and port.
func (n *Node) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(n.port)) }

// Ctl runs rabbitmqctl and returns what it printed.
func (n *Node) Ctl(arguments ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), ctlTime)
	defer cancel()
	ctl := exec.CommandContext(ctx, filepath.Join(n.scripts, "rabbitmqctl"), append([]string{"-q"}, arguments...)...)
	ctl.Env = n.environ
	ctl.WaitDelay = time.Second
	out, err := ctl.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("rabbitmqctl %s: %w: %s", strings.Join(arguments, " "), err, bytes.TrimSpace(out))
	}
	return string(out), nil
}

// log is the end of what the server has printed.
func (n *Node) log() string {
	text, _ := os.ReadFile(filepath.Join(n.dir, "server.log"))
	return string(text[max(0, len(text)-4000):])
}

func freePorts(count int) ([]int, error) {
	var ports []int
	for range count {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("looking for a free port: %w", err)
		}
		// Kept open until all are found, so that they differ.
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// listening waits until the process answers on the port.
func (p *process) listening(port int) error {
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	late := time.After(startTime)
	for {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-p.done:
			return errors.New("it has ended")
		case <-late:
			return fmt.Errorf("nothing listens on %s: %w", address, err)
		}
	}
}
