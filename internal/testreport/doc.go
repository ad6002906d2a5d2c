// Command testreport answers: what did the tests say? It runs go test -json, shows failures in full
// and everything else in a line a package, and ends with what was skipped and why, so that no test is
// left out silently. It exits 1 when anything failed, go test itself included, and when nothing was
// tested at all.
//
//	testreport [-also-skipped FILE] -- ARGUMENT...    the arguments of go test
//
// Each line of FILE, where there is one, says what another step of the run left out, and why.
package main
