//go:build cgo

package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"asugate/internal/pki"
	"asugate/signature"
	"asugate/signature/process"
	"asugate/xmltree"
)

// The test binary is gatewayd-pkcs11 when it is called so.
func TestMain(m *testing.M) {
	if os.Getenv("GATEWAYD_PKCS11") != "" {
		os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

const pin = "1234"

// soft is a token in files.
type soft struct {
	dir, config, module, pinFile string
	root                         *pki.Authority
	credentials                  map[string]pki.Credential // by label
}

var now = time.Now()

// newSoft makes a token with keys of every kind, each under its label.
func newSoft(t *testing.T, kinds map[string]pki.KeyKind) *soft {
	t.Helper()
	if _, err := exec.LookPath("softhsm2-util"); err != nil {
		t.Skip("softhsm2 is not installed")
	}
	s := &soft{dir: t.TempDir(), root: pki.Must(pki.NewAuthority("Корень", now)), credentials: make(map[string]pki.Credential)}
	for _, path := range []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so", "/usr/lib/pkcs11/libsofthsm2.so"} {
		if _, err := os.Stat(path); err == nil {
			s.module = path
		}
	}
	if s.module == "" {
		t.Skip("the library of softhsm2 is not where it is looked for")
	}
	s.config, s.pinFile = filepath.Join(s.dir, "softhsm2.conf"), filepath.Join(s.dir, "pin")
	s.write(t, s.config, "directories.tokendir = "+s.tokens()+"\nobjectstore.backend = file\nlog.level = ERROR\n")
	s.write(t, s.pinFile, pin+"\n")
	if err := os.Mkdir(s.tokens(), 0o700); err != nil {
		t.Fatal(err)
	}
	s.util(t, "--init-token", "--free", "--label", "gate", "--pin", pin, "--so-pin", "5678")
	id := 0
	for label, kind := range kinds {
		c := pki.Must(s.root.Issue(pki.Request{Subject: pki.Subject{CommonName: label}, Key: kind}))
		s.credentials[label] = c
		file := filepath.Join(s.dir, label+".pem")
		s.write(t, file, string(pki.Must(c.KeyPEM())))
		id++
		s.util(t, "--import", file, "--token", "gate", "--label", label, "--id", fmt.Sprintf("%04X", id), "--pin", pin)
	}
	return s
}

func (s *soft) tokens() string { return filepath.Join(s.dir, "tokens") }

func (s *soft) write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (s *soft) util(t *testing.T, arguments ...string) {
	t.Helper()
	command := exec.Command("softhsm2-util", arguments...)
	command.Env = append(os.Environ(), "SOFTHSM2_CONF="+s.config)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("softhsm2-util %v: %v\n%s", arguments, err, out)
	}
}

// start runs the program for one key, as the daemon would.
func (s *soft) start(t *testing.T, more ...string) *process.Process {
	t.Helper()
	command := []string{"/usr/bin/env", "SOFTHSM2_CONF=" + s.config, "GATEWAYD_PKCS11=1", pki.Must(os.Executable()),
		"--module", s.module, "--token", "gate", "--pin-file", s.pinFile}
	p := process.New(append(command, more...), slog.New(slog.DiscardHandler))
	t.Cleanup(p.Close)
	return p
}

// Keys of every kind sign acknowledgments that our own verifier takes.
func TestSign(t *testing.T) {
	s := newSoft(t, map[string]pki.KeyKind{"rsa": pki.RSA2048, "p256": pki.P256, "p384": pki.P384, "p521": pki.P521})
	for label, c := range s.credentials {
		p := s.start(t, "--key", label)
		signer, err := p.Signer(t.Context(), "default", c.Certificate)
		if err != nil {
			t.Errorf("%s: %v", label, err)
			continue
		}
		key, err := signature.NewKey(signer, c.Certificate)
		if err != nil {
			t.Errorf("%s: %v", label, err)
			continue
		}
		signed := pki.Must(key.Sign([]byte(`<a ID="x">текст</a>`)))
		tree := pki.Must(xmltree.Parse(signed, xmltree.DefaultLimits()))
		_, report := signature.Open(signature.Input{Tree: tree},
			signature.NewTrust([]*x509.Certificate{s.root.Certificate}), signature.Policy{}, now)
		if report.Outcome != signature.Holds {
			t.Errorf("%s: %v", label, report.Faults)
		}
		// Many at once: sessions are not mixed up.
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				if _, err := key.Sign(fmt.Appendf(nil, "<a>%d</a>", i)); err != nil {
					t.Errorf("%s: %v", label, err)
				}
			})
		}
		all.Wait()
		other := pki.Must(s.root.Issue(pki.Request{}))
		if _, err := p.Signer(t.Context(), "default", other.Certificate); !errors.Is(err, signature.ErrKeyMismatch) {
			t.Errorf("%s with another's certificate: %v", label, err)
		}
	}
}

// What is wrong with token, key or PIN is the answer to a request; the program stays.
func TestRefusals(t *testing.T) {
	s := newSoft(t, map[string]pki.KeyKind{"p256": pki.P256})
	c := s.credentials["p256"]
	for _, k := range []struct {
		name, says string
		more       []string
	}{
		{"no such key", `0 private keys with label "p224"`, []string{"--key", "p224"}},
		{"no such id", "0 private keys", []string{"--key", "p256", "--id", "0fff"}},
	} {
		p := s.start(t, k.more...)
		_, err := p.Signer(t.Context(), "default", c.Certificate)
		if !errors.Is(err, process.ErrRefused) || !strings.Contains(err.Error(), k.says) || p.Check() != nil {
			t.Errorf("%s: %v", k.name, err)
		}
	}

	// A wrong PIN is tried once. A right one in the file heals it, without a restart.
	s.write(t, s.pinFile, "9999\n")
	p := s.start(t, "--key", "p256")
	for range 2 {
		_, err := p.Signer(t.Context(), "default", c.Certificate)
		if !errors.Is(err, process.ErrRefused) || !strings.Contains(err.Error(), "not tried again") {
			t.Errorf("a wrong PIN: %v", err)
		}
	}
	s.write(t, s.pinFile, pin+"\r\nsecond line")
	if _, err := p.Signer(t.Context(), "default", c.Certificate); err != nil {
		t.Errorf("the PIN corrected: %v", err)
	}
	for name, change := range map[string]func() error{
		"others can read": func() error { return os.Chmod(s.pinFile, 0o640) },
		"holds no PIN":    func() error { return os.WriteFile(s.pinFile, []byte("\n1234"), 0o600) },
		"no such file":    func() error { return os.Remove(s.pinFile) },
	} {
		s.write(t, s.pinFile, pin)
		if err := errors.Join(os.Chmod(s.pinFile, 0o600), change()); err != nil {
			t.Fatal(err)
		}
		_, err := s.start(t, "--key", "p256").Signer(t.Context(), "default", c.Certificate)
		if !errors.Is(err, process.ErrRefused) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		_ = os.Remove(s.pinFile)
	}
}

// A lost session is opened anew unseen. A token that is pulled out is an error until it is back.
func TestLoss(t *testing.T) {
	s := newSoft(t, map[string]pki.KeyKind{"p256": pki.P256})
	t.Setenv("SOFTHSM2_CONF", s.config) // the library in this process
	k, err := newToken(options{Module: s.module, Token: "gate", Key: "p256", PINFile: s.pinFile})
	if err != nil {
		t.Fatal(err)
	}
	defer k.close()
	digest := make([]byte, 32)
	if _, err := k.sign("ecdsa-sha256", digest); err != nil {
		t.Fatal(err)
	}
	lose := func() {
		for _, slot := range pki.Must(k.module.GetSlotList(true)) {
			_ = k.module.CloseAllSessions(slot)
		}
	}
	lose()
	value, err := k.sign("ecdsa-sha256", digest)
	if err != nil {
		t.Fatalf("after the sessions were lost: %v", err)
	}
	if !ecdsa.VerifyASN1(s.credentials["p256"].Certificate.PublicKey.(*ecdsa.PublicKey), digest, value) {
		t.Error("the value is wrong")
	}
	away := s.tokens() + ".away"
	if err := os.Rename(s.tokens(), away); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(s.tokens(), 0o700); err != nil {
		t.Fatal(err)
	}
	lose()
	for range 2 {
		if _, err := k.sign("ecdsa-sha256", digest); err == nil || !strings.Contains(err.Error(), "no token gate") {
			t.Errorf("without its token: %v", err)
		}
	}
	if err := errors.Join(os.Remove(s.tokens()), os.Rename(away, s.tokens())); err != nil {
		t.Fatal(err)
	}
	if _, err := k.sign("ecdsa-sha256", digest); err != nil {
		t.Errorf("with its token again: %v", err)
	}

	// What the caller does wrong costs no connection.
	open := k.open
	for name, size := range map[string]int{"rsa-sha256": 32, "ecdsa-sha256": 31, "ecdsa-sha1": 20, "gost2012-256": 32} {
		if _, err := k.sign(name, make([]byte, size)); err == nil {
			t.Errorf("%s with %d bytes passes", name, size)
		}
	}
	if k.open != open {
		t.Error("the connection was given up")
	}
}

// A command line that is wrong ends with 64, a library that cannot be loaded with 2; neither waits
// for requests.
func TestCommandLine(t *testing.T) {
	module := filepath.Join(t.TempDir(), "none.so")
	good := []string{"--module", module, "--token", "t", "--pin-file", "/p"}
	for _, c := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"nothing", nil, exitUsage, "missing"},
		{"token twice", append([]string{"--serial", "1", "--key", "k"}, good...), exitUsage, "--serial"},
		{"a PIN", append([]string{"--pin", "1234"}, good...), exitUsage, "unknown flag"},
		{"no key", good, exitCould, "name the key"},
		{"id", append([]string{"--id", "xyz"}, good...), exitCould, "no hex"},
		{"library", append([]string{"--key", "k"}, good...), exitCould, "cannot be loaded"},
		{"help", []string{"--help"}, 0, "pin-file"},
	} {
		var complaints bytes.Buffer
		if code := run(c.args, strings.NewReader(""), nil, &complaints); code != c.code || !strings.Contains(complaints.String(), c.says) {
			t.Errorf("%s: %d %s", c.name, code, complaints.String())
		}
	}
}
