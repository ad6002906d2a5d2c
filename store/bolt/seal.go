package bolt

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"runtime"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sealSize is what a seal adds to a value.
const sealSize = 4

// checksum is CRC-32C over key and value: a value that is read under another key is damage too.
func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// seal copies a value and puts its checksum behind it, little-endian.
func seal(key, value []byte) []byte {
	sealed := make([]byte, len(value), len(value)+sealSize)
	copy(sealed, value)
	return binary.LittleEndian.AppendUint32(sealed, checksum(key, value))
}

// damage is what reading panics with. It unwinds the transaction function, which cannot go on with
// a value that is wrong, and ends in View, Update or Check as ErrDamaged.
type damage struct{ err error }

// unseal is the value inside. It touches every byte of it, so an unreadable sector faults here, not
// in the function that uses the value.
func unseal(key, sealed []byte) []byte {
	value := sealed[:max(0, len(sealed)-sealSize)]
	if len(sealed) < sealSize || binary.LittleEndian.Uint32(sealed[len(value):]) != checksum(key, value) {
		panic(damage{fmt.Errorf("value of key %s has a wrong checksum", quote(key))})
	}
	return value[:len(value):len(value)]
}

// pageDamage turns what bbolt panics with while it walks pages, and the fault of a page that cannot
// be read, into damage. Defer it around calls of bbolt that run no code of others.
func pageDamage() {
	switch r := recover().(type) {
	case nil:
	case damage:
		panic(r)
	case runtime.Error:
		panic(damage{fmt.Errorf("page cannot be read: %w", r)})
	default:
		panic(damage{fmt.Errorf("page is wrong: %.200v", r)})
	}
}

// caught is the damage in a recovered panic; any other panic goes on.
func caught(r any) error {
	if d, ok := r.(damage); ok {
		return damaged("%w", d.err)
	}
	panic(r)
}

// quote shows a key to a person, bounded and escaped.
func quote(key []byte) string {
	const most = 80
	if len(key) > most {
		return fmt.Sprintf("%q… (%d bytes)", key[:most], len(key))
	}
	return fmt.Sprintf("%q", key)
}
