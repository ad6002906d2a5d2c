// Package spool answers: how do documents reach a back office that exchanges files, and how do its
// files reach us?
//
// One folder, on one file system, holds everything. A message is up to three files of one NAME:
// NAME.xml is the document, its exact bytes; NAME.p7s the detached CMS signature over them (DER),
// when there is one; NAME.meta lines of «key: value» about them. Every file is written under tmp/,
// synced, and renamed to its place, NAME.meta last: where it is, the others are, whole.
//
//	tmp/                what is being written, by either side
//	out/<destination>/  what we send; NAME is the message id. The back office takes the files away
//	in/                 what the back office sends; NAME is its choice of letters, digits, «.», «_», «-»
//	in/done/            what we have taken, until it is removed after Keep
//	in/dead/            what we can never take, with NAME.reason saying why
//
// Out: Deliver returns nil when the files are in their place and that is on disk. After a crash the
// same message is written again, with the same names and bytes, so that a back office that has taken
// it drops the second by its name.
//
// In: files are taken in the order of their names, one at a time. NAME.meta may hold sha256 (hex) of
// NAME.xml and signature-cms, then NAME.p7s must be there; an empty one will do. A NAME.xml without
// NAME.meta is left alone: it is still being written; once it is older than Settle, Check tells of it.
// NAME.xml may be the envelope of another system, whatever its format: Config.Unwrap takes the document out.
// Files are moved to done/ only after the gateway's one write; after a crash between the two they are
// submitted again, and the gateway knows them. Links, folders and other names are left alone and
// counted. A message on which the gateway fails lets the others pass, and is dead after five tries; a
// gateway that is not ready is waited for. The latest dead message of a NAME has that NAME; those
// before it are NAME~2, NAME~3 and so on.
package spool
