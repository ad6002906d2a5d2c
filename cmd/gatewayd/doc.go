// Command gatewayd answers: who is introduced to whom? It wires the rooms of the gateway into a daemon,
// and is the operator's tool for it.
//
// The way of a document from socket to acknowledgment: adapter/rest → gateway.Accept → xmltree.Parse →
// signature.Open → schema.Parse → legitimacy and workflow → gateway's one write (store) → queue →
// adapter/rabbit or adapter/spool, and the client's outbox.
package main
