package gateway

import (
	"testing"
	"time"

	"asugate/internal/scene"
	"asugate/register"
	"asugate/schema"
	"asugate/signature"
)

// However often the keys are read anew, what is remembered of one certificate is remembered once.
func TestSeal_reloaded(t *testing.T) {
	s, err := scene.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	g := New(Options{Now: time.Now, Key: func(string) *signature.Key {
		k, err := signature.NewKey(s.Gateway.Key, s.Gateway.Chain...)
		if err != nil {
			t.Error(err)
		}
		return k
	}})
	for range 3 {
		if _, err := g.seal(schema.ESID{CreatedAt: time.Now()}.Element(), register.Seal{}); err != nil {
			t.Fatal(err)
		}
	}
	kept := 0
	g.seals.Range(func(_, _ any) bool {
		kept++
		return true
	})
	if kept != 1 {
		t.Errorf("%d remembered", kept)
	}
}
