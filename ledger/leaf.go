package ledger

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// The kinds of records that have a leaf.
const (
	Verdict = "verdict" // a line of the journal
	Notice  = "notice"  // a word on a memo or an act
)

// Leaf is what the ledger says of a record.
type Leaf struct {
	Kind     string // Verdict | Notice
	ID       string // of the message that was sent
	Record   string // hex SHA-256 of the record, as it is stored
	Sent     string // of the signed message, followed by its detached signature where it has one
	Received string // of the document that was received, likewise; empty: there was none
}

// ErrNoLeaf: a text is no leaf as Text writes it.
var ErrNoLeaf = errors.New("no leaf of the journal")

// none stands for a digest that there is not.
const none = "-"

// Text is the one way of writing a leaf: five words, one blank between each. It is what is hashed.
func (l Leaf) Text() []byte {
	words := []string{l.Kind, l.ID, l.Record, l.Sent, l.Received}
	for i, w := range words {
		if w == "" {
			words[i] = none
		}
	}
	return []byte(strings.Join(words, " "))
}

// ParseLeaf reads what Text has written, and nothing else.
func ParseLeaf(text []byte) (Leaf, error) {
	words := strings.Split(string(text), " ")
	if len(words) != 5 {
		return Leaf{}, fmt.Errorf("%w: %.300q", ErrNoLeaf, text)
	}
	for i, w := range words {
		switch {
		case i >= 2 && w == none:
			words[i] = ""
		case i == 0 && w != Verdict && w != Notice, i == 1 && !isID(w), i >= 2 && !isDigest(w):
			return Leaf{}, fmt.Errorf("%w: word %d of %.300q", ErrNoLeaf, i+1, text)
		}
	}
	return Leaf{Kind: words[0], ID: words[1], Record: words[2], Sent: words[3], Received: words[4]}, nil
}

// isID says whether a word may be the id of a message: a UUID, in tests also something shorter.
func isID(word string) bool {
	if word == "" || len(word) > 64 || word == none {
		return false
	}
	for _, c := range word {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}

// isDigest says whether a word is a SHA-256 in small hexadecimal digits.
func isDigest(word string) bool {
	b, err := hex.DecodeString(word)
	return err == nil && len(b) == HashSize && strings.ToLower(word) == word
}
