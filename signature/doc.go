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
// With the signed properties of XAdES there is a second Reference, to them; who and when they say is
// checked and used, everything else in them, and all that is not signed, means nothing here.
//
// The other container is a detached CMS (RFC 5652, read by package cms) over the bytes exactly as
// they came; Unwrap takes the document out of an attached one. It has one signer, whose certificate
// it names: only that is asked. What the signer states besides inside what he signs — when, and with
// which certificate — is checked before it is used.
//
// What follows from a check that does not pass a partner's Rules say, for those checks that Relaxable
// names, and Report.Checks tells what became of each. Revocation is asked of the source that the
// Policy names, for each document anew.
//
// Key signs what the gateway sends: Seal an element that was just built, Sign a document as it is,
// SealDetached and SignDetached the same with a CMS beside them.
package signature
