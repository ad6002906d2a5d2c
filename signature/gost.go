package signature

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"sync"
	"time"

	"asugate/signature/gost"
)

// nsGOST is where the identifiers of GOST in XML stand: draft-smirnov-xmldsig, by which IANA has
// registered them, the same as R 1323565.1.033-2020. Before them xmldsig-more was used, and some libraries leave out the last
// hyphen; each spelling means one algorithm only, so all are taken.
const nsGOST = "urn:ietf:params:xml:ns:cpxmlsec:algorithms:"

// The short names of ГОСТ Р 34.10, by which a Provider is asked.
const (
	nameGOST256  = "gost2012-256"
	nameGOST512  = "gost2012-512"
	nameGOST2001 = "gost2001"
)

func streebog256(octets []byte) []byte { s := gost.Streebog256(octets); return s[:] }
func streebog512(octets []byte) []byte { s := gost.Streebog512(octets); return s[:] }
func gost94(octets []byte) []byte      { s := gost.R341194(octets); return s[:] }

// gostScheme is a way to sign with GOST: the algorithm of the key and the digest that goes with it.
type gostScheme struct {
	name string
	key  gost.Algorithm
	bits int
	sum  func(octets []byte) []byte
}

var (
	gost256  = gostScheme{nameGOST256, gost.R2012_256, 256, streebog256}
	gost512  = gostScheme{nameGOST512, gost.R2012_512, 512, streebog512}
	gost2001 = gostScheme{nameGOST2001, gost.R2001, 256, gost94}
)

// gostSignature verifies s‖r, the value as CMS, certificates and XML have it alike: RFC 4490 section
// 3.2, RFC 9215 section 2, draft-smirnov-xmldsig.
func gostSignature(scheme *gostScheme) verifier {
	return func(p Policy, c *x509.Certificate, octets, value []byte) reason {
		key, err := gostKeys.parse(c.RawSubjectPublicKeyInfo)
		switch {
		case errors.Is(err, gost.ErrNotGOST):
			return keyKindMismatch
		case err != nil:
			return keyNotSupported
		case key.Algorithm() != scheme.key:
			return keyKindMismatch
		case scheme.bits < p.minEC():
			return curveTooShort
		case len(value) != 2*key.Size():
			return signatureMalformed
		}
		holds, err := p.verifyGOST(scheme, key, c, octets, value)
		switch {
		case err != nil:
			return providerSilent
		case !holds:
			return signatureMismatch
		}
		return reason{}
	}
}

// maxProvider is how long a provider may take for one signature. It is in the way of an answer to a
// client.
const maxProvider = 5 * time.Second

// verifyGOST asks the provider where there is one, and else computes.
func (p Policy) verifyGOST(scheme *gostScheme, key *gost.PublicKey, c *x509.Certificate, octets, value []byte) (bool, error) {
	if p.GOST == nil {
		return key.Verify(scheme.sum(octets), value), nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), maxProvider)
	defer cancel()
	return p.GOST.Verify(ctx, scheme.name, c.RawSubjectPublicKeyInfo, octets, value)
}

// maxGOSTKeys is how many keys one generation of the cache holds.
const maxGOSTKeys = 256

// gostKeys are the keys of late. To show that a point is of the group takes as long as to verify a
// signature with it.
var gostKeys gostKeyCache

// gostKeyCache keeps two generations, as signerCache does: whoever fills it with strange keys makes
// the others be parsed again, no more.
type gostKeyCache struct {
	mu              sync.Mutex // protects both maps; held for a look-up only
	present, former map[[sha256.Size]byte]*gost.PublicKey
}

func (c *gostKeyCache) parse(spki []byte) (*gost.PublicKey, error) {
	name := sha256.Sum256(spki)
	c.mu.Lock()
	key, ok := c.present[name]
	if !ok {
		if key, ok = c.former[name]; ok {
			c.insert(name, key)
		}
	}
	c.mu.Unlock()
	if ok {
		return key, nil
	}
	key, err := gost.ParsePublicKey(spki)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.insert(name, key)
	return key, nil
}

// insert is called with mu held.
func (c *gostKeyCache) insert(name [sha256.Size]byte, key *gost.PublicKey) {
	if len(c.present) >= maxGOSTKeys || c.present == nil {
		c.present, c.former = make(map[[sha256.Size]byte]*gost.PublicKey), c.present
	}
	c.present[name] = key
}
