//go:build cgo

package main

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/miekg/pkcs11"
)

// ГОСТ Р 34.10-2012 with 512 bits has no numbers of OASIS; these are of ТК 26, which the Russian
// vendors share. With 256 bits it is a key and a mechanism like ГОСТ Р 34.10-2001.
const (
	tc26           = 0xd4321000
	keyGOST512     = tc26 | 0x003
	signingGOST512 = tc26 | 0x006
)

// algorithm is what can be done with a kind of key.
type algorithm struct {
	name      string
	key       uint // CKK_…
	mechanism uint // CKM_…
	size      int  // of the digest
	digest    asn1.ObjectIdentifier
}

var (
	sha256ID = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	sha384ID = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	sha512ID = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
)

var known = []algorithm{
	{"rsa-sha256", pkcs11.CKK_RSA, pkcs11.CKM_RSA_PKCS, 32, sha256ID},
	{"rsa-sha384", pkcs11.CKK_RSA, pkcs11.CKM_RSA_PKCS, 48, sha384ID},
	{"rsa-sha512", pkcs11.CKK_RSA, pkcs11.CKM_RSA_PKCS, 64, sha512ID},
	{"ecdsa-sha256", pkcs11.CKK_EC, pkcs11.CKM_ECDSA, 32, nil},
	{"ecdsa-sha384", pkcs11.CKK_EC, pkcs11.CKM_ECDSA, 48, nil},
	{"ecdsa-sha512", pkcs11.CKK_EC, pkcs11.CKM_ECDSA, 64, nil},
	{"gost2012-256", pkcs11.CKK_GOSTR3410, pkcs11.CKM_GOSTR3410, 32, nil},
	{"gost2012-512", keyGOST512, signingGOST512, 64, nil},
}

func algorithms() []string {
	var names []string
	for _, a := range known {
		names = append(names, a.name)
	}
	return names
}

// sign makes the value of a digest: as crypto.Signer has it for RSA and ECDSA. A GOST value is handed
// on as the token writes it; in which order it has s and r shows at the gateway's trial signature.
func (t *token) sign(name string, digest []byte) ([]byte, error) {
	var a algorithm
	for _, k := range known {
		if k.name == name {
			a = k
		}
	}
	if a.name == "" {
		return nil, fmt.Errorf("no algorithm %q", name)
	}
	if len(digest) != a.size {
		return nil, fmt.Errorf("a digest of %d bytes for %s", len(digest), name)
	}
	input := digest
	if a.digest != nil {
		// CKM_RSA_PKCS pads, and knows nothing of digests: it gets the DigestInfo of RFC 8017
		// section 9.2.
		null := pkix.AlgorithmIdentifier{Algorithm: a.digest, Parameters: asn1.NullRawValue}
		der, err := asn1.Marshal(struct {
			Algorithm pkix.AlgorithmIdentifier
			Digest    []byte
		}{null, digest})
		if err != nil {
			return nil, fmt.Errorf("writing a DigestInfo: %w", err)
		}
		input = der
	}
	var value []byte
	err := t.use(func(c *connection, session pkcs11.SessionHandle) error {
		if c.kind != a.key {
			return fmt.Errorf("the key does not sign with %s", name)
		}
		err := t.module.SignInit(session, []*pkcs11.Mechanism{pkcs11.NewMechanism(a.mechanism, nil)}, c.key)
		if err != nil {
			return fmt.Errorf("beginning to sign: %w", err)
		}
		if value, err = t.module.Sign(session, input); err != nil {
			return fmt.Errorf("signing: %w", err)
		}
		return nil
	})
	if err != nil || a.key != pkcs11.CKK_EC {
		return value, err
	}
	// CKM_ECDSA writes r||s.
	half := len(value) / 2
	return asn1.Marshal(struct{ R, S *big.Int }{
		new(big.Int).SetBytes(value[:half]), new(big.Int).SetBytes(value[half:]),
	})
}

// public is the public key as far as the token tells it.
func (t *token) public() ([]byte, error) {
	var spki []byte
	err := t.use(func(c *connection, _ pkcs11.SessionHandle) error {
		spki = c.public
		return nil
	})
	return spki, err
}

// findKey finds the private key, and the public one where it can.
func (t *token) findKey(session pkcs11.SessionHandle, c *connection) error {
	private, err := t.objects(session, pkcs11.CKO_PRIVATE_KEY, t.options.Key, t.id)
	if err != nil {
		return err
	}
	if len(private) != 1 {
		return fmt.Errorf("%d private keys with label %q and id %x (hint: pkcs11-tool --list-objects --login shows them)",
			len(private), t.options.Key, t.id)
	}
	c.key = private[0]
	kind, err := t.attribute(session, c.key, pkcs11.CKA_KEY_TYPE)
	if err != nil {
		return fmt.Errorf("asking for the kind of the key: %w", err)
	}
	for i, b := range kind { // CK_ULONG, as this machine writes it
		c.kind |= uint(b) << (8 * i)
	}
	switch c.kind {
	case pkcs11.CKK_RSA:
		c.public = t.publicRSA(session, c.key)
	case pkcs11.CKK_EC:
		c.public = t.publicEC(session, c.key)
	}
	return nil
}

// objects are the handles of a class with a label and an id, either of which may be empty.
func (t *token) objects(session pkcs11.SessionHandle, class uint, label string, id []byte) ([]pkcs11.ObjectHandle, error) {
	template := []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_CLASS, class)}
	if label != "" {
		template = append(template, pkcs11.NewAttribute(pkcs11.CKA_LABEL, label))
	}
	if len(id) > 0 {
		template = append(template, pkcs11.NewAttribute(pkcs11.CKA_ID, id))
	}
	if err := t.module.FindObjectsInit(session, template); err != nil {
		return nil, fmt.Errorf("looking for the key: %w", err)
	}
	found, _, err := t.module.FindObjects(session, 16)
	if err = errors.Join(err, t.module.FindObjectsFinal(session)); err != nil {
		return nil, fmt.Errorf("looking for the key: %w", err)
	}
	return found, nil
}

func (t *token) attribute(session pkcs11.SessionHandle, object pkcs11.ObjectHandle, kind uint) ([]byte, error) {
	list, err := t.module.GetAttributeValue(session, object, []*pkcs11.Attribute{pkcs11.NewAttribute(kind, nil)})
	if err != nil {
		return nil, err
	}
	return list[0].Value, nil
}

// publicRSA is nil where the token does not tell the numbers: the trial signature shows then
// whether it is the right key.
func (t *token) publicRSA(session pkcs11.SessionHandle, key pkcs11.ObjectHandle) []byte {
	modulus, err := t.attribute(session, key, pkcs11.CKA_MODULUS)
	if err != nil {
		return nil
	}
	exponent, err := t.attribute(session, key, pkcs11.CKA_PUBLIC_EXPONENT)
	e := new(big.Int).SetBytes(exponent)
	if err != nil || !e.IsInt64() || e.Int64() > 1<<31-1 {
		return nil
	}
	spki, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(e.Int64())})
	if err != nil {
		return nil
	}
	return spki
}

// publicEC takes the point from the public key with the same id, or label: a private key has none.
func (t *token) publicEC(session pkcs11.SessionHandle, key pkcs11.ObjectHandle) []byte {
	id, err := t.attribute(session, key, pkcs11.CKA_ID)
	label := ""
	if err != nil || len(id) == 0 {
		label = t.options.Key
	}
	if label == "" && len(id) == 0 {
		return nil
	}
	objects, err := t.objects(session, pkcs11.CKO_PUBLIC_KEY, label, id)
	if err != nil || len(objects) != 1 {
		return nil
	}
	curve, err := t.attribute(session, objects[0], pkcs11.CKA_EC_PARAMS)
	if err != nil {
		return nil
	}
	point, err := t.attribute(session, objects[0], pkcs11.CKA_EC_POINT)
	if err != nil {
		return nil
	}
	// PKCS #11 wraps the point into an OCTET STRING; some tokens forget to.
	var inner []byte
	if rest, err := asn1.Unmarshal(point, &inner); err == nil && len(rest) == 0 {
		point = inner
	}
	spki, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{
		pkix.AlgorithmIdentifier{
			Algorithm:  asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1},
			Parameters: asn1.RawValue{FullBytes: curve},
		},
		asn1.BitString{Bytes: point, BitLength: 8 * len(point)},
	})
	if err != nil {
		return nil
	}
	return spki
}
