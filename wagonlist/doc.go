// Package wagonlist answers: what does the regulation add to the wagon list?
//
// The wagon list («вагонный лист») itself is formed by the consignor's system. Into its lower part the
// technology N 288 (п. 1.8) puts the text of ЭД №2 on placement and fastening, who has signed that, and
// a line for the railway's worker who checks it. Sheet is that part as data; XML and PDF write it down.
//
// A Sheet is made of verified documents only, and holds nothing that the signatures do not cover but
// the ids by which document and permission are found again.
package wagonlist
