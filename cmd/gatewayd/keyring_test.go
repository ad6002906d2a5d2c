package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"asugate/conf"
	"asugate/internal/pki"
	"asugate/register"
)

// ringOf is a ring of keys that lie in files, under a clock of its own.
func ringOf(t *testing.T, now *time.Time, keys ...conf.SigningKey) *keyring {
	t.Helper()
	r := newKeyring(func() time.Time { return *now })
	set, err := loadKeys(t.Context(), keys, &keySet{}, quiet())
	if err != nil {
		t.Fatal(err)
	}
	r.take(set)
	t.Cleanup(r.close)
	return r
}

// Keys of one name take over from each other; those of another do not concern them.
func TestKeyringNames(t *testing.T) {
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	now := day
	dir := t.TempDir()
	authority := pki.Must(pki.NewAuthority("Дорога", day))
	key := func(name, file string, from time.Time, days int) conf.SigningKey {
		c := pki.Must(authority.Issue(pki.Request{
			Subject:   pki.Subject{CommonName: file},
			NotBefore: day.AddDate(0, 0, -1), NotAfter: day.AddDate(0, 0, days),
		}))
		k, p, err := c.Write(dir, file)
		if err != nil {
			t.Fatal(err)
		}
		return conf.SigningKey{Name: name, Key: k, Certificate: p, From: from}
	}
	r := ringOf(t, &now,
		key("second", "second", time.Time{}, 30),
		key("", "old", time.Time{}, 10), key("default", "new", day.AddDate(0, 0, 5), 30),
		key("later", "later", day.AddDate(0, 0, 20), 30),
	)
	for _, c := range []struct {
		after      int
		name, want string
		says       string // by check where there is none
	}{
		{0, "", "old", ""},
		{0, "default", "old", ""},
		{0, "second", "second", ""},
		{0, "later", "", "under the name later: each has a start to come"},
		{0, "nobody", "", "under the name nobody: none is configured"},
		{5, "", "new", ""},  // its start has come
		{15, "", "new", ""}, // the old one has ended
		{25, "later", "later", ""},
		{40, "", "", "under the name default: each has"},
	} {
		now = day.AddDate(0, 0, c.after)
		got := ""
		if k := r.current(c.name); k != nil {
			got = k.Certificate().Subject.CommonName
		}
		err := r.check(c.name)
		if got != c.want || (err == nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("day %d, key %q: %q, %v", c.after, c.name, got, err)
		}
	}
	now = day
	directory := &register.Directory{Participants: map[string]*register.Participant{
		"A": {Seal: register.Seal{Key: "second"}}, "B": {Seal: register.Seal{Key: "gost"}}, "C": {},
	}}
	err := r.checkAll(directory)
	if err == nil || !strings.Contains(err.Error(), "participant B: signing.keys has no key gost") ||
		strings.Contains(err.Error(), "later") || strings.Contains(err.Error(), "participant A") {
		t.Error(err)
	}
	directory.Participants["B"].Seal.Key = "later"
	if err := r.checkAll(directory); err == nil || !strings.Contains(err.Error(), "under the name later") {
		t.Error(err)
	}

	// Where none is called default, the first in the file is it.
	alone := ringOf(t, &now, key("gost", "g", time.Time{}, 30), key("another", "a", time.Time{}, 30))
	if k := alone.current(""); k == nil || k.Certificate().Subject.CommonName != "g" {
		t.Errorf("the first: %v", k)
	}
	if err := newKeyring(time.Now).check(""); !errors.Is(err, errNoKey) || !strings.Contains(err.Error(), "none is configured") {
		t.Error(err)
	}
}

// One command runs once, whoever names it; a failed reading leaves nothing running that it has started.
func TestKeyringPrograms(t *testing.T) {
	now := time.Now()
	dir := t.TempDir()
	c := pki.Must(pki.Must(pki.NewAuthority("Дорога", now)).Issue(pki.Request{}))
	for _, name := range []string{"default", "second"} {
		if _, _, err := c.Write(dir, name); err != nil {
			t.Fatal(err)
		}
	}
	starts := filepath.Join(dir, "starts")
	signer := pki.Must(filepath.Abs(pki.Must(exec.LookPath("signer"))))
	command := []string{"/bin/sh", "-c", `echo >>"$1"; exec "$2" "$3"`, "-", starts, signer, dir}
	key := func(name string) conf.SigningKey {
		return conf.SigningKey{Name: name, Command: command, Certificate: filepath.Join(dir, "default.pem")}
	}
	r := ringOf(t, &now, key("default"), key("second"))
	if r.current("second") == nil || r.current("") == nil {
		t.Fatal("they do not sign")
	}
	if text, _ := os.ReadFile(starts); len(text) != 1 {
		t.Errorf("%d starts", len(text))
	}
	other := conf.SigningKey{Name: "third", Certificate: filepath.Join(dir, "none.pem"), Command: append(command[:len(command):len(command)], "more")}
	again := key("default")
	again.Certificate = filepath.Join(dir, "second.pem")
	if _, err := loadKeys(t.Context(), []conf.SigningKey{again, other}, r.set.Load(), quiet()); err == nil {
		t.Fatal("a certificate that is not there is read")
	}
	if r.current("") == nil {
		t.Error("the reading that failed has stopped what is in force")
	}
	program := r.inForce("").program
	r.close()
	if err := program.Check(); err == nil {
		t.Error("the program outlives its ring")
	}
}
