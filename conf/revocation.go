package conf

import (
	"fmt"
	"net/url"
	"path/filepath"
	"time"
)

// Revocation is where this machine learns which certificates are revoked. Neither a document nor a
// certificate can add to it.
type Revocation struct {
	CRLs     []CRL    `yaml:"crls"`
	OCSP     []OCSP   `yaml:"ocsp"`
	Refresh  Duration `yaml:"refresh"`
	Grace    Duration `yaml:"grace"`
	DeferFor Duration `yaml:"defer_for"`
	Timeout  Duration `yaml:"timeout"`
	MaxSize  Size     `yaml:"max_size"`
	Cache    string   `yaml:"cache"`
	Proxy    string   `yaml:"proxy"`
}

// CRL is where lists of revoked certificates («список отозванных сертификатов») come from: files or
// a URL.
type CRL struct {
	File   string `yaml:"file,omitempty"` // a pattern as of the shell
	URL    string `yaml:"url,omitempty"`
	Issuer string `yaml:"issuer"`
}

// OCSP is a responder that is asked about single certificates.
type OCSP struct {
	URL       string `yaml:"url"`
	Issuer    string `yaml:"issuer"`
	Responder string `yaml:"responder,omitempty"`
}

// fetches says that something comes over the network and is kept.
func (r Revocation) fetches() bool {
	for _, c := range r.CRLs {
		if c.URL != "" {
			return true
		}
	}
	return false
}

func defaultRevocation() Revocation {
	return Revocation{
		Refresh:  Duration(time.Hour),
		Grace:    Duration(day),
		DeferFor: Duration(day),
		Timeout:  Duration(30 * time.Second),
		MaxSize:  64 * MiB,
		Cache:    "/var/lib/gatewayd/revocation",
	}
}

// paths are those of the section; the pattern of files is none that can be checked as one.
func (r *Revocation) paths() []namedPath {
	list := []namedPath{{"revocation.cache", &r.Cache, ownPath}}
	for i := range r.CRLs {
		field := fmt.Sprintf("revocation.crls[%d]", i)
		list = append(list,
			namedPath{field + ".file", &r.CRLs[i].File, pattern},
			namedPath{field + ".issuer", &r.CRLs[i].Issuer, publicFile})
	}
	for i := range r.OCSP {
		field := fmt.Sprintf("revocation.ocsp[%d]", i)
		list = append(list,
			namedPath{field + ".issuer", &r.OCSP[i].Issuer, publicFile},
			namedPath{field + ".responder", &r.OCSP[i].Responder, publicFile})
	}
	return list
}

func (v *validation) revocation() {
	r := v.config.Revocation
	check(v, "revocation.refresh", r.Refresh, Duration(time.Second), Duration(7*day))
	check(v, "revocation.grace", r.Grace, 0, Duration(365*day))
	check(v, "revocation.defer_for", r.DeferFor, Duration(time.Second), Duration(7*day))
	check(v, "revocation.timeout", r.Timeout, Duration(100*time.Millisecond), Duration(10*time.Minute))
	check(v, "revocation.max_size", r.MaxSize, KiB, GiB)
	for i, c := range r.CRLs {
		field := fmt.Sprintf("revocation.crls[%d]", i)
		if (c.File == "") == (c.URL == "") {
			v.fail(field, "names not exactly one of file and url", "write one item for each place")
		}
		if c.URL != "" {
			v.server(field+".url", c.URL)
		}
		v.issuer(field, c.Issuer)
	}
	for i, o := range r.OCSP {
		field := fmt.Sprintf("revocation.ocsp[%d]", i)
		v.server(field+".url", o.URL)
		v.issuer(field, o.Issuer)
	}
	if r.Proxy != "" {
		v.server("revocation.proxy", r.Proxy)
	}
	if r.fetches() {
		v.needed("revocation.cache", r.Cache)
	}
}

func (v *validation) issuer(field, path string) {
	if path == "" {
		v.fail(field, "issuer is missing",
			"name a file with the certificates of those whose revocations come from there")
	}
}

// server checks a URL that we ask.
func (v *validation) server(field, address string) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		// What is no URL may hold a password all the same: it is not repeated.
		v.fail(field, "is no URL such as http://ca.example/ca.crl", "")
	case u.User != nil:
		v.fail(field, "holds a user or password", "evidence of revocation is public; none is sent")
	}
}

// matches checks a pattern of files: one that nothing answers to is a mistake in it.
func (v *validation) matches(field, pattern string) {
	names, err := filepath.Glob(pattern)
	switch {
	case err != nil:
		v.fail(field, quote(pattern)+" is no pattern such as /etc/gatewayd/crl/*.crl", "")
	case len(names) == 0:
		v.fail(field, "no file is called "+pattern, "put the lists there first")
	}
}
