package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"asugate/conf"
	"asugate/gateway"
	"asugate/store"
	"asugate/store/bolt"
)

// The file that appears under the name of the store is paused already and knows who has restored it: a
// crash leaves it so, or leaves none.
func TestRestoredIsPaused(t *testing.T) {
	p, err := prepared()
	if err != nil {
		t.Fatal(err)
	}
	config := &conf.Config{}
	config.Store.Path = filepath.Join(t.TempDir(), "gatewayd.db")
	err = bolt.Restore(bytes.NewReader(p.store), config.Store.Path, gateway.Migrations(), func(tx store.Tx) error {
		err := restored(tx, "uid 7", "restore copy.db", time.Now)
		if _, found := os.Lstat(config.Store.Path); !errors.Is(found, fs.ErrNotExist) {
			t.Errorf("there is a store before its lanes are paused: %v", found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := openDesk(config, quiet(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	if paused, err := d.queue.Paused(); err != nil || paused[""].IsZero() {
		t.Errorf("paused: %v, %v; want all lanes", paused, err)
	}
	acts, err := d.gateway.Acts(time.Time{}, 1000)
	if err != nil || len(acts) == 0 {
		t.Fatalf("%d acts, %v", len(acts), err)
	}
	if last := acts[len(acts)-1]; last.Who != "uid 7" || last.What != "restore copy.db" {
		t.Errorf("the latest act is %+v", last)
	}
}
