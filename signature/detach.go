package signature

import (
	"errors"
	"fmt"

	"asugate/signature/cms"
)

var (
	// ErrNotCMS: the bytes are no CMS SignedData, DER, PEM or base64, that could be read.
	ErrNotCMS = errors.New("no CMS signature that can be read")
	// ErrNotAttached: the CMS carries no content; it is the signature of something beside it.
	ErrNotAttached = errors.New("a detached signature, without the document")
)

// Detach takes the document out of an attached CMS signature and answers both: the signature is then the
// detached one of the document, as small as any. The error is ErrNotCMS or ErrNotAttached.
func Detach(attached []byte) (document, detached []byte, err error) {
	document, detached, err = cms.Detach(attached)
	switch {
	case errors.Is(err, cms.ErrDetached):
		return nil, nil, ErrNotAttached
	case err != nil:
		return nil, nil, fmt.Errorf("%w: %w", ErrNotCMS, err)
	}
	return document, detached, nil
}

// Octets are the DER or BER of a CMS signature that may have been written down in PEM or base64. The
// error is ErrNotCMS: it is none of these.
func Octets(written []byte) ([]byte, error) {
	octets, ok := cms.Octets(written)
	if !ok || len(octets) == 0 {
		return nil, fmt.Errorf("%w: neither DER nor base64 nor PEM", ErrNotCMS)
	}
	return octets, nil
}
