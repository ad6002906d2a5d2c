// Package kpedo answers: what does a message of КП ЭДО carry, and what does it say around it?
//
// КП ЭДО hands a памятка ГУ-45ВЦ over in an envelope of its own, getPPSReply: the document in base64,
// the carrier's detached CMS signature in base64, and what the systems on the way know of it. Unwrap
// takes the two out, to be judged as any document with a detached signature is. What the envelope says
// besides is signed by nobody; it is handed on apart, in a gateway.Envelope.
//
// The envelope comes as XML, or as the JSON that providers make of it, in which a list of one is the one
// itself. Both become the same small tree, and one reader reads that. Nothing is guessed: a name that
// stands twice where one is meant, in JSON as in XML, refuses the message, because the next reader might
// take the other.
package kpedo
