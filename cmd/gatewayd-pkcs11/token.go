//go:build cgo

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/miekg/pkcs11"
)

// sessions is how many signatures the token makes at once. Over a network it is the distance that
// costs time, not the token.
const sessions = 4

// token is the key in its token. The connection is made when it is needed, and anew when it was lost.
type token struct {
	options options
	id      []byte
	module  *pkcs11.Ctx

	mu   sync.RWMutex // held for reading by those who use open, for writing while it changes
	open *connection  // nil: none yet, or lost

	// refused is the SHA-256 of the PIN that the token has refused, guarded by mu. It is not tried
	// again: after a few tries a token locks itself.
	refused [sha256.Size]byte
}

// connection is a token that is logged in to.
type connection struct {
	key    pkcs11.ObjectHandle
	kind   uint                      // CKK_…
	public []byte                    // DER SubjectPublicKeyInfo, nil when the token does not tell it
	idle   chan pkcs11.SessionHandle // each is used by one signature at a time
}

var (
	errPIN   = errors.New("the token refuses the PIN; it is not tried again until the file has another one")
	errFinal = errors.New("the token would lock itself at the next wrong PIN (hint: log in once with the vendor's program)")
)

// newToken loads the library.
func newToken(o options) (*token, error) {
	id, err := hex.DecodeString(o.ID)
	if err != nil {
		return nil, fmt.Errorf("--id %s is no hex", o.ID)
	}
	if o.Key == "" && len(id) == 0 {
		return nil, errors.New("name the key: --key, --id or both")
	}
	t := &token{options: o, id: id, module: pkcs11.New(o.Module)}
	if t.module == nil {
		return nil, fmt.Errorf("%s cannot be loaded as a PKCS #11 library", o.Module)
	}
	return t, nil
}

func (t *token) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.disconnect()
	t.module.Destroy()
}

// use works with an idle session of the connection. When the token says that something is wrong,
// which is how a lost session or a pulled token shows, it is done once more with a new connection.
func (t *token) use(work func(*connection, pkcs11.SessionHandle) error) error {
	for again := range 2 {
		c, err := t.connected() // with the lock for reading
		if err != nil {
			return err
		}
		session := <-c.idle
		err = work(c, session)
		c.idle <- session
		t.mu.RUnlock()
		var complaint pkcs11.Error
		if !errors.As(err, &complaint) {
			return err
		}
		t.mu.Lock()
		if t.open == c {
			t.disconnect()
		}
		t.mu.Unlock()
		if again == 1 {
			return err
		}
	}
	panic("unreachable")
}

// connected is the connection, which holds until the caller lets go of the lock for reading. On an
// error there is nothing to let go of.
func (t *token) connected() (*connection, error) {
	for {
		t.mu.RLock()
		if t.open != nil {
			return t.open, nil
		}
		t.mu.RUnlock()
		t.mu.Lock()
		var err error
		if t.open == nil {
			if t.open, err = t.connect(); err != nil {
				t.disconnect()
			}
		}
		t.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
}

// disconnect ends all sessions and the login with them. Nothing can be done about an error.
func (t *token) disconnect() {
	_ = t.module.Finalize()
	t.open = nil
}

// connect finds the token, logs in and finds the key. The caller holds the lock for writing.
func (t *token) connect() (*connection, error) {
	if err := t.module.Initialize(); err != nil {
		return nil, fmt.Errorf("initializing the library: %w", err)
	}
	slot, info, err := t.find()
	if err != nil {
		return nil, err
	}
	c := &connection{idle: make(chan pkcs11.SessionHandle, sessions)}
	var session pkcs11.SessionHandle
	for range sessions {
		if session, err = t.module.OpenSession(slot, pkcs11.CKF_SERIAL_SESSION); err != nil {
			return nil, fmt.Errorf("opening a session: %w", err)
		}
		c.idle <- session
	}
	if info.Flags&pkcs11.CKF_LOGIN_REQUIRED != 0 {
		if err := t.login(session, info); err != nil {
			return nil, err
		}
	}
	return c, t.findKey(session, c)
}

// find is the slot of the one token that is meant.
func (t *token) find() (uint, pkcs11.TokenInfo, error) {
	slots, err := t.module.GetSlotList(true)
	if err != nil {
		return 0, pkcs11.TokenInfo{}, fmt.Errorf("asking for the slots: %w", err)
	}
	var found []uint
	var info pkcs11.TokenInfo
	for _, slot := range slots {
		i, err := t.module.GetTokenInfo(slot)
		if err != nil {
			continue // pulled out this moment
		}
		if t.options.Serial != "" && i.SerialNumber == t.options.Serial || t.options.Token != "" && i.Label == t.options.Token {
			found, info = append(found, slot), i
		}
	}
	name := t.options.Token + t.options.Serial // one of both is empty
	switch len(found) {
	case 0:
		return 0, info, fmt.Errorf("no token %s in any of %d slots", name, len(slots))
	case 1:
		return found[0], info, nil
	}
	return 0, info, fmt.Errorf("%d tokens are called %s (hint: name the --serial)", len(found), name)
}

// login gives the token the PIN, and never the same wrong one twice.
func (t *token) login(session pkcs11.SessionHandle, info pkcs11.TokenInfo) error {
	switch {
	case info.Flags&pkcs11.CKF_USER_PIN_LOCKED != 0:
		return errors.New("the token has locked itself")
	case info.Flags&pkcs11.CKF_USER_PIN_FINAL_TRY != 0:
		return errFinal
	}
	pin, err := readPIN(t.options.PINFile)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(pin)
	if sum == t.refused {
		return errPIN
	}
	err = t.module.Login(session, pkcs11.CKU_USER, string(pin))
	switch {
	case err == nil, errors.Is(err, pkcs11.Error(pkcs11.CKR_USER_ALREADY_LOGGED_IN)):
		return nil
	case errors.Is(err, pkcs11.Error(pkcs11.CKR_PIN_INCORRECT)), errors.Is(err, pkcs11.Error(pkcs11.CKR_PIN_LEN_RANGE)):
		t.refused = sum
		return fmt.Errorf("%w: %w", errPIN, err)
	}
	return fmt.Errorf("logging in: %w", err)
}

// maxPIN bounds the file of the PIN.
const maxPIN = 1 << 10

// readPIN reads the first line of a file that nobody else can read.
func readPIN(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading the PIN: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading the PIN: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%s has mode %04o: others can read the PIN (hint: chmod 600)", file, mode)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxPIN))
	if err != nil {
		return nil, fmt.Errorf("reading the PIN: %w", err)
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) == 0 {
		return nil, fmt.Errorf("%s holds no PIN", file)
	}
	return line, nil
}
