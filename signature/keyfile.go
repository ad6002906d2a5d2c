package signature

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// ErrKeyPermissions: the file of a private key can be read or written by every user of the machine.
var ErrKeyPermissions = errors.New("private key is accessible to every user")

// KeyPermissions looks whether others than owner and group can get at the file of a private key.
// Whether that is an error the caller decides: in containers secrets are often mounted so.
func KeyPermissions(keyFile string) error {
	info, err := os.Stat(keyFile)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o007 != 0 {
		return fmt.Errorf("%w: %s has mode %04o (hint: chmod 600)", ErrKeyPermissions, keyFile, mode)
	}
	return nil
}

// maxKeyFile bounds what is read as a PEM file: a mistyped path may name anything.
const maxKeyFile = 1 << 20

// LoadKey reads a PEM private key (PKCS#8, SEC 1, PKCS#1) and its certificate, which its issuers may
// follow, and refuses a pair that does not match.
func LoadKey(keyFile, certificateFile string) (*Key, error) {
	signer, err := readPrivateKey(keyFile)
	if err != nil {
		return nil, fmt.Errorf("reading private key %s: %w", keyFile, err)
	}
	chain, err := LoadChain(certificateFile)
	if err != nil {
		return nil, err
	}
	key, err := NewKey(signer, chain...)
	if errors.Is(err, ErrKeyMismatch) {
		return nil, fmt.Errorf("%s and %s: %w (hint: the certificate of the key comes first in its file, its issuers follow)",
			keyFile, certificateFile, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", keyFile, err)
	}
	return key, nil
}

// LoadChain reads the certificate of a key, which its issuers may follow: for a key that is no file.
func LoadChain(certificateFile string) ([]*x509.Certificate, error) {
	text, err := readBounded(certificateFile)
	if err != nil {
		return nil, fmt.Errorf("reading certificate: %w", err)
	}
	if strings.Contains(string(text), "PRIVATE KEY-----") && !strings.Contains(string(text), "BEGIN CERTIFICATE") {
		return nil, fmt.Errorf("reading certificate %s: it holds a private key (hint: are the two files exchanged?)",
			certificateFile)
	}
	chain, err := ParseCertificates(text)
	if err != nil {
		return nil, fmt.Errorf("reading certificate %s: %w", certificateFile, err)
	}
	return chain, nil
}

func readPrivateKey(file string) (crypto.Signer, error) {
	text, err := readBounded(file)
	if err != nil {
		return nil, err
	}
	found := "nothing"
	for {
		var block *pem.Block
		block, text = pem.Decode(text)
		if block == nil {
			return nil, fmt.Errorf("no PEM private key, but %s", found)
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "" {
			return nil, errors.New("it is encrypted (hint: openssl pkcs8 -topk8 -nocrypt)")
		}
		var key any
		switch block.Type {
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		case "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		default: // openssl puts EC PARAMETERS before the key
			found = "a block " + quoted(block.Type)
			continue
		}
		if err != nil {
			return nil, err
		}
		signer, ok := key.(crypto.Signer)
		if !ok {
			return nil, fmt.Errorf("%w: %T", ErrKeyNotSupported, key)
		}
		return signer, nil
	}
}

func readBounded(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxKeyFile {
		return nil, fmt.Errorf("%s has more than %d bytes", file, maxKeyFile)
	}
	return text, nil
}
