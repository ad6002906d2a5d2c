package process

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"asugate/internal/pki"
	"asugate/signature"
)

// The test binary is a signing program when it is called so.
func TestMain(m *testing.M) {
	if folder := os.Getenv("SIGNER"); folder != "" {
		if err := serveFolder(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// serveFolder signs with the keys NAME.key of a folder. The key «die» ends it.
func serveFolder(folder string) error {
	read := func(name string) (crypto.Signer, error) {
		if name == "die" {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		text, err := os.ReadFile(filepath.Join(folder, name+".key"))
		if err != nil {
			return nil, err
		}
		block, _ := pem.Decode(text)
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		return key.(crypto.Signer), nil
	}
	hashes := map[string]crypto.Hash{
		"rsa-sha256": crypto.SHA256, "ecdsa-sha256": crypto.SHA256, "ecdsa-sha384": crypto.SHA384, "ecdsa-sha512": crypto.SHA512,
	}
	return Service{
		Program: "folder of keys", Signs: []string{"rsa-sha256", "ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512"},
		Verifies: []string{"gost2012-256"},
		Public: func(name string) ([]byte, error) {
			if name == "shy" {
				return nil, nil
			}
			key, err := read(name)
			if err != nil {
				return nil, err
			}
			return x509.MarshalPKIXPublicKey(key.Public())
		},
		Sign: func(name, algorithm string, digest, _ []byte) ([]byte, error) {
			key, err := read(name)
			if err != nil {
				return nil, err
			}
			return key.Sign(rand.Reader, digest, hashes[algorithm])
		},
		// Not GOST, but enough to see what arrives.
		Verify: func(_ string, publicKey, octets, value []byte) (bool, error) {
			sum := sha256.Sum256(append(publicKey, octets...))
			return bytes.Equal(sum[:], value), nil
		},
	}.Serve(os.Stdin, os.Stdout)
}

// folderOf writes credentials by name, and starts the program that signs with them.
func folderOf(t *testing.T, credentials map[string]pki.Credential) *Process {
	t.Helper()
	folder := t.TempDir()
	for name, c := range credentials {
		if err := os.WriteFile(filepath.Join(folder, name+".key"), pki.Must(c.KeyPEM()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return processOf(t, []string{"/usr/bin/env", "SIGNER=" + folder, pki.Must(os.Executable())}, nil)
}

// processOf starts a program that is impatient enough for a test.
func processOf(t *testing.T, command []string, log *bytes.Buffer) *Process {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	if log != nil {
		logger = slog.New(slog.NewJSONHandler(&guarded{to: log}, nil))
	}
	p := New(command, logger)
	p.limits.pause, p.limits.most = 10*time.Millisecond, 50*time.Millisecond
	t.Cleanup(p.Close)
	return p
}

// shell is a program of a few lines that has said hello, for all ways of being wrong.
func shell(t *testing.T, script string) *Process {
	t.Helper()
	return processOf(t, []string{"/bin/sh", "-c", hello + script}, nil)
}

const hello = `read -r q; echo '{"id":1,"protocol":1,"program":"sh","sign":["ecdsa-sha256"],"verify":["gost2012-256"]}'
`

// guarded is a writer for several goroutines.
type guarded struct {
	mu sync.Mutex
	to *bytes.Buffer
}

func (g *guarded) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.to.Write(p)
}

var now = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

// until waits for something that another process does.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain: " + what)
		}
	}
}

// A program signs with every kind of key, and what a Key makes of it opens.
func TestSign(t *testing.T) {
	root := pki.Must(pki.NewAuthority("Корень", now))
	credentials := map[string]pki.Credential{
		"rsa":  pki.Must(root.Issue(pki.Request{Key: pki.RSA2048})),
		"p256": pki.Must(root.Issue(pki.Request{Key: pki.P256})),
		"p384": pki.Must(root.Issue(pki.Request{Key: pki.P384})),
		"p521": pki.Must(root.Issue(pki.Request{Key: pki.P521})),
		"shy":  pki.Must(root.Issue(pki.Request{})), // its public key is not told
	}
	p := folderOf(t, credentials)
	for name, c := range credentials {
		signer, err := p.Signer(t.Context(), name, c.Certificate)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		key, err := signature.NewKey(signer, c.Certificate)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := key.Sign([]byte("<a/>")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A key that is not the certificate's is found before anything is signed with it, whether or not the
// program knows its public key.
func TestKeyMismatch(t *testing.T) {
	root := pki.Must(pki.NewAuthority("Корень", now))
	one, other := pki.Must(root.Issue(pki.Request{})), pki.Must(root.Issue(pki.Request{}))
	p := folderOf(t, map[string]pki.Credential{"one": one, "shy": one})
	if _, err := p.Signer(t.Context(), "one", other.Certificate); !errors.Is(err, signature.ErrKeyMismatch) {
		t.Errorf("told: %v", err)
	}
	signer, err := p.Signer(t.Context(), "shy", other.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signature.NewKey(signer, other.Certificate); !errors.Is(err, signature.ErrKeyMismatch) {
		t.Errorf("not told: %v", err)
	}
	if _, err := p.Signer(t.Context(), "nobody", one.Certificate); !errors.Is(err, ErrRefused) {
		t.Errorf("no such key: %v", err)
	}
}

// Many ask at once, and each gets its own answer.
func TestAtOnce(t *testing.T) {
	c := pki.Must(pki.Must(pki.NewAuthority("Корень", now)).Issue(pki.Request{}))
	p := folderOf(t, map[string]pki.Credential{"key": c})
	signer, err := p.Signer(t.Context(), "key", c.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			digest := sha256.Sum256([]byte(strconv.Itoa(i)))
			value, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256)
			if err != nil {
				t.Error(err)
				return
			}
			if err := c.Certificate.CheckSignature(x509.ECDSAWithSHA256, []byte(strconv.Itoa(i)), value); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

// Answers may come in any order.
func TestAnyOrder(t *testing.T) {
	p := shell(t, `read -r q; read -r q
		echo '{"id":3,"public":"Mw=="}'; echo '{"id":2,"public":"Mg=="}'; read -r q`)
	var all sync.WaitGroup
	got := make([]string, 2)
	c, _, err := p.running(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		all.Go(func() {
			a, err := c.ask(t.Context(), request{Op: opPublic, Key: strconv.Itoa(i)})
			if err != nil || string(a.Public) != strconv.FormatUint(a.ID, 10) {
				t.Errorf("%q: %v", a.Public, err)
			}
		})
	}
	all.Wait()
}

// A program that dies fails what is under way and is started again; meanwhile it is known to be down.
func TestCrash(t *testing.T) {
	c := pki.Must(pki.Must(pki.NewAuthority("Корень", now)).Issue(pki.Request{}))
	p := folderOf(t, map[string]pki.Credential{"key": c})
	if err := p.Check(); err != nil {
		t.Errorf("before the start: %v", err)
	}
	signer, err := p.Signer(t.Context(), "key", c.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Signer(t.Context(), "die", c.Certificate); !errors.Is(err, ErrDown) {
		t.Errorf("while it dies: %v", err)
	}
	digest := sha256.Sum256(nil)
	until(t, "signing again", func() bool {
		_, err := signer.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil && !errors.Is(err, ErrDown) {
			t.Fatal(err)
		}
		return err == nil
	})
	if err := p.Check(); err != nil {
		t.Errorf("after the crash: %v", err)
	}
}

// Whatever a program does wrong is an error with its name, and never a value; the program is given
// up where nothing of what it says later could be believed.
func TestMisbehaviour(t *testing.T) {
	for _, c := range []struct {
		name, script string
		is           error
		says         string
		stays        bool // the same child goes on
	}{
		{"no JSON", `read -r q; echo 'oops <'; read -r q`, ErrProtocol, "oops <", false},
		{"no object", `read -r q; echo '[]'; read -r q`, ErrProtocol, "[]", false},
		{"base64 that is none", `read -r q; echo '{"id":2,"value":"?"}'; read -r q`, ErrProtocol, "value", false},
		{"an id that nobody asked with", `read -r q; echo '{"id":7,"value":"AA=="}'; read -r q`, ErrProtocol, "request 7", false},
		{"no id", `read -r q; echo '{"value":"AA=="}'; read -r q`, ErrProtocol, "request 0", false},
		{"no end of line", `read -r q; head -c 70000 /dev/zero; read -r q`, ErrProtocol, "longer than 65536", false},
		{"no value", `read -r q; echo '{"id":2}'; read -r q`, ErrProtocol, "without value", true},
		{"an error", `read -r q; printf '%s\n' '{"id":2,"error":"the token is\nnot there"}'; read -r q`, ErrRefused, `the token is\nnot there`, true},
		{"end", `read -r q; echo 'no room' >&2; exit 7`, ErrDown, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := shell(t, c.script)
			p.limits.pause, p.limits.most = time.Hour, time.Hour // look at the one child
			child, _, err := p.running(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			s := &signer{process: p, key: "key", public: pki.Must(pki.NewAuthority("x", now)).Certificate.PublicKey}
			value, err := s.Sign(rand.Reader, make([]byte, 32), crypto.SHA256)
			if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || value != nil {
				t.Errorf("%x, %v", value, err)
			}
			if len(err.Error()) > 2*maxShown {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			select {
			case <-child.gone:
				if c.stays {
					t.Errorf("it is given up: %v", child.why())
				}
			default:
				if !c.stays {
					t.Error("it is believed further on")
				}
			}
		})
	}
}

// A program that says nothing, and one that does not even read, is given up after a time. One that
// is only slow with one request is not: its answer is dropped when it comes.
func TestSilence(t *testing.T) {
	for name, script := range map[string]string{"mute": `while read -r q; do :; done`, "deaf": `sleep 1000`} {
		p := shell(t, script)
		if err := p.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		first, _, _ := p.running(t.Context())
		p.limits.answer = 100 * time.Millisecond
		octets := make([]byte, 1<<20) // more than a pipe takes
		if _, err := p.Verify(t.Context(), "gost2012-256", nil, octets, nil); !errors.Is(err, ErrSilent) {
			t.Errorf("%s: %v", name, err)
		}
		<-first.gone
		until(t, "another child", func() bool {
			c, _, err := p.running(t.Context())
			return err == nil && c != first
		})
	}
	slow := shell(t, `read -r q; read -r q; echo '{"id":3,"valid":true}'
		read -r q; echo '{"id":2,"valid":true}'; echo '{"id":4,"valid":false}'; read -r q`)
	child, _, err := slow.running(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	waiting.Go(func() {
		if _, err := slow.Verify(short, "gost2012-256", nil, nil, nil); !errors.Is(err, ErrSilent) {
			t.Errorf("the slow one: %v", err)
		}
	})
	until(t, "the first request", func() bool { child.mu.Lock(); defer child.mu.Unlock(); return child.last == 2 })
	if ok, err := slow.Verify(t.Context(), "gost2012-256", nil, nil, nil); !ok || err != nil {
		t.Errorf("beside the slow one: %v %v", ok, err)
	}
	cancel()
	waiting.Wait()
	if ok, err := slow.Verify(t.Context(), "gost2012-256", nil, nil, nil); ok || err != nil {
		t.Errorf("after the late answer: %v %v", ok, err)
	}
}

// A program that cannot start says why, in its own last words.
func TestStart(t *testing.T) {
	for _, c := range []struct {
		name    string
		command []string
		is      error
		says    string
	}{
		{"none", []string{"/nonexistent/signer"}, ErrDown, "no such file"},
		{"exit", []string{"/bin/sh", "-c", "echo 'no token called \033[1m' >&2; exit 3"}, ErrDown, `exit status 3: its last words: no token called \x1b[1m`},
		{"other version", []string{"/bin/sh", "-c", `read -r q; echo '{"id":1,"protocol":2}'; read -r q`}, ErrProtocol, "version 2"},
		{"no program of ours", []string{"/bin/sh", "-c", "echo hello; read -r q; read -r q"}, ErrProtocol, "hello"},
		{"refused", []string{"/bin/sh", "-c", `read -r q; echo '{"id":1,"error":"licence"}'; read -r q`}, ErrRefused, "licence"},
	} {
		p := processOf(t, c.command, nil)
		err := p.Start(t.Context())
		if !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
		if p.Check() == nil {
			t.Errorf("%s: Check says nothing", c.name)
		}
	}
}

// The program gets the protocol and nothing else of ours: neither environment nor folder.
func TestSurroundings(t *testing.T) {
	t.Setenv("ASUGATE_SECRET", "s3cret")
	p := shell(t, `read -r q; w=$(env; pwd); w=$(echo "$w" | tr '\n' ' ')
		echo '{"id":2,"error":"'$w'"}'; read -r q`)
	err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.ask(t.Context(), request{Op: opPublic})
	if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "PWD=/") {
		t.Error(err)
	}
}

// What a program says on its standard error is in our log: escaped, line by line, not too long and
// not too much.
func TestStandardError(t *testing.T) {
	var log bytes.Buffer
	p := processOf(t, []string{"/bin/sh", "-c", hello + `read -r q
		printf 'one\033[2J\n' >&2; head -c 100000 /dev/zero >&2; echo >&2
		i=0; while [ $i -lt 500 ]; do echo spam >&2; i=$((i+1)); done
		echo '{"id":2}'; read -r q`}, &log)
	if _, err := p.ask(t.Context(), request{Op: opPublic}); err != nil {
		t.Fatal(err)
	}
	p.Close()
	text := log.String()
	if !strings.Contains(text, `one\\x1b[2J`) || strings.Count(text, "spam") > 200 || len(text) > 100_000 {
		t.Errorf("%d lines, %d bytes: %.2000s", strings.Count(text, "\n"), len(text), text)
	}
}

// Close ends a program by the end of its input, one that does not listen by force, and whatever it
// has started. What is under way is answered first.
func TestClose(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ended")
	p := shell(t, `read -r q; sleep 0.2; echo '{"id":2,"valid":true}'; read -r q || echo yes >`+file)
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	var asking sync.WaitGroup
	asking.Go(func() {
		if ok, err := p.Verify(t.Context(), "gost2012-256", nil, nil, nil); !ok || err != nil {
			t.Errorf("under way: %v %v", ok, err)
		}
	})
	child, _, _ := p.running(t.Context())
	until(t, "the request", func() bool { child.mu.Lock(); defer child.mu.Unlock(); return child.last == 2 })
	p.Close()
	asking.Wait()
	if text, _ := os.ReadFile(file); string(text) != "yes\n" {
		t.Error("it did not see the end of its input")
	}
	if err := p.Start(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	p.Close()

	stubborn := shell(t, `trap '' TERM; sleep 1000 & echo $! >`+file+`; while :; do sleep 1; done`)
	stubborn.limits.grace = 50 * time.Millisecond
	if err := stubborn.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	until(t, "the grandchild", func() bool {
		text, _ := os.ReadFile(file)
		return len(text) > 4 || bytes.HasSuffix(text, []byte("\n")) && string(text) != "yes\n"
	})
	stubborn.Close()
	text, _ := os.ReadFile(file)
	pid := pki.Must(strconv.Atoi(strings.TrimSpace(string(text))))
	until(t, "the end of the grandchild", func() bool { return !alive(pid) })

	New([]string{"/nonexistent"}, slog.New(slog.DiscardHandler)).Close() // never started
}

// alive says whether a process runs; one that has ended and that nobody has waited for does not.
func alive(pid int) bool {
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(state), ") Z ")
}

// A provider verifies what it said it can, and only that.
func TestVerify(t *testing.T) {
	p := folderOf(t, nil)
	var provider signature.Provider = p
	value := sha256.Sum256([]byte("keyoctets"))
	for _, c := range []struct {
		octets string
		want   bool
	}{{"octets", true}, {"Octets", false}} {
		got, err := provider.Verify(t.Context(), "gost2012-256", []byte("key"), []byte(c.octets), value[:])
		if err != nil || got != c.want {
			t.Errorf("%s: %v %v", c.octets, got, err)
		}
	}
	if _, err := provider.Verify(t.Context(), "gost2001", nil, nil, nil); !errors.Is(err, ErrCannot) {
		t.Errorf("not offered: %v", err)
	}
	mute := shell(t, `read -r q; echo '{"id":2}'; read -r q`)
	if ok, err := mute.Verify(t.Context(), "gost2012-256", nil, nil, nil); ok || !errors.Is(err, ErrProtocol) {
		t.Errorf("neither valid nor not: %v %v", ok, err)
	}
}
