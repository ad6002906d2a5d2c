// Package xmltree answers: is this XML, and what exactly does it say?
//
// Parse reads a document once, strictly, into an arena tree; signature, schema and business values
// are all read from that one tree, so that no two readings can differ. What another parser might
// read otherwise (document types, processing instructions, relative namespace names, repeated
// identifiers) is refused rather than interpreted.
//
// # The tree
//
// Nodes and attributes lie in two slices and refer to one another by index; their strings are parts
// of the input. Parse therefore makes a handful of allocations however long the document, and the
// caller must not change the bytes that it handed in. A Tree may be read by many goroutines; Detach
// alone changes it and must not run beside a reader.
//
// # Encodings
//
// UTF-8 with or without byte order mark, UTF-16 with one, and by declaration windows-1251, KOI8-R,
// KOI8-U and ISO-8859-5. One contradiction is resolved, because АС ЭТРАН really sends it:
// windows-1251 declared over text that is UTF-8 is read as UTF-8 (see isUTF8Russian for the rule).
// Every other one is refused; no encoding is guessed from the text alone. Places are told in bytes
// of the input as received, also where it was converted.
//
// # Cost
//
// Every list has a limit (Limits), and both parsing and canonicalization take time in proportion to
// the input. The one thing that could multiply it, a long namespace name that exclusive
// canonicalization repeats on every sibling, has a limit of its own.
package xmltree
