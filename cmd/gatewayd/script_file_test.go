package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asugate/internal/pki"
	"asugate/internal/scene"
)

// edit changes a file; one that does not hold what is to be changed is a mistake of the script.
func edit(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: edit FILE REGEXP TEXT")
	}
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	text := ts.ReadFile(args[0])
	if !pattern.MatchString(text) {
		ts.Fatalf("%s does not hold %s:\n%s", args[0], args[1], text)
	}
	replacement := strings.ReplaceAll(args[2], `\n`, "\n")
	overwrite(ts, args[0], pattern.ReplaceAllString(text, replacement))
}

// insert puts one file into another, in front of a text that stands there once.
func insert(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: insert FILE BEFORE FROM")
	}
	text := ts.ReadFile(args[0])
	if strings.Count(text, args[1]) != 1 {
		ts.Fatalf("%s holds %s %d times", args[0], args[1], strings.Count(text, args[1]))
	}
	overwrite(ts, args[0], strings.Replace(text, args[1], ts.ReadFile(args[2])+args[1], 1))
}

// wrap lets a signed document say something else and keeps what was signed inside it, with its
// signature: what holds is not what is read (XML signature wrapping).
func wrap(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: wrap FILE")
	}
	signed := ts.ReadFile(args[0])
	from, to := strings.Index(signed, "<ds:Signature "), strings.Index(signed, "</ds:Signature>")+len("</ds:Signature>")
	if from < 0 || to < from {
		ts.Fatalf("%s is not signed", args[0])
	}
	signature, genuine := signed[from:to], signed[:from]+signed[to:]
	forged := strings.Replace(genuine, ` ID="d1"`, ` ID="forged"`, 1)
	forged = strings.Replace(forged, "Пиломатериалы", "Алмазы", 1)
	end := strings.LastIndex(forged, "</")
	overwrite(ts, args[0], forged[:end]+genuine+signature+forged[end:])
}

// set puts a file, or the part of it that the expression has in parentheses, into a variable.
func set(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 && len(args) != 3 {
		ts.Fatalf("usage: set NAME FILE [REGEXP]")
	}
	text := strings.TrimSpace(ts.ReadFile(args[1]))
	if len(args) == 3 {
		pattern, err := regexp.Compile("(?s)" + args[2])
		ts.Check(err)
		found := pattern.FindStringSubmatch(text)
		if len(found) != 2 {
			ts.Fatalf("%s does not hold %s:\n%s", args[1], args[2], text)
		}
		text = found[1]
	}
	ts.Setenv(args[0], text)
}

// isJSON holds stdout to be JSON, one value or one a line.
func isJSON(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) > 0 {
		ts.Fatalf("json takes no arguments")
	}
	values := 0
	for d := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout"))); ; values++ {
		var v any
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			break
		}
		ts.Check(err)
	}
	if values == 0 {
		ts.Fatalf("stdout is empty")
	}
}

func overwrite(ts *testscript.TestScript, file, text string) {
	info, err := os.Stat(ts.MkAbs(file))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), info.Mode().Perm()))
}

// certify issues a certificate that holds for so long: by default one with which the gateway signs, else
// one of a TLS server or client. $SHA256 is its digest, $DER the certificate in base64.
func certify(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 && len(args) != 3 {
		ts.Fatalf("usage: certify NAME DURATION [server|client]")
	}
	a := actorOf(ts)
	ts.Check(a.scene(ts))
	long, err := time.ParseDuration(args[1])
	ts.Check(err)
	now := time.Now()
	r := pki.Request{
		Subject:   pki.Subject{CommonName: args[0], INNLE: scene.RailINN},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(long),
	}
	issuer := a.Rail
	switch strings.Join(args[2:], "") {
	case "server":
		r.KeyUsage, r.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		r.Hosts = []string{"127.0.0.1"}
	case "client":
		r.KeyUsage, r.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		issuer = a.Root
	}
	c, err := issuer.Issue(r)
	ts.Check(err)
	_, _, err = c.Write(a.dir, args[0])
	ts.Check(err)
	ts.Setenv("SHA256", fmt.Sprintf("%x", sha256.Sum256(c.Certificate.Raw)))
	ts.Setenv("DER", base64.StdEncoding.EncodeToString(c.Certificate.Raw))
}

// disk puts a small disk of its own at a folder; disk fill FOLDER leaves no room on it, disk free
// FOLDER makes room again. Only root may do so, and not in every container.
func disk(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: disk mount|fill|free FOLDER")
	}
	dir := ts.MkAbs(args[1])
	ballast := dir + "/ballast"
	switch args[0] {
	case "mount":
		ts.Check(os.MkdirAll(dir, 0o700))
		ts.Check(mount(dir))
		a := actorOf(ts)
		a.ending = append(a.ending, func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	case "fill":
		f, err := os.Create(ballast)
		ts.Check(err)
		defer f.Close()
		for block := bytes.Repeat([]byte{1}, 1<<16); err == nil; {
			_, err = f.Write(block)
		}
	case "free":
		ts.Check(os.Remove(ballast))
	default:
		ts.Fatalf("a disk is mounted, filled or freed, not %s", args[0])
	}
}

func mount(dir string) error { return syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=64m,mode=0700") }

// canMount tries it: root in a container may not.
var canMount = sync.OnceValue(func() bool {
	dir, err := os.MkdirTemp("", "gatewayd-disk-")
	if err != nil {
		return false
	}
	defer os.Remove(dir)
	if mount(dir) != nil {
		return false
	}
	return syscall.Unmount(dir, syscall.MNT_DETACH) == nil
})
