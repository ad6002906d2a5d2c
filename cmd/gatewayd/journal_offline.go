package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"

	"asugate/gateway"
	"asugate/store"
)

// Bounds of an export that is read: an archive may claim anything.
const (
	exportFiles = 1000
	exportBytes = 512 << 20
)

// offline checks a file without a store.
func (c *journalVerify) offline(s streams, o gateway.Offline) error {
	file, err := readAtMost(s, c.File, exportBytes)
	if err != nil {
		return err
	}
	var a gateway.FileAudit
	if isArchive(file) {
		if c.Document != nil || c.ESID != nil {
			return failure{code: exitUsage, what: errors.New("an export has document and ЭСИД inside: --document and --esid are for a proof")}
		}
		files, err := unzip(file)
		if err != nil {
			return fmt.Errorf("reading %s: %w", c.File, err)
		}
		if a, err = o.VerifyExport(files); err != nil {
			return fmt.Errorf("reading %s: %w", c.File, err)
		}
	} else {
		document, err := readSealed(s, c.Document)
		if err != nil {
			return err
		}
		esid, err := readSealed(s, c.ESID)
		if err != nil {
			return err
		}
		if a, err = o.VerifyProof(file, document, esid); err != nil {
			return fmt.Errorf("reading %s: %w", c.File, err)
		}
	}
	if c.JSON {
		err = indented(s.out, a)
	} else {
		describeAudit(s.out, a)
	}
	if err == nil && !a.Holds {
		return negative
	}
	return err
}

// describeAudit tells a person: one line a check, and the word first.
func describeAudit(out io.Writer, a gateway.FileAudit) {
	word := "in the journal"
	if !a.Holds {
		word = "NOT PROVEN"
	}
	fmt.Fprintf(out, "%s: message %s", word, printable(a.Message))
	if a.At != nil {
		fmt.Fprintf(out, ", journal %s as of %s", printable(a.Origin), a.At.Format("2006-01-02 15:04:05 MST"))
	}
	fmt.Fprintln(out)
	for _, c := range a.Checks {
		fmt.Fprintf(out, "%-12s%-12s%s\n", c.Result, c.Name, printable(c.Detail))
	}
	if !a.Trusted && a.Signer != "" {
		fmt.Fprintf(out, "The certificates are those in the file. The checkpoint is signed by that with SHA-256 %s: compare, or name --trust.\n", a.Signer)
	}
}

// readSealed reads a document and the detached signature named after it, if there is one.
func readSealed(s streams, names []string) (sealed gateway.Sealed, err error) {
	if len(names) > 2 {
		return sealed, failure{code: exitUsage, what: fmt.Errorf("%d files are one document and its signature", len(names))}
	}
	for i, into := range []*[]byte{&sealed.Document, &sealed.CMS} {
		if i < len(names) {
			if *into, err = readFile(s, names[i]); err != nil {
				return sealed, err
			}
		}
	}
	return sealed, nil
}

// isArchive tells an export from a proof.
func isArchive(file []byte) bool { return bytes.HasPrefix(file, []byte("PK")) }

// readKept reads a checkpoint or a proof; of an export the proof.
func readKept(s streams, name string) ([]byte, error) {
	file, err := readAtMost(s, name, exportBytes)
	if err != nil || !isArchive(file) {
		return file, err
	}
	files, err := unzip(file)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	proof, ok := files["proof.xml"]
	if !ok {
		return nil, fmt.Errorf("reading %s: there is no proof.xml", name)
	}
	return proof, nil
}

// unzip reads an archive, as large as an export may be.
func unzip(file []byte) (map[string][]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	if len(archive.File) > exportFiles {
		return nil, fmt.Errorf("%d files are too many", len(archive.File))
	}
	files := make(map[string][]byte)
	left := int64(exportBytes)
	for _, f := range archive.File {
		if _, twice := files[f.Name]; twice {
			return nil, fmt.Errorf("%.100q stands twice", f.Name)
		}
		body, err := readMember(f, min(left, store.MaxBody))
		if err != nil {
			return nil, fmt.Errorf("%.100q: %w", f.Name, err)
		}
		left -= int64(len(body))
		files[f.Name] = body
	}
	return files, nil
}

func readMember(f *zip.File, most int64) (body []byte, err error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	body, err = io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(body)) > most {
		err = errors.New("it is too large")
	}
	return body, err
}
