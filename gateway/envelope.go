package gateway

// Envelope is what a message of КП ЭДО says around the document that it carries. None of it is signed,
// and the values of a document never come from it. It is used for two things only: to know the
// document again (DocID), and for its state (StateID) where the register says that the railway keeps
// the time. A document that is judged again later is judged with the envelope with which it came.
// What a message leaves out is the zero value; every text is as written, printable and bounded.
type Envelope struct {
	DocID           string `json:"docid,omitempty"`      // Docid, «1766398397»: of the document in КП ЭДО
	SourceDocID     string `json:"source,omitempty"`     // Sourcesystemdocid: of the document in the system that made it
	ProcessInstance string `json:"process,omitempty"`    // Businessprocessinstanceid, 32 hex digits
	DocNum          string `json:"number,omitempty"`     // number of the memo, by the summary or the metadata
	DocDate         string `json:"registered,omitempty"` // DocDate of the summary, when it was registered: «20.07.2026 01:22:37»
	ComposedAt      string `json:"composed,omitempty"`   // doc_date and doc_time of the metadata: «19.07.2026 23:26»
	StateID         int    `json:"state,omitempty"`      // 469, 548, 696; 0: not said
	StateName       string `json:"stateName,omitempty"`  // «Подписан ОАО «РЖД»»
	OtherSignatures int    `json:"others,omitempty"`     // signatures beside the carrier's, which nobody has looked at
}
