// Package transact writes for one transactional id: outputs and the group's offsets in one transaction, or, at least
// once, the one beside the other. A Session does not know what is read or why; it has no loop, no partition and no
// state of work, so what runs on another goroutine than the unit's cannot reach any of these.
//
//	session.go   epoch, sequences, fences       deliver.go   one transaction, in the protocol's order
//	announce.go  beginning it early             requests.go  its requests
//	publish.go   sending record batches         outputs.go   what a transaction holds
//	mark.go      what is told beside an offset
package transact
