package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
)

// connection is a client that costs next to nothing, since it shares the cores with the daemon: one
// connection that is kept, one request at a time.
type connection struct {
	net.Conn
	answers *bufio.Reader
	answer  []byte // the last one; reused
	head    string // of a request, up to the length
}

func (d *daemon) dial() (*connection, error) {
	c, err := net.Dial("tcp", d.address)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: c, answers: bufio.NewReader(c), head: "POST /v1/documents HTTP/1.1\r\nHost: " + d.address +
		"\r\nAuthorization: Bearer " + d.secrets[first] + "\r\nContent-Type: application/xml\r\nContent-Length: "}, nil
}

// errAgain: the daemon has told us to come again.
var errAgain = errors.New("told to come again")

// positive is what the ЭСИД on an accepted document says.
var positive = []byte("<Result>positive</Result>")

// post returns nil when the document has been accepted.
func (c *connection) post(document []byte) error {
	request := net.Buffers{[]byte(c.head + strconv.Itoa(len(document)) + "\r\n\r\n"), document}
	if _, err := request.WriteTo(c); err != nil {
		return err
	}
	status, length := "", -1
	for {
		line, err := c.answers.ReadSlice('\n')
		if err != nil {
			return err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if status == "" {
			status = string(line)
		} else if name, value, _ := bytes.Cut(line, []byte(": ")); http.CanonicalHeaderKey(string(name)) == "Content-Length" {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return fmt.Errorf("%s: without a length", status)
	}
	if cap(c.answer) < length {
		c.answer = make([]byte, length)
	}
	c.answer = c.answer[:length]
	if _, err := io.ReadFull(c.answers, c.answer); err != nil {
		return err
	}
	if strings.HasPrefix(status, "HTTP/1.1 503 ") || strings.HasPrefix(status, "HTTP/1.1 429 ") {
		return errAgain
	}
	if status != "HTTP/1.1 200 OK" || !bytes.Contains(c.answer, positive) {
		return fmt.Errorf("%s: %.2000s", status, c.answer)
	}
	return nil
}
