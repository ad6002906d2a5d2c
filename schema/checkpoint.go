package schema

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/beevik/etree"

	"asugate/xmltree"
)

// The forms in which the journal is proven. They are no documents of the exchange, and stand in no list of
// kinds.
const (
	KindCheckpoint Kind = "Checkpoint" // контрольная точка журнала
	KindProof      Kind = "Proof"      // доказательство записи в журнале
)

// Checkpoint is what the gateway signs of its journal at a time («контрольная точка»).
type Checkpoint struct {
	MessageID   string
	CreatedAt   time.Time
	Environment string
	Origin      string // which journal
	Size        int64  // of the tree, in leaves
	Root        string // hex
}

// Element builds the checkpoint for signature.Key.Seal, in the manner of ESID.Element.
func (c Checkpoint) Element() *etree.Element {
	root := message(KindCheckpoint, c.MessageID, c.Environment)
	addText(root, "MessageID", c.MessageID)
	addText(root, "CreatedAt", c.CreatedAt.Format(time.RFC3339Nano))
	addText(root, "Origin", c.Origin)
	tree := root.CreateElement("Tree")
	tree.CreateAttr("size", strconv.FormatInt(c.Size, 10))
	tree.CreateAttr("root", c.Root)
	return root
}

// ErrNotCheckpoint is wrapped by ReadCheckpoint for a document that is no checkpoint as its schema says.
var ErrNotCheckpoint = errors.New("not a checkpoint")

// ReadCheckpoint reads a checkpoint. Like ReadESID it establishes the form, not the origin.
func ReadCheckpoint(root xmltree.Element) (Checkpoint, error) {
	if err := messageOf(KindCheckpoint, root); err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrNotCheckpoint, err)
	}
	r := reader{zone: time.UTC}
	c := Checkpoint{Environment: attribute(root, "Environment")}
	for e := range children(root) {
		switch e.Local() {
		case "MessageID":
			c.MessageID = text(e)
		case "CreatedAt":
			c.CreatedAt = r.moment(e)
		case "Origin":
			c.Origin = text(e)
		case "Tree":
			c.Size, c.Root = r.count(e, "size"), strings.ToLower(attribute(e, "root"))
		}
	}
	if err := r.refused(); err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrNotCheckpoint, err)
	}
	return c, nil
}

// count reads an attribute of a type derived from xs:integer that may be large.
func (r *reader) count(e xmltree.Element, name string) int64 {
	value := attribute(e, name)
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		r.fail(e.Path()+"/@"+name, "integer", value)
	}
	return n
}

// Proof shows that a record is in the journal: whoever trusts the signature of the checkpoint needs
// nothing else («доказательство записи в журнале»).
type Proof struct {
	Leaf       string // see package ledger
	Index      int64
	Path       []string // hex, from the leaf on
	Checkpoint []byte   // signed
}

// Bytes are the proof as it is given out.
func (p Proof) Bytes() []byte {
	root := etree.NewElement(string(KindProof))
	root.CreateAttr("xmlns", Namespace)
	root.CreateAttr("Format", formatOne)
	addText(root, "Leaf", p.Leaf).CreateAttr("index", strconv.FormatInt(p.Index, 10))
	for _, h := range p.Path {
		addText(root, "Hash", h)
	}
	addText(root, "Checkpoint", base64.StdEncoding.EncodeToString(p.Checkpoint))
	d := etree.NewDocument()
	d.CreateProcInst("xml", `version="1.0" encoding="UTF-8"`)
	d.AddChild(root)
	d.Indent(2)
	b, err := d.WriteToBytes()
	if err != nil {
		panic("schema: writing to memory: " + err.Error())
	}
	return b
}

// ErrNotProof is wrapped by ReadProof for a document that is no proof as its schema says.
var ErrNotProof = errors.New("not a proof")

// ReadProof reads a proof. It establishes the form; whether it proves anything is for package ledger.
func ReadProof(root xmltree.Element) (Proof, error) {
	if err := messageOf(KindProof, root); err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrNotProof, err)
	}
	r := reader{zone: time.UTC}
	var p Proof
	var err error
	for e := range children(root) {
		switch e.Local() {
		case "Leaf":
			p.Leaf, p.Index = text(e), r.count(e, "index")
		case "Hash":
			p.Path = append(p.Path, strings.ToLower(text(e)))
		case "Checkpoint":
			p.Checkpoint, err = Base64([]byte(e.Text()))
		}
	}
	if err = errors.Join(err, r.refused()); err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrNotProof, err)
	}
	return p, nil
}
