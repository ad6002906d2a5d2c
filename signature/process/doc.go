// Package process answers: how does a program beside us sign and verify for us?
//
// A certified provider of GOST, a token behind PKCS #11, a signing service of the house: each is a
// child process that reads one request a line and writes one answer a line. Its crash is not ours,
// and its libraries stay out of a static daemon. docs/signer-process.md is the protocol; Process is
// our end of it, Serve the program's.
package process
