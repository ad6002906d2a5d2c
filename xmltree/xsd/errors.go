package xsd

import (
	"errors"
	"strconv"
)

// Why Load refuses a schema; the wrapping error says where and what.
var (
	// ErrUnsupported: the schema uses a part of XML Schema that this package does not know.
	ErrUnsupported = errors.New("not supported")

	// ErrIncorrect: the schema contradicts itself or the rules of XML Schema 1.0.
	ErrIncorrect = errors.New("not a correct schema")
)

// quote shows a piece of a schema or document in one line of ASCII or printable text, bounded.
func quote(s string) string { return strconv.Quote(bounded(s)) }
