package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"asugate/internal/scene"
	"asugate/queue"
	"asugate/store"
	"asugate/store/bolt"
)

// fill makes the store: registers by the program, messages in bulk. It returns the size of the file.
func fill(ctx context.Context, p plan, to office) (size int64, err error) {
	s, err := scene.New(time.Now())
	if err != nil {
		return 0, err
	}
	if _, _, err := s.Gateway.Write(p.dir, "gateway"); err != nil {
		return 0, err
	}
	for name, text := range map[string][]byte{
		"gatewayd.yaml":     []byte(configuration + to.configuration()),
		"participants.yaml": s.Participants(scene.Participants{}),
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), text, 0o600); err != nil {
			return 0, err
		}
	}
	for _, args := range [][]string{
		{"init", "--environment", "test"},
		{"participants", "import", filepath.Join(p.dir, "participants.yaml")},
	} {
		c := command(ctx, p, args...)
		if err := c.Run(); err != nil {
			return 0, fmt.Errorf("gatewayd %v: %w", args, err)
		}
	}
	path := filepath.Join(p.dir, "gatewayd.db")
	if err := addMessages(path, p.messages, store.Pack(s.Signatory.MustSign(s.Waybill(scene.Waybill{})))); err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

const configuration = `listen: {address: "127.0.0.1:0", insecure: true}
ops: {address: "127.0.0.1:0"}
admin: {socket: admin.sock}
store: {path: gatewayd.db}
signing: {keys: [{key: gateway.key, certificate: gateway.pem}]}
log: {level: warn}
`

// each is how many messages are added in one transaction.
const each = 5000

// addMessages puts messages into the lane of the back office, each about a document of its own and with a
// body of its own.
func addMessages(path string, count int, body []byte) (err error) {
	s, err := bolt.Open(path, bolt.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	q := queue.New(s, time.Now)
	var ids *queue.IDs
	if err := s.View(func(tx store.Reader) error {
		ids = queue.NewIDs(tx, time.Now)
		return nil
	}); err != nil {
		return err
	}
	for n := 0; n < count; n += each {
		messages := make([]queue.Message, min(each, count-n))
		for i := range messages {
			id := ids.Next()
			messages[i] = queue.Message{
				ID: id, Lane: "office", Kind: "Waybill", DocumentID: scene.NewID(), Version: 1, Participant: "SHIP-01",
				Organisation: "7708503727", Signer: "Петрова Анна Олеговна", Created: time.Now(), Body: "SHIP-01/" + id,
			}
		}
		if err := s.Update(func(tx store.Tx) error {
			for _, m := range messages {
				tx.Put(store.Blobs, []byte(m.Body), body)
				if err := q.Add(tx, m); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// command is the program with the configuration of the bench.
func command(ctx context.Context, p plan, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, p.gatewayd, args...)
	c.Env = append(os.Environ(), "GATEWAYD_CONFIG="+filepath.Join(p.dir, "gatewayd.yaml"))
	c.Stderr = os.Stderr
	return c
}
