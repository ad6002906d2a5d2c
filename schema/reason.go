package schema

// The reasons that this side of the product gives, by code. Those of package signature (A02 … A12),
// package xmltree and package xsd (A01, A13) are named there. Each has a row in the table of
// reasons; a test compares the two.
const (
	// A01: not by schema.
	ReasonUnknownKind   = "unknown-kind"
	ReasonUnknownFormat = "unknown-format"
	ReasonNoIdentifier  = "no-identifier"
	ReasonBadValue      = "bad-value"

	// A01: what a staff list may not leave open, and what it may not hold.
	ReasonRightUnsaid  = "right-unsaid"
	ReasonPassportData = "passport-data"

	// A01: no document with its CMS signature.
	ReasonBadMultipart = "bad-multipart"
	ReasonBadEnvelope  = "bad-envelope"
	ReasonBadBase64    = "bad-base64"
	ReasonNotAttached  = "not-attached"

	// A07: revocation.
	ReasonRevocationUnavailable = "revocation-unavailable"

	// A08: the organisation in the certificate.
	ReasonOrganisationDiffers = "organisation-differs"
	ReasonOrganisationAbsent  = "organisation-absent"

	// A09: same id, other content.
	ReasonIDConflict = "id-conflict"

	// A11: who may send and sign what.
	ReasonSenderNotAllowed       = "sender-not-allowed"
	ReasonSenderUnknown          = "sender-unknown"
	ReasonOrganisationNotAllowed = "organisation-not-allowed"
	ReasonSignerNotRegistered    = "signer-not-registered"
	ReasonSignerNotInForce       = "signer-not-in-force"
	ReasonKindNotAllowed         = "kind-not-allowed"

	// L01: the performer and the staff list.
	ReasonNotInList         = "not-in-list"
	ReasonNoList            = "no-list"
	ReasonAmbiguousName     = "ambiguous-name"
	ReasonNameDiffers       = "name-differs"
	ReasonStationNotCovered = "station-not-covered"
	ReasonWorkNotCovered    = "work-not-covered"
	ReasonCopiesDiffer      = "copies-differ"

	// L02: dates of the entry.
	ReasonNotInForce = "not-in-force"

	// L03: право подписания.
	ReasonNoRightToSign = "no-right-to-sign"

	// L04: the signer is the person named.
	ReasonSignerDiffers       = "signer-differs"
	ReasonProxySignerDiffers  = "proxy-signer-differs"
	ReasonSignerNotIdentified = "signer-not-identified"

	// L05: доверенность.
	ReasonProxyAbsent         = "proxy-absent"
	ReasonProxyNotYet         = "proxy-not-yet"
	ReasonProxyExpired        = "proxy-expired"
	ReasonProxyWithdrawn      = "proxy-withdrawn"
	ReasonProxyOtherScope     = "proxy-other-scope"
	ReasonProxyOtherBranch    = "proxy-other-branch"
	ReasonProxyOtherPerson    = "proxy-other-person"
	ReasonProxyOtherPrincipal = "proxy-other-principal"

	// L06: договор.
	ReasonNoAgreement         = "no-agreement"
	ReasonAgreementNotInForce = "agreement-not-in-force"
	ReasonNotCovered          = "not-covered"
	ReasonPlacementByHand     = "placement-by-hand"

	// L08: the fixed text.
	ReasonTextDiffers     = "text-differs"
	ReasonFastenersDiffer = "fasteners-differ"
	ReasonDataMissing     = "data-missing"
	ReasonDataForeign     = "data-foreign"

	// L08: fasteners that do not say all that the text has to (288 сноска 5).
	ReasonFastenersMissing = "fasteners-missing"
	ReasonStrandsMissing   = "strands-missing"
	ReasonDiameterMissing  = "diameter-missing"
	ReasonSizeMissing      = "size-missing"
	ReasonJibMissing       = "jib-missing"

	// L09: the norm document and the traffic.
	ReasonOutsideTechnology = "outside-technology"
	ReasonNormNotAllowed    = "norm-not-allowed"
	ReasonChapterExcluded   = "chapter-excluded"
	ReasonSectionExcluded   = "section-excluded"
	ReasonChapterNotation   = "chapter-notation"
	ReasonContainerChapter  = "container-chapter"
	ReasonTankByTU          = "tank-by-tu"
	ReasonPlacedInEmpty     = "placed-in-empty"

	// L10: МТУ and НТУ in their register.
	ReasonNormsEmpty             = "norms-empty"
	ReasonNormUnknown            = "norm-unknown"
	ReasonNormDateDiffers        = "norm-date-differs"
	ReasonNormOtherConsignor     = "norm-other-consignor"
	ReasonConsignorNotCompared   = "consignor-not-compared"
	ReasonNormCancelled          = "norm-cancelled"
	ReasonNormNotYet             = "norm-not-yet"
	ReasonNormExpired            = "norm-expired"
	ReasonNormOtherStation       = "norm-other-station"
	ReasonNoExtract              = "no-extract"
	ReasonReconciliationNegative = "reconciliation-negative"
	ReasonSchemeMissing          = "scheme-missing"
	ReasonSchemeUnknown          = "scheme-unknown"
	ReasonSchemeNotExpected      = "scheme-not-expected"

	// W07: ЭД №2 without its ЭД №1.
	ReasonNoWaybill           = "no-waybill"
	ReasonWaybillOtherVersion = "waybill-other-version"
	ReasonWaybillOtherContent = "waybill-other-content"
	ReasonWaybillChanged      = "waybill-changed"

	// W13: the electronic branch has ended.
	ReasonPaper = "paper"

	// W13: the memo or act is in a state in which this cannot come.
	ReasonClientSigned     = "client-signed"
	ReasonRejected         = "rejected"
	ReasonAutoAgreed       = "auto-agreed"
	ReasonAwaitingSpoiling = "awaiting-spoiling"
	ReasonSpoiled          = "spoiled"
	ReasonNotAwaitingSpoil = "not-awaiting-spoiling"
	ReasonNotRejected      = "not-rejected"
	ReasonStandsRejected   = "stands-rejected"
	ReasonStateUnknown     = "state-unknown"

	// W11, W12: what the carrier has to sign before (1166/р 2.9.4, 3.10).
	ReasonSupplyMissing = "supply-missing"
	ReasonSupplySpoiled = "supply-spoiled"
	ReasonStartMissing  = "start-missing"
	ReasonStartSpoiled  = "start-spoiled"

	// W15: rejections.
	ReasonReasonNotListed = "reason-not-listed"
	ReasonReasonMissing   = "reason-missing"
	ReasonGraphUnknown    = "graph-unknown"

	// W14: too late.
	ReasonAfterPresentation = "after-presentation"
	ReasonTermOver          = "term-over"

	// W16: versions.
	ReasonVersionNotNewer = "version-not-newer"
	ReasonHeld            = "held"
	ReasonHeldRefused     = "held-refused"
	ReasonReplaced        = "replaced"

	// W17: where the document was meant to go.
	ReasonDocumentUnknown    = "document-unknown"
	ReasonReceiverUnknown    = "receiver-unknown"
	ReasonAddresseeUnknown   = "addressee-unknown"
	ReasonAddresseeAmbiguous = "addressee-ambiguous"
	ReasonConsentElsewhere   = "consent-elsewhere"
	ReasonKindNotAgreed      = "kind-not-agreed"
	ReasonEnvironmentDiffers = "environment-differs"

	// W18: ЭД №1 is still being decided.
	ReasonPredecessorDeferred = "predecessor-deferred"

	// D01: check digits.
	ReasonWagonCheckDigit   = "wagon-check-digit"
	ReasonStationCheckDigit = "station-check-digit"
	ReasonCargoCheckDigit   = "cargo-check-digit"
	ReasonOKPOCheckDigit    = "okpo-check-digit"
	ReasonEDRPOUCheckDigit  = "edrpou-check-digit"
	ReasonRNOKPPCheckDigit  = "rnokpp-check-digit"
	ReasonINNCheckDigit     = "inn-check-digit"
	ReasonOGRNCheckDigit    = "ogrn-check-digit"
	ReasonSNILSCheckDigit   = "snils-check-digit"

	ReasonContainerCheckDigit = "container-check-digit"

	// D01: how a number was read that is not written in full.
	ReasonCodeRespelled = "code-respelled"
	ReasonCodeShortened = "code-shortened"
	ReasonCodeAmbiguous = "code-ambiguous"
	ReasonCodePadded    = "code-padded"

	// D02: codes and their tables.
	ReasonCodeUnknown = "code-unknown"

	// D03: values that contradict each other.
	ReasonTimeWithoutZone  = "time-without-zone"
	ReasonCreatedInFuture  = "created-in-future"
	ReasonWorkDateInFuture = "work-date-in-future"
	ReasonWagonsDiffer     = "wagons-differ"
	ReasonWagonRepeated    = "wagon-repeated"
	ReasonDeclaredDiffers  = "declared-differs"

	ReasonCompositionIncomplete = "composition-incomplete"
	ReasonMassMissing           = "mass-missing"
	ReasonNumberingDiffers      = "numbering-differs"
	ReasonWagonKindDiffers      = "wagon-kind-differs"
	ReasonRoadDiffers           = "road-differs"
	ReasonNotInDocument         = "not-in-document"
	ReasonContainerRepeated     = "container-repeated"
	ReasonLoadedInFuture        = "loaded-in-future"
	ReasonLoadedAfterPresented  = "loaded-after-presented"

	// D03: memos and acts (Д-720у 3.6, 3.9, п. 2; 1166/р 2.6).
	ReasonAnswerOtherVersion = "answer-other-version"
	ReasonAnswerOtherContent = "answer-other-content"
	ReasonMovementDiffers    = "movement-differs"
	ReasonTimesReversed      = "times-reversed"
	ReasonTimeMissing        = "time-missing"
	ReasonTimeInFuture       = "time-in-future"
	ReasonDelayDiffers       = "delay-differs"
	ReasonSupplyTimeDiffers  = "supply-time-differs"
	ReasonGroupTimeDiffers   = "group-time-differs"
	ReasonCleaningDiffers    = "cleaning-differs"
	ReasonSupplyOpen         = "supply-open"
	ReasonNumberRepeated     = "number-repeated"
	ReasonNumberOutOfRange   = "number-out-of-range"
	ReasonContainerSize      = "container-size"
	ReasonYearDerived        = "year-derived"

	ReasonConsignorDiffers  = "consignor-differs"
	ReasonIdentifierReused  = "identifier-reused"
	ReasonDatesReversed     = "dates-reversed"
	ReasonProxyDateDiffers  = "proxy-date-differs"
	ReasonEntryRepeated     = "entry-repeated"
	ReasonEntriesContradict = "entries-contradict"
)
