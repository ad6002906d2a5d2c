package rabbittest

import (
	"errors"
	"sync"
	"testing"
)

// shared is the node of this test binary, started by the first test that wants one.
var shared struct {
	once sync.Once
	node *Node
	err  error
}

// Shared is the node of this test binary. The test is skipped where RabbitMQ is not installed. Tests
// that use it do not run in parallel, leave it running and without alarms, and use names of their own.
func Shared(t testing.TB) *Node {
	t.Helper()
	shared.once.Do(func() { shared.node, shared.err = Start() })
	if errors.Is(shared.err, ErrNotInstalled) {
		t.Skip(shared.err)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.node
}

// Main runs the tests and stops the shared node:
//
//	func TestMain(m *testing.M) { os.Exit(rabbittest.Main(m)) }
func Main(m *testing.M) int {
	defer func() {
		if shared.node != nil {
			shared.node.Stop()
		}
	}()
	return m.Run()
}
