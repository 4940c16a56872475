// Package upkeep looks at what a group remembers of verifications, and moves it while the group is stopped: state is
// begun where there is none, decided anew, or brought to where the keys are after partitions were added. It knows raw
// partitions, changelogs and offsets, and nothing of what the records say.
//
// All that it writes is in transactions of a transactional id of its own, each with the position records and the
// offsets of all partitions whose changelogs it writes to, as the runner's are. So state and offset stay one cut, and a
// runner that starts meanwhile waits for the end: the offsets are unstable until then.
//
// Two things keep a group that is at work out of it. Before each transaction the group is asked for its members, and
// the offsets must still be what was seen. And the offsets are committed under the name of a member that no group has,
// without a generation: the coordinator takes that for an empty group only. (Without a name it would take offsets in a
// transaction for any group.) What is left: an instance that starts, decides and leaves between the look and the
// commit.
//
//	group.go    connection, members, offsets     part.go    a raw partition, its changelog read
//	write.go    one transaction                  begin.go, reset.go           state begun, or begun anew
//	rekey.go    after partitions were added      moves.go                     keys on their way
//	loss.go     what a changelog lacks           undecided.go                 records that keys wait for
package upkeep
