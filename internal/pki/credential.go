package pki

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
)

// Credential is a private key and its certificate.
type Credential struct {
	Key         crypto.Signer
	Certificate *x509.Certificate
	Chain       []*x509.Certificate // the certificate first, then its issuers without the root
}

// TLS is the credential as crypto/tls takes it.
func (c Credential) TLS() tls.Certificate {
	t := tls.Certificate{PrivateKey: c.Key, Leaf: c.Certificate}
	for _, one := range c.Chain {
		t.Certificate = append(t.Certificate, one.Raw)
	}
	return t
}

// KeyPEM is the private key as PKCS#8.
func (c Credential) KeyPEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(c.Key)
	if err != nil {
		return nil, fmt.Errorf("encoding a private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// CertificatePEM is the chain, or for a root the certificate itself.
func (c Credential) CertificatePEM() []byte {
	if len(c.Chain) == 0 {
		return EncodeCertificates(c.Certificate)
	}
	return EncodeCertificates(c.Chain...)
}

// EncodeCertificates writes certificates as PEM, one block each.
func EncodeCertificates(certificates ...*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, c := range certificates {
		b.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	return b.Bytes()
}

// Write puts the key into dir/name.key, which only the owner can read, and the chain into
// dir/name.pem.
func (c Credential) Write(dir, name string) (keyFile, certificateFile string, err error) {
	key, err := c.KeyPEM()
	if err != nil {
		return "", "", err
	}
	keyFile = filepath.Join(dir, name+".key")
	if err := os.WriteFile(keyFile, key, 0o600); err != nil {
		return "", "", fmt.Errorf("writing a private key: %w", err)
	}
	certificateFile = filepath.Join(dir, name+".pem")
	if err := os.WriteFile(certificateFile, c.CertificatePEM(), 0o644); err != nil {
		return "", "", fmt.Errorf("writing a certificate: %w", err)
	}
	return keyFile, certificateFile, nil
}

// Must is for tests, where an authority that cannot issue is the end.
func Must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
