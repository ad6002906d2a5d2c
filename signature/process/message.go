package process

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// protocol is the version of docs/signer-process.md.
const protocol = 1

// The longest lines. A request may hold a whole document in base64 (conf allows 64 MiB), an answer
// holds a signature value or a public key.
const (
	maxRequest = 128 << 20
	maxAnswer  = 64 << 10
)

// The operations.
const (
	opHello  = "hello"
	opPublic = "public"
	opSign   = "sign"
	opVerify = "verify"
)

var (
	// ErrDown: the program does not run now; it is being started again.
	ErrDown = errors.New("the program does not run")
	// ErrClosed: Close has been called.
	ErrClosed = errors.New("the program has been stopped")
	// ErrRefused: the program answered that it cannot.
	ErrRefused = errors.New("the program refuses")
	// ErrProtocol: what the program wrote is no answer as docs/signer-process.md has it.
	ErrProtocol = errors.New("the program breaks the protocol")
	// ErrSilent: the program did not answer, or did not read, in time.
	ErrSilent = errors.New("the program does not answer")
)

// request is a line from us. Bytes are standard base64.
type request struct {
	ID        uint64 `json:"id"`
	Op        string `json:"op"`
	Protocol  int    `json:"protocol,omitempty"`  // hello
	Key       string `json:"key,omitempty"`       // public, sign: signing.keys[].name
	Algorithm string `json:"algorithm,omitempty"` // sign, verify: a short name
	Digest    []byte `json:"digest,omitempty"`    // sign
	Octets    []byte `json:"octets,omitempty"`    // sign with GOST, verify: what the digest is of
	Public    []byte `json:"public,omitempty"`    // verify: DER SubjectPublicKeyInfo
	Value     []byte `json:"value,omitempty"`     // verify
}

// answer is a line from the program. Members that are not known here are passed over, so that a
// later version may say more.
type answer struct {
	ID       uint64   `json:"id"`
	Error    string   `json:"error,omitempty"`
	Protocol int      `json:"protocol,omitempty"` // hello
	Program  string   `json:"program,omitempty"`  // hello
	Sign     []string `json:"sign,omitempty"`     // hello: short names of algorithms
	Verify   []string `json:"verify,omitempty"`   // hello
	Public   []byte   `json:"public,omitempty"`   // public; absent when the program does not know it
	Value    []byte   `json:"value,omitempty"`    // sign
	Valid    *bool    `json:"valid,omitempty"`    // verify
}

// maxShown bounds what is repeated of a program's words.
const maxShown = 300

// shown is the program's own text made fit for a log: on one line, escaped and cut.
func shown(text string) string {
	cut := ""
	if len(text) > maxShown {
		text, cut = text[:maxShown], "…"
	}
	quoted := strconv.QuoteToGraphic(text)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`) + cut
}

// refusal is the error that an answer says.
func (a answer) refusal() error {
	if a.Error == "" {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrRefused, shown(a.Error))
}
