package kpedo

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"asugate/gateway"
	"asugate/schema"
	"asugate/xmltree"
)

const (
	// carrier is the Signnum of the carrier's signature (1166/р п. 2.10: it signs before the client).
	carrier = "1"
	// doctype is the only type of document whose form is known.
	doctype = "GU-45"
	// mostSignatures and mostKeys bound the lists of the envelope; 1 and 16 have been seen.
	mostSignatures, mostKeys = 16, 256
	// mostText bounds each text of a gateway.Envelope, in bytes.
	mostText = 256
)

// Unwrap takes the document and the carrier's signature over it out of a getPPSReply. ok is false where the
// body is none, to be taken as it is. An error wraps gateway.ErrNotDocument: what says that it is such a
// message, and cannot be read, is nothing else either. The limits are those of documents.
func Unwrap(body []byte, limits xmltree.Limits) (document, detached []byte, e gateway.Envelope, ok bool, err error) {
	var reply, beside node
	if begins(body, '{') {
		beside, err = readJSON(bytes.TrimPrefix(body, []byte("\uFEFF")), limits)
		if err == nil {
			reply, err = beside.one("getPPSReply")
		}
	} else {
		switch schema.RootName(body) {
		case "getPPSReply", "Envelope":
		default:
			return nil, nil, e, false, nil
		}
		reply, err = readXML(body, limits)
		if err == nil && reply.name == "Envelope" { // SOAP: what its Header says is for those on the way
			reply, err = reply.at("Body", "getPPSReply")
		}
	}
	if err == nil && reply.name != "getPPSReply" {
		return nil, nil, e, false, nil
	}
	if err == nil {
		document, detached, e, err = open(reply, beside)
	}
	if err != nil {
		return nil, nil, gateway.Envelope{}, true, fmt.Errorf("%w: getPPSReply: %w", gateway.ErrNotDocument, err)
	}
	return document, detached, e, true, nil
}

// begins says whether c is the first character of the body that is no white space.
func begins(body []byte, c byte) bool {
	body = bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\uFEFF")), " \t\r\n")
	return len(body) > 0 && body[0] == c
}

// open reads the message; beside is what a provider's JSON says beside it.
func open(reply, beside node) (document, detached []byte, e gateway.Envelope, err error) {
	data, err := reply.at("Request", "Documentdata")
	if err != nil {
		return nil, nil, e, err
	}
	kind, err := data.leaf("Doctype")
	if err != nil {
		return nil, nil, e, err
	}
	if strings.TrimSpace(kind) != doctype {
		return nil, nil, e, fmt.Errorf("element Doctype is %s; the form of %s is known, of no other", quoted(kind), doctype)
	}
	content, err := data.leaf("Doccontent")
	if err != nil {
		return nil, nil, e, err
	}
	if document, err = schema.Base64([]byte(content)); err != nil {
		return nil, nil, e, fmt.Errorf("element Doccontent: %w", err)
	}
	if e, err = describe(reply, data, beside); err != nil {
		return nil, nil, e, err
	}
	detached, e.OtherSignatures, err = signed(data)
	return document, detached, e, err
}

// signed is the carrier's signature, and how many there are besides. Those are of others, over the same
// content or not; nobody has looked at them, so they go no further.
func signed(data node) (detached []byte, others int, err error) {
	table, err := data.one("Docsigntab")
	if err != nil {
		return nil, 0, err
	}
	items := table.all("item")
	if len(items) > mostSignatures {
		return nil, 0, fmt.Errorf("element Docsigntab with more than %d signatures", mostSignatures)
	}
	found := false
	for _, item := range items {
		number, err := item.leaf("Signnum")
		if err != nil {
			return nil, 0, err
		}
		if strings.TrimSpace(number) != carrier {
			others++
			continue
		}
		if found {
			return nil, 0, fmt.Errorf("two signatures with Signnum %s", carrier)
		}
		found = true
		content, err := item.leaf("Signcontent")
		if err != nil {
			return nil, 0, err
		}
		octets, err := schema.Base64([]byte(content))
		if err != nil {
			return nil, 0, fmt.Errorf("element Signcontent: %w", err)
		}
		if len(octets) > gateway.MaxDetached {
			return nil, 0, fmt.Errorf("element Signcontent with more than %d bytes", gateway.MaxDetached)
		}
		// Once more in base64, or as PEM, it is still that signature.
		if detached, err = gateway.Detached(octets); err != nil {
			return nil, 0, fmt.Errorf("element Signcontent: %w", err)
		}
	}
	if !found {
		return nil, 0, fmt.Errorf("element Docsigntab holds no signature with Signnum %s", carrier)
	}
	return detached, others, nil
}

// describe is what the message says of the document and nobody has signed.
func describe(reply, data, beside node) (e gateway.Envelope, err error) {
	metadata, err := keys(data)
	if err != nil {
		return e, err
	}
	r := texts{}
	summary := r.child(beside, "_summary")
	request, state := r.child(reply, "Request"), r.child(reply, "DocState")
	e = gateway.Envelope{
		DocID:           r.text(data, "Docid"),
		SourceDocID:     r.text(data, "Sourcesystemdocid"),
		ProcessInstance: r.text(request, "Businessprocessinstanceid"),
		DocNum:          r.text(summary, "DocNum"),
		DocDate:         r.text(summary, "DocDate"),
		ComposedAt:      r.checked("doc_date", strings.TrimSpace(metadata["doc_date"]+" "+metadata["doc_time"])),
		StateName:       r.text(state, "StateName"),
	}
	if e.DocNum == "" {
		e.DocNum = r.checked("number", metadata["number"])
	}
	id := r.text(state, "StateId")
	other := r.text(summary, "DocId")
	if r.err != nil {
		return e, r.err
	}
	if id != "" {
		if e.StateID, err = strconv.Atoi(id); err != nil || e.StateID < 0 {
			return e, fmt.Errorf("StateId %s is no number", quoted(id))
		}
	}
	if other != "" && other != e.DocID {
		return e, fmt.Errorf("the summary is of document %s, the message of %s", quoted(other), quoted(e.DocID))
	}
	return e, nil
}

// keys are the metadata.
func keys(data node) (map[string]string, error) {
	table, err := data.one("Metadatatab")
	if err != nil {
		return nil, err
	}
	items := table.all("item")
	if len(items) > mostKeys {
		return nil, fmt.Errorf("element Metadatatab with more than %d keys", mostKeys)
	}
	values := make(map[string]string, len(items))
	for _, item := range items {
		key, err := item.leaf("Key")
		if err != nil {
			return nil, err
		}
		key = strings.TrimSpace(key)
		if _, twice := values[key]; twice {
			return nil, fmt.Errorf("element Metadatatab says %s twice", quoted(key))
		}
		if values[key], err = item.leaf("Value"); err != nil {
			return nil, err
		}
		values[key] = strings.TrimSpace(values[key])
	}
	return values, nil
}

// texts reads short texts, and keeps the first error.
type texts struct{ err error }

func (t *texts) child(n node, name string) node {
	c, err := n.one(name)
	if t.err == nil {
		t.err = err
	}
	return c
}

func (t *texts) text(n node, name string) string {
	text, err := n.leaf(name)
	if t.err == nil {
		t.err = err
	}
	return t.checked(name, strings.TrimSpace(text))
}

// checked refuses a text that could do harm where it is stored or shown.
func (t *texts) checked(name, text string) string {
	odd := strings.IndexFunc(text, func(c rune) bool { return !unicode.IsPrint(c) || c == utf8.RuneError })
	switch {
	case t.err != nil:
	case len(text) > mostText:
		t.err = fmt.Errorf("%s has more than %d bytes", name, mostText)
	case odd >= 0:
		t.err = fmt.Errorf("%s has characters that are not printable", name)
	}
	return text
}
