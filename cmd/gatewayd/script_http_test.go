package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asugate/schema"
	"asugate/signature"
	"asugate/xmltree"
)

// httpClient makes a connection for each request: after a restart none of an earlier daemon is used.
var httpClient = newClient(nil)

func newClient(t *tls.Config) *http.Client {
	return &http.Client{
		Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: t}, Timeout: 2 * time.Minute,
	}
}

// reply is an answer, or status 0 and why there was none: a script may want just that.
type reply struct {
	code int
	head http.Header
	body []byte // of multipart/mixed the document
	cms  []byte // and the signature over it
}

func (r reply) String() string { return fmt.Sprintf("%d\n%s", r.code, r.body) }

// status compares with 200, or with any of 202,0.
func (r reply) status(want string) bool {
	return slices.Contains(strings.Split(want, ","), strconv.Itoa(r.code))
}

func roundTrip(client *http.Client, r *http.Request) reply {
	answer, err := client.Do(r)
	if err != nil {
		return reply{body: []byte(err.Error())}
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return reply{body: []byte(err.Error())}
	}
	return replied(answer.StatusCode, answer.Header, body)
}

// replied is an answer or a pushed message, taken apart where it has two parts.
func replied(code int, head http.Header, body []byte) reply {
	if document, cms, ok := parted(head.Get("Content-Type"), body); ok {
		return reply{code, head, document, cms}
	}
	return reply{code, head, body, nil}
}

func (a *actor) request(ts *testscript.TestScript, method, path string, body io.Reader) *http.Request {
	r, err := http.NewRequest(method, a.scheme+"://"+ts.Getenv("CLIENTS")+path, body)
	ts.Check(err)
	if a.authorization != "" {
		r.Header.Set("Authorization", a.authorization)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/xml")
	}
	for name, value := range a.headers {
		r.Header.Set(name, value)
	}
	return r
}

// send is one request of the client's system.
func (a *actor) send(ts *testscript.TestScript, method, path string, body []byte) reply {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	return roundTrip(a.client(), a.request(ts, method, path, reader))
}

// ask is one request to the operators' listener.
func (a *actor) ask(ts *testscript.TestScript, path string) reply {
	r, err := http.NewRequest(http.MethodGet, "http://"+ts.Getenv("OPS")+path, nil)
	ts.Check(err)
	return roundTrip(httpClient, r)
}

// client speaks TLS where the daemon does, shows the certificate that it has logged in with, and writes
// the name in that of the daemon into the file server.
func (a *actor) client() *http.Client {
	if a.scheme == "http" {
		return httpClient
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.Rail.Certificate)
	return newClient(&tls.Config{RootCAs: roots, Certificates: a.certificates, VerifyConnection: func(s tls.ConnectionState) error {
		name := s.PeerCertificates[0].Subject.CommonName + "\n"
		return os.WriteFile(filepath.Join(a.dir, "server"), []byte(name), 0o600)
	}})
}

// show makes an answer the one that the next lines of the script look at.
func (a *actor) show(ts *testscript.TestScript, r reply) {
	fmt.Fprint(ts.Stdout(), string(r.body))
	var head bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(r.head)) {
		fmt.Fprintf(&head, "%s: %s\n", name, strings.Join(r.head[name], ", "))
	}
	ts.Check(os.WriteFile(ts.MkAbs("answer"), r.body, 0o600))
	if r.cms != nil {
		ts.Check(os.WriteFile(ts.MkAbs("answer.p7s"), r.cms, 0o600))
	}
	ts.Check(os.WriteFile(ts.MkAbs("head"), head.Bytes(), 0o600))
	if id := r.head.Get("Message-ID"); id != "" {
		ts.Setenv("MESSAGE", id)
	}
}

func login(ts *testscript.TestScript, _ bool, args []string) {
	a := actorOf(ts)
	switch {
	case len(args) == 2 && args[0] == "bearer":
		a.authorization = "Bearer " + args[1]
	case len(args) == 3 && args[0] == "basic":
		a.authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(args[1]+":"+args[2]))
	case len(args) == 2 && args[0] == "certificate":
		c, err := tls.LoadX509KeyPair(ts.MkAbs(args[1]+".pem"), ts.MkAbs(args[1]+".key"))
		ts.Check(err)
		a.authorization, a.certificates = "", []tls.Certificate{c}
	case len(args) == 1 && args[0] == "nobody":
		a.authorization, a.certificates = "", nil
	default:
		ts.Fatalf("usage: login bearer SECRET | basic CODE SECRET | certificate NAME | nobody")
	}
}

func header(ts *testscript.TestScript, _ bool, args []string) {
	a := actorOf(ts)
	if len(args) == 1 {
		delete(a.headers, args[0])
		return
	}
	a.headers[args[0]] = strings.Join(args[1:], " ")
}

// request is any request of the client's system.
func request(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 && len(args) != 4 {
		ts.Fatalf("usage: http METHOD PATH STATUS [FILE]")
	}
	a := actorOf(ts)
	var body []byte
	if len(args) == 4 {
		body = []byte(ts.ReadFile(args[3]))
	}
	r := a.send(ts, args[0], args[1], body)
	a.want(ts, args[0]+" "+args[1], r, args[2:3])
}

func operatorRequest(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: ops PATH STATUS")
	}
	a := actorOf(ts)
	a.want(ts, args[0], a.ask(ts, args[0]), args[1:])
}

// post sends a document; status 0 means that no answer must come.
func post(ts *testscript.TestScript, _ bool, args []string) {
	form := ""
	if len(args) > 0 && strings.HasPrefix(args[0], "as=") {
		form, args = args[0][len("as="):], args[1:]
	}
	if len(args) < 2 {
		ts.Fatalf("usage: post [as=multipart|signed|attached] FILE STATUS [RESULT [CODE/reason…]]")
	}
	a := actorOf(ts)
	body, contentType := []byte(ts.ReadFile(args[0])), ""
	if form != "" {
		var err error
		body, contentType, err = contain(form, body, func() []byte { return []byte(ts.ReadFile(args[0] + ".p7s")) })
		ts.Check(err)
	}
	r := a.request(ts, http.MethodPost, "/v1/documents", bytes.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	a.want(ts, args[0], roundTrip(a.client(), r), args[1:])
}

// want holds an answer against status, result and the findings that are errors. Whatever the railway
// has signed is opened, also where the script does not ask.
func (a *actor) want(ts *testscript.TestScript, what string, r reply, want []string) {
	if !r.status(want[0]) {
		ts.Fatalf("%s: %s, want %s", what, r, want[0])
	}
	a.show(ts, r)
	var e schema.ESID
	if rootOf(r.body) != "" {
		var err error
		e, err = a.open(r.body, r.cms)
		ts.Check(err)
	}
	if len(want) == 1 {
		return
	}
	if got, want := verdict(e), strings.Join(want[1:], " "); got != want {
		ts.Fatalf("%s: %s, want %s", what, got, want)
	}
}

// verdict is the result of an ЭСИД with the findings that are errors.
func verdict(e schema.ESID) string {
	got := []string{string(e.Result)}
	for _, f := range e.Findings {
		if f.Severity == schema.Error {
			got = append(got, f.Code+"/"+f.Reason)
		}
	}
	return strings.Join(got, " ")
}

// rootOf is the kind of what the railway sends, by its first bytes; empty for anything else.
func rootOf(text []byte) string {
	for _, root := range []string{"ESID", "Receipt", "StateNotice"} {
		if bytes.Contains(text[:min(len(text), 100)], []byte("<"+root+" ")) {
			return root
		}
	}
	return ""
}

// open believes what the railway has signed only when we and, where it is installed, xmlsec1 or openssl
// believe it. Who signed it is written into the file signer. Only an ЭСИД is read further.
func (a *actor) open(text, cms []byte) (schema.ESID, error) {
	tree, err := xmltree.Parse(text, xmltree.DefaultLimits())
	if err != nil {
		return schema.ESID{}, err
	}
	at := time.Now()
	if m := createdAt.FindSubmatch(text); m != nil {
		// The signature is judged by when it was made: its certificate may have ended since.
		if at, err = time.Parse(time.RFC3339, string(m[1])); err != nil {
			return schema.ESID{}, err
		}
	}
	signed, report := signature.Open(signature.Input{Tree: tree, Detached: cms}, a.trust, signature.Policy{}, at)
	if report.Outcome != signature.Holds {
		return schema.ESID{}, fmt.Errorf("it does not verify: %v\n%s", report.Faults, text)
	}
	name := report.Certificate.Subject.CommonName + "\n"
	if err := os.WriteFile(filepath.Join(a.dir, "signer"), []byte(name), 0o600); err != nil {
		return schema.ESID{}, err
	}
	switch {
	case cms != nil:
		err = a.askOpenSSL(text, cms, at)
	case strings.HasPrefix(report.Signature, "gost"): // xmlsec1 knows none
	default:
		err = a.askXMLSec(text, at)
	}
	if err != nil || rootOf(text) != "ESID" {
		return schema.ESID{}, err
	}
	return schema.ReadESID(signed.Root())
}

var createdAt = regexp.MustCompile(`<CreatedAt>([^<]*)</CreatedAt>`)

func (a *actor) askXMLSec(text []byte, at time.Time) error {
	xmlsec, err := exec.LookPath("xmlsec1")
	if err != nil {
		return nil // a script says so: sign_with_xmlsec1
	}
	f, err := os.CreateTemp(a.dir, "for-xmlsec1-*.xml")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(text); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	args := []string{
		"--verify", "--trusted-pem", filepath.Join(a.dir, "rail-root.pem"), "--enabled-key-data", "x509",
		"--verification-time", at.Local().Format(time.DateTime),
	}
	for _, kind := range schema.Kinds() {
		args = append(args, "--id-attr:ID", "urn:asugate:1:"+string(kind))
	}
	if out, err := exec.Command(xmlsec, append(args, f.Name())...).CombinedOutput(); err != nil {
		return fmt.Errorf("xmlsec1: %w\n%s", err, out)
	}
	return nil
}

// pausedClient has sent half of a document.
type pausedClient struct {
	body   *io.PipeWriter
	rest   []byte
	answer chan reply
}

// half begins to send a document and pauses in its middle.
func half(ts *testscript.TestScript, _ bool, args []string) {
	a := actorOf(ts)
	text := []byte(ts.ReadFile(args[0]))
	from, to := io.Pipe()
	a.paused = &pausedClient{body: to, rest: text[len(text)/2:], answer: make(chan reply, 1)}
	a.ending = append(a.ending, func() { _ = to.CloseWithError(io.ErrUnexpectedEOF) })
	r := a.request(ts, http.MethodPost, "/v1/documents", from)
	r.ContentLength = int64(len(text))
	go func() { a.paused.answer <- roundTrip(httpClient, r) }()
	_, err := to.Write(text[:len(text)/2])
	ts.Check(err)
}

// otherHalf sends what half has left.
func otherHalf(ts *testscript.TestScript, _ bool, args []string) {
	a := actorOf(ts)
	_, err := a.paused.body.Write(a.paused.rest)
	ts.Check(err)
	ts.Check(a.paused.body.Close())
	a.want(ts, "the rest", <-a.paused.answer, args)
}
