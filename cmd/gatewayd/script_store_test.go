package main

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// fixtures is where the stores of earlier formats are; found before any script changes the folder.
var fixtures, _ = filepath.Abs(filepath.Join("..", "..", "gateway", "testdata"))

// olderStore puts a store of an earlier format in the place of the script's.
func olderStore(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: older FORMAT FILE")
	}
	f, err := os.Open(filepath.Join(fixtures, "format"+args[0]+".db.gz"))
	ts.Check(err)
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	ts.Check(err)
	whole, err := io.ReadAll(unpacked)
	ts.Check(err)
	overwrite(ts, args[1], string(whole))
}
