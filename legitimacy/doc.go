// Package legitimacy answers: has this person, paper, wagon the right? A flat list of named rules,
// pure: document × registers × times → findings.
//
// The rules of the stage authenticity («проверка достоверности») ask whether sender, organisation
// and signatory may do at all what they do; those of the stage legitimacy («контроль легитимности»,
// 288 п. 2.1.4 3)б) whether the people and papers behind an ЭД №2 have the right. ЭД №1 knows only
// the first (288 п. 2.1.2), so the rules about its data stand there too. All rules of a stage are
// asked, and everything that they find is reported.
//
// Memos ГУ-45ВЦ and acts ГУ-23ВЦ come signed by the carrier, and know one stage too (1166/р 2.10,
// 3.11). What cannot be in any document refuses one; what other documents, or tables that nobody
// has published, speak against is a warning to the client, whose decision it is, unless the
// register wants it refused.
package legitimacy
