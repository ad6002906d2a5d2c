package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"asugate/store"
)

// OpenOlder is Open that also takes a store of an earlier format, to back it up and to Migrate it. What
// else is done with it before that would be misread.
func OpenOlder(path string) (*Store, error) {
	s, err := open(path, Options{CheckUpTo: -1, older: true})
	if err != nil {
		return nil, fmt.Errorf("opening store %s: %w", path, err)
	}
	return s, nil
}

// Migrate checks the store and carries it over into Format, in one transaction. It answers what the
// steps have done; nothing when the store has that format already.
func (s *Store) Migrate(ctx context.Context, steps []store.Step) (done []string, err error) {
	if s.meta.Format == Format {
		return nil, nil
	}
	if err := s.Check(ctx); err != nil {
		return nil, fmt.Errorf("migrating the store: %w", err)
	}
	err = s.Update(func(tx store.Tx) error {
		done, err = carry(tx, steps)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("migrating the store: %w", err)
	}
	s.meta.Format = Format
	return done, nil
}

// errNoStep: the program has no step from a format on.
var errNoStep = errors.New("there is no way from it")

// carry runs the steps from the store's format to ours, within the caller's transaction.
func carry(tx store.Tx, steps []store.Step) (done []string, err error) {
	var m Meta
	if err := json.Unmarshal(tx.Get(metaTable, []byte(metaKey)), &m); err != nil {
		return nil, damaged("reading the record of the store: %w", err)
	}
	if m.Format == Format {
		return nil, nil
	}
	for m.Format != Format {
		step := stepFrom(steps, m.Format)
		if step == nil {
			return nil, fmt.Errorf("%w: format %d: %w", ErrFormat, m.Format, errNoStep)
		}
		if step.Carry != nil {
			if err := step.Carry(tx); err != nil {
				return nil, fmt.Errorf("carrying format %d over: %w", m.Format, err)
			}
		}
		m.Format++
		done = append(done, fmt.Sprintf("format %d to %d: %s", m.Format-1, m.Format, step.What))
	}
	record, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("writing the record of the store: %w", err)
	}
	tx.Put(metaTable, []byte(metaKey), record)
	return done, nil
}

func stepFrom(steps []store.Step, format int) *store.Step {
	for i := range steps {
		if steps[i].From == format {
			return &steps[i]
		}
	}
	return nil
}
