package signature

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"
	"time"

	"asugate/xmltree"
)

// vectors is the folder of public test data beside the repository.
func vectors(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("ASUGATE_VECTORS")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "vectors")
	}
	if _, err := os.Stat(filepath.Join(dir, "xmldsig", "manifest.tsv")); err != nil {
		t.Skip("no public vectors: ASUGATE_VECTORS names no folder with xmldsig/manifest.tsv")
	}
	return dir
}

// ourDecision is what we say where the manifest leaves it to the gateway («policy»), knows an
// algorithm less, or gives a reason that is to be ours too.
var ourDecision = map[string]string{
	"xmlcrypto-valid_saml_sha256_rsa_mgf1":                "",                       // RSASSA-PSS, which we verify
	"crewjam-SPRejectsInjectedComment":                    "",                       // a comment in a value, which is read whole
	"rubysaml-response_node_text_attack2":                 "A04 sha1, A04 sha1",     // the same, but signed with SHA-1
	"gosaml2-pingfed_01":                                  "A05 no-certificate",     // no KeyInfo: nobody is named
	"gosaml2-okta_response":                               "A10 several-signatures", // one of them would not be looked at
	"goxmldsig-ecdsa_der":                                 "A10 several-signatures", // the same, and a value that is no r||s
	"goxmldsig-validExample":                              "A10 several-signatures", // the same
	"xmlcrypto-valid_saml":                                "A10 several-signatures",
	"rubysaml-response_with_signed_message_and_assertion": "A10 several-signatures",
	"rubysaml-duplicated_attributes":                      "A10 several-signatures",
	"xmlsec-enveloped-gost2001":                           "A04 gost-2001, A10 transform-not-allowed, A04 gost-2001", // XPath
	"xmlsec-enveloped-gost2012-256":                       "A10 transform-not-allowed",                               // XPath, though ГОСТ itself is known
	"xmlsec-enveloped-gost2012-512":                       "A10 transform-not-allowed",                               // the same
}

// legacyDecision is the same with every legacy switch on, where that makes a difference.
var legacyDecision = map[string]string{
	"rubysaml-response_node_text_attack2": "",
	"xmlsec-enveloped-gost2001":           "A10 transform-not-allowed",
}

// vector is a row of the manifest.
type vector map[string]string

func readManifest(t *testing.T, dir string) []vector {
	t.Helper()
	file, err := os.Open(filepath.Join(dir, "manifest.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	reader := csv.NewReader(file)
	reader.Comma, reader.LazyQuotes = '\t', true
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	for _, row := range rows[1:] {
		v := make(vector)
		for i, name := range rows[0] {
			v[name] = row[i]
		}
		vectors = append(vectors, v)
	}
	return vectors
}

// open judges the vector with its pinned certificate at its time. False: it is not read as XML.
func (v vector) open(t *testing.T, dir string, policy Policy) (Report, bool) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, v["file"]))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := xmltree.Parse(raw, xmltree.DefaultLimits())
	if err != nil {
		return Report{}, false
	}
	var trust *Trust
	if pinned := v["pinned_cert"]; pinned != "" {
		text, err := os.ReadFile(filepath.Join(dir, pinned))
		if err != nil {
			t.Fatal(err)
		}
		certificates, err := ParseCertificates(text)
		if err != nil && v["gateway_verdict"] != "reject" {
			t.Fatal(err)
		}
		trust = NewTrust(certificates)
	}
	at, _ := time.Parse(time.RFC3339, v["verify_time"])
	_, report := Open(Input{Tree: tree}, trust, policy, at)
	return report, true
}

// Two hundred signatures of other implementations: what the manifest accepts holds with its pinned
// certificate at its time, what it accepts as legacy holds with the switches and is named without
// them, everything else fails.
func TestPublicVectors(t *testing.T) {
	dir := filepath.Join(vectors(t), "xmldsig")
	all := LegacySHA1 | LegacyRSA1024 | LegacyKeyValue | LegacyGOST2001
	for _, v := range readManifest(t, dir) {
		t.Run(v["id"], func(t *testing.T) {
			for _, legacy := range []Legacy{0, all} {
				accept := v["gateway_verdict"] == "accept" || legacy != 0 && v["gateway_verdict"] == "accept-legacy"
				report, parsed := v.open(t, dir, Policy{Rules: &Rules{Legacy: legacy}})
				want, ours := ourDecision[v["id"]]
				if other, differs := legacyDecision[v["id"]]; differs && legacy != 0 {
					want = other
				}
				switch got := words(report); {
				case ours:
					if got != want {
						t.Errorf("legacy %v: got %q, want %q", legacy.Names(), got, want)
					}
				case parsed && report.Outcome == Holds != accept, !parsed && accept:
					t.Errorf("legacy %v: the manifest says %s (%s), we say %q",
						legacy.Names(), v["gateway_verdict"], v["reason"], got)
				case v["gateway_verdict"] == "accept-legacy" && accept != (report.Legacy != 0):
					t.Errorf("legacy %v: used are %v", legacy.Names(), report.Legacy.Names())
				case v["gateway_verdict"] == "accept-legacy" && !accept:
					for _, f := range report.Faults {
						if f.Code != "A04" {
							t.Errorf("refused as %q, want A04 alone", got)
						}
					}
				}
			}
		})
	}
}
