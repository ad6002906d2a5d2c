//go:build !cgo

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "gatewayd-pkcs11: it was built without cgo and can load no library (hint: make build-pkcs11)")
	os.Exit(2)
}
