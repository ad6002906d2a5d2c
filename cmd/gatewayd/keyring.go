package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"asugate/conf"
	"asugate/register"
	"asugate/signature"
	"asugate/signature/process"
)

// keyring is the keys that the gateway signs with, by name, each from its start on. It is replaced
// as a whole.
type keyring struct {
	now func() time.Time
	set atomic.Pointer[keySet]
}

func newKeyring(now func() time.Time) *keyring {
	r := &keyring{now: now}
	r.set.Store(&keySet{})
	return r
}

// keySet is what one reading of the configuration gave.
type keySet struct {
	names    []string  // in the order of the configuration
	keys     []ringKey // ordered by from
	programs programs
}

type ringKey struct {
	name    string
	from    time.Time
	key     *signature.Key
	program *process.Process // that signs with it, nil when we do
}

// programs are the programs that sign for us, by their commands. A command runs once, however many
// keys name it.
type programs map[string]*process.Process

// commandKey is a command as the key of programs; no argument of a program can hold a NUL.
func commandKey(command []string) string { return strings.Join(command, "\x00") }

// loadKeys reads all configured keys, or none. Programs of those in force are used again, the others
// are started; retire stops what is in use no more.
func loadKeys(ctx context.Context, configured []conf.SigningKey, inForce *keySet, log *slog.Logger) (*keySet, error) {
	set := &keySet{programs: make(programs)}
	for _, c := range configured {
		k, err := set.load(ctx, c, inForce, log)
		if err != nil {
			set.retire(inForce)
			return nil, err
		}
		if !slices.Contains(set.names, k.name) {
			set.names = append(set.names, k.name)
		}
		set.keys = append(set.keys, k)
	}
	slices.SortStableFunc(set.keys, func(a, b ringKey) int { return a.from.Compare(b.from) })
	return set, nil
}

func (s *keySet) load(ctx context.Context, c conf.SigningKey, inForce *keySet, log *slog.Logger) (ringKey, error) {
	k := ringKey{name: c.KeyName(), from: c.From}
	if len(c.Command) == 0 {
		var err error
		k.key, err = signature.LoadKey(c.Key, c.Certificate)
		return k, err
	}
	command := commandKey(c.Command)
	if k.program = s.programs[command]; k.program == nil {
		if k.program = inForce.programs[command]; k.program == nil {
			k.program = process.New(c.Command, log)
		}
		s.programs[command] = k.program
	}
	var err error
	k.key, err = externalKey(ctx, k.program, k.name, c.Certificate)
	return k, err
}

// externalKey is a key of a program, with the certificate that lies in a file of ours.
func externalKey(ctx context.Context, program *process.Process, name, certificate string) (*signature.Key, error) {
	chain, err := signature.LoadChain(certificate)
	if err != nil {
		return nil, err
	}
	signer, err := program.Signer(ctx, name, chain[0])
	if err != nil {
		return nil, fmt.Errorf("signing key %s: %w", name, err)
	}
	key, err := signature.NewKey(signer, chain...)
	if err != nil {
		return nil, fmt.Errorf("signing key %s: %w", name, err)
	}
	return key, nil
}

// retire stops the programs of this set that the other one does not use.
func (s *keySet) retire(other *keySet) {
	for command, p := range s.programs {
		if other.programs[command] != p {
			p.Close()
		}
	}
}

// take puts a set in force, and stops what only the old one used.
func (r *keyring) take(set *keySet) { r.set.Swap(set).retire(set) }

// close stops all programs. Nothing can be signed any more.
func (r *keyring) close() { r.take(&keySet{}) }

// name is the name of a key; the empty one is that of the default, or of the first key where none is
// called so.
func (s *keySet) name(name string) string {
	if name != "" || len(s.names) == 0 || slices.Contains(s.names, conf.DefaultKey) {
		return conf.SigningKey{Name: name}.KeyName()
	}
	return s.names[0]
}

// inForce is the newest key of a name whose start has come and whose certificate is valid now, nil
// when there is none.
func (r *keyring) inForce(name string) *ringKey {
	set, now := r.set.Load(), r.now()
	name = set.name(name)
	for i := range slices.Backward(set.keys) {
		k := &set.keys[i]
		c := k.key.Certificate()
		if k.name == name && !k.from.After(now) && !now.Before(c.NotBefore) && !now.After(c.NotAfter) {
			return k
		}
	}
	return nil
}

// current is the key in force of a name, nil when there is none or when its program is down: an older
// key is no substitute, since the participant may have been told that it is over.
func (r *keyring) current(name string) *signature.Key {
	k := r.inForce(name)
	if k == nil || k.program != nil && k.program.Check() != nil {
		return nil
	}
	return k.key
}

var errNoKey = errors.New("no signing key is in force")

// check says why nothing can be signed with a name.
func (r *keyring) check(name string) error {
	set := r.set.Load()
	k := r.inForce(name)
	switch {
	case k != nil && k.program != nil:
		if err := k.program.Check(); err != nil {
			return fmt.Errorf("signing key %s: %w", k.name, err)
		}
		return nil
	case k != nil:
		return nil
	case len(set.keys) == 0:
		return fmt.Errorf("%w: none is configured", errNoKey)
	}
	name = set.name(name)
	which := errNoKey
	if len(set.names) > 1 || set.names[0] != name {
		which = fmt.Errorf("%w under the name %s", errNoKey, name)
	}
	if !slices.Contains(set.names, name) {
		return fmt.Errorf("%w: none is configured", which)
	}
	return fmt.Errorf("%w: each has a start to come or a certificate out of its validity", which)
}

// checkAll says which names cannot sign, and which participants want a name that nobody configured.
// The default is told by check alone, and a key that is yet to come and that nobody wants is no fault.
func (r *keyring) checkAll(dir *register.Directory) error {
	set := r.set.Load()
	var words []string
	wanted := make(map[string]bool)
	for _, code := range slices.Sorted(maps.Keys(dir.Participants)) {
		name := dir.Participants[code].Seal.Key
		wanted[name] = true
		if name != "" && !slices.Contains(set.names, name) {
			words = append(words, fmt.Sprintf("participant %s: signing.keys has no key %s", code, name))
		}
	}
	for _, name := range set.names {
		if name == set.name("") || !wanted[name] && r.inForce(name) == nil {
			continue
		}
		if err := r.check(name); err != nil {
			words = append(words, err.Error())
		}
	}
	if len(words) == 0 {
		return nil
	}
	return errors.New(strings.Join(words, "; "))
}

// up says of each name whether it can sign now; those of which every key is yet to come are left out.
func (r *keyring) up() map[string]bool {
	up, now := make(map[string]bool), r.now()
	for _, k := range r.set.Load().keys {
		if !k.from.After(now) {
			up[k.name] = r.check(k.name) == nil
		}
	}
	return up
}

// gostAlgorithms are what a program that verifies in our place must know.
var gostAlgorithms = []string{"gost2012-256", "gost2012-512"}
