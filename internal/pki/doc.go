// Package pki answers: where do tests and the demonstration get their certificates from?
//
// It makes certificate authorities and issues certificates for signing and for TLS, with the
// subject attributes that Russian and Ukrainian authorities write, CRLs and OCSP responses. Every
// key is new: none is stored in the source. It is no certification authority for real use: nothing
// is recorded or published.
package pki
