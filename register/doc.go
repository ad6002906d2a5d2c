// Package register answers: who and what was in force on that date?
//
// Three registers live in the store, each as a row of immutable versions: the participants with
// their organisations, agreements, signatories and trust, imported whole from one YAML file; the
// norms, МТУ and НТУ with their выписки (288 п. 1.3; 2835р 3.4), imported alike; and the staff list
// of each organisation («список ответственных работников», 288 п. 1.4, 1.7), imported by the
// operator or received signed by the railway. Beside them stand the secrets of participants, kept
// as digests.
//
// What is read from a version is compiled once, cached and shared: nobody changes it.
package register
