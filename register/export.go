package register

import (
	"fmt"

	"github.com/goccy/go-yaml"

	"asugate/store"
)

// ExportParticipants writes the participants of a version as YAML in normal form, certificates
// inside: what ImportParticipants reads. Comments of the imported file are not kept.
func (r *Register) ExportParticipants(tx store.Reader, version int) ([]byte, error) {
	f, err := participantsAt(tx, version)
	if err != nil {
		return nil, err
	}
	return writeParticipants(f)
}

// NormalizeParticipants validates a file and writes it in normal form, as the operator's command
// does before it sends the file to the daemon: the daemon reads no files in its name.
func NormalizeParticipants(file []byte, dir string) ([]byte, error) {
	f, err := readParticipants(file, dir)
	if err != nil {
		return nil, err
	}
	return writeParticipants(f)
}

func writeParticipants(f *participantsFile) ([]byte, error) {
	out, err := yaml.MarshalWithOptions(f, yaml.UseLiteralStyleIfMultiline(true), yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("writing participants: %w", err)
	}
	return out, nil
}
