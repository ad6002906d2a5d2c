package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"asugate/gateway"
	"asugate/schema"
	"asugate/signature"
	"asugate/xmltree"
)

// opinion is what verify prints.
type opinion struct {
	Result     schema.Result    `json:"result"`
	Stage      schema.Stage     `json:"stage"`
	Kind       schema.Kind      `json:"kind,omitempty"`
	DocumentID string           `json:"document,omitempty"`
	Version    int              `json:"version,omitempty"`
	Signer     string           `json:"signer,omitempty"`
	Algorithm  string           `json:"algorithm,omitempty"`
	Content    string           `json:"content,omitempty"`
	Known      bool             `json:"known,omitempty"`
	Findings   []schema.Finding `json:"findings,omitempty"`
	Basis      *schema.Basis    `json:"basis,omitempty"`
	Policy     string           `json:"policy,omitempty"` // hash of the file, when there is no basis

	Authenticity *gateway.Authenticity `json:"authenticity,omitempty"`
	Envelope     *gateway.Envelope     `json:"envelope,omitempty"` // of a document of КП ЭДО; nobody has signed it
}

func (o *opinion) describe(r signature.Report) {
	o.Algorithm = r.Signature
	if r.Certificate != nil {
		o.Signer = r.Signer.Person()
	}
	if r.Content != ([32]byte{}) {
		o.Content = fmt.Sprintf("%x", r.Content)
	}
}

// malformed is the opinion on bytes that are no document.
func malformed(err error) opinion {
	o := opinion{Result: schema.Negative, Stage: schema.Authenticity}
	var syntax *xmltree.SyntaxError
	if errors.As(err, &syntax) {
		o.Findings = []schema.Finding{{
			Code: schema.SyntaxCode(syntax), Reason: syntax.Reason, Severity: schema.Error,
			Actual: fmt.Sprintf("byte %d: %s", syntax.Offset, syntax.Detail),
		}}
		return o
	}
	// An envelope of another system that does not hold what it must.
	o.Findings = []schema.Finding{{
		Code: "A01", Reason: schema.ReasonBadValue, Severity: schema.Error, Actual: schema.Foreign(err.Error()),
	}}
	return o
}

// tell prints an opinion; a negative one ends with exit code 1.
func tell(out io.Writer, o opinion, asJSON bool, lang string) error {
	if asJSON {
		if err := indented(out, o); err != nil {
			return err
		}
	} else {
		describe(out, o, lang)
	}
	switch o.Result {
	case schema.Positive:
		return nil
	case schema.Deferred:
		return failure{code: exitCould, what: errors.New("undecided")}
	}
	return negative
}

func describe(out io.Writer, o opinion, lang string) {
	fmt.Fprintf(out, "%s (%s)\n", o.Result, o.Stage)
	for _, line := range [][2]string{
		{"kind", string(o.Kind)}, {"document", o.DocumentID}, {"signer", o.Signer},
		{"algorithm", o.Algorithm}, {"content", o.Content},
	} {
		if line[1] != "" {
			fmt.Fprintf(out, "%-10s%s\n", line[0], printable(line[1]))
		}
	}
	if o.Authenticity != nil {
		describeAuthenticity(out, o.Authenticity)
	}
	if e := o.Envelope; e != nil {
		fmt.Fprintf(out, "envelope  КП ЭДО, not signed: document %s, number %s, state %s\n",
			cmp.Or(printable(e.DocID), "-"), cmp.Or(printable(e.DocNum), "-"), cmp.Or(printable(stateOf(*e)), "-"))
	}
	if o.Known {
		fmt.Fprintln(out, "known     this is the answer that the gateway has given and would give again")
	}
	describeFindings(out, o.Findings, lang)
}

// stateOf is the state that the envelope says.
func stateOf(e gateway.Envelope) string {
	if e.StateID == 0 {
		return e.StateName
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", e.StateID, e.StateName))
}

func describeFindings(out io.Writer, findings []schema.Finding, lang string) {
	for _, f := range findings {
		fmt.Fprintf(out, "%s %s/%s %s\n", f.Severity, f.Code, f.Reason, printable(f.Path))
		for _, text := range []string{f.ITS(lang), f.Remedy(lang)} {
			if text != "" {
				fmt.Fprintf(out, "    %s\n", printable(text))
			}
		}
		if f.Expected != "" {
			fmt.Fprintf(out, "    expected: %s\n", printable(f.Expected))
		}
		if f.Actual != "" {
			fmt.Fprintf(out, "    actual:   %s\n", printable(f.Actual))
		}
	}
}

// describeAuthenticity says what a person would ask about next; all of it is in the JSON form.
func describeAuthenticity(out io.Writer, a *gateway.Authenticity) {
	fmt.Fprintf(out, "etsi      %s\n", strings.TrimSpace(a.Indication+" "+a.SubIndication))
	if a.Taken != nil {
		fmt.Fprintf(out, "moment    %s, when the signer says it was signed\n", a.Taken.UTC().Format(time.RFC3339))
	}
	for i, r := range a.Revocations {
		if r.Source != "" && i < len(a.Path) {
			fmt.Fprintf(out, "revoked?  %s, by %s of %s ago: %s\n", r.State, r.Source, r.Age, printable(a.Path[i].Name))
		}
	}
	if a.Legacy != nil {
		fmt.Fprintf(out, "legacy    %s\n", strings.Join(a.Legacy, " "))
	}
}
