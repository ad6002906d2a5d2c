// Package xsd answers: is this tree a document as its schema prescribes?
//
// It implements the part of XML Schema 1.0 that the schemas of the gateway use, over the tree that
// signature and business values are read from too. A schema that uses anything else is refused at
// [Load], so that no constraint is ever silently left unchecked. What is known stands in one table,
// grammar.
//
// Left out on purpose: types chosen by the instance (xsi:type, xsi:nil), default values of elements
// and mixed content, because a reader of the tree would have to know them too; substitution groups
// and wildcards that look declarations up, because they make a document mean more than its own
// schema says.
//
// A loaded [Set] is read-only and may be used by any number of goroutines. Validating a valid
// document costs time proportional to its size: content models are deterministic automata, patterns
// never backtrack.
package xsd
