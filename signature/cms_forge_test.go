package signature

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"slices"
	"testing"

	"asugate/internal/pki"
	"asugate/signature/cms"
)

// tlv is one value of DER.
func tlv(tag byte, contents ...[]byte) []byte {
	body := bytes.Join(contents, nil)
	header := []byte{tag, byte(len(body))}
	switch {
	case len(body) > 0xffff:
		header = []byte{tag, 0x83, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}
	case len(body) > 0xff:
		header = []byte{tag, 0x82, byte(len(body) >> 8), byte(len(body))}
	case len(body) > 0x7f:
		header = []byte{tag, 0x81, byte(len(body))}
	}
	return append(header, body...)
}

func oid(dotted string) []byte {
	id := pki.Must(x509.ParseOID(dotted))
	return tlv(0x06, pki.Must(id.MarshalBinary()))
}

func number(n byte) []byte { return tlv(0x02, []byte{n}) }

// algorithm is an AlgorithmIdentifier with the parameters as they are given.
func algorithm(dotted string, parameters ...[]byte) []byte {
	return tlv(0x30, append([][]byte{oid(dotted)}, parameters...)...)
}

// Attributes of every signature that is forged.
const (
	contentTypeOID   = "1.2.840.113549.1.9.3"
	messageDigestOID = "1.2.840.113549.1.9.4"
	signingTimeOID   = "1.2.840.113549.1.9.5"
	certificateOID   = "1.2.840.113549.1.9.16.2.12"
	certificateV2OID = "1.2.840.113549.1.9.16.2.47"
	protectionOID    = "1.2.840.113549.1.9.52"
	sha256OID        = "2.16.840.1.101.3.4.2.1"
)

func attribute(dotted string, values ...[]byte) []byte {
	return tlv(0x30, oid(dotted), tlv(0x31, values...))
}

// forge is a SignedData written by hand, to say what no honest program says. Every field is DER.
type forge struct {
	version      []byte
	contentType  string
	content      []byte // nil: detached
	certificates [][]byte
	infoVersion  []byte
	signer       []byte // sid
	digest       []byte
	attributes   [][]byte // none: the content is signed
	unsorted     bool
	signature    []byte // algorithm
	key          crypto.Signer
	hash         crypto.Hash
	value        []byte // in place of the signature
	infos        int
}

// newForge is what an honest program would write.
func newForge(s signer, document string) *forge {
	sum := sum256([]byte(document))
	own := cms.ReadCertificate(s.cred.Certificate.Raw)
	f := &forge{
		version: number(1), contentType: cms.OIDData, infos: 1, infoVersion: number(1),
		signer: tlv(0x30, own.Issuer, tlv(0x02, own.Serial)), digest: algorithm(sha256OID),
		certificates: [][]byte{own.Raw}, key: s.cred.Key, hash: crypto.SHA256,
		attributes: [][]byte{
			attribute(contentTypeOID, oid(cms.OIDData)), attribute(messageDigestOID, tlv(0x04, sum)),
		},
	}
	f.signature = algorithm("1.2.840.10045.4.3.2")
	return f
}

// octets are what is signed.
func (f *forge) octets(document string) []byte {
	if len(f.attributes) == 0 {
		return []byte(document)
	}
	if !f.unsorted {
		slices.SortFunc(f.attributes, bytes.Compare)
	}
	return tlv(0x31, f.attributes...)
}

func (f *forge) write(t testing.TB, document string) []byte {
	t.Helper()
	octets := f.octets(document)
	value := f.value
	if value == nil {
		value = f.sign(t, octets)
	}
	info := [][]byte{f.infoVersion, f.signer, f.digest}
	if len(f.attributes) > 0 {
		info = append(info, append([]byte{0xa0}, octets[1:]...))
	}
	info = append(info, f.signature, tlv(0x04, value))
	content := [][]byte{oid(f.contentType)}
	if f.content != nil {
		content = append(content, tlv(0xa0, tlv(0x04, f.content)))
	}
	data := [][]byte{f.version, tlv(0x31, f.digest), tlv(0x30, content...)}
	if f.certificates != nil {
		data = append(data, tlv(0xa0, f.certificates...))
	}
	data = append(data, tlv(0x31, bytes.Repeat(tlv(0x30, info...), f.infos)))
	return tlv(0x30, oid("1.2.840.113549.1.7.2"), tlv(0xa0, tlv(0x30, data...)))
}

func (f *forge) sign(t testing.TB, octets []byte) []byte {
	t.Helper()
	signed := octets
	if f.hash != 0 {
		h := f.hash.New()
		h.Write(octets)
		signed = h.Sum(nil)
	}
	value, err := f.key.Sign(rand.Reader, signed, f.hash)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// nameByKey makes the forger name the certificate by the identifier of its key.
func (f *forge) nameByKey(id []byte) {
	f.infoVersion, f.signer = number(3), tlv(0x80, id)
}
