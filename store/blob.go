package store

import (
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Blobs keeps bodies (documents, acknowledgments), packed. Its keys are made by whoever puts the
// body.
const Blobs Table = "blobs"

// MaxBody is the largest body that can be unpacked: far above every limit of the adapters, and far
// below what a forged length could make us allocate.
const MaxBody = 64 << 20

// ErrPacked: a value of Blobs is not what Pack made.
var ErrPacked = errors.New("packed body is damaged")

// The first byte of a packed body says how the rest is kept.
const (
	plain      = 'p'
	compressed = 'z'
)

// smallest is the length from which compression is tried: below it, a frame costs what it saves.
const smallest = 128

// encoder is shared: EncodeAll is safe for concurrent use and keeps one compressor a processor.
var encoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil,
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)),
		zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the options are constants
	}
	return e
})

// decoder is shared likewise. A frame that claims more than MaxBody is refused before memory is
// taken.
var decoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(runtime.GOMAXPROCS(0)),
		zstd.WithDecoderMaxMemory(MaxBody))
	if err != nil {
		panic(err) // the options are constants
	}
	return d
})

// Pack compresses a body for Blobs. Call it outside the transaction.
func Pack(body []byte) []byte {
	if len(body) >= smallest {
		packed := make([]byte, 1, 1+len(body))
		packed[0] = compressed
		if packed = encoder().EncodeAll(body, packed); len(packed) <= len(body) {
			return packed
		}
	}
	packed := make([]byte, 0, 1+len(body))
	return append(append(packed, plain), body...)
}

// Unpack is the body of a packed value, a copy that outlives the transaction. It is never larger
// than MaxBody.
func Unpack(packed []byte) ([]byte, error) {
	if len(packed) == 0 {
		return nil, fmt.Errorf("%w: empty", ErrPacked)
	}
	switch kept := packed[1:]; packed[0] {
	case plain:
		if len(kept) > MaxBody {
			return nil, fmt.Errorf("%w: %d bytes are too many", ErrPacked, len(kept))
		}
		return append(make([]byte, 0, len(kept)), kept...), nil
	case compressed:
		body, err := decoder().DecodeAll(kept, nil)
		if err == nil && len(body) < smallest {
			err = errors.New("too small to have been compressed") // nothing is a valid frame, too
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPacked, err)
		}
		return body, nil
	default:
		return nil, fmt.Errorf("%w: form %#x is unknown", ErrPacked, packed[0])
	}
}
