package register

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"asugate/store"
)

// A secret is 256 random bits in base64url behind a prefix that lets scanners of logs and
// repositories know it. Of so much chance a plain SHA-256 is enough: nobody can try them all.
const (
	secretPrefix = "gw_"
	secretLength = len(secretPrefix) + 43
)

// validSecrets is how many of a participant's secrets hold at once: the new one, and the one that
// its systems still use.
const validSecrets = 2

// ownedSecret is what is kept of a secret.
type ownedSecret struct {
	SHA256 []byte    `json:"sha256"`
	Made   time.Time `json:"made"`
}

// NewSecret makes a 256-bit secret for the participant; the two latest are valid. They outlive the
// participant's absence from the register, so that a wrong import does not lock everybody out;
// RevokeSecrets ends them.
func (r *Register) NewSecret(participant string) (secret string, err error) {
	random := make([]byte, 32)
	rand.Read(random) // never fails: crypto/rand ends the program instead
	secret = secretPrefix + base64.RawURLEncoding.EncodeToString(random)
	digest := sha256.Sum256([]byte(secret))
	now := r.now()
	err = r.store.Update(func(tx store.Tx) error {
		directory, err := r.Directory(tx)
		if err != nil {
			return err
		}
		if directory.Participants[participant] == nil {
			return ErrUnknownParticipant
		}
		owned, err := secretsOf(tx, participant)
		if err != nil {
			return err
		}
		owned = append(owned, ownedSecret{digest[:], now})
		for ; len(owned) > validSecrets; owned = owned[1:] {
			tx.Delete(secretOwners, owned[0].SHA256)
		}
		record, err := json.Marshal(owned)
		if err != nil {
			return err
		}
		tx.Put(secretOwners, digest[:], []byte(participant))
		tx.Put(ownedSecrets, []byte(participant), record)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("making a secret for %q: %w", bounded(participant), err)
	}
	return secret, nil
}

// RevokeSecrets ends all secrets of the participant.
func (r *Register) RevokeSecrets(participant string) error {
	err := r.store.Update(func(tx store.Tx) error {
		owned, err := secretsOf(tx, participant)
		if err != nil {
			return err
		}
		for _, s := range owned {
			tx.Delete(secretOwners, s.SHA256)
		}
		tx.Delete(ownedSecrets, []byte(participant))
		return nil
	})
	if err != nil {
		return fmt.Errorf("revoking the secrets of %q: %w", bounded(participant), err)
	}
	return nil
}

// SecretsMade are the times at which the valid secrets of the participant were made, oldest first.
func (r *Register) SecretsMade(tx store.Reader, participant string) ([]time.Time, error) {
	owned, err := secretsOf(tx, participant)
	var made []time.Time
	for _, s := range owned {
		made = append(made, s.Made)
	}
	return made, err
}

func secretsOf(tx store.Reader, participant string) ([]ownedSecret, error) {
	value := tx.Get(ownedSecrets, []byte(participant))
	if value == nil {
		return nil, nil
	}
	var owned []ownedSecret
	if err := json.Unmarshal(value, &owned); err != nil {
		return nil, fmt.Errorf("reading the secrets of %q: %w", bounded(participant), err)
	}
	return owned, nil
}

// Authenticate finds the participant of a secret (Bearer), or checks it for the named participant
// (Basic). Only a participant of the register in force is let in. With an error it is not known who
// that is: nobody must be told that the secret is wrong.
func (r *Register) Authenticate(participant, secret string) (code string, ok bool, err error) {
	if len(secret) != secretLength || !strings.HasPrefix(secret, secretPrefix) {
		return "", false, nil
	}
	digest := sha256.Sum256([]byte(secret))
	err = r.store.View(func(tx store.Reader) error {
		code, ok = string(tx.Get(secretOwners, digest[:])), false
		if code == "" {
			return nil // nobody's, whatever else can be read
		}
		owned, err := secretsOf(tx, code)
		if err != nil {
			return err
		}
		for _, s := range owned {
			ok = subtle.ConstantTimeCompare(s.SHA256, digest[:]) == 1 || ok
		}
		directory, err := r.Directory(tx)
		ok = ok && err == nil && directory.Participants[code] != nil
		return err
	})
	if err != nil {
		return "", false, fmt.Errorf("looking for the participant of a secret: %w", err)
	}
	if participant != "" {
		ok = subtle.ConstantTimeCompare([]byte(participant), []byte(code)) == 1 && ok
	}
	if !ok {
		return "", false, nil
	}
	return code, true, nil
}

// ByClientCertificate finds the participant of a TLS client certificate by the SHA-256 of its DER.
func (r *Register) ByClientCertificate(sha256hex string) (code string, ok bool, err error) {
	err = r.store.View(func(tx store.Reader) error {
		directory, err := r.Directory(tx)
		if err != nil {
			return err
		}
		code, ok = directory.clientCertificates[strings.ToLower(sha256hex)]
		return nil
	})
	if err != nil {
		return "", false, fmt.Errorf("looking for the participant of a certificate: %w", err)
	}
	return code, ok, nil
}
