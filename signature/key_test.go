package signature

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"asugate/internal/pki"
)

// write puts a file into a new folder.
func writeFile(t *testing.T, name string, content []byte, mode os.FileMode) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, content, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return file
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// A key is read in each of its three forms, with parameters before it as openssl writes them, and
// signs with its chain.
func TestLoadKey(t *testing.T) {
	root := pki.Must(pki.NewAuthority("Корень", now))
	middle := pki.Must(root.Intermediate(pki.Request{Subject: pki.Subject{CommonName: "Промежуточный"}}))
	ec := pki.Must(middle.Issue(pki.Request{Subject: person}))
	rsaCred := pki.Must(middle.Issue(pki.Request{Subject: person, Key: pki.RSA2048}))
	parameters := block("EC PARAMETERS", []byte{6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7})
	sec1 := block("EC PRIVATE KEY", pki.Must(x509.MarshalECPrivateKey(ec.Key.(*ecdsa.PrivateKey))))
	for _, c := range []struct {
		name string
		cred pki.Credential
		pem  []byte
	}{
		{"PKCS#8", ec, pki.Must(ec.KeyPEM())},
		{"PKCS#8, RSA", rsaCred, pki.Must(rsaCred.KeyPEM())},
		{"SEC 1", ec, sec1},
		{"SEC 1 with parameters", ec, append(parameters, sec1...)},
		{"PKCS#1", rsaCred, block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaCred.Key.(*rsa.PrivateKey)))},
	} {
		key, err := LoadKey(writeFile(t, "k", c.pem, 0o600), writeFile(t, "c", c.cred.CertificatePEM(), 0o644))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if !key.Certificate().Equal(c.cred.Certificate) || len(key.Chain()) != 2 {
			t.Errorf("%s: certificate or chain wrong", c.name)
		}
		signed := string(pki.Must(key.Sign([]byte(document))))
		_, report := open(t, signed, NewTrust([]*x509.Certificate{root.Certificate}), now)
		if report.Outcome != Holds || len(report.Chain) != 3 {
			t.Errorf("%s: %v", c.name, report.Faults)
		}
	}
}

// What is wrong with the files is said in a sentence that helps.
func TestLoadKeyRefuses(t *testing.T) {
	root := pki.Must(pki.NewAuthority("Корень", now))
	one, other := pki.Must(root.Issue(pki.Request{})), pki.Must(root.Issue(pki.Request{}))
	weak := pki.Must(root.Issue(pki.Request{Key: pki.RSA1024}))
	odd := pki.Must(root.Issue(pki.Request{Key: pki.P224}))
	edwards := pki.Must(root.Issue(pki.Request{Key: pki.Ed25519}))
	key := func(c pki.Credential) []byte { return pki.Must(c.KeyPEM()) }
	damaged := strings.Replace(string(one.CertificatePEM()), "MII", "***", 1)
	for _, c := range []struct {
		name             string
		key, certificate []byte
		is               error
		says             string
	}{
		{"another's certificate", key(one), other.CertificatePEM(), ErrKeyMismatch, "hint: the certificate of the key comes first"},
		{"weak RSA", key(weak), weak.CertificatePEM(), ErrKeyNotSupported, "RSA of 1024 bits"},
		{"P-224", key(odd), odd.CertificatePEM(), ErrKeyNotSupported, "P-224"},
		{"Ed25519", key(edwards), edwards.CertificatePEM(), ErrKeyNotSupported, "ed25519"},
		{"files exchanged", one.CertificatePEM(), key(one), nil, `no PEM private key, but a block CERTIFICATE`},
		{"two keys", key(one), key(one), nil, "are the two files exchanged?"},
		{"encrypted", block("ENCRYPTED PRIVATE KEY", []byte{1}), one.CertificatePEM(), nil, "hint: openssl pkcs8"},
		{"garbage key", block("PRIVATE KEY", []byte{1}), one.CertificatePEM(), nil, "reading private key"},
		{"nothing", nil, one.CertificatePEM(), nil, "no PEM private key, but nothing"},
		{"no certificate", key(one), nil, nil, "reading certificate"},
		{"damaged certificate", key(one), []byte(damaged), nil, "1 of 1 blocks are damaged"},
		{"too long", make([]byte, maxKeyFile+1), one.CertificatePEM(), nil, "more than"},
	} {
		_, err := LoadKey(writeFile(t, "k", c.key, 0o600), writeFile(t, "c", c.certificate, 0o644))
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := LoadKey("/nonexistent/k", "/nonexistent/c"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

// A private key that every user of the machine can read is told.
func TestKeyPermissions(t *testing.T) {
	for mode, bad := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: false, 0o644: true, 0o604: true, 0o602: true} {
		if err := KeyPermissions(writeFile(t, "k", nil, mode)); errors.Is(err, ErrKeyPermissions) != bad {
			t.Errorf("%04o: %v", mode, err)
		}
	}
}

// NewKey refuses to sign without a certificate.
func TestNewKeyRefuses(t *testing.T) {
	c := pki.Must(pki.Must(pki.NewAuthority("Корень", now)).Issue(pki.Request{}))
	if _, err := NewKey(c.Key); err == nil {
		t.Error("no certificate")
	}
	if _, err := NewKey(nil, c.Certificate); err == nil {
		t.Error("no key")
	}
}

// liar says that it has one key and signs with another, or not at all.
type liar struct {
	crypto.Signer
	sign func(random io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error)
}

func (l liar) Sign(random io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	return l.sign(random, digest, options)
}

// A key is tried when it is made: what would fail in front of a client fails now.
func TestNewKeyTries(t *testing.T) {
	root := pki.Must(pki.NewAuthority("Корень", now))
	away := errors.New("the token has been pulled out")
	for _, kind := range []pki.KeyKind{pki.P256, pki.P521, pki.RSA2048} {
		c, other := pki.Must(root.Issue(pki.Request{Key: kind})), pki.Must(root.Issue(pki.Request{Key: kind}))
		if _, err := NewKey(liar{c.Key, other.Key.Sign}, c.Certificate); !errors.Is(err, ErrKeyMismatch) {
			t.Errorf("%v, another's value: %v", kind, err)
		}
		silent := func(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return nil, away }
		if _, err := NewKey(liar{c.Key, silent}, c.Certificate); !errors.Is(err, away) || errors.Is(err, ErrKeyMismatch) {
			t.Errorf("%v, no value: %v", kind, err)
		}
		garbage := func(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) { return []byte{1}, nil }
		if _, err := NewKey(liar{c.Key, garbage}, c.Certificate); err == nil {
			t.Errorf("%v: garbage passes", kind)
		}
	}
}
