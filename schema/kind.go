package schema

// Kind of a document: the local name of its root.
type Kind string

const (
	KindWaybill      Kind = "Waybill"      // ЭД №1
	KindPlacement    Kind = "Placement"    // ЭД №2
	KindPaperSwitch  Kind = "PaperSwitch"  // переход на бумажный документооборот
	KindStaffList    Kind = "StaffList"    // список ответственных работников
	KindOfficeNotice Kind = "OfficeNotice" // ответ дороги
	KindReceipt      Kind = "Receipt"      // принято к обработке
	KindESID         Kind = "ESID"         // ЭСИД
)

// Kinds are all kinds, in the order in which documents of one consignment appear.
func Kinds() []Kind {
	return []Kind{KindWaybill, KindPlacement, KindPaperSwitch, KindStaffList, KindOfficeNotice, KindReceipt, KindESID}
}
