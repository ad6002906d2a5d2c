// Package cms answers: what does a CMS SignedData say, word for word?
//
// It reads and writes the structure of RFC 5652 (PKCS #7 1.5 included) for one signer, and neither
// verifies nor trusts anything: no key is touched here. Parse is strict, because what two readers
// can read in two ways one of them reads wrongly: one SignerInfo, each signed attribute once and
// with one value, the signed attributes in DER but for their order. The rest may be BER with
// indefinite lengths, as programs write it that do not know the length beforehand. Nothing is
// copied but the signed attributes and an octet string that came in pieces.
//
// Certificates are told apart by issuer, serial number and key identifier; whether they are good is
// for crypto/x509 and for those who ask it. CRLs and unsigned attributes are passed over: anyone may
// have put them there.
package cms
