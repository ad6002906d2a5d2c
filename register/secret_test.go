package register

import (
	"errors"
	"strings"
	"testing"

	"asugate/store"
)

// twoParticipants imports SHIP-01 and SHIP-02, and returns the file with both and that with the
// second alone.
func twoParticipants(t *testing.T, r *Register) (both, second []byte) {
	t.Helper()
	head, one, _ := strings.Cut(minimal(t), "  - code: SHIP-01")
	second = []byte(head + "  - code: SHIP-02" + one)
	both = []byte(string(second) + "  - code: SHIP-01" + one)
	if _, err := r.ImportParticipants(both, "", "operator"); err != nil {
		t.Fatal(err)
	}
	return both, second
}

// newSecrets makes so many for the participant.
func newSecrets(t *testing.T, r *Register, participant string, count int) (secrets []string) {
	t.Helper()
	for range count {
		secret, err := r.NewSecret(participant)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(secret, "gw_") || len(secret) != 46 {
			t.Errorf("secret %q", secret)
		}
		secrets = append(secrets, secret)
	}
	return secrets
}

func TestAuthenticate(t *testing.T) {
	r, s := openRegister(t, startClock())
	if _, err := r.NewSecret("SHIP-01"); !errors.Is(err, ErrUnknownParticipant) {
		t.Errorf("a secret for nobody: %v", err)
	}
	twoParticipants(t, r)
	secrets, other := newSecrets(t, r, "SHIP-01", 3), newSecrets(t, r, "SHIP-02", 1)[0]
	tests := []struct {
		name                string
		participant, secret string
		want                string // empty: refused
	}{
		{"the newest", "", secrets[2], "SHIP-01"},
		{"the one before", "", secrets[1], "SHIP-01"},
		{"the third is over", "", secrets[0], ""},
		{"named", "SHIP-01", secrets[2], "SHIP-01"},
		{"another's name", "SHIP-02", secrets[2], ""},
		{"another's secret", "SHIP-01", other, ""},
		{"other", "", other, "SHIP-02"},
		{"nobody's name", "SHIP-03", secrets[2], ""},
		{"empty", "", "", ""},
		{"name alone", "SHIP-01", "", ""},
		{"one letter more", "", secrets[2] + "A", ""},
		{"one letter less", "", secrets[2][:45], ""},
		{"other prefix", "", "xx_" + secrets[2][3:], ""},
		{"never made", "", "gw_" + strings.Repeat("A", 43), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, ok, err := r.Authenticate(test.participant, test.secret)
			if got != test.want || ok != (test.want != "") || err != nil {
				t.Errorf("got %q %v %v, want %q", got, ok, err, test.want)
			}
		})
	}
	view(t, s, func(tx store.Reader) {
		if made, err := r.SecretsMade(tx, "SHIP-01"); err != nil || len(made) != 2 {
			t.Errorf("made: %v, %v", made, err)
		}
		// The store must not help a thief.
		for _, table := range []store.Table{secretOwners, ownedSecrets} {
			tx.Range(table, nil, nil, 100, func(key, value []byte) bool {
				if strings.Contains(string(key)+string(value), secrets[2][3:]) {
					t.Errorf("table %s holds a secret", table)
				}
				return true
			})
		}
	})
}

// stopped is a store that cannot say any more what is on disk.
type stopped struct{ store.Store }

func (stopped) View(func(store.Reader) error) error { return store.ErrUnknown }

// Who cannot be looked up is not refused: a client that is told so for good may give up.
func TestAuthenticateFails(t *testing.T) {
	r, s := openRegister(t, startClock())
	twoParticipants(t, r)
	secret := newSecrets(t, r, "SHIP-01", 1)[0]
	fails := func(name string, r *Register, want error) {
		t.Helper()
		code, ok, err := r.Authenticate("", secret)
		if code != "" || ok || err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s, by secret: %q %v %v", name, code, ok, err)
		}
		code, ok, err = r.ByClientCertificate(strings.Repeat("0", 64))
		if code != "" || ok || err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s, by certificate: %q %v %v", name, code, ok, err)
		}
	}
	fails("the store has stopped", Open(stopped{s}, startClock().Now), store.ErrUnknown)
	damage := func(tx store.Tx) error {
		tx.Put(participantHeads, versionKey(nil, 1), []byte("?"))
		return nil
	}
	if err := s.Update(damage); err != nil {
		t.Fatal(err)
	}
	fails("the register is damaged", r, nil)
	never := "gw_" + strings.Repeat("A", 43)
	if _, ok, err := r.Authenticate("", never); ok || err != nil {
		t.Errorf("a secret that nobody has: %v %v", ok, err)
	}
}

// Who is taken off the register is out at once, and back with the same secret; RevokeSecrets is for
// good.
func TestSecretsEnd(t *testing.T) {
	r, _ := openRegister(t, startClock())
	both, second := twoParticipants(t, r)
	secrets, other := newSecrets(t, r, "SHIP-01", 2), newSecrets(t, r, "SHIP-02", 1)[0]
	if _, err := r.ImportParticipants(second, "", "operator"); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := r.Authenticate("", secrets[1]); ok || err != nil {
		t.Error("a participant that is gone was let in")
	}
	if _, err := r.ImportParticipants(both, "", "operator"); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := r.Authenticate("", secrets[1]); !ok {
		t.Error("a participant that is back was not let in")
	}
	if err := r.RevokeSecrets("SHIP-01"); err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if _, ok, err := r.Authenticate("", secret); ok || err != nil {
			t.Error("a revoked secret was let in")
		}
	}
	if _, ok, _ := r.Authenticate("", other); !ok {
		t.Error("another participant's secret was revoked too")
	}
}
