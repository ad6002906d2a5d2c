package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// diskFaults are those of what the store and the spool lie on.
var diskFaults = []fault{
	{name: "full-disk", what: "the disk is full for a while", medium: Small, do: (*nemesis).fillDisk},
	{name: "power-cut", what: "kill -9, and some of what was not synced is lost", medium: Lossy, do: func(n *nemesis) error {
		return n.cutPower(n.random)
	}},
	{name: "power-cut-all", what: "kill -9, and all that was not synced is lost", medium: Lossy, do: func(n *nemesis) error {
		return n.cutPower(nil)
	}},
	{name: "power-cut-at-fdatasync", what: "kill at the N-th fdatasync, and what it was to sync is lost", medium: Lossy,
		strace: true, do: func(n *nemesis) error {
			n.daemon.process.want.Store(-1)
			if _, err := n.inject(failing{call: "fdatasync", how: "signal=KILL", most: mostKilled, lasts: stopTime}); err != nil {
				return err
			}
			return n.cutPower(nil)
		}},
}

// brokerFaults are those of the broker and of the network before it.
var brokerFaults = []fault{
	{name: "broker-stop", what: "the broker stops, and comes back", rabbit: true, partner: true,
		do: func(n *nemesis) error {
			if _, err := n.Node.Ctl("stop_app"); err != nil {
				return err
			}
			pause(n.ctx, between(n.random, 200*time.Millisecond, 2*time.Second))
			_, err := n.Node.Ctl("start_app")
			return err
		}},
	{name: "broker-kill", what: "kill -9 of the broker, and a new start", rabbit: true, partner: true, do: (*nemesis).killBroker},
	{name: "cut-after-publish", what: "the connection is cut between publishing and confirm", rabbit: true, partner: true,
		do: (*nemesis).cutAfterPublish},
	{name: "half-open", what: "nothing passes, and nobody is told", rabbit: true, partner: true, do: (*nemesis).halfOpen},
	{name: "alarm", what: "the broker has no memory left, and blocks who publishes", rabbit: true, partner: true,
		do: (*nemesis).alarm},
	{name: "queue-deleted", what: "the queue of the back office is deleted", rabbit: true, partner: true,
		do: (*nemesis).deleteQueue},
}

// registerFaults are replacements of what verdicts are based on, and of the configuration.
var registerFaults = []fault{
	{name: "staff", what: "the operator replaces the staff list", partner: true, do: (*nemesis).importStaff},
	{name: "reload", what: "the signing key is replaced (SIGHUP)", partner: true, do: (*nemesis).reload},
	{name: "broken-reload", what: "SIGHUP with a configuration that is wrong", partner: true, do: (*nemesis).brokenReload},
}

// brokerSettles is how long RabbitMQ 3.10 takes until a new quorum queue outlives a kill -9: what it knows
// of the queue beside its messages is synced every five seconds.
const brokerSettles = 8 * time.Second

func (n *nemesis) killBroker() error {
	pause(n.ctx, brokerSettles-time.Since(n.queueMade))
	n.Node.Kill()
	pause(n.ctx, between(n.random, 200*time.Millisecond, 2*time.Second))
	return n.Node.Boot()
}

// cutPower kills, lets the disk lose what was not synced, all of it or as random says, and starts anew.
func (n *nemesis) cutPower(random *rand.Rand) error {
	if err := n.daemon.kill(); err != nil {
		return err
	}
	unsynced, err := n.lossy.Cut(random)
	if err != nil {
		return err
	}
	n.how = strings.TrimPrefix(fmt.Sprintf("%s, %d pages and names were not synced", n.how, unsynced), ", ")
	return n.daemon.start()
}

// fillDisk leaves no room until somebody has been told so.
func (n *nemesis) fillDisk() error {
	ballast := n.at("disk/ballast")
	f, err := os.Create(ballast)
	if err != nil {
		return err
	}
	for block := bytes.Repeat([]byte{1}, 1<<14); err == nil; {
		_, err = f.Write(block)
	}
	err = f.Close()
	before := n.told(503)
	n.eventually(progressTime, "nobody is told that the disk is full", func() bool { return n.told(503) > before })
	pause(n.ctx, between(n.random, 0, 500*time.Millisecond))
	return errors.Join(err, os.Remove(ballast))
}

// told is how many requests have been answered so.
func (n *nemesis) told(status int) (count int) {
	n.history.mu.Lock()
	defer n.history.mu.Unlock()
	for _, a := range n.history.Attempts {
		if a.Status == status {
			count++
		}
	}
	return count
}

// links are the gateway's connections with the broker: one to publish, one to consume.
const links = 2

// connected waits until the gateway publishes and is heard.
func (n *nemesis) connected() {
	before := n.proxy.heard(confirms)
	n.eventually(progressTime, "the gateway publishes nothing", func() bool {
		return n.proxy.carried() >= links && n.proxy.heard(confirms) > before
	})
}

// cutAfterPublish cuts the connection while confirms are on their way, which nobody gets.
func (n *nemesis) cutAfterPublish() error {
	n.connected()
	n.proxy.set(true, false)
	before := n.proxy.heard(confirms)
	n.eventually(progressTime, "the broker confirms nothing", func() bool { return n.proxy.heard(confirms) > before })
	pause(n.ctx, between(n.random, 0, 500*time.Millisecond))
	n.proxy.cut()
	n.proxy.set(false, false)
	return nil
}

// alarm lets the broker be short of memory until the gateway has been told that it is blocked.
func (n *nemesis) alarm() error {
	n.connected()
	before := n.proxy.heard(blocks)
	if _, err := n.Node.Ctl("set_vm_memory_high_watermark", "absolute", "1MB"); err != nil {
		return err
	}
	n.eventually(progressTime, "the broker blocks nobody", func() bool { return n.proxy.heard(blocks) > before })
	pause(n.ctx, between(n.random, 500*time.Millisecond, 3*time.Second))
	_, err := n.Node.Ctl("set_vm_memory_high_watermark", "0.8")
	return err
}

// halfOpen swallows everything until the daemon has noticed and dialled anew.
func (n *nemesis) halfOpen() error {
	n.connected()
	before := n.proxy.dialled()
	n.proxy.set(false, true)
	n.eventually(progressTime, "nobody notices that the connection to the broker is half open", func() bool {
		return n.proxy.dialled() >= before+links
	})
	n.proxy.set(false, false)
	n.proxy.cut()
	return nil
}

// deleteQueue deletes the queue when it holds nothing: what has reached it and is lost there is no fault of
// the gateway. So nothing is routed to it any more, then what it holds is taken, then it is deleted.
func (n *nemesis) deleteQueue() error {
	b := n.transport.(*rabbit)
	if err := b.alone(func() error {
		if err := b.channel(func(ch *amqp.Channel) error { return ch.QueueUnbind(queues[0], "office.#", exchange, nil) }); err != nil {
			return err
		}
		if err := b.empty(queues[0]); err != nil {
			return err
		}
		return b.channel(func(ch *amqp.Channel) error {
			_, err := ch.QueueDelete(queues[0], false, false, false)
			return err
		})
	}); err != nil {
		return err
	}
	pause(n.ctx, between(n.random, 200*time.Millisecond, time.Second))
	n.proxy.cut() // whoever connects declares it anew
	n.eventually(progressTime, "the queue is not declared anew", func() bool {
		_, err := b.depth(queues[0])
		return err == nil
	})
	n.queueMade = time.Now()
	return nil
}

// importStaff puts a staff list in force: after this has returned nothing commits under an older one.
func (n *nemesis) importStaff() error {
	n.staff.Lock()
	defer n.staff.Unlock()
	n.version++
	rows := n.Entries()
	if n.random.IntN(2) == 0 {
		rows = append(rows, n.Entry(n.Unlisted, true, "", n.Day(-1, 0), ""))
	}
	path := n.at("staff.xml")
	if err := os.WriteFile(path, n.Office.MustSign(n.StaffList(n.version, rows...)), 0o600); err != nil {
		return err
	}
	if _, err := n.daemon.command(n.ctx, "staff", "import", path); err != nil {
		return err
	}
	note(n.history, &n.history.Registers, Register{At: n.history.now(), Version: n.version})
	return nil
}

// reload replaces the signing key by the other one, and waits until it signs.
func (n *nemesis) reload() error {
	n.reloads++
	name, next := "gateway", n.Gateway
	if n.reloads%2 == 1 {
		name, next = "successor", n.Successor
	}
	if err := n.configure(name); err != nil {
		return err
	}
	if err := n.daemon.signal(syscall.SIGHUP); err != nil {
		return err
	}
	c := n.newClient(neighbour, ofNemesis)
	defer c.http.CloseIdleConnections()
	n.eventually(progressTime, "the signing key is not replaced", func() bool { return c.signedBy(next.Certificate.Raw) })
	return nil
}

// signedBy says whether the gateway signs with the key of this certificate now.
func (c *client) signedBy(der []byte) bool {
	status, _, body, err := c.request(http.MethodGet, "/v1/certificates", nil)
	var list struct {
		Certificates []struct {
			State string
			DER   []byte
		}
	}
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &list) != nil {
		return false
	}
	for _, one := range list.Certificates {
		if one.State == "current" && bytes.Equal(one.DER, der) {
			return true
		}
	}
	return false
}

// brokenReload lets the daemon refuse a configuration, and gives it a good one.
func (n *nemesis) brokenReload() error {
	if err := os.WriteFile(n.at("gatewayd.yaml"), []byte("listen: [\n"), 0o600); err != nil {
		return err
	}
	log := n.daemon.process.log
	before := log.refused()
	if err := n.daemon.signal(syscall.SIGHUP); err != nil {
		return err
	}
	n.eventually(progressTime, "a configuration that is wrong is not refused", func() bool { return log.refused() > before })
	return n.reload()
}
