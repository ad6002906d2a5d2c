package main

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"asugate/internal/gostengine"
	"asugate/internal/pki"
	"asugate/signature"
	"asugate/signature/process"
)

// runSigner is the program signer: it signs with the private keys NAME.key of a folder, as
// docs/signer-process.md has it. It writes its number into the file signer.pid there.
func runSigner(folder string) error {
	if err := os.WriteFile(filepath.Join(folder, "signer.pid"), []byte(strconv.Itoa(os.Getpid())), 0o600); err != nil {
		return err
	}
	read := func(name string) (crypto.Signer, error) {
		text, err := os.ReadFile(filepath.Join(folder, name+".key"))
		if err != nil {
			return nil, err
		}
		block, _ := pem.Decode(text)
		if block == nil {
			return nil, errors.New("no PEM")
		}
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		return key.(crypto.Signer), nil
	}
	return process.Service{
		Program: "signer", Signs: []string{"ecdsa-sha256"},
		Public: func(name string) ([]byte, error) {
			key, err := read(name)
			if err != nil {
				return nil, err
			}
			return x509.MarshalPKIXPublicKey(key.Public())
		},
		Sign: func(name, _ string, digest, _ []byte) ([]byte, error) {
			key, err := read(name)
			if err != nil {
				return nil, err
			}
			return key.Sign(rand.Reader, digest, crypto.SHA256)
		},
	}.Serve(os.Stdin, os.Stdout)
}

// gostKey makes a GOST key of the railway's, which only OpenSSL knows, and its certificate: NAME.key and
// NAME.pem. Their CA is trusted from now on by whoever believes the railway, and is the last one in
// rail-root.pem. $GOST is the beginning of the command of docs/examples/signer.sh.
func gostKey(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: gostkey NAME")
	}
	a := actorOf(ts)
	e := gostengine.New(a.test)
	root := e.Authority(gostengine.GOST2012_256, "ГОСТ")
	c := e.Issue(root, gostengine.GOST2012_256, "/CN="+args[0]+"/O=РЖД")
	roots := pki.EncodeCertificates(a.Rail.Certificate, root.Certificate)
	ts.Check(os.WriteFile(ts.MkAbs("rail-root.pem"), roots, 0o600))
	a.trust = signature.NewTrust([]*x509.Certificate{a.Rail.Certificate, root.Certificate})
	for from, to := range map[string]string{c.KeyFile: args[0] + ".key", c.CertificateFile: args[0] + ".pem"} {
		text, err := os.ReadFile(from)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(to), text, 0o600))
	}
	a.openssl, a.gost, a.gostSigner = e.Environment(), e, c
	command := "/usr/bin/env"
	for _, v := range a.openssl {
		if name, _, _ := strings.Cut(v, "="); name == "OPENSSL_CONF" || name == "GOST_CA_DIR" {
			command += ", " + v
		}
	}
	example, err := filepath.Abs("../../docs/examples/signer.sh")
	ts.Check(err)
	ts.Setenv("GOST", command+", /bin/sh, "+example)
}
