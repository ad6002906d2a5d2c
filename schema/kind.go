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
	KindMemo         Kind = "Memo"         // памятка приемосдатчика ГУ-45ВЦ
	KindAct          Kind = "Act"          // акт общей формы ГУ-23ВЦ
	KindApproval     Kind = "Approval"     // подпись Клиента под памяткой, актом
	KindRejection    Kind = "Rejection"    // отклонение памятки, акта
	KindStateReport  Kind = "StateReport"  // состояние документа, сообщенное дорогой
	KindMovements    Kind = "Movements"    // копия сообщения 1397
	KindStateNotice  Kind = "StateNotice"  // извещение шлюза о состоянии документа
)

// Kinds are all kinds: those of a consignment, then those that start at the railway, then what the
// gateway itself says, each in the order in which they appear.
func Kinds() []Kind {
	return []Kind{
		KindWaybill, KindPlacement, KindPaperSwitch, KindStaffList, KindOfficeNotice,
		KindMovements, KindMemo, KindAct, KindApproval, KindRejection, KindStateReport,
		KindStateNotice, KindReceipt, KindESID,
	}
}
