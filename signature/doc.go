// Package signature answers: what exactly is signed, by whom, is the certificate trusted?
//
// Open judges one document by its signature («проверка достоверности»). It reads the same
// tree that schema and business rules read later, and returns a Signed that shows only what the
// signature covers, so that nobody can verify one thing and use another. A signature that does
// not hold is a result with its faults, never an error.
//
// The container is enveloped XMLDSig (W3C XML Signature 1.1), of which only one shape is taken:
// one Signature, a child of the root, with one Reference to that root and transforms of a short
// list. Everything else in the standard is refused by name, because what a signature may say is
// what an attacker may say. Nothing is ever fetched because a document asks for it, and keys come
// only from X.509 certificates with a path to the Trust that the caller hands in; the system's
// roots play no part.
//
// Key signs what the gateway sends: Seal an element that was just built, Sign a document as it is.
package signature
