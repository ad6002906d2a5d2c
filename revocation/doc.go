// Package revocation answers: has a certificate been revoked, as far as is known?
//
// A Keeper reads certificate revocation lists («список отозванных сертификатов», CRL: RFC 5280
// section 5) from files, fetches them from URLs ahead of time, and asks OCSP responders (RFC 6960).
// All of these are named by the configuration of this machine, each with the certificates of the
// issuers it speaks for; no address in a document or in a certificate is ever used. Evidence that
// does not verify is not used, evidence that is older than what is in force does not replace it,
// and a source that falls silent leaves the last good evidence in force until its nextUpdate and
// the grace are over. Then the answer is «unknown», which is neither good nor revoked.
//
// Judging a document waits for nobody, but for the first OCSP answer about a certificate, shortly.
package revocation
