package process

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Service is what a program does for the gateway. A function that is nil is something that it does
// not do. They are called concurrently.
type Service struct {
	Program         string   // name and version
	Signs, Verifies []string // short names of algorithms
	Public          func(key string) (spki []byte, err error)
	Sign            func(key, algorithm string, digest, octets []byte) ([]byte, error)
	Verify          func(algorithm string, publicKey, octets, value []byte) (bool, error)
	AtOnce          int // requests in work; 0: 8
}

// Serve answers requests until the input ends, which is how the gateway says that it is over. What
// is in work then is still answered.
func (s Service) Serve(in io.Reader, out io.Writer) error {
	window := make(chan struct{}, cmp.Or(s.AtOnce, 8))
	var (
		working sync.WaitGroup
		writing sync.Mutex // held while a line is written; guards failed
		failed  error
	)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxRequest)
	for lines.Scan() {
		var q request
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			working.Wait()
			return fmt.Errorf("reading a request: %w", err)
		}
		window <- struct{}{}
		working.Go(func() {
			defer func() { <-window }()
			a := s.answer(q)
			a.ID = q.ID
			line, err := json.Marshal(a)
			writing.Lock()
			defer writing.Unlock()
			if err == nil {
				_, err = out.Write(append(line, '\n'))
			}
			failed = errors.Join(failed, err)
		})
		writing.Lock()
		stop := failed != nil
		writing.Unlock()
		if stop {
			break
		}
	}
	working.Wait()
	return errors.Join(lines.Err(), failed)
}

// answer does what a request asks for.
func (s Service) answer(q request) answer {
	var (
		a   answer
		err error
	)
	switch {
	case q.Op == opHello:
		a = answer{Protocol: protocol, Program: s.Program, Sign: s.Signs, Verify: s.Verifies}
	case q.Op == opPublic && s.Public != nil:
		a.Public, err = s.Public(q.Key)
	case q.Op == opSign && s.Sign != nil:
		a.Value, err = s.Sign(q.Key, q.Algorithm, q.Digest, q.Octets)
	case q.Op == opVerify && s.Verify != nil:
		var valid bool
		valid, err = s.Verify(q.Algorithm, q.Public, q.Octets, q.Value)
		a.Valid = &valid
	default:
		err = fmt.Errorf("operation %s is not known here", shown(q.Op))
	}
	if err != nil {
		return answer{Error: err.Error()}
	}
	return a
}
