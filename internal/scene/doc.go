// Package scene answers: what do a railway, a shipper and their papers look like? It makes certificates
// with personas, registers and documents for the demonstration, the tests and the benchmark.
package scene
