// Package workflow answers: what may happen next?
//
// A consignment note («накладная») is made of two documents, each of which needs a positive ЭСИД:
// ЭД №1 with the data of its original, then ЭД №2 with the placement and fastening of the cargo
// (288 п. 1.5, 2.1.2, 2.1.4). Instead of going on, the consignor may switch to paper, once and for
// all. States and transitions are a table; the rest of the package is how the table is asked.
//
// Two positive ЭСИД permit the wagon list, for exactly the two documents that they are on. After
// changes the consignment, Permits says what it permits, Withdrawal why a permission has ended.
//
// Памятка ГУ-45ВЦ and акт ГУ-23ВЦ start at the railway: signed by it, then signed, rejected or
// passed over in silence by the client, perhaps spoiled (1166/р). PrimaryTransitions is their
// table, MayPrimary asks it of a document, Routes say to whom goes what has become of them.
package workflow
