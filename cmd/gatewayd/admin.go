package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// The admin socket speaks HTTP: POST /<operation> with its parameters as JSON; the answer is what the
// operation prints, and how it ended stands in the trailers.
const (
	trailerExit  = "Gatewayd-Exit"
	trailerError = "Gatewayd-Error"
	trailerHint  = "Gatewayd-Hint"

	maxParameters = 64 << 20 // a register of participants or a staff list, in base64
)

type peerKey struct{}

// serveAdmin answers operators on the unix socket until ctx ends. Who is not this user or root is
// turned away by the kernel's word on the peer, not by the file's mode alone.
func serveAdmin(ctx context.Context, l net.Listener, d *desk) error {
	server := &http.Server{
		Handler:           adminHandler(d),
		ReadHeaderTimeout: 5 * time.Second,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, peerKey{}, peerUID(c))
		},
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	stopped := context.AfterFunc(ctx, func() {
		// What runs is given a moment; a backup to a dead terminal must not hold the daemon.
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if server.Shutdown(grace) != nil {
			server.Close()
		}
	})
	defer stopped()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving admin socket: %w", err)
	}
	return nil
}

// listenUnix makes the socket 0600, and takes over one that a killed daemon left behind. The store's
// lock has been taken already, so no other daemon of this store listens there. The umask is that of the
// whole process, so nothing may run beside this.
func listenUnix(path string) (net.Listener, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the admin socket: %w", err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing the stale admin socket: %w", err)
	}
	old := syscall.Umask(0o177)
	l, err := net.Listen("unix", path)
	syscall.Umask(old)
	if err != nil {
		return nil, fmt.Errorf("listening on the admin socket: %w", err)
	}
	return l, nil
}

// peerUID is the user at the other end of a unix socket, -1 when unknown.
func peerUID(c net.Conn) int {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return -1
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return -1
	}
	uid := -1
	err = raw.Control(func(fd uintptr) {
		if cred, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED); err == nil {
			uid = int(cred.Uid)
		}
	})
	if err != nil {
		return -1
	}
	return uid
}

func adminHandler(d *desk) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{operation...}", func(w http.ResponseWriter, r *http.Request) {
		uid, _ := r.Context().Value(peerKey{}).(int)
		if uid != os.Geteuid() && uid != 0 {
			http.Error(w, "not for you", http.StatusForbidden)
			return
		}
		w.Header().Set("Trailer", trailerExit+", "+trailerError+", "+trailerHint)
		w.WriteHeader(http.StatusOK)
		err := d.answer(r, fmt.Sprintf("uid %d", uid), flushing{w})
		var said bytes.Buffer
		code := exitDone
		if err != nil {
			code = complain(&said, err)
			what, hint, _ := bytes.Cut(bytes.TrimSpace(said.Bytes()), []byte("\nhint: "))
			w.Header().Set(trailerError, strconv.QuoteToASCII(string(bytes.TrimPrefix(what, []byte("gatewayd: ")))))
			w.Header().Set(trailerHint, strconv.QuoteToASCII(string(hint)))
		}
		w.Header().Set(trailerExit, strconv.Itoa(code))
	})
	return mux
}

// answer runs the operation that a request names.
func (d *desk) answer(r *http.Request, who string, out io.Writer) error {
	parameters, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxParameters))
	if err != nil {
		return fmt.Errorf("reading parameters: %w", err)
	}
	op, err := decodeOperation(r.PathValue("operation"), parameters)
	if err != nil {
		return err
	}
	return d.perform(r.Context(), op, who, out)
}

// flushing sends each line as it is printed, so that long work shows itself.
type flushing struct{ http.ResponseWriter }

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.ResponseWriter.Write(p)
	f.ResponseWriter.(http.Flusher).Flush()
	return n, err
}

// callDaemon runs the operation in the daemon behind the socket. done is false when none listens there.
func callDaemon(ctx context.Context, socket, name string, op operation, out io.Writer) (done bool, err error) {
	parameters, err := json.Marshal(op)
	if err != nil {
		return false, fmt.Errorf("writing parameters: %w", err)
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	transport := &http.Transport{DialContext: dial, DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://gatewayd/"+name, bytes.NewReader(parameters))
	if err != nil {
		return false, err
	}
	response, err := transport.RoundTrip(request)
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return false, nil // no daemon: the store is ours to open
	}
	if errors.Is(err, os.ErrPermission) {
		return false, failure{
			code: exitCould, what: fmt.Errorf("reaching the daemon: %w", err),
			hint: "run this as the daemon's user",
		}
	}
	if err != nil {
		return false, fmt.Errorf("reaching the daemon: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return false, fmt.Errorf("the daemon refused: %s", response.Status)
	}
	if _, err := io.Copy(out, response.Body); err != nil {
		return true, fmt.Errorf("reading the daemon's answer: %w", err)
	}
	return true, ending(response.Trailer)
}

// ending is how an operation ended in the daemon.
func ending(t http.Header) error {
	code, err := strconv.Atoi(t.Get(trailerExit))
	if err != nil {
		return errors.New("the daemon stopped before it had finished")
	}
	what, _ := strconv.Unquote(t.Get(trailerError))
	switch {
	case code == exitDone:
		return nil
	case code == exitNegative && what == "": // said already, by what was printed
		return negative
	}
	hint, _ := strconv.Unquote(t.Get(trailerHint))
	return failure{code: code, what: errors.New(what), hint: hint}
}
