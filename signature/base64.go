package signature

import (
	"encoding/base64"
	"errors"
)

var errBase64 = errors.New("not base64")

// strictBase64 refuses what decodes to the same bytes by another text, so that a value has one
// reading only.
var strictBase64 = base64.StdEncoding.Strict()

// decodeBase64 decodes xs:base64Binary: white space of XML may stand anywhere in it (indented and
// wrapped values are usual), everything else is taken strictly.
func decodeBase64(text string) ([]byte, error) {
	packed := make([]byte, 0, len(text))
	for i := range len(text) {
		switch c := text[i]; c {
		case ' ', '\t', '\r', '\n':
		default:
			packed = append(packed, c)
		}
	}
	size, err := strictBase64.Decode(packed, packed) // in place: it writes behind what it reads
	if err != nil || size == 0 {
		return nil, errBase64
	}
	return packed[:size], nil
}
