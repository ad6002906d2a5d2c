// Package rest answers: how do documents come from clients' systems («АСУ клиента») over HTTP, and
// how do they get their answers?
//
// Handler serves the requests of openapi.yaml, which is part of the program and served by it. It
// strips the envelope of HTTP, and what holds a document and its detached CMS signature together
// (multipart/mixed, <Signed>, .p7m), and nothing else: what a document is worth is for the gateway to
// say. What is signed beside itself goes out in the same way.
// Server is the listener around it, with a deadline for every wait and a limit for every list.
// Push is the other direction: messages are sent to participants that gave a URL.
//
// # Who is calling
//
// A function that is handed in says so; Credentials is the one for secrets and certificates. There
// is no anonymous mode: without credentials only the schemas and openapi.yaml can be read.
//
// # Errors
//
// An answer that is not a signed ЭСИД is application/problem+json (RFC 9457) and says whether the
// same request should be sent again. One table, problems, maps every error to its answer. When a
// write may or may not have happened nobody is told anything: the connection is closed, the client
// sends again, and gets the answer that was stored or a new one.
package rest
