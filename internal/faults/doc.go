// Package faults answers: what becomes of the gateway's promises when everything around it fails?
//
// Run starts the real daemon as a process of its own and, around it, an ERP of many clients that sign,
// send, resend, hang and go away; the railway's back office, which sends memos, acts and staff lists and
// writes down everything that reaches it; and the nemesis, who kills, stops, cuts and fills by a plan
// made from a seed. Everybody writes down what it has seen, in one History. When the plan is done all is
// healed, what has no answer is sent again until it has one, what waits is delivered, and the invariants
// of the gateway are held against the whole history: see Invariants.
//
// The seed decides who sends what and what fails in which order, not how the machine interleaves it: a
// seed that has found something finds it again soon, not each time. Such a seed becomes a test with its
// name, TestSeed_….
package faults
