// Package table keeps a compacted topic equal to a set of rows: it reads what the topic holds, and writes what differs,
// with a record without a value for what is gone, in one transaction. It knows keys and bytes, and not what they say.
//
// Of writers with one transactional id, one writes at a time. Its epoch begins before it reads: that ends what another
// one has left open, waits for a commit under way, and fences the other, whose transaction then fails. So whoever
// commits has read all that was committed before, and rows of two sets are never mixed.
//
//	table.go   Publish: connection, checks, one transaction     read.go   what the topic holds
package table
