package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"testing"

	"asugate/internal/gostengine"
	"asugate/internal/pki"
	"asugate/internal/scene"
	"asugate/signature"
	"asugate/signature/gost"
)

// keys are those of the signers: RSA-2048, ECDSA P-256, ГОСТ Р 34.10-2012 of 256 bits.
var keys = []string{"rsa", "ecdsa", "gost"}

// errAbsent: this machine has no OpenSSL with a GOST engine.
var errAbsent = errors.New("absent")

// signer signs documents as the signatory of the scene does, with a key of one kind. It has a key for each
// hand, so that as many can sign at once.
type signer struct {
	kind  string
	roots []*x509.Certificate // to be trusted besides those of the scene
	hands []*signature.Key
	key   crypto.Signer
	close func()
}

func newSigner(s *scene.Scene, kind string) (*signer, error) {
	if kind == "gost" {
		return newGOSTSigner(s)
	}
	request := pki.Request{Key: pki.P256, Subject: subjectOf(s.Signatory)}
	if kind == "rsa" {
		request.Key = pki.RSA2048
	}
	c, err := s.Root.Issue(request)
	if err != nil {
		return nil, err
	}
	k, err := signature.NewKey(c.Key, c.Chain...)
	if err != nil {
		return nil, err
	}
	return &signer{kind: kind, hands: []*signature.Key{k, k}, key: c.Key, close: func() {}}, nil
}

func subjectOf(p *scene.Persona) pki.Subject {
	return pki.Subject{CommonName: p.Name, Title: p.Post, SNILS: p.SNILS, Organisation: "ООО «Лесоторговый дом»", INNLE: scene.ShipperINN}
}

// newGOSTSigner has an engine a hand, since an engine is for one goroutine.
func newGOSTSigner(s *scene.Scene) (made *signer, err error) {
	var stand stand
	defer func() {
		switch r := recover().(type) {
		case nil:
		case stopped:
			err = fmt.Errorf("%w: %s", errAbsent, string(r))
			stand.clean()
		default:
			panic(r)
		}
	}()
	made = &signer{kind: "gost", close: stand.clean}
	first := gostengine.New(&stand)
	root := first.Authority(gostengine.GOST2012_256, "ГОСТ")
	subject := fmt.Sprintf("/CN=%s/SNILS=%s/INN=00%s/O=ООО «Лесоторговый дом»", s.Signatory.Name, s.Signatory.SNILS, scene.ShipperINN)
	c := first.Issue(root, gostengine.GOST2012_256, subject)
	made.roots = []*x509.Certificate{root.Certificate}
	for _, e := range []*gostengine.Engine{first, gostengine.New(&stand)} {
		k, err := signature.NewKey(engineKey{e, c}, c.Certificate)
		if err != nil {
			return nil, err
		}
		made.hands, made.key = append(made.hands, k), engineKey{e, c}
	}
	return made, nil
}

// primitives verify one signature and make the digest that goes with the key: what cannot be avoided.
func (s *signer) primitives() (verify func() error, hash func([]byte), err error) {
	octets := make([]byte, 1<<10)
	digest := sha256.Sum256(octets)
	hash = func(octets []byte) { sha256.Sum256(octets) }
	var good func() bool
	switch key := s.key.(type) {
	case engineKey:
		public, err := gost.ParsePublicKey(key.Public().(signature.PublicKey))
		if err != nil {
			return nil, nil, err
		}
		digest, value := gost.Streebog256(octets), key.engine.Sign(key.of, octets)
		hash = func(octets []byte) { gost.Streebog256(octets) }
		good = func() bool { return public.Verify(digest[:], value) }
	case *rsa.PrivateKey:
		value, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
		if err != nil {
			return nil, nil, err
		}
		good = func() bool { return rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, digest[:], value) == nil }
	case *ecdsa.PrivateKey:
		value, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil {
			return nil, nil, err
		}
		good = func() bool { return ecdsa.VerifyASN1(&key.PublicKey, digest[:], value) }
	default:
		return nil, nil, fmt.Errorf("nothing is known of a %T", key)
	}
	return func() error {
		if !good() {
			return errUnverified
		}
		return nil
	}, hash, nil
}

// engineKey is a key of the engine as a crypto.Signer.
type engineKey struct {
	engine *gostengine.Engine
	of     gostengine.Credential
}

func (k engineKey) Public() crypto.PublicKey {
	return signature.PublicKey(k.of.Certificate.RawSubjectPublicKeyInfo)
}

func (k engineKey) Sign(_ io.Reader, _ []byte, options crypto.SignerOpts) ([]byte, error) {
	m, ok := options.(signature.Message)
	if !ok {
		return nil, fmt.Errorf("options are %T", options)
	}
	return k.engine.Sign(k.of, m.Octets), nil
}

// stand is what an engine needs of a test where there is none.
type stand struct {
	testing.TB            // never called: all that an engine uses is below
	mu         sync.Mutex // protects the rest
	cleanup    []func()
}

// stopped is what the engine ends a test with, as a panic.
type stopped string

func (s *stand) Helper()                           {}
func (s *stand) Skip(args ...any)                  { panic(stopped(fmt.Sprint(args...))) }
func (s *stand) Skipf(format string, args ...any)  { panic(stopped(fmt.Sprintf(format, args...))) }
func (s *stand) Fatal(args ...any)                 { panic(stopped(fmt.Sprint(args...))) }
func (s *stand) Fatalf(format string, args ...any) { panic(stopped(fmt.Sprintf(format, args...))) }

func (s *stand) Cleanup(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cleanup = append(s.cleanup, f)
}

func (s *stand) TempDir() string {
	dir, err := os.MkdirTemp("", "gatewayd-bench-gost-")
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (s *stand) clean() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.cleanup {
		f()
	}
	s.cleanup = nil
}
