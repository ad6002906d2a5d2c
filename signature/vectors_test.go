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

// ourDecision is what we say where the manifest leaves it to the gateway or knows an algorithm less.
var ourDecision = map[string]string{
	"xmlcrypto-valid_saml_sha256_rsa_mgf1": "", // RSASSA-PSS, which we verify
	"crewjam-SPRejectsInjectedComment":     "", // a comment in a value, which is read whole
	"rubysaml-response_node_text_attack2":  "A04 sha1, A04 sha1",
	"gosaml2-pingfed_01":                   "A05 no-certificate",
	"gosaml2-okta_response":                "A10 several-signatures",
	"goxmldsig-ecdsa_der":                  "A10 several-signatures",
	"goxmldsig-validExample":               "A10 several-signatures",
}

// Two hundred signatures of other implementations: what the manifest accepts holds with its
// pinned certificate at its time, everything else fails.
func TestPublicVectors(t *testing.T) {
	dir := filepath.Join(vectors(t), "xmldsig")
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
	column := make(map[string]int)
	for i, name := range rows[0] {
		column[name] = i
	}
	for _, row := range rows[1:] {
		cell := func(name string) string { return row[column[name]] }
		t.Run(cell("id"), func(t *testing.T) {
			raw, err := os.ReadFile(filepath.Join(dir, cell("file")))
			if err != nil {
				t.Fatal(err)
			}
			accept := cell("gateway_verdict") == "accept"
			tree, err := xmltree.Parse(raw, xmltree.DefaultLimits())
			if err != nil {
				if accept {
					t.Errorf("not parsed: %v", err)
				}
				return
			}
			var trust *Trust
			if pinned := cell("pinned_cert"); pinned != "" {
				text, err := os.ReadFile(filepath.Join(dir, pinned))
				if err != nil {
					t.Fatal(err)
				}
				certificates, err := ParseCertificates(text)
				if err != nil && accept {
					t.Fatal(err)
				}
				trust = NewTrust(certificates)
			}
			at, _ := time.Parse(time.RFC3339, cell("verify_time"))
			_, report := Open(Input{Tree: tree}, trust, Policy{}, at)
			if want, ours := ourDecision[cell("id")]; ours {
				if got := words(report); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
				return
			}
			if holds := report.Outcome == Holds; holds != accept {
				t.Errorf("manifest says %s (%s), we say %v", cell("gateway_verdict"), cell("reason"), report.Faults)
			}
		})
	}
}
