package process

import (
	"crypto/x509"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"

	"asugate/internal/gostengine"
	"asugate/internal/pki"
	"asugate/signature"
	"asugate/xmltree"
)

// example starts the program of docs/examples, which signs with the engine.
func example(t *testing.T, e *gostengine.Engine, keyFile string) *Process {
	t.Helper()
	command := []string{"/usr/bin/env"}
	for _, v := range e.Environment() {
		if strings.HasPrefix(v, "OPENSSL_CONF=") || strings.HasPrefix(v, "GOST_CA_DIR=") {
			command = append(command, v)
		}
	}
	script := pki.Must(filepath.Abs("../../docs/examples/signer.sh"))
	p := New(append(command, "/bin/sh", script, keyFile), slog.New(slog.DiscardHandler))
	t.Cleanup(p.Close)
	return p
}

// A GOST key behind a program signs in both containers: what it makes we open, and OpenSSL verifies
// the CMS.
func TestGOST(t *testing.T) {
	e := gostengine.New(t)
	root := e.Authority(gostengine.GOST2012_256, "Корень")
	trust := signature.NewTrust([]*x509.Certificate{root.Certificate})
	for name, algorithm := range map[string]gostengine.Algorithm{
		"gost2012-256": gostengine.GOST2012_256, "gost2012-512": gostengine.GOST2012_512,
	} {
		c := e.Issue(root, algorithm, "/CN=Шлюз/O=РЖД")
		signer, err := example(t, e, c.KeyFile).Signer(t.Context(), "gost", c.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		key, err := signature.NewKey(signer, c.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		root1 := etree.NewElement("ESID")
		root1.CreateAttr("ID", "e1")
		root1.CreateElement("Text").SetText("Груз <принят>\r\n")
		sealed, err := key.Seal(root1)
		if err != nil {
			t.Fatal(err)
		}
		opened(t, name, trust, sealed, nil)
		document, cms, err := key.SealDetached(root1)
		if err != nil {
			t.Fatal(err)
		}
		opened(t, name, trust, document, cms)
		e.VerifyCMS(root, document, cms)
	}
}

func opened(t *testing.T, name string, trust *signature.Trust, document, cms []byte) {
	t.Helper()
	tree := pki.Must(xmltree.Parse(document, xmltree.DefaultLimits()))
	_, report := signature.Open(signature.Input{Tree: tree, Detached: cms}, trust, signature.Policy{}, time.Now())
	if report.Outcome != signature.Holds || report.Signature != name {
		t.Errorf("%s in %s: %s %v\n%s", name, report.Container, report.Signature, report.Faults, document)
	}
}

// A GOST key that is not the certificate's is found before anything is signed with it.
func TestGOSTMismatch(t *testing.T) {
	e := gostengine.New(t)
	root := e.Authority(gostengine.GOST2012_256, "Корень")
	one, other := e.Issue(root, gostengine.GOST2012_256, "/CN=a"), e.Issue(root, gostengine.GOST2012_256, "/CN=b")
	p := example(t, e, one.KeyFile)
	if _, err := p.Signer(t.Context(), "gost", other.Certificate); !errors.Is(err, signature.ErrKeyMismatch) {
		t.Errorf("told: %v", err)
	}
	shy := &signer{process: p, key: "gost", public: signature.PublicKey(other.Certificate.RawSubjectPublicKeyInfo)}
	if _, err := signature.NewKey(shy, other.Certificate); !errors.Is(err, signature.ErrKeyMismatch) {
		t.Errorf("not told: %v", err)
	}
	old := e.Issue(e.Authority(gostengine.GOST2001, "Старый"), gostengine.GOST2001, "/CN=c")
	shy.public = signature.PublicKey(old.Certificate.RawSubjectPublicKeyInfo)
	if _, err := signature.NewKey(shy, old.Certificate); !errors.Is(err, signature.ErrKeyNotSupported) {
		t.Errorf("ГОСТ Р 34.10-2001: %v", err)
	}
}

// A program that verifies in our place is asked about the value of a GOST signature, and about nothing
// else; when it cannot say, nothing is decided.
func TestProvider(t *testing.T) {
	e := gostengine.New(t)
	root := e.Authority(gostengine.GOST2012_256, "Корень")
	c := e.Issue(root, gostengine.GOST2012_256, "/CN=Шлюз")
	signer, err := example(t, e, c.KeyFile).Signer(t.Context(), "gost", c.Certificate)
	if err != nil {
		t.Fatal(err)
	}
	document := pki.Must(pki.Must(signature.NewKey(signer, c.Certificate)).Sign([]byte(`<a ID="x"/>`)))
	pinned := signature.NewTrust([]*x509.Certificate{c.Certificate})
	for _, k := range []struct {
		name, answer string
		outcome      signature.Outcome
	}{
		{"valid", `"valid":true`, signature.Holds},
		{"not valid", `"valid":false`, signature.Fails},
		{"cannot say", `"error":"licence has run out"`, signature.Undecided},
		{"says nothing", `"program":"x"`, signature.Undecided},
	} {
		p := shell(t, `while read -r q; do id=${q#*:}; echo '{"id":'${id%%,*}',`+k.answer+`}'; done`)
		tree := pki.Must(xmltree.Parse(document, xmltree.DefaultLimits()))
		_, report := signature.Open(signature.Input{Tree: tree}, pinned, signature.Policy{GOST: p}, time.Now())
		if report.Outcome != k.outcome {
			t.Errorf("%s: %v %v", k.name, report.Outcome, report.Faults)
		}
	}
}
