// Package gateway answers: what becomes of a document? Its life from bytes to acknowledgment; the one write.
//
// # The road
//
// Accept takes what an adapter received and goes the same road for everybody: known already? → one
// parse → signature → schema → sender and signatory → workflow and legitimacy → the acknowledgment,
// composed, signed and opened again by our own verifier → the one write → and only then the answer.
// Everything before the write works on short read snapshots; what was read is remembered and checked
// again inside the write, which refuses with errMoved when any of it has changed. So nothing commits
// on an outdated register, and two copies of one request end with one verdict.
//
// # What is decided later
//
// Where revocation cannot be found out now, the verdict is deferred: an interim ЭСИД, the id occupied,
// the moment fixed, a deadline in the store, and nothing else. RunDeferred judges again whenever more
// may be known; RunClock lets the deadlines happen. What a verdict was based on is kept with it
// (Evidence), so that VerifyJournal can come to it again.
//
// # Results and errors
//
// A refusal is a result: a Receipt with a signed negative ЭСИД. An error means that we could not judge
// or could not keep the verdict; then nothing was promised and the sender may try again.
package gateway
