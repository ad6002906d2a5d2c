package process

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

var everything = Service{
	Program: "test", Signs: []string{"ecdsa-sha256"},
	Public: func(string) ([]byte, error) { return []byte("public"), nil },
	Sign: func(key, _ string, digest, _ []byte) ([]byte, error) {
		if key == "" {
			return nil, errors.New("which key?")
		}
		return digest, nil
	},
}

// Each request is answered under its id; what the service does not do is an error.
func TestServe(t *testing.T) {
	var out bytes.Buffer
	err := everything.Serve(strings.NewReader(`{"id":1,"op":"hello","protocol":1}
{"id":2,"op":"public","key":"a"}
{"id":3,"op":"sign","key":"a","algorithm":"ecdsa-sha256","digest":"AAEC"}
{"id":4,"op":"sign"}
{"id":5,"op":"verify"}
{"id":6,"op":"dance"}`), &out)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[uint64]string)
	for line := range strings.Lines(out.String()) {
		var a answer
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		got[a.ID] = strings.TrimSpace(line)
	}
	for id, want := range map[uint64]string{
		1: `{"id":1,"protocol":1,"program":"test","sign":["ecdsa-sha256"]}`,
		2: `{"id":2,"public":"cHVibGlj"}`,
		3: `{"id":3,"value":"AAEC"}`,
		4: `{"id":4,"error":"which key?"}`,
		5: `{"id":5,"error":"operation verify is not known here"}`,
		6: `{"id":6,"error":"operation dance is not known here"}`,
	} {
		if got[id] != want {
			t.Errorf("%s, want %s", got[id], want)
		}
	}
	if err := everything.Serve(strings.NewReader("no request\n"), &out); err == nil {
		t.Error("a line that is no request passes")
	}
}

// What goes in, however odd, comes out as one answer a request, with its id and without a panic.
func FuzzServe(f *testing.F) {
	f.Add([]byte(`{"id":1,"op":"hello"}` + "\n" + `{"id":2,"op":"sign","digest":"AA=="}`))
	f.Add([]byte(`{"id":-1}`))
	f.Add([]byte("{}\n\n{}"))
	f.Fuzz(func(t *testing.T, in []byte) {
		var out bytes.Buffer
		_ = everything.Serve(bytes.NewReader(in), &out)
		asked := make(map[uint64]int)
		for line := range bytes.Lines(in) {
			var q request
			if json.Unmarshal(line, &q) != nil {
				break
			}
			asked[q.ID]++
		}
		for lines := bufio.NewScanner(&out); lines.Scan(); {
			var a answer
			if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
				t.Fatalf("%q: %v", lines.Bytes(), err)
			}
			if asked[a.ID]--; asked[a.ID] < 0 {
				t.Fatalf("an answer to nobody: %q", lines.Bytes())
			}
		}
	})
}

// Whatever a program answers, a child takes it, or gives the program up.
func FuzzDeliver(f *testing.F) {
	f.Add([]byte(`{"id":1,"value":"AA=="}`))
	f.Add([]byte(`{"id":18446744073709551615}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		reply := make(chan answer, 1)
		c := &child{pending: map[uint64]chan answer{1: reply}, last: 1, gone: make(chan struct{})}
		c.deliver(line)
		select {
		case a := <-reply:
			if a.ID != 1 || c.failure != nil {
				t.Fatalf("%+v, %v", a, c.failure)
			}
		default:
			if c.failure == nil {
				t.Fatal("an answer is lost")
			}
		}
	})
}
