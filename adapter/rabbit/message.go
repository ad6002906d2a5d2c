package rabbit

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"asugate/queue"
	"asugate/schema"
)

// Headers of a message to the back office, beside its properties message-id, type and timestamp. One
// that has no value is left out.
const (
	headerDocumentID      = "document-id"
	headerDocumentVersion = "document-version"
	headerParticipant     = "participant"
	headerOrganisation    = "organisation"
	headerSHA256          = "sha256"
	headerSigner          = "signer"
	headerResult          = "result"
	headerStage           = "stage"
	headerOnward          = "onward"        // the system behind the destination that it is for
	headerSignBy          = "sign-by"       // until when the client may answer, RFC 3339
	headerSignature       = "signature-cms" // detached CMS signature over the body, base64 of its DER
)

// word is one word of a routing key. A dot would make two of it, and «*» and «#» mean others.
var word = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// publishing is m as the broker gets it, and its routing key <destination>.<kind>.<participant>. An
// error is ErrPermanent: no broker would take it.
func publishing(m queue.Message, body, signature []byte) (key string, p amqp.Publishing, err error) {
	for _, w := range []string{m.Lane, m.Kind, m.Participant, m.ID} {
		if !word.MatchString(w) {
			return "", p, fmt.Errorf("%w: %q is no word of a routing key", queue.ErrPermanent, schema.Foreign(w))
		}
	}
	headers := amqp.Table{headerDocumentVersion: int32(m.Version)}
	for name, value := range map[string]string{
		headerDocumentID:   m.DocumentID,
		headerParticipant:  m.Participant,
		headerOrganisation: m.Organisation,
		headerSHA256:       m.SHA256,
		headerSigner:       m.Signer,
		headerResult:       m.Result,
		headerStage:        m.Stage,
		headerOnward:       m.Onward,
		headerSignBy:       moment(m.SignBy),
		headerSignature:    base64.StdEncoding.EncodeToString(signature),
	} {
		if value != "" {
			headers[name] = value
		}
	}
	key = strings.ToLower(m.Lane) + "." + strings.ToLower(m.Kind) + "." + m.Participant
	return key, amqp.Publishing{
		Headers:      headers,
		ContentType:  amqp.MimeApplicationXML,
		DeliveryMode: amqp.Persistent,
		MessageId:    m.ID,
		Timestamp:    m.Created,
		Type:         m.Kind,
		AppId:        "gatewayd",
		Body:         body,
	}, nil
}

// moment is a time as it stands in a header; nothing for the zero time.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// sendable refuses headers that the library cannot encode, or that would not go into one frame, as
// AMQP demands (§4.2.6.1): the connection would be lost over this message again and again.
func sendable(headers amqp.Table, frame int) error {
	if err := headers.Validate(); err != nil {
		return fmt.Errorf("%w: encoding its headers: %w", queue.ErrPermanent, err)
	}
	const others = 2048 // more than all other properties, short strings, can take
	if frame > 0 && others+size(headers) > frame-frameHead-1 {
		return fmt.Errorf("%w: its headers, with the detached signature, are larger than a frame of %d octets",
			queue.ErrPermanent, frame)
	}
	return nil
}

// size is at least the octets that a field value takes.
func size(value any) int {
	sum := 16
	switch v := value.(type) {
	case string:
		sum += len(v)
	case []byte:
		sum += len(v)
	case amqp.Table:
		for name, field := range v {
			sum += len(name) + size(field)
		}
	case []any:
		for _, element := range v {
			sum += size(element)
		}
	}
	return sum
}
