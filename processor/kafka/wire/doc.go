// Package wire speaks Kafka's protocol where kafka-go does not, or not well enough: requests that it declares too
// narrowly, record batches read and written byte by byte, the filter that leaves out what upstream transactions have
// aborted, and the place of a key among partitions. It knows messages and bytes; it opens no connection and asks
// nobody.
//
// Importing it replaces some of kafka-go's own messages in the whole process, see messages.go.
//
//	messages.go    fetching records and offsets     coordinator.go  what a transaction asks of coordinators
//	recordset.go   memory of what was fetched       read.go         reading record batches
//	aborted.go     upstream's aborted transactions  build.go        writing record batches
//	partitioner.go Java's murmur2                   compression.go  codecs
//	listoffsets.go offsets of many partitions
package wire
