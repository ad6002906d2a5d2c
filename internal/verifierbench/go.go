package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"math/big"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// limit is the floor below every verifier.
func limit(documents []document, each time.Duration, rounds int) ([]time.Duration, error) {
	var list []time.Duration
	for _, d := range documents {
		sum := sha256.Sum256(d.raw)
		value, err := d.cred.Key.Sign(rand.Reader, sum[:], crypto.SHA256)
		if err != nil {
			return nil, err
		}
		good := true
		list = append(list, median(each, rounds, func() {
			sum := sha256.Sum256(d.raw)
			switch key := d.cred.Certificate.PublicKey.(type) {
			case *rsa.PublicKey:
				good = good && rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], value) == nil
			case *ecdsa.PublicKey:
				good = good && ecdsa.VerifyASN1(key, sum[:], value)
			}
		}))
		if !good {
			return nil, errors.New("the limit does not verify")
		}
	}
	return list, nil
}

// goxmldsig is given documents that it can read: the signature first, because it looks at a thousand elements only;
// ECDSA values as DER; and the signer's certificate itself, because it knows no paths.
func goxmldsig(documents []document, each time.Duration, rounds int) ([]time.Duration, error) {
	var list []time.Duration
	var failed error
	for _, d := range documents {
		raw, err := forGoxmldsig(d)
		if err != nil {
			return nil, err
		}
		context := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{
			Roots: []*x509.Certificate{d.cred.Certificate},
		})
		list = append(list, median(each, rounds, func() {
			parsed := etree.NewDocument()
			if err := parsed.ReadFromBytes(raw); err != nil {
				failed = err
				return
			}
			if _, err := context.Validate(parsed.Root()); err != nil {
				failed = err
			}
		}))
	}
	return list, failed
}

func forGoxmldsig(d document) ([]byte, error) {
	start := bytes.Index(d.raw, []byte("<ds:Signature "))
	end := bytes.Index(d.raw, []byte("</ds:Signature>")) + len("</ds:Signature>")
	signature := bytes.Clone(d.raw[start:end])
	if _, ok := d.cred.Certificate.PublicKey.(*ecdsa.PublicKey); ok {
		from := bytes.Index(signature, []byte("<ds:SignatureValue>")) + len("<ds:SignatureValue>")
		to := bytes.Index(signature, []byte("</ds:SignatureValue>"))
		plain, err := base64.StdEncoding.DecodeString(string(signature[from:to]))
		if err != nil {
			return nil, err
		}
		half := len(plain) / 2
		der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(plain[:half]), new(big.Int).SetBytes(plain[half:])})
		if err != nil {
			return nil, err
		}
		signature = append(append(bytes.Clone(signature[:from]), base64.StdEncoding.EncodeToString(der)...), signature[to:]...)
	}
	rest := append(bytes.Clone(d.raw[:start]), d.raw[end:]...)
	open := bytes.Index(rest, []byte("<Placement"))
	inside := open + bytes.IndexByte(rest[open:], '>') + 1
	return append(append(bytes.Clone(rest[:inside]), signature...), rest[inside:]...), nil
}
