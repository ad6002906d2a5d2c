package signature

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"asugate/internal/pki"
)

// jdk is the XMLDSig of the Java runtime. Starting a JVM costs more than all it does here, so that
// tasks are collected and done by one.
type jdk struct {
	dir   string
	tasks []string
}

func newJDK(t *testing.T) *jdk {
	t.Helper()
	if _, err := exec.LookPath("java"); err != nil {
		t.Skip("java is not installed")
	}
	return &jdk{dir: t.TempDir()}
}

// file writes one and says where.
func (j *jdk) file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(j.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (j *jdk) add(words ...string) { j.tasks = append(j.tasks, strings.Join(words, "\t")) }

// run does all tasks and returns the answer to each.
func (j *jdk) run(t *testing.T) []string {
	t.Helper()
	list := j.file(t, "tasks", []byte(strings.Join(j.tasks, "\n")+"\n"))
	source := filepath.Join("testdata", "jdk", "Interop.java")
	command := exec.Command("java", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", source, list)
	var problems bytes.Buffer
	command.Stderr = &problems
	answers, err := command.Output()
	if err != nil && (strings.Contains(problems.String(), "jdk.compiler not found") ||
		strings.Contains(problems.String(), "Could not find or load main class")) {
		t.Skipf("java runs no source files: it is no JDK of 11 or later (%.200s)", problems.String())
	}
	if err != nil {
		t.Fatalf("java: %v\n%s", err, problems.String())
	}
	lines := strings.Split(strings.TrimSpace(string(answers)), "\n")
	if len(lines) != len(j.tasks) {
		t.Fatalf("%d answers to %d tasks:\n%s%s", len(lines), len(j.tasks), answers, problems.String())
	}
	return lines
}

// Documents that the JDK signs in every form, with and without XAdES, hold; documents that we sign it
// verifies, and refuses when they were changed.
func TestJDK(t *testing.T) {
	j := newJDK(t)
	type signed struct {
		by         signer
		file, name string
		xades      bool
	}
	var theirs []signed
	var ours []string // what the JDK is to say of ours
	input := j.file(t, "in.xml", []byte(odd))
	const pss = nsMore07 + "sha256-rsa-MGF1"
	methods := map[pki.KeyKind][]string{
		pki.P256: {nsMore + "ecdsa-sha256"}, pki.P384: {nsMore + "ecdsa-sha384"}, pki.P521: {nsMore + "ecdsa-sha512"},
		pki.RSA2048: {nsMore + "rsa-sha256", nsMore + "rsa-sha512", pss},
	}
	forms := []string{nsExclusive, nsExclusive + " a unused #default b", nsExclusive + "WithComments", inclusive10.uri, inclusive10WC, inclusive11URI}
	for kind, list := range methods {
		s := newSigner(t, kind)
		prefix := fmt.Sprintf("%d", kind)
		certificate := j.file(t, prefix+".der", s.cred.Certificate.Raw)
		key := j.file(t, prefix+".key", pkcs8(t, s.cred))
		for i, method := range list {
			for n, form := range forms {
				for m, properties := range []string{"-", "none", forms[(n+i)%len(forms)]} {
					out := filepath.Join(j.dir, fmt.Sprintf("%s.%d.%d.%d.xml", prefix, i, n, m))
					transform, uri := form, "#d1"
					if n%2 == 1 {
						uri = "-"
					}
					if n == 3 && m == 0 {
						transform = "-"
					}
					canonical := forms[(n+m)%len(forms)]
					digest := []string{uriSHA256, nsMore + "sha384", nsDigest + "sha512"}[m]
					j.add("sign", key, certificate, input, out, method, digest, canonical, transform, uri, properties)
					theirs = append(theirs, signed{s, out, fmt.Sprintf("%s %s %s %s", method, canonical, transform, properties), m > 0})
					ours = append(ours, "ok")
				}
			}
		}
		for name, document := range map[string]string{
			"signed": s.sign(t, document), "odd": s.sign(t, odd), "sealed": string(pki.Must(s.key.Seal(esid("d1", hostile)))),
			"xades": xadesFor(t, s, kind),
		} {
			if document == "" {
				continue
			}
			j.add("verify", certificate, j.file(t, prefix+name+".xml", []byte(document)))
			ours = append(ours, "ok")
			altered := strings.Replace(document, "</", "!</", 1)
			j.add("verify", certificate, j.file(t, prefix+name+".altered.xml", []byte(altered)))
			ours = append(ours, "invalid")
		}
	}
	for i, answer := range j.run(t) {
		if answer != ours[i] {
			t.Errorf("%s: %s, want %s", j.tasks[i], answer, ours[i])
		}
	}
	for _, one := range theirs {
		text, err := os.ReadFile(one.file)
		if err != nil {
			t.Errorf("%s: %v", one.name, err)
			continue
		}
		shown, report := open(t, string(text), one.by.trust, now)
		switch {
		case report.Outcome != Holds:
			t.Errorf("%s: %v", one.name, report.Faults)
		case find(shown.Root(), "Text").Text() != "груз & <размещён> & \r <>":
			t.Errorf("%s: text %q", one.name, find(shown.Root(), "Text").Text())
		case one.xades == report.SigningTime.IsZero():
			t.Errorf("%s: signing time %v", one.name, report.SigningTime)
		}
	}
}

// xadesFor is a document with signed properties, for the keys that the generator signs with.
func xadesFor(t *testing.T, s signer, kind pki.KeyKind) string {
	if kind != pki.P256 {
		return ""
	}
	return string(pki.Must(xadesEnvelope(t, s).Enclose([]byte(odd))))
}
