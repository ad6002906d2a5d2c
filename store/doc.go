// Package store answers: what survives a crash? An ordered key-value store with serializable
// transactions.
//
// The package holds the contract and what every engine shares; store/bolt is the embedded engine,
// and store/storetest the suite that any engine has to pass. Who keeps what, under which keys, is
// in FORMAT.md.
//
// # Rules of a transaction function
//
// It may run more than once, on another goroutine than the caller's, so it has no effect outside
// its transaction but through variables that it sets anew each time. It calls neither View nor
// Update of the same store, which would wait for itself, and not runtime.Goexit (t.Fatal). Keys and
// values that it was given live until it returns: what is needed later is copied. It looks first
// and puts last: an error before the first Put costs nobody anything, a later one makes the engine
// redo the work of its neighbours.
//
// What a View shows is durable. What a View or an Update has computed counts only once it has
// returned nil: a neighbour's write that an Update has seen may still fail together with it, and
// then so does the Update.
package store
