package lossyfs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// mountAt is the variable of the environment that makes a program a file system: see Main.
const mountAt = "LOSSYFS_MOUNT"

// Process is such a file system in a process of its own. Whoever serves one must not start programs, nor
// touch mapped files of it: both wait for the kernel, which waits for the server, and the scheduler of Go
// does not know that they wait.
type Process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Main is the first thing that a program does which calls Start: as that process it does not return.
func Main() {
	path := os.Getenv(mountAt)
	if path == "" {
		return
	}
	if err := serve(path, os.Stdin, os.Stdout); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve mounts, does what it is told, and unmounts at the end of its input, also when whoever wrote it has
// been killed. It answers each line with «done» and how much was not synced, or with an error.
func serve(path string, in io.Reader, out io.Writer) error {
	f, err := Mount(path)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, done, 0)
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		var random *rand.Rand
		if seed, err := strconv.ParseUint(lines.Text(), 10, 64); err == nil {
			random = rand.New(rand.NewPCG(seed, 0))
		}
		unsynced, err := f.Cut(random)
		if err != nil {
			return errors.Join(err, f.Unmount())
		}
		fmt.Fprintln(out, done, unsynced)
	}
	return errors.Join(lines.Err(), f.Unmount())
}

const done = "done"

// Start mounts an empty one at the folder, served by this program in another process.
func Start(path string) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &Process{cmd: exec.Command(self)}
	p.cmd.Env = append(os.Environ(), mountAt+"="+path)
	p.cmd.Stderr = os.Stderr
	if p.in, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.out = bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if _, err := p.answer(); err != nil {
		return nil, errors.Join(err, p.Unmount())
	}
	return p, nil
}

func (p *Process) answer() (unsynced int, err error) {
	line, err := p.out.ReadString('\n')
	if _, wrong := fmt.Sscanf(line, done+" %d\n", &unsynced); wrong != nil {
		return 0, errors.Join(fmt.Errorf("serving a file system: %s", strings.TrimSpace(line)), err)
	}
	return unsynced, nil
}

// Cut is a power cut: see FS.Cut.
func (p *Process) Cut(random *rand.Rand) (unsynced int, err error) {
	what := "all"
	if random != nil {
		what = strconv.FormatUint(random.Uint64(), 10)
	}
	if _, err := fmt.Fprintln(p.in, what); err != nil {
		return 0, err
	}
	return p.answer()
}

// Unmount takes it away and ends the process.
func (p *Process) Unmount() error { return errors.Join(p.in.Close(), p.cmd.Wait()) }
