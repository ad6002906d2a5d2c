package gateway

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"asugate/schema"
	"asugate/store"
	"asugate/workflow"
)

// The tables of the gateway; store/FORMAT.md describes keys and values.
const (
	journal      store.Table = "journal"      // message id → Entry
	raws         store.Table = "raws"         // participant 0 SHA-256 of the bytes received → message id
	ids          store.Table = "ids"          // participant 0 DocumentID 0 version → occupant
	consignments store.Table = "consignments" // participant 0 DocumentID of ЭД №1 → workflow.Consignment
	documents    store.Table = "documents"    // participant 0 DocumentID → Summary
	history      store.Table = "history"      // participant 0 DocumentID 0 message id → nothing
	unverified   store.Table = "unverified"   // participant 0 message id → SHA-256 of the bytes received
	pending      store.Table = "pending"      // message id → job
)

// Entry is one verdict in the journal, with everything to explain it and to judge it again.
type Entry struct {
	ID           string           `json:"id"` // of the ЭСИД
	Received     time.Time        `json:"received"`
	Judged       time.Time        `json:"judged"`
	Participant  string           `json:"participant"`
	Via          string           `json:"via"`
	Kind         schema.Kind      `json:"kind,omitempty"`
	DocumentID   string           `json:"document,omitempty"` // as sent
	Version      int              `json:"version,omitempty"`
	Raw          string           `json:"raw"`               // hex SHA-256 of the bytes received
	Content      string           `json:"content,omitempty"` // hex SHA-256 of what is signed
	Verified     bool             `json:"verified"`
	Signer       string           `json:"signer,omitempty"` // name only
	Certificate  string           `json:"certificate,omitempty"`
	Algorithm    string           `json:"algorithm,omitempty"`
	Organisation string           `json:"organisation,omitempty"`
	Stage        schema.Stage     `json:"stage,omitempty"`
	Result       schema.Result    `json:"result,omitempty"`
	Findings     []schema.Finding `json:"findings,omitempty"`
	Permits      []string         `json:"permits,omitempty"`
	Basis        schema.Basis     `json:"basis"`
	Read         readSet          `json:"read"`
	Supersedes   string           `json:"supersedes,omitempty"`
	Withdraws    string           `json:"withdraws,omitempty"` // of a withdrawal: the ЭСИД whose permission ends
	Because      string           `json:"because,omitempty"`   // of a withdrawal: the ЭСИД on the document that ends it
	Seal         string           `json:"seal,omitempty"`      // cms: the ЭСИД has its signature beside it
	Evidence     *Evidence        `json:"evidence,omitempty"`
	Envelope     *Envelope        `json:"envelope,omitempty"` // of a document of КП ЭДО, which nobody has signed
}

// bounded says that the document failed authenticity, so that its body is kept within a quota only.
func (e Entry) bounded() bool {
	return !e.Verified || e.Stage == schema.Authenticity && e.Result == schema.Negative
}

// Body is the key of the bytes received in store.Blobs.
func (e Entry) Body() string { return bodyKey(e.Participant, e.Raw) }

func bodyKey(participant, raw string) string { return participant + "/" + raw }

// occupant is the document that holds an id.
type occupant struct {
	Entry    string `json:"entry"`
	Content  string `json:"content"`
	Deferred bool   `json:"deferred,omitempty"` // nothing is decided yet

	// Withdrawn is the message id of the ЭСИД that has ended what this ЭД №2 permitted.
	Withdrawn string `json:"withdrawn,omitempty"`
}

// Summary is the newest of what is known of a document, for lists.
type Summary struct {
	Participant string      `json:"participant"`
	Kind        schema.Kind `json:"kind"`
	DocumentID  string      `json:"document"`
	Version     int         `json:"version"`
	State       string      `json:"state"` // accepted | refused | deferred | withdrawn; of a memo or an act addressed to the participant workflow.PrimaryState, or held
	Entry       string      `json:"entry"`
	Updated     time.Time   `json:"updated"`

	// Of a memo or an act addressed to the participant.
	From   string `json:"from,omitempty"` // code of the railway
	Number string `json:"number,omitempty"`

	// Until is when a deferred one is decided at the latest, which is not stored; of a memo or an act, until
	// when the participant may answer.
	Until *time.Time `json:"until,omitempty"`
}

// withdrawn is the state of an ЭД №2 whose permission has ended.
const withdrawn = "withdrawn"

// summary is the document as lists show it after this verdict.
func (e Entry) summary() Summary {
	state := "refused"
	switch e.Result {
	case schema.Positive:
		state = "accepted"
	case schema.Deferred:
		state = "deferred"
	}
	if e.Withdraws != "" && e.Result == schema.Negative {
		state = withdrawn
	}
	return Summary{
		Participant: e.Participant, Kind: e.Kind, DocumentID: e.DocumentID, Version: e.Version,
		State: state, Entry: e.ID, Updated: e.Judged,
	}
}

// key joins the parts with a zero byte; participant codes and ids contain none.
func key(parts ...string) []byte {
	n := len(parts)
	for _, p := range parts {
		n += len(p)
	}
	k := make([]byte, 0, n)
	for i, p := range parts {
		if i > 0 {
			k = append(k, 0)
		}
		k = append(k, p...)
	}
	return k
}

// idKey orders the versions of a document by number.
func idKey(participant, document string, version int) []byte {
	k := append(key(participant, document), 0)
	return binary.BigEndian.AppendUint32(k, uint32(version))
}

// after is the least key above all that begin with prefix, for Range.
func after(prefix []byte) []byte {
	end := cloned(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] < 0xff {
			end[i]++
			return end[:i+1]
		}
	}
	return nil
}

// highestVersion is the greatest accepted version of the document, 0 when none is.
func highestVersion(tx store.Reader, participant, document string) (highest int, err error) {
	err = versionsDown(tx, participant, document, func(version int, o occupant) bool {
		if !o.Deferred {
			highest = version
		}
		return o.Deferred
	})
	return highest, err
}

// standing is the greatest version of the document that occupies its id, accepted or deferred; 0 when
// none does.
func standing(tx store.Reader, participant, document string) (highest int, o occupant, err error) {
	err = versionsDown(tx, participant, document, func(version int, found occupant) bool {
		highest, o = version, found
		return false
	})
	return highest, o, err
}

// versionsDown visits the versions of the document that occupy their id, the greatest first. Deferred
// ones are bounded by the participant's outbox_limit, and above the accepted ones as a rule.
func versionsDown(tx store.Reader, participant, document string, visit func(int, occupant) bool) error {
	prefix := append(key(participant, document), 0)
	var broken error
	tx.RangeBack(ids, prefix, after(prefix), scanLimit, func(k, v []byte) bool {
		var o occupant
		if broken = json.Unmarshal(v, &o); broken != nil {
			broken = fmt.Errorf("reading id entry: %w", broken)
			return false
		}
		return visit(int(binary.BigEndian.Uint32(k[len(prefix):])), o)
	})
	return broken
}

// bodyAt is a document as received, with its detached signature if it has one.
func bodyAt(tx store.Reader, key string) (body, detached []byte, err error) {
	packed := tx.Get(store.Blobs, []byte(key))
	if packed == nil {
		return nil, nil, fmt.Errorf("reading document %s: %w", key, ErrNoContent)
	}
	if body, err = store.Unpack(packed); err != nil {
		return nil, nil, fmt.Errorf("reading document %s: %w", key, err)
	}
	if v := tx.Get(store.Blobs, []byte(signatureKey(key))); v != nil {
		if detached, err = store.Unpack(v); err != nil {
			return nil, nil, fmt.Errorf("reading the signature of document %s: %w", key, err)
		}
	}
	return body, detached, nil
}

func entryAt(tx store.Reader, id string) (Entry, error) {
	var e Entry
	v := tx.Get(journal, []byte(id))
	if v == nil {
		if at := tx.Get(retired, []byte(id)); at != nil {
			return e, fmt.Errorf("reading journal entry %s: %w: retention let it go at %.19s UTC", id, ErrNoDocument, at)
		}
		return e, fmt.Errorf("reading journal entry %s: %w", id, ErrNoDocument)
	}
	if err := json.Unmarshal(v, &e); err != nil {
		return e, fmt.Errorf("reading journal entry %s: %w", id, err)
	}
	return e, nil
}

func consignmentAt(tx store.Reader, k []byte) (workflow.Consignment, error) {
	var c workflow.Consignment
	if v := tx.Get(consignments, k); v != nil {
		if err := json.Unmarshal(v, &c); err != nil {
			return c, fmt.Errorf("reading consignment: %w", err)
		}
	}
	return c, nil
}

func occupantAt(tx store.Reader, k []byte) (occupant, error) {
	var o occupant
	if v := tx.Get(ids, k); v != nil {
		if err := json.Unmarshal(v, &o); err != nil {
			return o, fmt.Errorf("reading id entry: %w", err)
		}
	}
	return o, nil
}

// put stores a record as JSON. The journal has a way of its own: see line.
func put(tx store.Tx, t store.Table, k []byte, record any) { tx.Put(t, k, encode(string(t), record)) }
