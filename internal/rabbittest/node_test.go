package rabbittest

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// The node answers, comes back with its data after Kill, a queue that was just declared among it, and
// leaves nothing behind.
func TestNode(t *testing.T) {
	n, err := Start()
	if errors.Is(err, ErrNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer n.Stop()
	if _, err := n.Ctl("add_vhost", "kept"); err != nil {
		t.Fatal(err)
	}
	channel := open(t, n)
	quorum := amqp.Table{amqp.QueueTypeArg: amqp.QueueTypeQuorum}
	if _, err := channel.QueueDeclare("new", true, false, false, false, quorum); err != nil {
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
	confirmed, err := open(t, n).PublishWithDeferredConfirm("", "new", true, false, amqp.Publishing{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if taken, err := confirmed.WaitContext(ctx); err != nil || !taken {
		t.Errorf("the queue that was declared before Kill: confirmed %t, %v", taken, err)
	}
	n.Stop()
	if _, err := os.Stat(n.dir); !os.IsNotExist(err) {
		t.Errorf("folder after Stop: %v; want none", err)
	}
}

// open is a channel with confirms; it ends with the node.
func open(t *testing.T, n *Node) *amqp.Channel {
	t.Helper()
	connection, err := amqp.Dial(n.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() }) // often closed by the node
	channel, err := connection.Channel()
	if err != nil {
		t.Fatal(err)
	}
	if err := channel.Confirm(false); err != nil {
		t.Fatal(err)
	}
	return channel
}
