// Package rabbit answers: how do documents reach the railway's back office over AMQP 0-9-1, and how
// do its documents reach us?
//
// Out: Deliver publishes one message of a lane to the topic exchange, persistent and mandatory, and
// returns nil only when the broker has confirmed it and has not returned it. A broker that confirms
// has written the message down; one that returns it had no queue to put it in. Everything else
// leaves the message where it is, in our own queue, to be tried again under the same message id.
// The back office therefore sees a message at least once, and drops repeats by their id.
//
// In: the inbound queue is read one message at a time, in its order, and a message is acknowledged
// only after the gateway's one write. What can never be taken goes to the dead queue, with the
// reason, confirmed before it is acknowledged; while the gateway is not ready the message
// is held and tried again. One on which the gateway fails otherwise is dead after five tries.
// A document in the envelope of another system is taken out of it first (Config.Unwrap).
//
// Two connections are kept, one for publishing and one for consuming, because a broker short of
// memory or disk stops reading from those who publish, and acknowledgments must go on. Each has a
// supervisor (link) that dials for as long as the daemon runs, with growing and jittered pauses.
//
// The automatic recovery of amqp091-go is left switched off. It gives up after a number of tries; it
// reports a connection as open again when a queue could not be declared; while it shakes hands the
// connection counts as open, so that a publishing can slip between; a publishing that was cut off
// looks the same as one that the broker refused; and Close waits until it is through. Here a
// connection that is lost is gone with all that was unconfirmed, and the next one begins from the
// start: shake hands, declare, confirm mode. Recovery is the ordinary path.
//
// The queue of inbound messages is declared with a dead-letter route to the dead queue. That is how
// the broker itself puts aside what we refuse to read into memory (larger than MaxDocument) and what
// it has redelivered too often. Where the administrator declares the queues (topology check or
// none), they must give the inbound queue the same route, or the broker drops such messages.
package rabbit
