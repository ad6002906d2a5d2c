// Package gostengine answers: who signs with GOST in a test? It is OpenSSL with the GOST engine of
// Debian's libengine-gost-openssl, a second implementation that this project's verification is
// held against.
package gostengine
