package queue

import (
	"errors"
	"fmt"

	"asugate/store"
)

// Withdraw takes back, within the caller's transaction, what has not left the lane yet of the messages
// with that Order, but for those that keep says stay; nil keeps none. It returns them, oldest first:
// they will not be delivered any more, for the reason why, which is kept. The others of the chain come
// forward; wake the lane after the commit.
//
// A message that is being delivered while the transaction commits cannot be called back. It counts as
// withdrawn; when its delivery turns out to have succeeded, its Entry says so in Delivered. What is
// added to the chain in the same transaction is delivered after it, so whoever got it is told. A
// process that dies between that delivery and the record of it does not know of it after its restart.
//
// A client that fetches its lane may have read a message already, and may still confirm it; then
// Delivered says that, too.
func (q *Queue) Withdraw(tx store.Tx, lane, order, why string, keep func(Message) bool) (stopped []Message, err error) {
	if order == "" || why == "" {
		return nil, errors.New("withdrawing messages: an order and a reason are needed")
	}
	left := confirmation{At: q.now(), Dropped: reasonOf(errors.New(why)), By: byGateway}
	var by tally
	stopped, err = q.Withdrawable(tx, lane, order, keep)
	for i := 0; i < len(stopped) && err == nil; i++ {
		_, err = retire(tx, lane, stopped[i].ID, left, &by)
	}
	if err == nil {
		err = count(tx, lane, by)
	}
	if err != nil {
		return nil, fmt.Errorf("withdrawing from lane %s: %w", lane, err)
	}
	return stopped, nil
}

// Withdrawable is what Withdraw would take back.
func (q *Queue) Withdrawable(r store.Reader, lane, order string, keep func(Message) bool) (some []Message, err error) {
	for _, id := range links(r, lane, ordered(order)) {
		var m Message
		found, err := get(r, messages, []byte(id), &m)
		if err != nil {
			return nil, err
		}
		if found && (keep == nil || !keep(m)) {
			some = append(some, m)
		}
	}
	return some, nil
}

// links is the ids of a whole chain, oldest first.
func links(r store.Reader, lane, doc string) (ids []string) {
	const page = 100
	from := chainKey(lane, doc, "")
	for n := page; n == page; {
		n = 0
		r.Range(chains, from, chainEnd(lane, doc), page, func(key, _ []byte) bool {
			n++
			from = append(append(from[:0:0], key...), 0)
			ids = append(ids, idOf(key))
			return true
		})
	}
	return ids
}
