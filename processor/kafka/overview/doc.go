// Package overview looks at a consumer group from outside: its members, what each has, where the group is in each
// partition, what waits there, and since when. It asks Kafka alone, reads one record of each partition at most, writes
// nothing, and is no member of the group.
//
//	look.go    connection, and one look     view.go    what is seen     waiting.go    what waits
package overview
