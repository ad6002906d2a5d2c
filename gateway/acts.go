package gateway

import (
	"encoding/json"
	"fmt"
	"time"

	"asugate/store"
)

// acts is what operators have done to the store, in order.
const acts store.Table = "acts" // id → Act

// Act is one act of an operator.
type Act struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	Who  string    `json:"who"`
	What string    `json:"what"`
}

// RecordAct writes down what an operator is about to do.
func (g *Gateway) RecordAct(who, what string) error {
	a := Act{ID: g.NextID(), At: g.Now(), Who: who, What: what}
	return storeError(g.Store.Update(func(tx store.Tx) error {
		put(tx, acts, []byte(a.ID), a)
		return nil
	}))
}

// Acts lists what operators have done, oldest first, from a time on.
func (g *Gateway) Acts(since time.Time, limit int) ([]Act, error) {
	var rows []Act
	err := g.Store.View(func(tx store.Reader) error {
		var broken error
		tx.Range(acts, idsFrom(since), nil, limit, func(k, v []byte) bool {
			var a Act
			if broken = json.Unmarshal(v, &a); broken != nil {
				broken = fmt.Errorf("reading act %s: %w", k, broken)
				return false
			}
			rows = append(rows, a)
			return true
		})
		return broken
	})
	return rows, err
}
