package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asugate/internal/rabbittest"
	"asugate/internal/scene"
)

// The test binary is gatewayd when a script calls it so. CRASH names a point of the crash table at
// which the process dies as by a power cut; CLOCK is a file that says how far its clock is ahead;
// GATEWAYD_LOG is a file that gets a copy of the log.
func TestMain(m *testing.M) {
	// Stories wait more than they work, for retries and for other processes.
	_ = flag.Set("test.parallel", "8") // what the command line says counts after this
	testscript.Main(m, map[string]func(){
		"gatewayd": func() {
			dieWithParent()
			time.AfterFunc(mostDaemon, func() { panic("the script has left this process running") })
			if file := os.Getenv("CLOCK"); file != "" {
				clock = shifted(file)
			}
			if at := os.Getenv("CRASH"); at != "" {
				reached = func(point string) {
					if point == at {
						_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
						select {} // the signal is on its way
					}
				}
			}
			os.Exit(program(os.Args[1:], streams{os.Stdin, os.Stdout, logged(os.Stderr)}))
		},
		"signer": func() {
			if err := runSigner(os.Args[1]); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		},
	})
}

// mostDaemon bounds how long a process of a script may run: a script that waits for the end of one
// that does not end is told so.
const mostDaemon = 2 * time.Minute

// dieWithParent lets no daemon outlive the tests, also when they end by a time limit. PR_SET_PDEATHSIG
// of prctl(2) will not do: a parent is a thread there.
func dieWithParent() {
	parent := os.Getppid()
	go func() {
		for range time.Tick(time.Second) {
			if os.Getppid() != parent {
				os.Exit(1)
			}
		}
	}()
}

// logged copies what the daemon logs into a file that a script can look into while it runs.
func logged(w io.Writer) io.Writer {
	path := os.Getenv("GATEWAYD_LOG")
	if path == "" || len(os.Args) < 2 || os.Args[1] != "run" {
		return w
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		panic(err)
	}
	return io.MultiWriter(w, f)
}

// theScene is shared by all scripts: its keys cost more than they do. Each script has its own store.
var theScene = sync.OnceValues(func() (*scene.Scene, error) { return scene.New(time.Now()) })

// Each script is a story; its comments read alone are the story. The commands besides testscript's own:
//
//	scene                         keys of all personas, registers, configuration in the work folder;
//	                              a file more.yaml of the script is added to the configuration
//	prepare [key=value…]          scene, and a store with the registers and the secrets $TOKEN and $TOKEN2;
//	                              push=URL, rate=N and outbox_limit=N go into the register; memo=TERM and
//	                              act=TERM are for how long the client may answer; railway=FIELD is a line
//	                              about the railway
//	ready                         wait until the daemon that writes ./addresses serves
//	doc FILE KIND [key=value…]    write a signed document: see actor.document
//	edit FILE REGEXP TEXT         change a file; insert FILE BEFORE FROM puts another file into it
//	json                          stdout is JSON, one value or one a line
//	certify NAME DURATION [server|client]     NAME.key and NAME.pem, which end so soon
//	wrap FILE                     keep the signature of a document and let it say something else
//	set NAME FILE [REGEXP]        $NAME is the file, or the part of it in parentheses
//	login bearer SECRET | basic CODE SECRET | certificate NAME | nobody    of what follows
//	header NAME [VALUE]           of what follows
//	post FILE STATUS [RESULT [CODE/reason…]]   send it; the answer must be just so. as=multipart or
//	                              as=signed before FILE: together with FILE.p7s; as=attached: FILE is a .p7m
//	http METHOD PATH STATUS [FILE]             any other request
//	ops PATH STATUS                            a request to the operators' listener
//	half FILE, rest STATUS [RESULT]            a document whose client pauses in the middle
//	exits CODE PROGRAM [ARGUMENT…]             run it; the exit code must be just this
//	eventually SECONDS WHAT …                  wait until it is so: see there
//	signal TERM|HUP|STOP|CONT                  to every process in the background
//	rail FILE RESULT [CODE/reason…]            the railway sends it over the spool; the ЭСИД must be so
//	judged FILE RESULT [CODE/reason…]          wait until the latest ЭСИД on what it has sent is so
//	lane NAME KIND[=WORD][/ONWARD]…            wait until the railway has got just this: see there
//	take KIND[=WORD], outbox KIND…             the next message of the client's; all of them: see there
//	clock DURATION                             from now on the clock of gatewayd is so far ahead
//	traffic, erp, rabbit, disk, crl, gostkey, kpedo, rejectfor        see there
//
// The program signer FOLDER signs with the keys of a folder, as docs/signer-process.md has it.
//
// The body of an answer is the command's stdout, and the file ./answer; its head is ./head. Of an answer
// in two parts this is the document, and ./answer.p7s its signature. An ЭСИД is believed only when we
// and xmlsec1 or openssl believe it; its signer is the file ./signer. The log of the daemon is ./log. At
// the end the store of the script must be whole.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setUp,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"scene":      setScene,
			"prepare":    prepare,
			"ready":      ready,
			"doc":        writeDocument,
			"edit":       edit,
			"insert":     insert,
			"wrap":       wrap,
			"set":        set,
			"json":       isJSON,
			"certify":    certify,
			"login":      login,
			"header":     header,
			"post":       post,
			"http":       request,
			"ops":        operatorRequest,
			"half":       half,
			"rest":       otherHalf,
			"exits":      exits,
			"eventually": eventually,
			"signal":     sendSignal,
			"traffic":    traffic,
			"erp":        erp,
			"rabbit":     actOnRabbit,
			"disk":       disk,
			"crl":        crl,
			"gostkey":    gostKey,
			"older":      olderStore,
			"rail":       rail,
			"judged":     judged,
			"lane":       lane,
			"take":       take,
			"outbox":     outbox,
			"kpedo":      writeKPEDO,
			"rejectfor":  rejectFor,
			"clock":      setClock,
		},
	})
}

func setUp(e *testscript.Env) error {
	config := filepath.Join(e.WorkDir, "gatewayd.yaml")
	e.Setenv("GATEWAYD_CONFIG", config)
	e.Setenv("GATEWAYD_LOG", filepath.Join(e.WorkDir, "log"))
	e.Setenv("CLOCK", filepath.Join(e.WorkDir, "clock"))
	if e.Getenv("GORACE") == "" {
		e.Setenv("GORACE", "atexit_sleep_ms=0")
	}
	a := &actor{
		dir: e.WorkDir, config: config, ids: make(map[string]string), digests: make(map[string]string),
		headers: make(map[string]string), versions: make(map[string]int), files: make(map[string]string),
	}
	a.test, _ = e.T().(testing.TB)
	e.Values[actorKey{}] = a
	e.Defer(func() { a.end(e.T()) })
	return nil
}

// condition knows what this machine may lack: [uid], another user who can be asked for; [disk] for disk
// mount; [rabbitmq]; [gost], openssl with its GOST engine.
func condition(name string) (bool, error) {
	switch name {
	case "uid":
		_, err := exec.LookPath("setpriv")
		return err == nil && os.Geteuid() == 0 && openToAll(os.TempDir()), nil
	case "disk":
		return canMount(), nil
	case "gost":
		return exec.Command("openssl", "engine", "gost").Run() == nil, nil
	case "rabbitmq":
		return rabbittest.Installed(), nil
	}
	return false, os.ErrInvalid
}

// openToAll says whether every user can pass the folders down to this one.
func openToAll(dir string) bool {
	for ; ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}
