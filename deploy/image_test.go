package deploy

import (
	"context"
	"encoding/json"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// dockerfile is what we look at in the Dockerfile.
type dockerfile struct {
	build      string // the command that makes /out
	copies     []copied
	uid        uint32
	exposed    string
	entrypoint []string
	command    []string
	health     []string
}

// copied is one COPY into the final image.
type copied struct {
	from, to string
	owned    bool // by the image's user
}

// image reads the Dockerfile.
func image(t *testing.T) dockerfile {
	t.Helper()
	var d dockerfile
	text := strings.ReplaceAll(read(t, "Dockerfile"), "\\\n", " ")
	final := false
	for line := range strings.Lines(text) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "FROM":
			final = rest == "scratch"
		case "RUN":
			d.build = rest
		case "COPY":
			if words := strings.Fields(rest); final {
				d.copies = append(d.copies, copied{
					from: words[len(words)-2], to: words[len(words)-1], owned: strings.Contains(rest, "--chown=65532:65532"),
				})
			}
		case "USER":
			uid, _, _ := strings.Cut(rest, ":")
			n, err := strconv.ParseUint(uid, 10, 32)
			if err != nil {
				t.Fatalf("USER %s: %v", rest, err)
			}
			d.uid = uint32(n)
		case "EXPOSE":
			d.exposed = rest
		case "ENTRYPOINT":
			d.entrypoint = list(t, rest)
		case "CMD":
			d.command = list(t, rest)
		case "HEALTHCHECK":
			_, command, _ := strings.Cut(rest, "CMD ")
			d.health = list(t, command)
		}
	}
	if d.build == "" || len(d.copies) == 0 || d.uid == 0 || len(d.entrypoint) == 0 || len(d.command) == 0 || len(d.health) == 0 {
		t.Fatalf("the Dockerfile is read as %+v", d)
	}
	return d
}

func list(t *testing.T, text string) []string {
	t.Helper()
	var words []string
	if err := json.Unmarshal([]byte(text), &words); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return words
}

// What the Dockerfile puts into the image is all that the program needs. No container is started: the
// commands of the Dockerfile make the files, and a changed root with the image's user, nothing else in
// it and no environment, runs them.
func TestImage(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can change the root folder")
	}
	if _, err := exec.LookPath("openssl"); err != nil {
		t.Skip("openssl is not installed")
	}
	if _, err := os.Stat("/etc/ssl/certs/ca-certificates.crt"); err != nil {
		t.Skip("there are no CA certificates of the system, as the build image has them")
	}
	d := image(t)
	box := assemble(t, d)
	for file, want := range map[string]string{
		"etc/ssl/certs/ca-certificates.crt": "BEGIN CERTIFICATE",
		"usr/share/doc/gatewayd/copyright":  "The Prometheus Authors", // of a NOTICE, which must go along
	} {
		if text := contents(filepath.Join(box, file)); !strings.Contains(text, want) {
			t.Errorf("%s in the image does not hold %q", file, want)
		}
	}
	web, ops := configure(t, box)

	run := func(want int, command ...string) string {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c := inside(ctx, box, d, command...)
		out, err := c.CombinedOutput()
		if got := c.ProcessState.ExitCode(); got != want {
			t.Fatalf("%q ends with %d, want %d: %v\n%s", command, got, want, err, out)
		}
		return string(out)
	}
	gatewayd := d.entrypoint[0]

	// The whole job, zones of the railway included.
	run(0, gatewayd, "demo")

	// As compose.yaml starts it.
	run(2, append(d.entrypoint, d.command...)...)
	init := append([]string{gatewayd}, composed(t).Services["init"].Command...)
	run(0, init...)
	run(0, init...)
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	daemon := inside(t.Context(), box, d, append(d.entrypoint, d.command...)...)
	daemon.Stderr = log
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	awaitAnswer(t, "http://"+ops+"/healthz", log.Name())
	run(0, d.health...)
	if out := run(1, gatewayd, "health", "--ready"); !strings.Contains(out, "no participants") {
		t.Errorf("health --ready says %s", out)
	}
	if out := run(0, gatewayd, "participants", "show"); !strings.Contains(out, "PARTICIPANT") {
		t.Errorf("participants show says %s", out)
	}
	awaitAnswer(t, "http://"+web+"/v1/openapi.yaml", log.Name())
	if err := daemon.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := daemon.Wait(); err != nil {
		t.Errorf("the daemon ends with %v\n%s", err, contents(log.Name()))
	}
	run(2, d.health...)
}

// inside is a command in the image.
func inside(ctx context.Context, box string, d dockerfile, command ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, command[0], command[1:]...)
	c.Dir, c.Env = "/", []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	c.SysProcAttr = &syscall.SysProcAttr{
		Chroot:     box,
		Credential: &syscall.Credential{Uid: d.uid, Gid: d.uid},
	}
	return c
}

// assemble makes the files of the image by the commands of the Dockerfile.
func assemble(t *testing.T, d dockerfile) string {
	t.Helper()
	out := t.TempDir()
	build := exec.Command("sh", "-e", "-c", strings.ReplaceAll(d.build, "/out/", out+"/"))
	build.Dir = root
	build.Env = append(os.Environ(), "VERSION=test")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, said)
	}
	box := t.TempDir()
	if err := os.Chmod(box, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range d.copies {
		from := filepath.Join(out, strings.TrimPrefix(c.from, "/out"))
		err := filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
			if err != nil || path == from {
				return err
			}
			rel, err := filepath.Rel(from, path)
			if err != nil {
				return err
			}
			return place(path, filepath.Join(box, c.to, rel), e, c.owned, int(d.uid))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return box
}

// place copies one file or folder with its mode, as COPY does.
func place(from, to string, e fs.DirEntry, owned bool, uid int) error {
	info, err := e.Info()
	if err != nil {
		return err
	}
	if e.IsDir() {
		err = os.MkdirAll(to, 0o755)
	} else {
		var content []byte
		if content, err = os.ReadFile(from); err == nil {
			err = os.WriteFile(to, content, 0o600)
		}
	}
	if err == nil && owned {
		err = os.Chown(to, uid, uid)
	}
	if err == nil {
		err = os.Chmod(to, info.Mode())
	}
	return err
}

// configure puts deploy/compose at /etc/gatewayd, prepared as its user does, with ports that are free.
func configure(t *testing.T, box string) (web, ops string) {
	t.Helper()
	tree := t.TempDir()
	for _, dir := range []string{"deploy/compose", "docs/examples"} {
		if err := os.CopyFS(filepath.Join(tree, dir), os.DirFS(filepath.Join(root, dir))); err != nil {
			t.Fatal(err)
		}
	}
	etc := filepath.Join(tree, "deploy/compose")
	if err := os.RemoveAll(filepath.Join(etc, "secrets")); err != nil { // a developer's own
		t.Fatal(err)
	}
	prepare := filepath.Join(etc, "prepare")
	if err := os.Chmod(prepare, 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it finds everything
		if said, err := exec.Command(prepare).CombinedOutput(); err != nil {
			t.Fatalf("deploy/compose/prepare: %v\n%s", err, said)
		}
	}
	file := filepath.Join(etc, "gatewayd.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	web, ops = freeAddress(t), freeAddress(t)
	changed := strings.Replace(string(text), "0.0.0.0:8080", web, 1) + "\nops: {address: \"" + ops + "\"}\n"
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command("cp", "-a", etc+"/.", filepath.Join(box, "etc/gatewayd")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return web, ops
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func awaitAnswer(t *testing.T, url, log string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		answer, err := http.Get(url)
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v\n%s", url, err, contents(log))
		}
	}
}

func contents(file string) string {
	text, _ := os.ReadFile(file)
	return string(text)
}
