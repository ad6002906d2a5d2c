package conf

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// Shipped is the commented file that explains every field; as it is, it says nothing but defaults.
//
//go:embed gatewayd.yaml
var Shipped []byte

// maxFile bounds the file: whatever is larger is not a configuration.
const maxFile = 1 << 20

// Load reads the file strictly over the defaults. Paths in it that are relative are relative to its
// folder. An error about the content is Problems. What the values mean is judged by Validate.
func Load(path string) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading configuration: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading configuration: %w", err)
	}
	if len(text) > maxFile {
		return nil, Problems{{File: path, What: "is larger than " + Size(maxFile).String()}}
	}
	c, err := Parse(text, path)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("finding the folder of %s: %w", path, err)
	}
	for _, p := range c.paths() {
		if *p.path != "" && !filepath.IsAbs(*p.path) {
			*p.path = filepath.Join(dir, *p.path)
		}
	}
	return c, nil
}

// Parse is Load without the file: name stands in messages, relative paths stay as they are.
func Parse(text []byte, name string) (*Config, error) {
	c := Default()
	d := decoder{src: source{file: name, places: make(map[string]place)}}
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, Problems{syntaxProblem(err, name)}
	}
	for i, doc := range file.Docs {
		if i > 0 {
			d.fail(doc.Start, "", "a second document begins here", "one file has one configuration")
			break
		}
		if doc.Body != nil {
			d.value(doc.Body, reflect.ValueOf(c).Elem(), "")
		}
	}
	c.source = d.src
	if err := d.problems.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// syntaxProblem takes place and message out of the parser's error, which is several lines long.
func syntaxProblem(err error, name string) Problem {
	p := Problem{File: name, What: "is no YAML"}
	if e, ok := errors.AsType[yaml.Error](err); ok {
		p.What = e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Column = t.Position.Line, t.Position.Column
		}
	}
	return p
}

// namedPath is a path in the configuration.
type namedPath struct {
	field string
	path  *string
	kind  pathKind
}

type pathKind uint8

const (
	ownPath      pathKind = iota // made by the daemon or the operator's commands
	publicFile                   // must be there
	secretFile                   // must be there, and not be readable by everyone
	pattern                      // of names of files, one of which must be there
	publicFolder                 // must be there
)

// paths is every path, for resolving and for checking.
func (c *Config) paths() []namedPath {
	list := []namedPath{
		{"listen.tls.certificate", &c.Listen.TLS.Certificate, publicFile},
		{"listen.tls.key", &c.Listen.TLS.Key, secretFile},
		{"listen.tls.client_ca", &c.Listen.TLS.ClientCA, publicFile},
		{"push.ca", &c.Push.CA, publicFile},
		{"admin.socket", &c.Admin.Socket, ownPath},
		{"store.path", &c.Store.Path, ownPath},
		{"spool.dir", &c.Spool.Dir, ownPath},
		{"codes.tables", &c.Codes.Tables, publicFolder},
		{"broker.credentials", &c.Broker.Credentials, secretFile},
		{"broker.tls.ca", &c.Broker.TLS.CA, publicFile},
		{"broker.tls.certificate", &c.Broker.TLS.Certificate, publicFile},
		{"broker.tls.key", &c.Broker.TLS.Key, secretFile},
	}
	for i := range c.Signing.Keys {
		field := fmt.Sprintf("signing.keys[%d]", i)
		list = append(list,
			namedPath{field + ".key", &c.Signing.Keys[i].Key, secretFile},
			namedPath{field + ".certificate", &c.Signing.Keys[i].Certificate, publicFile})
	}
	return append(list, c.Revocation.paths()...)
}
