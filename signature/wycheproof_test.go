package signature

import (
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"slices"
	"testing"

	"github.com/c2sp/wycheproof"
)

// wycheproofFile is a file of Project Wycheproof, as far as we read it.
type wycheproofFile struct {
	Groups []struct {
		PublicKeyDER string `json:"publicKeyDer"`
		Tests        []struct {
			ID        int      `json:"tcId"`
			Comment   string   `json:"comment"`
			Message   string   `json:"msg"`
			Signature string   `json:"sig"`
			Result    string   `json:"result"`
			Flags     []string `json:"flags"`
		} `json:"tests"`
	} `json:"testGroups"`
}

// toleratedFlags are the values that are not as the vectors want them and that we take: halves of
// ECDSA from which leading zeros were left out, as older JDKs write them. The pair of numbers is the
// signer's all the same.
var toleratedFlags = map[string]bool{"SignatureSize": true}

// TestWycheproof runs the vectors for the algorithms that we verify through the verifiers of the
// table. Everything valid is taken, everything invalid refused; «acceptable» is left open there, and
// is refused here: it is padding that lacks a NULL.
func TestWycheproof(t *testing.T) {
	for _, one := range []struct {
		method string
		files  []string
	}{
		{"rsa-sha256", []string{"rsa_signature_2048_sha256", "rsa_signature_3072_sha256", "rsa_signature_4096_sha256", "rsa_signature_8192_sha256"}},
		{"rsa-sha384", []string{"rsa_signature_2048_sha384", "rsa_signature_3072_sha384", "rsa_signature_4096_sha384", "rsa_signature_8192_sha384"}},
		{"rsa-sha512", []string{"rsa_signature_2048_sha512", "rsa_signature_3072_sha512", "rsa_signature_4096_sha512", "rsa_signature_8192_sha512"}},
		{"rsa-pss-sha256", []string{"rsa_pss_2048_sha256_mgf1_32", "rsa_pss_3072_sha256_mgf1_32", "rsa_pss_4096_sha256_mgf1_32"}},
		{"rsa-pss-sha384", []string{"rsa_pss_2048_sha384_mgf1_48", "rsa_pss_4096_sha384_mgf1_48"}},
		{"rsa-pss-sha512", []string{"rsa_pss_4096_sha512_mgf1_64"}},
		{"ecdsa-sha256", []string{"ecdsa_secp256r1_sha256_p1363"}},
		{"ecdsa-sha384", []string{"ecdsa_secp384r1_sha384_p1363"}},
		{"ecdsa-sha512", []string{"ecdsa_secp256r1_sha512_p1363", "ecdsa_secp384r1_sha512_p1363", "ecdsa_secp521r1_sha512_p1363"}},
		{"ed25519", []string{"ed25519"}},
	} {
		at := slices.IndexFunc(methods, func(m method) bool { return m.name == one.method })
		for _, name := range one.files {
			t.Run(one.method+" "+name, func(t *testing.T) { runWycheproof(t, &methods[at], name) })
		}
	}
}

// TestWycheproofSalt: PSS with a salt of another length than the digest's is another algorithm than
// the one that the identifier of RFC 9231 names, also where the vectors call it valid.
func TestWycheproofSalt(t *testing.T) {
	at := slices.IndexFunc(methods, func(m method) bool { return m.name == "rsa-pss-sha256" })
	valid := 0
	for _, group := range readWycheproof(t, "rsa_pss_2048_sha256_mgf1_0").Groups {
		c := keyed(t, group.PublicKeyDER)
		for _, test := range group.Tests {
			if test.Result != "valid" {
				continue
			}
			valid++
			if methods[at].verify(Policy{}, c, unhex(t, test.Message), unhex(t, test.Signature)) == (reason{}) {
				t.Errorf("%d %s: taken without a salt", test.ID, test.Comment)
			}
		}
	}
	if valid == 0 {
		t.Error("no vector")
	}
}

func runWycheproof(t *testing.T, m *method, name string) {
	taken := 0
	for _, group := range readWycheproof(t, name).Groups {
		c := keyed(t, group.PublicKeyDER)
		for _, test := range group.Tests {
			why := m.verify(Policy{}, c, unhex(t, test.Message), unhex(t, test.Signature))
			tolerated := slices.ContainsFunc(test.Flags, func(flag string) bool { return toleratedFlags[flag] })
			switch {
			case why == (reason{}) && test.Result == "valid":
				taken++
			case why == (reason{}) && !tolerated:
				t.Errorf("%d %s: it is taken", test.ID, test.Comment)
			case why != (reason{}) && test.Result == "valid":
				t.Errorf("%d %s: refused as %v", test.ID, test.Comment, why)
			}
		}
	}
	if taken == 0 {
		t.Error("nothing was taken")
	}
}

func readWycheproof(t *testing.T, name string) wycheproofFile {
	t.Helper()
	text, err := fs.ReadFile(wycheproof.TestVectors, name+"_test.json")
	if err != nil {
		t.Fatal(err)
	}
	var file wycheproofFile
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// keyed is a certificate of which nothing is known but the key.
func keyed(t *testing.T, publicKey string) *x509.Certificate {
	t.Helper()
	der := unhex(t, publicKey)
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	return &x509.Certificate{PublicKey: key, RawSubjectPublicKeyInfo: der}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	octets, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return octets
}
