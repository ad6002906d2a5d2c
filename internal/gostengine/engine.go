package gostengine

import (
	"bytes"
	"context"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// configuration loads the engine for every algorithm that it has. The extensions are those that
// Authority and Issue name.
const configuration = `openssl_conf = start
[start]
engines = engines
[engines]
gost = gost
[gost]
engine_id = gost
default_algorithms = ALL
[req]
distinguished_name = name
string_mask = utf8only
utf8 = yes
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[ca]
default_ca = issuer
[issuer]
database = $ENV::GOST_CA_DIR/index.txt
crlnumber = $ENV::GOST_CA_DIR/crlnumber
default_md = default
default_crl_days = 30
`

// maxRun is how long one call of openssl may take; on a loaded machine a process needs a second.
const maxRun = 60 * time.Second

// Engine is the openssl of this machine with its GOST engine. Its files live in the test's own
// folder. It is for one goroutine.
type Engine struct {
	t      testing.TB
	dir    string
	config string
	files  int
}

// New skips the test where openssl or its engine is missing.
func New(t testing.TB) *Engine {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	e := &Engine{t: t, dir: t.TempDir()}
	e.config = filepath.Join(e.dir, "openssl.cnf")
	e.put(e.config, []byte(configuration))
	out, err := e.command(nil, "dgst", "-md_gost12_256", "-r", e.file("empty", nil)).CombinedOutput()
	if err != nil {
		t.Skipf("openssl has no GOST engine: %s", bytes.TrimSpace(out))
	}
	return e
}

// Environment is what another process needs to find the engine.
func (e *Engine) Environment() []string {
	return append(os.Environ(), "OPENSSL_CONF="+e.config, "GOST_CA_DIR="+e.dir)
}

// Run is openssl with the arguments; what it writes is the answer, a failure ends the test.
func (e *Engine) Run(stdin []byte, arguments ...string) []byte {
	e.t.Helper()
	command := e.command(stdin, arguments...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		e.t.Fatalf("openssl %s: %v\n%s", strings.Join(arguments, " "), err, complaint.Bytes())
	}
	return out
}

func (e *Engine) command(stdin []byte, arguments ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(context.Background(), maxRun)
	e.t.Cleanup(cancel)
	command := exec.CommandContext(ctx, "openssl", arguments...)
	command.Dir, command.Env = e.dir, e.Environment()
	command.Stdin = bytes.NewReader(stdin)
	return command
}

// Digest is the digest of the octets: md_gost12_256, md_gost12_512 or md_gost94.
func (e *Engine) Digest(name string, octets []byte) []byte {
	e.t.Helper()
	out := e.Run(nil, "dgst", "-"+name, "-r", e.file("octets", octets))
	text, _, _ := strings.Cut(string(out), " ")
	digest, err := hex.DecodeString(text)
	if err != nil {
		e.t.Fatalf("reading what openssl dgst says: %v", err)
	}
	return digest
}

// file writes content into a new file of the engine's folder.
func (e *Engine) file(name string, content []byte) string {
	e.t.Helper()
	path := e.path(name)
	e.put(path, content)
	return path
}

// path is a name in the engine's folder that nothing has yet.
func (e *Engine) path(name string) string {
	e.files++
	return filepath.Join(e.dir, hex.EncodeToString([]byte{byte(e.files >> 8), byte(e.files)})+"-"+name)
}

func (e *Engine) put(path string, content []byte) {
	e.t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		e.t.Fatal(err)
	}
}

func (e *Engine) read(path string) []byte {
	e.t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		e.t.Fatal(err)
	}
	return content
}
