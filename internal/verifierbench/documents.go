package main

import (
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"asugate/internal/pki"
	"asugate/signature"
	"asugate/xmltree"
)

// document is one signed document of a size.
type document struct {
	name  string
	raw   []byte
	file  string // of raw
	key   string // PEM file of the signer's certificate
	cred  pki.Credential
	trust *signature.Trust
}

const head = `<?xml version="1.0" encoding="UTF-8"?>
<Placement xmlns="urn:asugate:1" ID="d1" Format="1.0" Version="1">
  <Header><DocumentID>01930000-0000-7000-8000-000000000001</DocumentID></Header>
`

const wagon = `  <Wagon number="63498000" axles="4"><Load unit="kg">68000</Load><Text>щебень гранитный</Text></Wagon>
`

// makeDocuments signs documents of 2, 10 and 100 KiB and 1 MiB with each kind of key: enveloped, exclusive
// canonicalization, the signature as the last child.
func makeDocuments(dir string) ([]document, error) {
	var list []document
	for _, kind := range []struct {
		name string
		kind pki.KeyKind
	}{{"RSA-2048", pki.RSA2048}, {"P-256", pki.P256}} {
		root, err := pki.NewAuthority("Корень", time.Now())
		if err != nil {
			return nil, err
		}
		cred, err := root.Issue(pki.Request{Subject: pki.Subject{CommonName: "Петрова Анна Олеговна"}, Key: kind.kind})
		if err != nil {
			return nil, err
		}
		key, err := signature.NewKey(cred.Key, cred.Certificate)
		if err != nil {
			return nil, err
		}
		trust := signature.NewTrust([]*x509.Certificate{root.Certificate})
		base, err := key.Sign([]byte(head + "</Placement>"))
		if err != nil {
			return nil, err
		}
		for _, size := range []struct {
			name  string
			bytes int
		}{{"2 KiB", 2 << 10}, {"10 KiB", 10 << 10}, {"100 KiB", 100 << 10}, {"1 MiB", 1 << 20}} {
			wagons := strings.Repeat(wagon, max(0, size.bytes-len(base))/len(wagon))
			raw, err := key.Sign([]byte(head + wagons + "</Placement>"))
			if err != nil {
				return nil, err
			}
			d := document{name: kind.name + ", " + size.name, raw: raw, cred: cred, trust: trust}
			d.file = filepath.Join(dir, fmt.Sprintf("%d.xml", len(list)))
			d.key = filepath.Join(dir, kind.name+".pem")
			if err := os.WriteFile(d.file, raw, 0o600); err != nil {
				return nil, err
			}
			if err := os.WriteFile(d.key, cred.CertificatePEM(), 0o600); err != nil {
				return nil, err
			}
			list = append(list, d)
		}
	}
	return list, nil
}

// ours is what the gateway does with a document before anything else: a path to the root included, which for a known
// signer is remembered.
func ours(documents []document, each time.Duration, rounds int) ([]time.Duration, error) {
	var list []time.Duration
	var failed error
	for _, d := range documents {
		list = append(list, median(each, rounds, func() {
			tree, err := xmltree.Parse(d.raw, xmltree.DefaultLimits())
			if err != nil {
				failed = err
				return
			}
			_, report := signature.Open(signature.Input{Tree: tree}, d.trust, signature.Policy{}, time.Now())
			if report.Outcome != signature.Holds {
				failed = fmt.Errorf("%s: %v", d.name, report.Faults)
			}
		}))
	}
	return list, failed
}
