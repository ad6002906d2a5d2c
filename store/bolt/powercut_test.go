package bolt

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// event is what happened to the file of a traced process, or what it said, in order.
type event struct {
	kind   string // write, size, sync, answer
	offset int64
	data   []byte
	size   int64
	line   string // of an answer
}

// TestPowerCut writes down every write and sync of a process, and what it answered, by strace. Then
// it cuts the power at many moments: what was synced is there, what was not is there or not, sector
// by sector, in any order. After each, Open finds a whole store with everything that had been
// answered.
func TestPowerCut(t *testing.T) {
	strace := lookStrace(t)
	path := newPath(t)
	image, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(t.TempDir(), "strace.log")
	out, err := child("write", path, strace, "-f", "-qq", "-xx", "-s", "4000000", "-o", log,
		"-e", "trace=pwrite64,fdatasync,fsync,ftruncate,write").Output()
	if err != nil || strings.Count(string(out), "stored") != 60 {
		t.Fatalf("%v, said %s", err, out)
	}
	events := readTrace(t, log)
	cuts := 60
	if testing.Short() {
		cuts = 10
	}
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range cuts {
		cut := random.IntN(len(events) + 1)
		found := filepath.Join(t.TempDir(), "found.db")
		left, answers := cutPower(random, image, events[:cut])
		// The file ends with megabytes of zeroes, a hole.
		err := errors.Join(os.WriteFile(found, bytes.TrimRight(left, "\x00"), 0o600), os.Truncate(found, int64(len(left))))
		if err != nil {
			t.Fatal(err)
		}
		verify(t, found, answers)
		if t.Failed() {
			t.Fatalf("after event %d of %d, seed %d", cut, len(events), seed)
		}
		if err := os.Remove(found); err != nil {
			t.Fatal(err)
		}
	}
}

// readTrace reads strace's log. Only the committer works on the file, so its calls do not overlap;
// a call that another thread's output has cut in two counts as begun where its first half stands,
// and a sync as done where it has returned.
func readTrace(t *testing.T, log string) (events []event) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`^(\d+) +(?:<\.\.\. )?(pwrite64|fdatasync|fsync|ftruncate|write)(?:\(| resumed>)`)
	bytesOf := regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"`)
	var writes, syncs int
	for line := range strings.Lines(string(text)) {
		m := call.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		resumed := strings.Contains(line[:min(len(line), 60)], " resumed>")
		unfinished := strings.Contains(line, "<unfinished ...>")
		var data []byte
		if d := bytesOf.FindStringSubmatch(line); d != nil {
			data = unhex(t, d[1])
		}
		switch {
		case m[2] == "fdatasync" || m[2] == "fsync":
			if !unfinished {
				events = append(events, event{kind: "sync"})
				syncs++
			}
		case resumed: // its first half has told all
		case m[2] == "write":
			if strings.Contains(line, " write(1,") {
				events = append(events, event{kind: "answer", line: string(data)})
			}
		case m[2] == "ftruncate":
			events = append(events, event{kind: "size", size: lastNumber(t, line)})
		case m[2] == "pwrite64":
			events = append(events, event{kind: "write", data: data, offset: lastNumber(t, line)})
			writes++
		}
	}
	if writes < 60 || syncs < 10 {
		t.Fatalf("the trace has %d writes and %d syncs", writes, syncs)
	}
	return events
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	data := make([]byte, 0, len(s)/4)
	for i := 0; i+4 <= len(s); i += 4 {
		b, err := strconv.ParseUint(s[i+2:i+4], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		data = append(data, byte(b))
	}
	return data
}

// lastNumber is the last argument of a call.
func lastNumber(t *testing.T, line string) int64 {
	t.Helper()
	args, _, _ := strings.Cut(line, " <unfinished")
	if i := strings.LastIndex(args, ") "); i >= 0 {
		args = args[:i]
	}
	args = strings.TrimSpace(args)
	n, err := strconv.ParseInt(args[strings.LastIndexAny(args, " ,")+1:], 10, 64)
	if err != nil {
		t.Fatalf("%v in %.200q", err, line)
	}
	return n
}

// cutPower is what may be left on the disk after the events, and what had been answered.
func cutPower(random *rand.Rand, image []byte, events []event) (left []byte, answers string) {
	const sector = 512
	left = append([]byte(nil), image...)
	var pending []event
	for _, e := range events {
		switch e.kind {
		case "write", "size":
			pending = append(pending, e)
		case "sync":
			for _, p := range pending {
				left = apply(left, p)
			}
			pending = nil
		case "answer":
			answers += e.line
		}
	}
	// Each sector of what was not synced is written or not. Later writes of one sector may come
	// first, but the disk has one or the other.
	chance := random.Float64()
	for _, p := range pending {
		if p.kind == "size" {
			if random.Float64() < chance {
				left = apply(left, p)
			}
			continue
		}
		for at := 0; at < len(p.data); at += sector {
			if random.Float64() < chance {
				left = apply(left, event{kind: "write", offset: p.offset + int64(at), data: p.data[at:min(len(p.data), at+sector)]})
			}
		}
	}
	return left, answers
}

func apply(file []byte, e event) []byte {
	end := e.size
	if e.kind == "write" {
		end = e.offset + int64(len(e.data))
	}
	if grow := end - int64(len(file)); grow > 0 {
		file = append(file, make([]byte, grow)...)
	}
	copy(file[e.offset:], e.data)
	return file
}
