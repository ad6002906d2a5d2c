package attack_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"encoding/asn1"
	"math/big"

	"asugate/internal/attack"
	"asugate/internal/pki"
)

// method is a way to sign with a key of its own.
type method struct {
	name, uri  string
	credential pki.Credential
	sign       attack.Signer
}

// methods are all that XMLDSig has and the gateway verifies itself, without GOST.
func methods(root *pki.Authority) []method {
	const more = "http://www.w3.org/2001/04/xmldsig-more#"
	issue := func(kind pki.KeyKind) pki.Credential {
		return pki.Must(root.Issue(pki.Request{Subject: pki.Subject{CommonName: "Петрова Анна Олеговна"}, Key: kind}))
	}
	p256, p384, p521, rsa2048, ed := issue(pki.P256), issue(pki.P384), issue(pki.P521), issue(pki.RSA2048), issue(pki.Ed25519)
	return []method{
		{"ecdsa-sha256", more + "ecdsa-sha256", p256, ecdsaSigner(p256)},
		{"ecdsa-sha384", more + "ecdsa-sha384", p384, ecdsaSignerBy(p384, crypto.SHA384)},
		{"ecdsa-sha512", more + "ecdsa-sha512", p521, ecdsaSignerBy(p521, crypto.SHA512)},
		{"rsa-sha256", more + "rsa-sha256", rsa2048, signerBy(rsa2048, crypto.SHA256, crypto.SHA256)},
		{"rsa-pss-sha512", "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1", rsa2048,
			signerBy(rsa2048, crypto.SHA512, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA512})},
		{"ed25519", "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", ed, signerBy(ed, 0, crypto.Hash(0))},
	}
}

// signerBy signs with the options of crypto.Signer. Without a hash the octets are signed as they are.
func signerBy(c pki.Credential, hash crypto.Hash, options crypto.SignerOpts) attack.Signer {
	return func(octets []byte) []byte {
		if hash != 0 {
			h := hash.New()
			h.Write(octets)
			octets = h.Sum(nil)
		}
		return pki.Must(c.Key.Sign(rand.Reader, octets, options))
	}
}

func ecdsaSigner(c pki.Credential) attack.Signer { return ecdsaSignerBy(c, crypto.SHA256) }

// ecdsaSignerBy writes r||s.
func ecdsaSignerBy(c pki.Credential, hash crypto.Hash) attack.Signer {
	size := (c.Key.Public().(*ecdsa.PublicKey).Curve.Params().BitSize + 7) / 8
	der := signerBy(c, hash, hash)
	return func(octets []byte) []byte {
		var pair struct{ R, S *big.Int }
		if _, err := asn1.Unmarshal(der(octets), &pair); err != nil {
			panic(err) // crypto/ecdsa wrote it
		}
		value := make([]byte, 2*size)
		pair.R.FillBytes(value[:size])
		pair.S.FillBytes(value[size:])
		return value
	}
}
