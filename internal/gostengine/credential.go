package gostengine

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"strconv"
)

// Algorithm is a key of the engine: its algorithm and its set of parameters.
type Algorithm struct{ Key, ParamSet string }

// The sets of parameters that are used; see ParamSets for all that the engine has.
var (
	GOST2012_256 = Algorithm{"gost2012_256", "TCA"}
	GOST2012_512 = Algorithm{"gost2012_512", "A"}
	GOST2001     = Algorithm{"gost2001", "XA"}
)

// ParamSets are all keys that the engine makes.
func ParamSets() []Algorithm {
	var list []Algorithm
	for _, set := range []string{"A", "B", "C", "XA", "XB", "TCA", "TCB", "TCC", "TCD", "0"} {
		list = append(list, Algorithm{"gost2012_256", set})
	}
	for _, set := range []string{"A", "B", "C"} {
		list = append(list, Algorithm{"gost2012_512", set})
	}
	for _, set := range []string{"A", "B", "C", "XA", "XB", "0"} {
		list = append(list, Algorithm{"gost2001", set})
	}
	return list
}

// digest is the option by which openssl names the digest that goes with the key.
func (a Algorithm) digest() string {
	switch a.Key {
	case "gost2012_256":
		return "-md_gost12_256"
	case "gost2012_512":
		return "-md_gost12_512"
	}
	return "-md_gost94"
}

// Credential is a certificate and the files in which it and its key lie.
type Credential struct {
	Algorithm       Algorithm
	Certificate     *x509.Certificate
	KeyFile         string // PEM, PKCS #8
	CertificateFile string // PEM
}

// Key makes a key; the answer is its file.
func (e *Engine) Key(a Algorithm) string {
	e.t.Helper()
	path := e.path("key.pem")
	e.Run(nil, "genpkey", "-algorithm", a.Key, "-pkeyopt", "paramset:"+a.ParamSet, "-out", path)
	return path
}

// PublicKey is the SubjectPublicKeyInfo (DER) of a key file.
func (e *Engine) PublicKey(keyFile string) []byte {
	e.t.Helper()
	return e.Run(nil, "pkey", "-in", keyFile, "-pubout", "-outform", "DER")
}

// Authority makes a CA with its own self-signed certificate, valid for ten years from now.
func (e *Engine) Authority(a Algorithm, name string) Credential {
	e.t.Helper()
	c := Credential{Algorithm: a, KeyFile: e.Key(a)}
	c.CertificateFile = e.path("ca.pem")
	e.Run(nil, "req", "-new", "-x509", "-config", e.config, a.digest(), "-key", c.KeyFile, "-subj", "/CN="+name,
		"-extensions", "authority", "-days", "3650", "-set_serial", "1", "-out", c.CertificateFile)
	c.Certificate = e.certificate(c.CertificateFile)
	return c
}

// Issue makes a signer of documents below the CA; subject is as openssl takes it: /CN=…/O=….
func (e *Engine) Issue(authority Credential, a Algorithm, subject string) Credential {
	e.t.Helper()
	return e.issue(authority, a, subject, "signer")
}

// Intermediate makes a CA below the CA.
func (e *Engine) Intermediate(authority Credential, a Algorithm, name string) Credential {
	e.t.Helper()
	return e.issue(authority, a, "/CN="+name, "authority")
}

func (e *Engine) issue(authority Credential, a Algorithm, subject, extensions string) Credential {
	e.t.Helper()
	c := Credential{Algorithm: a, KeyFile: e.Key(a)}
	c.CertificateFile = e.path("certificate.pem")
	request := e.path("request.pem")
	e.Run(nil, "req", "-new", "-config", e.config, a.digest(), "-key", c.KeyFile, "-subj", subject, "-out", request)
	e.files++
	e.Run(nil, "x509", "-req", authority.Algorithm.digest(), "-in", request, "-CA", authority.CertificateFile,
		"-CAkey", authority.KeyFile, "-set_serial", strconv.Itoa(0x1000+e.files), "-days", "365",
		"-extfile", e.config, "-extensions", extensions, "-out", c.CertificateFile)
	c.Certificate = e.certificate(c.CertificateFile)
	return c
}

// CRL is a list (DER) of the CA that revokes the certificates, now.
func (e *Engine) CRL(authority Credential, revoked ...*x509.Certificate) []byte {
	e.t.Helper()
	var index bytes.Buffer
	for _, c := range revoked {
		serial := new(big.Int).Set(c.SerialNumber).Text(16)
		if len(serial)%2 == 1 {
			serial = "0" + serial
		}
		index.WriteString("R\t" + c.NotAfter.UTC().Format("060102150405Z") + "\t" +
			c.NotBefore.UTC().Format("060102150405Z") + "\t" + serial + "\tunknown\t/CN=revoked\n")
	}
	e.put(e.dir+"/index.txt", index.Bytes())
	e.put(e.dir+"/crlnumber", []byte("01\n"))
	text := e.Run(nil, "ca", "-config", e.config, "-gencrl", "-md", authority.Algorithm.digest()[1:],
		"-cert", authority.CertificateFile, "-keyfile", authority.KeyFile)
	block, _ := pem.Decode(text)
	if block == nil {
		e.t.Fatalf("openssl ca made no CRL: %s", text)
	}
	return block.Bytes
}

// Sign is the signature of the octets with the digest that goes with the key: s and r, as RFC 4491
// section 2.2.2 has them.
func (e *Engine) Sign(c Credential, octets []byte) []byte {
	e.t.Helper()
	return e.SignWith(c.KeyFile, c.Algorithm, octets)
}

// SignWith is Sign with a key that has no certificate.
func (e *Engine) SignWith(keyFile string, a Algorithm, octets []byte) []byte {
	e.t.Helper()
	return e.Run(nil, "dgst", a.digest(), "-sign", keyFile, e.file("octets", octets))
}

// SignCMS is a detached CMS signature (DER) over the bytes as they are, with signed attributes and
// the certificate; more are arguments for openssl cms, such as -nodetach or -cades.
func (e *Engine) SignCMS(c Credential, content []byte, more ...string) []byte {
	e.t.Helper()
	arguments := append([]string{"cms", "-sign", "-binary", "-outform", "DER", "-md", c.Algorithm.digest()[1:],
		"-signer", c.CertificateFile, "-inkey", c.KeyFile, "-in", e.file("content", content)}, more...)
	return e.Run(nil, arguments...)
}

// VerifyCMS has openssl verify a detached CMS signature against the CA, certificates only.
func (e *Engine) VerifyCMS(authority Credential, content, cms []byte) {
	e.t.Helper()
	e.Run(nil, "cms", "-verify", "-binary", "-inform", "DER", "-in", e.file("cms", cms),
		"-content", e.file("content", content), "-CAfile", authority.CertificateFile, "-purpose", "any", "-out", os.DevNull)
}

func (e *Engine) certificate(file string) *x509.Certificate {
	e.t.Helper()
	block, _ := pem.Decode(e.read(file))
	if block == nil {
		e.t.Fatalf("%s holds no certificate", file)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		e.t.Fatalf("crypto/x509 does not read the engine's certificate: %v", err)
	}
	return c
}
