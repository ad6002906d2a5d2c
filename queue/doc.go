// Package queue answers: what is still to be delivered, to whom, when?
//
// A lane is a row of messages for one destination: the back office, a client. A message is added
// within the one write that makes it, and stays until the other side has confirmed it, an operator has
// dropped it by name, or the gateway has withdrawn it, as when a memo is recalled. Lanes do not know of
// each other, so a silent destination delays nobody else.
//
// # All state is in the store
//
// Run reads what is to be delivered from the store, delivers it, and confirms it in the store: work
// and recovery are the same path. Memory holds who waits for a wake-up, and when a message that has
// just failed is due again. After a restart everything is due at once. Memory changes only after
// the transaction has been committed, so a crash between delivery and confirmation delivers again,
// with the same id: at least once, never never.
//
// # Order
//
// The unconfirmed messages about one document of one participant are a chain; those that have an Order
// are in the chain of that Order instead, whoever and whichever document they are about. One of a chain,
// the head, is ready or parked; the others wait behind it, and the next becomes the head when the head
// is confirmed, dropped or withdrawn. Run sees ready messages only, so it need not look past what is parked or
// held, and can have as many under way as its window allows without two of one chain among them.
// Between chains there is no order to keep.
//
// # Trying again
//
// A failed message is due again after a time that grows with its age, so that no count of tries
// needs to be stored. A lane on which nothing but failures come back is silent: it tries one
// message at a time, later and later, until one succeeds. What cannot succeed is parked, with the
// reason, for a person to look at.
package queue
