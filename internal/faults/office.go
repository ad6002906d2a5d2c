package faults

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"asugate/internal/scene"
	"asugate/schema"
	"asugate/schema/checkdigit"
)

// transport is how the back office exchanges messages with the gateway.
type transport interface {
	// record writes down what comes until ctx ends.
	record(ctx context.Context)
	// give hands a document over for good, or fails, which leaves open whether it has arrived.
	give(name, kind string, raw []byte) error
	// left is how much of what was given the gateway has not taken yet.
	left() (int, error)
}

// spool is the transport by files.
type spool struct {
	*world
	had map[string]bool // messages that were taken; the recorder's alone
}

func (s *spool) dir() string { return s.at("disk/spool") }

// record takes the files away, as a back office does.
func (s *spool) record(ctx context.Context) {
	random := s.random(ofRecorder)
	for ctx.Err() == nil {
		s.look()
		// Some lie there for a while: what the gateway takes for delivered has to stay.
		pause(ctx, between(random, 5*time.Millisecond, 200*time.Millisecond))
	}
	s.look()
}

// look takes what is whole now. Of what came between two looks the names say the order, as in the other
// direction; a message that is there before an earlier one has come is seen here.
func (s *spool) look() {
	metas, err := filepath.Glob(filepath.Join(s.dir(), "out", "*", "*.meta"))
	if err != nil {
		panic(err) // the pattern is wrong
	}
	slices.SortFunc(metas, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
	for _, path := range metas {
		if !s.taken(path) {
			return // and with it what follows: the disk may be away at the moment
		}
	}
}

// taken writes one message down and removes its files, or says that it cannot be read now.
func (s *spool) taken(meta string) bool {
	base := strings.TrimSuffix(meta, ".meta")
	about, err := os.ReadFile(meta)
	if err != nil {
		return false
	}
	body, err := os.ReadFile(base + ".xml")
	if err != nil {
		// A repeat that comes while what came first is taken away may lose its document to that.
		if errors.Is(err, fs.ErrNotExist) && exists(meta) {
			if !s.had[filepath.Base(base)] {
				s.history.late("%s.meta is there and its document is not", filepath.Base(base))
			}
			_ = os.Remove(meta) // told once
		}
		return false
	}
	fields := make(map[string]string)
	for line := range strings.Lines(string(about)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		fields[key] = value
	}
	s.arrived(filepath.Base(filepath.Dir(base)), fields, body)
	s.had[filepath.Base(base)] = true
	// What stays is seen again, as a repeat. NAME.meta must not come back without the others.
	_ = os.Remove(meta)
	if s.lossy != nil && syncFolder(filepath.Dir(base)) != nil {
		return false
	}
	_ = os.Remove(base + ".p7s")
	_ = os.Remove(base + ".xml")
	return true
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// arrived notes a message that has reached the back office.
func (w *world) arrived(lane string, fields map[string]string, body []byte) {
	at := w.history.now()
	s := Sighting{
		At: at, Begin: at, Where: InOffice, Lane: lane, Message: fields["message-id"], Kind: fields["type"],
		Document: fields["document-id"], Version: number(fields["document-version"]), Sender: fields["participant"],
		Body: w.history.Keep(body),
	}
	switch s.Kind {
	case "ESID":
		s.ESID = element(messageID, body)
	case "StateNotice":
		s.Event = element(event, body)
	}
	note(w.history, &w.history.Sightings, s)
}

var (
	messageID = regexp.MustCompile(`<MessageID>([^<]*)</MessageID>`)
	event     = regexp.MustCompile(`<Event>([^<]*)</Event>`)
)

// element is the text of the first one in a message of the gateway's.
func element(pattern *regexp.Regexp, body []byte) string {
	if m := pattern.FindSubmatch(body); m != nil {
		return string(m[1])
	}
	return ""
}

// give writes as the gateway wants it: everything durable before the next step.
func (s *spool) give(name, kind string, raw []byte) error {
	tmp, in := filepath.Join(s.dir(), "tmp"), filepath.Join(s.dir(), "in")
	for _, f := range []struct {
		extension string
		content   []byte
	}{{".xml", raw}, {".meta", []byte("type: " + kind + "\n")}} {
		from := filepath.Join(tmp, "office-"+name+f.extension)
		if err := writeSynced(from, f.content); err != nil {
			return err
		}
		if err := os.Rename(from, filepath.Join(in, name+f.extension)); err != nil {
			return err
		}
		if err := syncFolder(in); err != nil {
			return err
		}
	}
	return nil
}

func writeSynced(path string, content []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

func (s *spool) left() (int, error) {
	files, err := filepath.Glob(filepath.Join(s.dir(), "in", "*.meta"))
	return len(files), err
}

// office is the railway at work.
type office struct {
	*world
	random    *rand.Rand
	transport transport
	given     int
}

// run gives away memos and acts, and now and then a staff list, until ctx ends.
func (o *office) run(ctx context.Context) {
	for ctx.Err() == nil {
		switch n := o.random.IntN(10); {
		case n < 5:
			o.giveMemo()
		case n < 9:
			o.giveAct()
		default:
			o.giveStaff()
		}
		pause(ctx, between(o.random, 100*time.Millisecond, 300*time.Millisecond))
	}
}

// next is a number that no memo and no act has had, and a wagon likewise.
func (o *office) next() (number, wagon string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.numbers++
	return fmt.Sprint(o.numbers), wagonNumber(6000000 + o.numbers)
}

// wagonNumber is seven digits with the one that makes them right.
func wagonNumber(seven int) string {
	for digit := range 10 {
		if s := fmt.Sprintf("%07d%d", seven, digit); checkdigit.Wagon(s) {
			return s
		}
	}
	panic("faults: no digit makes a number of a wagon")
}

func (o *office) giveMemo() {
	number, wagon := o.next()
	id := scene.NewID()
	o.give(Document{Kind: "Memo", ID: id, Version: 1}, o.Memo(scene.Memo{DocumentID: id, Number: number, Wagons: []string{wagon}}), crowd)
}

func (o *office) giveAct() {
	number, wagon := o.next()
	id := scene.NewID()
	o.give(Document{Kind: "Act", ID: id, Version: 1},
		o.Act(scene.Act{DocumentID: id, Number: number, Kind: schema.ActStart, Wagons: []string{wagon}}), crowd)
}

// giveStaff sends the next staff list. Nobody learns when it comes into force; see importStaff.
func (o *office) giveStaff() {
	o.staff.Lock()
	defer o.staff.Unlock()
	o.version++
	o.give(Document{Kind: "StaffList", Version: o.version}, o.StaffList(o.version), "")
}

func (o *office) give(d Document, text []byte, to string) {
	raw := o.Office.MustSign(text)
	d.Sender, d.Genuine = railway, true
	d = o.history.written(d, raw)
	o.given++
	if err := o.transport.give(fmt.Sprintf("%06d", o.given), d.Kind, raw); err != nil {
		return // the gateway may have it all the same: nobody counts on it
	}
	note(o.history, &o.history.Given, Given{At: o.history.now(), Document: d, To: to})
}
