package gateway

import (
	"asugate/schema"
	"asugate/signature"
)

// MaxDetached bounds Submission.Detached. A signature with its certificates and a time stamp takes some
// 10 KiB; base64 of the greatest still goes into one AMQP frame of 128 KiB.
const MaxDetached = 64 << 10

// Unwrap takes a document out of an attached CMS signature («.p7m»), so that an adapter can submit it
// with the detached signature that remains. The error is a *schema.ContainerError.
func Unwrap(attached []byte) (document, detached []byte, err error) {
	document, detached, err = signature.Detach(attached)
	if err != nil {
		return nil, nil, &schema.ContainerError{
			Reason: schema.ReasonNotAttached, Detail: schema.Foreign(err.Error()),
		}
	}
	return document, detached, nil
}

// Detached is a detached CMS signature as a Submission has it, however it was written down: DER, base64
// of it, or PEM. So the same signature has the same digest on every road.
func Detached(written []byte) ([]byte, error) { return signature.Octets(written) }
