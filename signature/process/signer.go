package process

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"slices"

	"asugate/signature"
)

// ErrCannot: the program said at its start that it does not know the algorithm.
var ErrCannot = errors.New("the program does not know the algorithm")

// Signer is the program's key of a name as a crypto.Signer, for the certificate of that key. A
// program that knows another public key is refused with signature.ErrKeyMismatch; one that knows
// none is found out by the trial signature of signature.NewKey.
func (p *Process) Signer(ctx context.Context, key string, certificate *x509.Certificate) (crypto.Signer, error) {
	a, err := p.ask(ctx, request{Op: opPublic, Key: key})
	if err != nil {
		return nil, fmt.Errorf("asking for the public key of %s: %w", key, err)
	}
	if len(a.Public) > 0 {
		same, err := samePublicKey(a.Public, certificate.RawSubjectPublicKeyInfo)
		if err != nil {
			return nil, fmt.Errorf("%s: key %s: %w: %w", p.command[0], key, ErrProtocol, err)
		}
		if !same {
			return nil, fmt.Errorf("%w: key %s of %s", signature.ErrKeyMismatch, key, p.command[0])
		}
	}
	s := &signer{process: p, key: key, public: certificate.PublicKey}
	if s.public == nil {
		s.public = signature.PublicKey(certificate.RawSubjectPublicKeyInfo)
	}
	return s, nil
}

// samePublicKey compares two SubjectPublicKeyInfo by algorithm and key: their parameters may be
// written in more than one way (NULL or absent for RSA, optional ones in RFC 9215 section 4).
func samePublicKey(one, other []byte) (bool, error) {
	type info struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}
	var a, b info
	if rest, err := asn1.Unmarshal(one, &a); err != nil || len(rest) > 0 {
		return false, errors.New("its public key is no SubjectPublicKeyInfo")
	}
	if rest, err := asn1.Unmarshal(other, &b); err != nil || len(rest) > 0 {
		return false, errors.New("the certificate's public key is no SubjectPublicKeyInfo")
	}
	return a.Algorithm.Algorithm.Equal(b.Algorithm.Algorithm) &&
		bytes.Equal(a.Key.RightAlign(), b.Key.RightAlign()), nil
}

// signer is one key of a program.
type signer struct {
	process *Process
	key     string
	public  crypto.PublicKey
}

// Public is the key of the certificate; signature.PublicKey for GOST.
func (s *signer) Public() crypto.PublicKey { return s.public }

// Sign has the program sign a digest: RSA PKCS #1 v1.5, ECDSA (the value is ASN.1, as everywhere in
// Go), and GOST with the options of signature.Message.
func (s *signer) Sign(_ io.Reader, digest []byte, options crypto.SignerOpts) ([]byte, error) {
	q := request{Op: opSign, Key: s.key, Digest: digest}
	switch options := options.(type) {
	case signature.Message:
		q.Algorithm, q.Octets = options.Algorithm, options.Octets
	case *rsa.PSSOptions:
		return nil, fmt.Errorf("%w: RSA PSS", ErrCannot)
	default:
		name, err := s.algorithm(options.HashFunc())
		if err != nil {
			return nil, err
		}
		q.Algorithm = name
	}
	ctx := context.Background() // ask bounds it
	_, hello, err := s.process.running(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(hello.Sign, q.Algorithm) {
		return nil, fmt.Errorf("%w: %s does not sign with %s", ErrCannot, s.process.command[0], q.Algorithm)
	}
	a, err := s.process.ask(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(a.Value) == 0 {
		return nil, fmt.Errorf("%s: %w: an answer without value", s.process.command[0], ErrProtocol)
	}
	return a.Value, nil
}

// algorithm is the short name of what a key of ours does with a digest.
func (s *signer) algorithm(hash crypto.Hash) (string, error) {
	kind, name := "", map[crypto.Hash]string{
		crypto.SHA256: "sha256", crypto.SHA384: "sha384", crypto.SHA512: "sha512",
	}[hash]
	switch s.public.(type) {
	case *rsa.PublicKey:
		kind = "rsa-"
	case *ecdsa.PublicKey:
		kind = "ecdsa-"
	}
	if kind == "" || name == "" {
		return "", fmt.Errorf("%w: %T with %v", ErrCannot, s.public, hash)
	}
	return kind + name, nil
}

// Verify has the program verify a value: it is a signature.Provider.
func (p *Process) Verify(ctx context.Context, algorithm string, publicKey, octets, value []byte) (bool, error) {
	if err := p.Verifies(ctx, algorithm); err != nil {
		return false, err
	}
	a, err := p.ask(ctx, request{
		Op: opVerify, Algorithm: algorithm, Public: publicKey, Octets: octets, Value: value,
	})
	if err != nil {
		return false, err
	}
	if a.Valid == nil {
		return false, fmt.Errorf("%s: %w: an answer that says neither valid nor not", p.command[0], ErrProtocol)
	}
	return *a.Valid, nil
}

// Verifies says whether the program, started if need be, verifies with these algorithms.
func (p *Process) Verifies(ctx context.Context, algorithms ...string) error {
	_, hello, err := p.running(ctx)
	if err != nil {
		return err
	}
	for _, name := range algorithms {
		if !slices.Contains(hello.Verify, name) {
			return fmt.Errorf("%w: %s does not verify %s", ErrCannot, p.command[0], name)
		}
	}
	return nil
}
