package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"asugate/internal/scene"
	"asugate/schema"
)

func writeDocument(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: doc FILE KIND [key=value…]")
	}
	a := actorOf(ts)
	ts.Check(a.scene(ts))
	ts.Check(a.document(args[0], args[1], args[2:]))
}

// keys are what may be said of a document of each kind, besides these: by is the persona who signs it,
// or nobody; id is a label under which later lines of the script name it; version; container=cms puts
// the signature beside it, into FILE.p7s.
var keys = map[string][]string{
	"waybill": {"sender", "receiver", "environment", "station", "cargo", "signatory", "created", "presented", "traffic", "destination", "run"},
	"placement": {"sender", "waybill", "waybillversion", "performer", "proxy", "signer", "workdate", "text",
		"traffic", "norm", "number", "date", "scheme", "approved"},
	"paper":  {"waybill"},
	"staff":  {"without", "dismissed", "added", "proxy"},
	"notice": {"document", "state"},
}

// document writes a document and signs it. Dates are said by the days from today: workdate=-40.
func (a *actor) document(file, kind string, args []string) error {
	known, ok := keys[kind]
	if !ok {
		known, ok = primaryKeys[kind]
	}
	if !ok {
		return fmt.Errorf("no document of kind %s", kind)
	}
	v, err := options(args, append([]string{"by", "id", "version", "container"}, known...)...)
	if err != nil {
		return err
	}
	version, err := number(v["version"], 1)
	if err != nil {
		return err
	}
	id := a.id(v["id"])
	by, text, err := a.write(kind, id, version, v)
	if err != nil {
		return err
	}
	if v["by"] != "" {
		by = v["by"]
	}
	a.digests[v["id"]] = scene.ReferenceTo(text, id, version).SHA256
	a.versions[v["id"]], a.files[file] = version, id
	file = filepath.Join(a.dir, file)
	if by == "nobody" {
		return os.WriteFile(file, text, 0o600)
	}
	p, err := a.persona(by)
	if err != nil {
		return err
	}
	switch v["container"] {
	case "", "xmldsig":
		if text, err = p.Sign(text); err != nil {
			return err
		}
	case "cms":
		a.digests[v["id"]] = fmt.Sprintf("%x", sha256.Sum256(text)) // the bytes are the content
		cms, err := p.SignDetached(text)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file+".p7s", cms, 0o600); err != nil {
			return err
		}
	default:
		return fmt.Errorf("no container %s", v["container"])
	}
	return os.WriteFile(file, text, 0o600)
}

// write is the document without a signature, and who usually signs it.
func (a *actor) write(kind, id string, version int, v map[string]string) (by string, text []byte, err error) {
	switch kind {
	case "waybill":
		w := scene.Waybill{
			DocumentID: id, Version: version, Cargo: v["cargo"], Station: v["station"], Sender: v["sender"],
			Receiver: v["receiver"], Environment: v["environment"], Traffic: v["traffic"],
			Destination: v["destination"],
		}
		if v["signatory"] != "" {
			if w.Signatory, err = a.persona(v["signatory"]); err != nil {
				return "", nil, err
			}
		}
		if v["created"] != "" {
			ahead, err := time.ParseDuration(v["created"])
			if err != nil {
				return "", nil, err
			}
			w.CreatedAt = time.Now().Add(ahead)
		}
		presented := time.Time{}
		if v["presented"] != "" {
			ahead, err := time.ParseDuration(v["presented"])
			if err != nil {
				return "", nil, err
			}
			presented = time.Now().Add(ahead)
		}
		w.Change = func(data *schema.Waybill) {
			data.PresentedAt = presented
			if data.Run = v["run"]; data.Run == schema.RunEmpty {
				data.Cargo[0].MassKg, data.Cargo[0].Packages, data.Cargo[0].Packing = 0, 0, ""
			}
		}
		return "petrova", a.Waybill(w), nil
	case "placement":
		return a.placement(id, version, v)
	case "paper":
		return "petrova", a.PaperSwitch(scene.PaperSwitch{DocumentID: id, Waybill: a.id(v["waybill"])}), nil
	case "staff":
		text, err = a.staff(version, v)
		return "office", text, err
	}
	if _, primary := primaryKeys[kind]; primary {
		return a.primary(kind, id, version, v)
	}
	return "office", a.Notice(scene.Notice{DocumentID: id, InReplyTo: a.id(v["document"]), State: v["state"]}), nil
}

// placement is ЭД №2. By proxy it names as its signer whoever signs it, unless another is named.
func (a *actor) placement(id string, version int, v map[string]string) (by string, text []byte, err error) {
	p := scene.Placement{
		DocumentID: id, Version: version, Sender: v["sender"], Text: v["text"],
		Waybill: scene.Reference{DocumentID: a.id(v["waybill"]), SHA256: a.digests[v["waybill"]]},
	}
	if p.Waybill.SHA256 == "" {
		p.Waybill.SHA256 = strings.Repeat("0", 64) // of a note that nobody has written
	}
	if p.Waybill.Version, err = number(v["waybillversion"], 1); err != nil {
		return "", nil, err
	}
	p.Traffic = v["traffic"]
	p.Norm = schema.Norm{Type: v["norm"], Number: v["number"], Date: v["date"], Scheme: v["scheme"], ApprovedBy: v["approved"]}
	if v["workdate"] != "" {
		days, err := strconv.Atoi(v["workdate"])
		if err != nil {
			return "", nil, err
		}
		p.WorkDate = a.day(days)
	}
	by = "ivanov"
	if v["performer"] != "" {
		by = v["performer"]
	}
	if p.Performer, err = a.persona(by); err != nil || v["proxy"] == "" {
		return by, a.Placement(p), err
	}
	by = v["by"]
	signer := v["signer"]
	if signer == "" {
		signer = by
	}
	p.Proxy = &scene.Proxy{Number: v["proxy"], Date: a.Day(0, -2)}
	if p.Proxy.Signer, err = a.persona(signer); err != nil {
		return "", nil, err
	}
	return by, a.Placement(p), nil
}

// staff is the list of the shipper's people, without one of them, with one dismissed yesterday, or with
// one added; its power of attorney N 12 may be expired, withdrawn or absent.
func (a *actor) staff(version int, v map[string]string) ([]byte, error) {
	rows := a.Entries()
	for _, key := range []string{"without", "dismissed", "added"} {
		for _, name := range strings.Split(v[key], ",") {
			if name == "" {
				continue
			}
			p, err := a.persona(name)
			if err != nil {
				return nil, err
			}
			rows = slices.DeleteFunc(rows, func(row string) bool { return strings.Contains(row, p.SNILS) })
			switch key {
			case "dismissed":
				rows = append(rows, a.Entry(p, true, "", a.Day(-1, 0), a.day(-1)))
			case "added":
				rows = append(rows, a.Entry(p, true, "", a.Day(-1, 0), ""))
			}
		}
	}
	switch v["proxy"] {
	case "":
		rows = append(rows, a.PowerOfAttorney("", ""))
	case "expired":
		rows = append(rows, a.PowerOfAttorney(a.day(-10), ""))
	case "withdrawn":
		rows = append(rows, a.PowerOfAttorney("", a.day(-10)))
	case "absent":
	default:
		return nil, fmt.Errorf("a power of attorney is expired, withdrawn or absent, not %s", v["proxy"])
	}
	return a.StaffListOf(version, rows...), nil
}

func (a *actor) day(days int) string { return a.Now.AddDate(0, 0, days).Format(time.DateOnly) }

func (a *actor) persona(name string) (*scene.Persona, error) {
	p := a.personas()[name]
	if p == nil {
		return nil, fmt.Errorf("nobody is called %q", name)
	}
	return p, nil
}

// id is the DocumentID of a label; a fresh one for none.
func (a *actor) id(label string) string {
	if label == "" {
		return scene.NewID()
	}
	if a.ids[label] == "" {
		a.ids[label] = scene.NewID()
	}
	return a.ids[label]
}

// options reads key=value arguments of which only these keys are known.
func options(args []string, known ...string) (map[string]string, error) {
	v := make(map[string]string)
	for _, arg := range args {
		k, value, ok := strings.Cut(arg, "=")
		if !ok || !slices.Contains(known, k) {
			return nil, fmt.Errorf("%q is not key=value with one of %s", arg, strings.Join(known, ", "))
		}
		v[k] = value
	}
	return v, nil
}

// number reads a number; none is the other one.
func number(s string, none int) (int, error) {
	if s == "" {
		return none, nil
	}
	return strconv.Atoi(s)
}
