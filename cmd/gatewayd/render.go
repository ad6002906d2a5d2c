package main

import (
	"fmt"
	"strings"
	"time"

	"asugate/schema"
	"asugate/xmltree"
)

type renderCommand struct {
	Misprints bool   `help:"Let the document repeat the misprints of the regulation, as an agreement may."`
	JSON      bool   `name:"json" help:"Print one JSON object."`
	Lang      string `help:"Language of the explanations." enum:"ru,uk,en" default:"en"`
	File      string `arg:"" help:"The ЭД №2 (Placement), signed or not, its Text there or not; - is standard input."`
}

// rendering is what render prints.
type rendering struct {
	Templates string           `json:"templates"`
	Text      string           `json:"text"`
	Differs   bool             `json:"differs"` // the document has another text, or cannot have one
	Findings  []schema.Finding `json:"findings,omitempty"`
}

// Run prints the text alone on standard output, so that it can be put to use, and on standard error
// what is wrong with the document's own.
func (c *renderCommand) Run(s streams) error {
	document, err := readFile(s, c.File)
	if err != nil {
		return err
	}
	tree, err := xmltree.Parse(document, xmltree.DefaultLimits())
	if err != nil {
		return fmt.Errorf("reading %s: %w", c.File, err)
	}
	p, findings := schema.ReadPlacement(tree, time.UTC)
	if p == nil {
		return unreadablePlacement(c.File, findings)
	}
	findings = schema.CheckPlacementData(p)
	if p.Text != "" {
		findings = append(findings, schema.CheckPlacementText(p, schema.TextOptions{Misprints: c.Misprints})...)
	}
	r := rendering{
		Templates: schema.TemplatesVersion, Text: schema.RenderPlacement(p),
		Differs: schema.Refused(findings), Findings: findings,
	}
	if c.JSON {
		if err := indented(s.out, r); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(s.out, printable(r.Text))
		describeFindings(s.err, findings, c.Lang)
	}
	if r.Differs {
		return negative
	}
	return nil
}

// unreadablePlacement says what keeps the document from being read.
func unreadablePlacement(file string, findings []schema.Finding) error {
	var lines []string
	for _, f := range findings {
		line := fmt.Sprintf("%s %s/%s", f.Path, f.Code, f.Reason)
		if f.Expected != "" {
			line += ", expected " + f.Expected
		}
		lines = append(lines, printable(line))
	}
	return fmt.Errorf("reading %s: no Placement: %s", file, strings.Join(lines, "; "))
}
