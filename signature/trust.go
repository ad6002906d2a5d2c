package signature

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
)

// Trust is the certificates on which a partner's signatures are believed; immutable, for concurrent
// use. A certificate that is no CA is trusted as itself (pinned).
type Trust struct {
	authorities []*x509.Certificate // CAs: where a path may end
	pinned      []*x509.Certificate
	known       signerCache
}

// NewTrust trusts the certificates.
func NewTrust(certificates []*x509.Certificate) *Trust {
	t := &Trust{}
	for i, c := range certificates {
		if slices.ContainsFunc(certificates[:i], c.Equal) {
			continue // two of one would look like two holders of a key
		}
		c = withKnownExtensions(c)
		if isAuthority(c) {
			t.authorities = append(t.authorities, c)
		} else {
			t.pinned = append(t.pinned, c)
		}
	}
	return t
}

// isAuthority: a certificate without basic constraints, as of the time before them, is no CA here.
func isAuthority(c *x509.Certificate) bool { return c.BasicConstraintsValid && c.IsCA }

// Empty says that nobody's signature can be believed.
func (t *Trust) Empty() bool { return t == nil || len(t.authorities)+len(t.pinned) == 0 }

// ends says that a path which has come to c is complete: at a CA that is trusted, or, for the
// signer's own certificate, at itself.
func (t *Trust) ends(c *x509.Certificate, signer bool) bool {
	for _, one := range t.authorities {
		if one.Equal(c) {
			return true
		}
	}
	if signer {
		for _, one := range t.pinned {
			if one.Equal(c) {
				return true
			}
		}
	}
	return false
}

// maxCertificateFile bounds what ParseCertificates takes for a list of certificates.
const maxCertificateFile = 4 << 20

// ParseCertificates reads PEM (any number of CERTIFICATE blocks) or one DER certificate.
func ParseCertificates(pemOrDER []byte) ([]*x509.Certificate, error) {
	if len(pemOrDER) > maxCertificateFile {
		return nil, fmt.Errorf("reading certificates: more than %d bytes", maxCertificateFile)
	}
	if !bytes.Contains(pemOrDER, []byte("-----BEGIN ")) {
		c, err := x509.ParseCertificate(pemOrDER)
		if err != nil {
			return nil, fmt.Errorf("reading a DER certificate: %w", err)
		}
		return []*x509.Certificate{c}, nil
	}
	// A block that pem.Decode cannot read it passes over in silence: trust must not shrink so.
	begun := bytes.Count(pemOrDER, []byte("-----BEGIN CERTIFICATE-----"))
	var list []*x509.Certificate
	for {
		var block *pem.Block
		block, pemOrDER = pem.Decode(pemOrDER)
		if block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue // a key or a CRL may share the file
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("reading certificate %d: %w", len(list)+1, err)
		}
		list = append(list, c)
	}
	if begun == 0 {
		return nil, errors.New("reading certificates: no CERTIFICATE block")
	}
	if len(list) != begun {
		return nil, fmt.Errorf("reading certificates: %d of %d blocks are damaged", begun-len(list), begun)
	}
	return list, nil
}
