// Package schema answers: what do documents look like? XSD, Go types, the fixed texts, ЭСИД/ИТС,
// refusal codes.
//
// Parse turns what a signature covers into a Document; nothing else makes one. Findings name what
// is wrong with a document by a code and a reason of one closed table, and ESID carries them back
// to whoever sent it.
package schema

// Namespace is the XML namespace of every document.
const Namespace = "urn:asugate:1"
