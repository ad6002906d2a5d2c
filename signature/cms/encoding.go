package cms

import (
	"bytes"
	"encoding/base64"
	"encoding/pem"
)

// maxSize bounds what is read at all: a document of the largest size inside, and certificates.
const maxSize = 16 << 20

// octetsOf finds the ASN.1 in what came: DER or BER as it is, else PEM (RFC 7468 sections 8 and 9),
// else base64 with white space anywhere in it. Base64 of a SEQUENCE begins with an M.
func octetsOf(input []byte) ([]byte, bool) {
	if len(input) > maxSize/3*4 {
		return nil, false
	}
	if len(input) > 0 && input[0] == tagSequence {
		return input, len(input) <= maxSize
	}
	text := bytes.TrimLeft(input, white)
	if bytes.HasPrefix(text, []byte("-----BEGIN ")) {
		block, rest := pem.Decode(text)
		if block == nil || len(block.Headers) > 0 || len(bytes.Trim(rest, white)) > 0 {
			return nil, false
		}
		return block.Bytes, block.Type == "CMS" || block.Type == "PKCS7"
	}
	packed := make([]byte, 0, len(text))
	for _, c := range text {
		switch c {
		case ' ', '\t', '\r', '\n':
		default:
			packed = append(packed, c)
		}
	}
	size, err := base64.StdEncoding.Strict().Decode(packed, packed) // it writes behind what it reads
	return packed[:size], err == nil
}

// white is the white space of XML.
const white = " \t\r\n"
