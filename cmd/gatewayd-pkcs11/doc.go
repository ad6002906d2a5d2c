// Command gatewayd-pkcs11 answers: how does the gateway sign with a key in a PKCS #11 token?
//
// It loads the vendor's library, which the static daemon cannot and should not, and speaks the
// protocol of docs/signer-process.md. It needs cgo; built without, it says so and ends.
package main
