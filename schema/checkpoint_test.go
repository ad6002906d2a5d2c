package schema

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func checkpoint() Checkpoint {
	return Checkpoint{
		MessageID: "0193a5b0-1111-7000-8000-000000000021", CreatedAt: at("2026-11-22T12:00:00.5+03:00"),
		Environment: "production", Origin: "urn:uuid:0f4e6a3c-8a55-4d3a-9a60-0d8b8c3c0001",
		Size: 1_000_000_000_000, Root: strings.Repeat("0c", 32),
	}
}

func proof() Proof {
	d := strings.Repeat("0a", 32)
	return Proof{
		Leaf: "verdict 0193a5b0-1111-7000-8000-000000000022 " + d + " " + d + " -", Index: 999_999_999_999,
		Path:       []string{strings.Repeat("0b", 32), strings.Repeat("0c", 32)},
		Checkpoint: []byte("<Checkpoint/>"),
	}
}

// What is written is read back the same, through a real signature, and is by its schema also for others.
func TestReadCheckpoint(t *testing.T) {
	signer := newIdentity(t)
	least := checkpoint()
	least.Size, least.Environment = 1, ""
	for name, want := range map[string]Checkpoint{"whole": checkpoint(), "least": least} {
		t.Run(name, func(t *testing.T) {
			sealed := must(signer.key.Seal(want.Element()))
			verifyElsewhere(t, KindCheckpoint, sealed)
			got, err := ReadCheckpoint(signer.open(t, sealed).Root())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestReadCheckpointRefuses(t *testing.T) {
	whole := string(write(t, checkpoint().Element(), false))
	for _, c := range []struct{ why, document, want string }{
		{"another kind", string(write(t, sample().Element(), false)), `root is "ESID"`},
		{"an empty tree", strings.Replace(whole, "1000000000000", "0", 1), "at /Checkpoint/Tree/@size"},
		{"a size that no tree has", strings.Replace(whole, "1000000000000", strings.Repeat("9", 16), 1), "at /Checkpoint/Tree/@size"},
		{"half a hash", strings.Replace(whole, strings.Repeat("0c", 32), "0c", 1), "at /Checkpoint/Tree/@root"},
		{"year 0", strings.Replace(whole, "2026-11-22T12:00", "0000-11-22T12:00", 1), "at /Checkpoint/CreatedAt"},
	} {
		t.Run(c.why, func(t *testing.T) {
			_, err := ReadCheckpoint(rootOf(t, []byte(c.document)))
			if !errors.Is(err, ErrNotCheckpoint) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestReadProof(t *testing.T) {
	alone := proof() // the only leaf of its tree
	alone.Path, alone.Index = nil, 0
	for name, want := range map[string]Proof{"whole": proof(), "alone": alone} {
		got, err := ReadProof(rootOf(t, want.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestReadProofRefuses(t *testing.T) {
	whole := string(proof().Bytes())
	for _, c := range []struct{ why, document, want string }{
		{"another kind", string(write(t, checkpoint().Element(), false)), `root is "Checkpoint"`},
		{"no leaf", strings.Replace(whole, " -<", "<", 1), "pattern at /Proof/Leaf"},
		{"a place below 0", strings.Replace(whole, "999999999999", "-1", 1), "at /Proof/Leaf/@index"},
		{"a path without end", strings.Replace(whole, "<Hash>", strings.Repeat("<Hash>"+strings.Repeat("0b", 32)+"</Hash>", 64)+"<Hash>", 1), "at /Proof"},
		{"no checkpoint", strings.Replace(whole, "PENoZWNrcG9pbnQvPg==", "", 1), "at /Proof/Checkpoint"},
		{"no base64", strings.Replace(whole, "PENoZWNrcG9pbnQvPg==", "PENo!", 1), "at /Proof/Checkpoint"},
	} {
		t.Run(c.why, func(t *testing.T) {
			_, err := ReadProof(rootOf(t, []byte(c.document)))
			if !errors.Is(err, ErrNotProof) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Neither is a document that anybody may send, however well it is signed.
func TestProofsAreNoDocuments(t *testing.T) {
	for _, document := range [][]byte{write(t, checkpoint().Element(), false), proof().Bytes()} {
		d, findings := parse(rootOf(t, document), time.UTC)
		if d.Valid() || !Refused(findings) || findings[0].Reason != ReasonUnknownKind {
			t.Errorf("got %+v, %+v", d, findings)
		}
	}
}
