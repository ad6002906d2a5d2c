// Package codes answers: what does this code stand for on that day? Railway administrations, roads,
// the stations of each road, the members of the Customs Union, kinds and ownership of wagons, the
// operations and remarks of memos, sizes of containers.
//
// The tables are data, not program: each row says where it is known from, only what is attested is
// in them, and an operator who has the real ones puts them in their place. A code that a shipped
// table lacks is therefore not a wrong code; it is one of which this installation cannot say anything.
// Tables.Complete says of which table that is so.
package codes
