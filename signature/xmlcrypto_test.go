package signature

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asugate/internal/pki"
)

// installed is the folder with xml-crypto, in the version that the lock file names. It is outside of
// the tree and is made once on a machine; without a network at that time the test is skipped.
func installed(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	source := filepath.Join("testdata", "xmlcrypto")
	lock, err := os.ReadFile(filepath.Join(source, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skipf("there is no place for xml-crypto: %v", err)
	}
	dir := filepath.Join(cache, "asugate", fmt.Sprintf("xml-crypto-%.6x", sha256.Sum256(lock)))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Skipf("there is no place for xml-crypto: %v", err)
	}
	// It appears under its name only when it is whole.
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "new-")
	if err != nil {
		t.Skipf("there is no place for xml-crypto: %v", err)
	}
	defer os.RemoveAll(fresh)
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(source, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(fresh, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	within, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	npm := exec.CommandContext(within, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0")
	npm.Dir, npm.WaitDelay = fresh, time.Second
	if said, err := npm.CombinedOutput(); err != nil {
		t.Skipf("npm cannot install xml-crypto: %v %.300s", err, bytes.TrimSpace(said))
	}
	if err := os.Rename(fresh, dir); err != nil {
		if _, there := os.Stat(dir); there != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Documents that npm xml-crypto signs hold; documents that we sign it verifies, and refuses when they
// were changed.
func TestXMLCrypto(t *testing.T) {
	modules := installed(t)
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	s := newSigner(t, pki.RSA2048)
	key, certificate, err := s.cred.Write(dir, "signer")
	if err != nil {
		t.Fatal(err)
	}
	var tasks, wanted, theirs []string
	forms := []string{nsExclusive, nsExclusive + "WithComments", inclusive10.uri, inclusive10WC}
	// xml-crypto 6.3.2 does not let SignedInfo inherit xml:lang in the inclusive forms.
	unlanguaged := strings.Replace(odd, ` xml:lang="ru"`, "", 1)
	inputs := []string{file("0.xml", []byte(document)), file("1.xml", []byte(unlanguaged))}
	for i, method := range []string{nsMore + "rsa-sha256", nsMore + "rsa-sha512", nsMore07 + "sha256-rsa-MGF1"} {
		for j, form := range forms {
			for k, input := range inputs {
				out := filepath.Join(dir, fmt.Sprintf("%d.%d.%d.xml", i, j, k))
				digest, uri := []string{uriSHA256, nsDigest + "sha512"}[j%2], []string{"-", "#d1"}[k]
				tasks = append(tasks, strings.Join([]string{"sign", key, certificate, input, out, method, digest,
					forms[(i+j)%len(forms)], form, uri}, "\t"))
				wanted, theirs = append(wanted, "ok"), append(theirs, out)
			}
		}
	}
	// Its parser takes these two for ends of lines, which they are in XML 1.1 only.
	text := strings.NewReplacer("\u0085", "", "\u2028", "").Replace(hostile)
	for name, signed := range map[string]string{
		"document": s.sign(t, document), "odd": s.sign(t, odd), "sealed": string(pki.Must(s.key.Seal(esid("d1", text)))),
	} {
		tasks = append(tasks, "verify\t"+certificate+"\t"+file(name+".xml", []byte(signed)))
		wanted = append(wanted, "ok")
		altered := strings.Replace(signed, "</", "!</", 1)
		tasks = append(tasks, "verify\t"+certificate+"\t"+file(name+".altered.xml", []byte(altered)))
		wanted = append(wanted, "invalid")
	}
	for i, answer := range runXMLCrypto(t, modules, file("tasks", []byte(strings.Join(tasks, "\n")))) {
		if i >= len(wanted) || !strings.HasPrefix(answer, wanted[i]) {
			t.Errorf("%s: %s", tasks[min(i, len(tasks)-1)], answer)
		}
	}
	for _, one := range theirs {
		text, err := os.ReadFile(one)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, report := open(t, string(text), s.trust, now); report.Outcome != Holds {
			t.Errorf("%v in\n%s", report.Faults, text)
		}
	}
}

func runXMLCrypto(t *testing.T, modules, tasks string) []string {
	t.Helper()
	command := exec.Command("node", filepath.Join("testdata", "xmlcrypto", "interop.js"), tasks)
	command.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(modules, "node_modules"))
	var problems bytes.Buffer
	command.Stderr = &problems
	answers, err := command.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, problems.String())
	}
	return strings.Split(strings.TrimSpace(string(answers)), "\n")
}
