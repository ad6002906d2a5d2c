// Package gost answers: is this value the signature of that digest by this GOST key?
//
// It verifies ГОСТ Р 34.10-2012 with 256 and 512 bits (RFC 7091) and ГОСТ Р 34.10-2001 (RFC 5832),
// and makes the digests that go with them: ГОСТ Р 34.11-2012 «Стрибог» (RFC 6986) and
// ГОСТ Р 34.11-94 (RFC 5831). There is no private key in it, so nothing here needs to take the same
// time for all numbers, and nothing does. It is not a certified cryptographic module (СКЗИ).
//
// Octets stand as in RFC 4491 and RFC 9215, which is what certificates, CMS and XML carry: digests
// are given in the order in which they are transmitted, the reverse of how the standards print
// them, and are read as little-endian numbers.
package gost
