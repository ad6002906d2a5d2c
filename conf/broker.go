package conf

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

// Dial is the URL with the credentials of their file, read anew each time, so that a password can
// be changed while the daemon runs. It is a secret: not to be logged.
func (b Broker) Dial() (string, error) {
	u, err := url.Parse(b.URL)
	if err != nil {
		// The text of err repeats the URL.
		return "", fmt.Errorf("reading broker.url: it is no URL")
	}
	if b.Credentials == "" {
		return u.String(), nil
	}
	f, err := os.Open(b.Credentials)
	if err != nil {
		return "", fmt.Errorf("reading broker.credentials: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	if err != nil {
		return "", fmt.Errorf("reading broker.credentials: %w", err)
	}
	line, _, _ := strings.Cut(string(text), "\n")
	user, password, ok := strings.Cut(strings.TrimSuffix(line, "\r"), ":")
	if !ok || user == "" {
		return "", fmt.Errorf("reading broker.credentials: %s: the first line is not user:password", b.Credentials)
	}
	u.User = url.UserPassword(user, password)
	return u.String(), nil
}
