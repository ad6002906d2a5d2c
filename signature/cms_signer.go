package signature

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"slices"

	"asugate/signature/cms"
	"asugate/xmltree"
)

// certificates are those of the CMS, the signer's own first: that which the SignerInfo names, and no
// other, even if another's key would verify the value. Where it did not come along it may be one
// that is trusted.
func (d *detached) certificates(trust *Trust) []carried {
	own, known := d.own(trust)
	if !known {
		d.report.fault(noCertificate, xmltree.Element{}, "X.509", quoted(d.signerName()))
		return nil
	}
	list := []carried{{der: own.Raw}}
	for _, c := range d.Certificates {
		if !bytes.Equal(c.Raw, own.Raw) {
			list = append(list, carried{der: c.Raw})
		}
	}
	return list
}

// own is the signer's certificate. Several may have the same name and number, of which one at most
// is genuine: the signed attributes say which.
func (d *detached) own(trust *Trust) (own cms.Certificate, found bool) {
	means := func(c cms.Certificate) bool { return c.Is(d.Signer.ID) }
	candidates := slices.DeleteFunc(slices.Clone(d.Certificates), func(c cms.Certificate) bool { return !means(c) })
	if len(candidates) == 0 && trust != nil {
		for _, c := range slices.Concat(trust.pinned, trust.authorities) {
			if c := cms.ReadCertificate(c.Raw); means(c) {
				candidates = append(candidates, c)
			}
		}
	}
	if len(candidates) == 0 {
		return own, false
	}
	if i := slices.IndexFunc(candidates, d.isSigned); i >= 0 {
		return candidates[i], true
	}
	d.report.fault(signingCertificateMismatch, xmltree.Element{}, "", "")
	return candidates[0], true
}

// isSigned says that the certificate is the one that the signer states inside what he signs: RFC 5035
// sections 3 and 5. It is so of any where he states none.
func (d *detached) isSigned(c cms.Certificate) bool {
	if d.Signer.Attributes == nil {
		return true
	}
	for _, id := range d.Signer.Attributes.Certificates {
		sum := certificateSum(id.Digest.OID)
		switch {
		case sum == nil: // checkAttributes refuses it
		case !bytes.Equal(sum(c.Raw), id.Hash):
			return false
		case id.Serial != nil && !(bytes.Equal(id.Serial, c.Serial) && bytes.Equal(id.Issuer, c.Issuer)):
			return false
		}
	}
	return true
}

// certificateSum is the digest of which a signer may state the sum of his certificate. SHA-1, the
// only one of RFC 2634, will do for that: the key must verify the value all the same, and nobody
// finds a second certificate of it with the same sum.
func certificateSum(oid string) func([]byte) []byte {
	if oid == oidSHA1 {
		return func(octets []byte) []byte { s := sha1.Sum(octets); return s[:] }
	}
	if d := digestNamed(cmsDigests[oid]); d != nil {
		return d.sum
	}
	return nil
}

// signerName is how a SignerInfo names the certificate, for people.
func (d *detached) signerName() string {
	id := d.Signer.ID
	if id.KeyID != nil {
		return "subjectKeyIdentifier " + hex.EncodeToString(id.KeyID)
	}
	return distinguishedName(id.Issuer) + ", " + hex.EncodeToString(id.Serial)
}
