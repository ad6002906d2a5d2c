package main

import (
	"sync"
	"time"

	"asugate/adapter/ops"
	"asugate/register"
	"asugate/schema"
	"asugate/store"
)

// endingWithin is how many days ahead the operator is told of appointments and papers that end.
const endingWithin = 30

// endings counts what ends soon, once a list and day: a scrape comes every few seconds.
type endings struct {
	desk *desk

	mu    sync.Mutex              // protects known; several scrapes may run at once
	known map[string]endingCounts // organisation → of its list in force
}

type endingCounts struct {
	version         int
	day             schema.Date
	people, proxies int
}

func newEndings(d *desk) *endings { return &endings{desk: d, known: make(map[string]endingCounts)} }

// lists adds the counts to what source tells.
func (e *endings) lists(source func() ([]ops.StaffList, error)) func() ([]ops.StaffList, error) {
	return func() ([]ops.StaffList, error) {
		lists, err := source()
		if err != nil {
			return lists, err
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		day := schema.DateOf(e.desk.now(), time.Local)
		for i := range lists {
			if err := e.fill(&lists[i], day); err != nil {
				return lists, err
			}
		}
		return lists, nil
	}
}

// fill counts under e.mu.
func (e *endings) fill(l *ops.StaffList, day schema.Date) error {
	known := e.known[l.Organisation]
	if known.version != l.Version || known.day != day {
		var list *register.Staff
		err := e.desk.store.View(func(tx store.Reader) (err error) {
			list, err = e.desk.register.StaffOf(tx, l.Organisation, l.Version)
			return err
		})
		if err != nil {
			return err
		}
		people, proxies := list.Ending(day, endingWithin)
		known = endingCounts{l.Version, day, len(people), len(proxies)}
		e.known[l.Organisation] = known
	}
	l.PeopleEnding, l.ProxiesEnding = known.people, known.proxies
	return nil
}
