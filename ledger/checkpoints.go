package ledger

import "asugate/store"

// checkpoints is the sizes at which the root of the tree was signed. They stay for ever.
const checkpoints store.Table = "ledger.checkpoints" // size → message id of the checkpoint

// Mark enters a signed checkpoint of the tree when it had that many leaves.
func Mark(tx store.Tx, size int64, id string) { tx.Put(checkpoints, key(size), []byte(id)) }

// Latest is the checkpoint of the most leaves; size is 0 when there is none yet.
func Latest(r store.Reader) (size int64, id string, err error) {
	r.RangeBack(checkpoints, nil, nil, 1, func(k, v []byte) bool {
		size, err = indexOf(k)
		id = string(v)
		return false
	})
	return size, id, err
}

// MarkedAt is the checkpoint of a size, empty when none was made of it.
func MarkedAt(r store.Reader, size int64) (id string) { return string(r.Get(checkpoints, key(size))) }

// Marked lists the checkpoints of more leaves than after, limit of them at most.
func Marked(r store.Reader, after int64, limit int, visit func(size int64, id string)) (err error) {
	r.Range(checkpoints, key(after+1), nil, limit, func(k, v []byte) bool {
		var size int64
		if size, err = indexOf(k); err == nil {
			visit(size, string(v))
		}
		return err == nil
	})
	return err
}
