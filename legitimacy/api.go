// Package legitimacy answers: has this person, paper, wagon the right? A flat list of named rules, pure: document ×
// registers × times → findings («контроль легитимности»).
package legitimacy

import (
	"time"

	"asugate/register"
	"asugate/schema"
	"asugate/signature"
	"asugate/workflow"
)

// Case is everything that the rules look at.
type Case struct {
	Document     schema.Document
	Report       signature.Report
	Moment       time.Time // proven signing time, else receipt
	Received     time.Time
	Zone         *time.Location
	Environment  string // of this gateway: test | production
	Participant  *register.Participant
	Railway      *register.Railway
	Organisation *register.Organisation // nil: Sender may not act for it
	Staff        *register.Staff        // nil: none
	Consignment  workflow.Consignment
}

// Rule is one named rule.
type Rule struct {
	Name   string
	Stage  schema.Stage
	Kinds  []schema.Kind // empty: all that clients send
	Clause string
	Check  func(*Case) []schema.Finding
}

// Rules is the whole list, in the order in which findings are reported.
func Rules() []Rule { panic("api") }

// Authority runs the rules of the stage authenticity: the sender, the organisation, the registered signatory.
func Authority(c *Case) []schema.Finding { panic("api") }

// Check runs the rules of the stage legitimacy.
func Check(c *Case) []schema.Finding { panic("api") }
