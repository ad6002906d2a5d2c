package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"asugate/gateway"
	"asugate/schema"
)

const (
	// mostNames bounds the messages of one look at in/.
	mostNames = 4096
	// mostFailures is how often a message is handled on which the gateway fails.
	mostFailures = 5
	// longestPause is between two looks while the gateway can take nothing.
	longestPause = 30 * time.Second
	// cleaning is between two looks at in/done/.
	cleaning = time.Hour
)

var (
	errIncomplete = errors.New("not all files are there")
	errClosed     = errors.New("nothing can be taken now")
)

// intake is what one look at in/ remembers for the next. It belongs to the goroutine of Run.
type intake struct {
	unfit    map[string]unfit // by NAME: files that do not fit together
	failures map[string]int   // by NAME: how often the gateway has failed on it
}

// unfit is how the files of a message looked when they did not fit together, and since when.
type unfit struct {
	look  string
	since time.Time
}

func (i *intake) init() {
	i.unfit = make(map[string]unfit)
	i.failures = make(map[string]int)
}

// Run looks at in/ until ctx ends.
func (s *Spool) Run(ctx context.Context) error {
	wait := s.config.Interval
	var cleaned time.Time
	for {
		err := s.look(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		text := ""
		if err == nil {
			wait = s.config.Interval
		} else {
			text = schema.Foreign(err.Error())
			wait = max(min(2*wait, longestPause), s.config.Interval)
			s.config.Log.Warn("spool: waiting", slog.String("error", text), slog.Duration("again_in", wait))
		}
		s.change(func(s *State) { s.NotRead = text })
		if time.Since(cleaned) >= cleaning {
			s.clean()
			cleaned = time.Now()
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// look takes what is whole in in/. A message that cannot be taken keeps none of the others. An error
// says that in/ cannot be read, that the gateway can take nothing now, or that a message could not be
// read or moved; in/ keeps it.
func (s *Spool) look(ctx context.Context) error {
	found, err := s.found()
	if err != nil {
		return fmt.Errorf("reading in/: %w", err)
	}
	waiting := found.noMeta
	var first error
	for _, name := range found.names {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch err := s.take(ctx, name); {
		case errors.Is(err, errIncomplete):
			waiting++
		case errors.Is(err, errClosed):
			return fmt.Errorf("message %s: %w", name, err)
		case err != nil && first == nil:
			first = fmt.Errorf("message %s: %w", name, err)
		}
	}
	s.forget(found.names)
	if before := s.State(); before.Waiting != waiting || before.NoMeta != found.noMeta || before.Strange != found.strange {
		s.config.Log.Warn("spool: left alone in in/", slog.Int("incomplete", waiting),
			slog.Int("without_meta", found.noMeta), slog.Int("strange", found.strange))
	}
	s.change(func(s *State) { s.Waiting, s.NoMeta, s.Strange = waiting, found.noMeta, found.strange })
	return first
}

// forget keeps in mind only the names that are there.
func (s *Spool) forget(names []string) {
	there := func(name string) bool {
		_, found := slices.BinarySearch(names, name)
		return found
	}
	for name := range s.intake.unfit {
		if !there(name) {
			delete(s.intake.unfit, name)
		}
	}
	for name := range s.intake.failures {
		if !there(name) {
			delete(s.intake.failures, name)
		}
	}
}

// found is what there is in in/.
type found struct {
	names   []string // the first messages in order, by their NAME.meta
	noMeta  int      // see State
	strange int      // see State
}

// found reads in/.
func (s *Spool) found() (f found, err error) {
	dir, err := s.root.Open(inDir)
	if err != nil {
		return found{}, err
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(mostNames)
		for _, e := range entries {
			full := e.Name()
			dot := max(strings.LastIndexByte(full, '.'), 0)
			name, extension := full[:dot], full[dot:]
			switch {
			case e.IsDir() && (inDir+"/"+full == doneDir || inDir+"/"+full == deadDir):
			case !e.Type().IsRegular() || !safe.MatchString(name):
				f.strange++
			case extension == extMeta:
				f.names = append(f.names, name)
			case extension == extDocument:
				if s.forgotten(name, extDocument, extMeta) {
					f.noMeta++
				}
			case extension == extSignature:
				// It came after its message, or that has never come. The next of its NAME would get it.
				if s.forgotten(name, extSignature, extDocument) && s.forgotten(name, extSignature, extMeta) {
					f.strange++
				}
			default:
				f.strange++
			}
		}
		slices.Sort(f.names)
		f.names = f.names[:min(len(f.names), mostNames)]
		switch {
		case err == io.EOF:
			return f, nil
		case err != nil:
			return found{}, err
		}
	}
}

// forgotten says whether a file of a message is no longer being written and lacks another all the same.
func (s *Spool) forgotten(name, extension, missing string) bool {
	info, err := s.root.Lstat(inDir + "/" + name + extension)
	if err != nil || s.config.Now().Sub(info.ModTime()) < s.config.Settle {
		return false
	}
	_, err = s.root.Lstat(inDir + "/" + name + missing)
	return errors.Is(err, fs.ErrNotExist)
}

// take brings one message to its end: done after the gateway's write, or dead. The error is errIncomplete,
// or errClosed where the others need not be tried either, or why this one could not be read or moved.
func (s *Spool) take(ctx context.Context, name string) error {
	moved, err := s.moved(name)
	if moved || err != nil {
		return err
	}
	submission, err := s.read(name)
	var wrong defect
	switch {
	case errors.As(err, &wrong):
		return s.suspect(name, wrong)
	case err != nil:
		return err
	}
	submission.Received = s.config.Now()
	delete(s.intake.unfit, name)
	r, err := s.submit(ctx, submission)
	switch {
	case errors.Is(err, gateway.ErrNotDocument):
		return s.bury(name, grave{code: "A01", reason: err.Error()})
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case closed(err):
		return fmt.Errorf("%w: %w", errClosed, err)
	case err == nil && !r.Valid():
		return s.failed(name, errors.New("the gateway answered without a receipt"))
	case err != nil:
		return s.failed(name, err)
	}
	if g, no := refused(r); no {
		return s.bury(name, g)
	}
	return s.done(name)
}

// closed says whether the gateway's error is about itself, and would be the same for every document: it
// is not ready, is stopping, or its register does not know the railway.
func closed(err error) bool {
	return errors.Is(err, gateway.ErrNotReady) || errors.Is(err, gateway.ErrStopping) ||
		errors.Is(err, gateway.ErrUnknownParticipant)
}

// failed counts an error of the gateway that may be the document's doing, and buries what fails again
// and again. The others need not wait for it.
func (s *Spool) failed(name string, why error) error {
	s.intake.failures[name]++
	if times := s.intake.failures[name]; times >= mostFailures {
		return s.bury(name, grave{reason: fmt.Sprintf("%d times: %s", times, why)})
	}
	s.config.Log.Warn("spool: message waits", slog.String("name", name), slog.String("error", schema.Foreign(why.Error())))
	return nil
}

// submit hands one document to the gateway, and survives its panic.
func (s *Spool) submit(ctx context.Context, document gateway.Submission) (r receipt, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Handling)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			s.config.Log.Error("spool: panic", slog.String("stack", string(debug.Stack())))
			r, err = nil, fmt.Errorf("handling panicked: %s", schema.Foreign(fmt.Sprint(p)))
		}
	}()
	return s.accept(ctx, document)
}

// defect is what is wrong with the files of a message. It may be right in a moment, when they are
// written without the care that we ask for.
type defect string

func (d defect) Error() string { return string(d) }

// suspect buries a message whose files have not changed for a while and still do not fit together.
func (s *Spool) suspect(name string, d defect) error {
	look := string(d)
	for _, extension := range []string{extDocument, extSignature, extMeta} {
		if info, err := s.root.Lstat(inDir + "/" + name + extension); err == nil {
			look += fmt.Sprintf(" %s %d %s", extension, info.Size(), info.ModTime())
		}
	}
	known := s.intake.unfit[name]
	if known.look != look {
		s.intake.unfit[name] = unfit{look: look, since: s.config.Now()}
		return errIncomplete
	}
	if s.config.Now().Sub(known.since) < s.config.Settle {
		return errIncomplete
	}
	return s.bury(name, grave{reason: string(d)})
}

// read is the document in the files of a message.
func (s *Spool) read(name string) (gateway.Submission, error) {
	submission := gateway.Submission{Participant: s.config.Railway, Office: true, Via: "spool"}
	text, err := s.file(name+extMeta, mostMeta)
	if err != nil {
		return submission, err
	}
	if submission.Raw, err = s.file(name+extDocument, s.config.MaxDocument); err != nil {
		return submission, err
	}
	meta, err := decode(text)
	if err != nil {
		return submission, defect(name + extMeta + ": " + err.Error())
	}
	if want := meta[keySHA256]; want != "" && !strings.EqualFold(want, sum(submission.Raw)) {
		return submission, defect(name + extDocument + " has another sha256 than " + name + extMeta + " says")
	}
	if s.config.Unwrap != nil {
		unwrapped, err := s.unwrap(name, meta, &submission)
		if unwrapped || err != nil {
			return submission, err
		}
	}
	signature, err := s.file(name+extSignature, 2*gateway.MaxDetached) // it may be base64
	switch {
	case errors.Is(err, errIncomplete) && meta[keySignature] == "":
		return submission, nil
	case errors.Is(err, errIncomplete):
		return submission, err
	case err != nil:
		return submission, err
	}
	submission.Detached, err = gateway.Detached(signature)
	switch {
	case err != nil:
		return submission, defect(name + extSignature + " is neither DER nor base64 nor PEM")
	case len(submission.Detached) > gateway.MaxDetached:
		return submission, defect(fmt.Sprintf("%s has more than %d bytes", name+extSignature, gateway.MaxDetached))
	}
	return submission, nil
}

// unwrap puts what the envelope of another system holds into the submission; false: there is no envelope.
func (s *Spool) unwrap(name string, meta map[string]string, to *gateway.Submission) (bool, error) {
	document, detached, e, ok, err := s.config.Unwrap(to.Raw)
	switch {
	case err != nil:
		return false, defect(name + extDocument + ": " + schema.Foreign(err.Error()))
	case !ok:
		return false, nil
	}
	_, err = s.root.Lstat(inDir + "/" + name + extSignature)
	if meta[keySignature] != "" || !errors.Is(err, fs.ErrNotExist) {
		return false, defect(name + extSignature + " stands beside the signature in the envelope")
	}
	to.Raw, to.Detached, to.Envelope = document, detached, &e
	return true, nil
}

// file is the content of a file in in/.
func (s *Spool) file(name string, most int64) ([]byte, error) {
	info, err := s.root.Lstat(inDir + "/" + name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errIncomplete
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, defect(name + " is no file")
	case info.Size() > most:
		return nil, defect(fmt.Sprintf("%s has %d bytes; the most is %d", name, info.Size(), most))
	}
	// O_NONBLOCK: a pipe put in the place of a file since we looked would keep us waiting for ever.
	f, err := s.root.OpenFile(inDir+"/"+name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errIncomplete
	case errors.Is(err, fs.ErrPermission):
		return nil, defect(name + " may not be read")
	case err != nil:
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(content)) > most {
		return nil, defect(fmt.Sprintf("%s has more than %d bytes", name, most))
	}
	return content, nil
}

// refused is why a document that was judged is dead; false: it is not.
func refused(r receipt) (grave, bool) {
	if result := r.Result(); result != schema.Negative && result != schema.Conflict {
		return grave{}, false
	}
	g := grave{reason: string(r.Result()), answer: r.MessageID()}
	for _, f := range r.Findings() {
		if f.Severity == schema.Error {
			g.code, g.reason = f.Code, f.Reason
			break
		}
	}
	return g, true
}
