package wire

import "github.com/segmentio/kafka-go/protocol"

// Two messages that kafka-go declares too narrowly, declared anew in its own notation. Registering replaces kafka-go's
// own in the whole process: Client.Fetch and Client.OffsetFetch must not be used any more, here or elsewhere.
//
//   - Fetch: kafka-go's reader forgets where a batch ends, so that a compacted or empty batch would be fetched for
//     ever; it ignores a topic's log append time and drops a damaged batch without a word. Here the batches come as
//     they are, and read.go reads them.
//   - OffsetFetch: kafka-go stops at version 5; the answer that waits for open transactions (RequireStable) began with
//     7.
func init() {
	protocol.Register(&FetchRequest{}, &FetchResponse{})
	protocol.Register(&OffsetFetchRequest{}, &OffsetFetchResponse{})
}

// Isolation levels.
const (
	ReadUncommitted = 0
	ReadCommitted   = 1
)

// FetchRequest asks one broker for records; SendTo names it.
type FetchRequest struct {
	ReplicaID       int32            `kafka:"min=v4,max=v11"`
	MaxWaitTime     int32            `kafka:"min=v4,max=v11"`
	MinBytes        int32            `kafka:"min=v4,max=v11"`
	MaxBytes        int32            `kafka:"min=v4,max=v11"`
	IsolationLevel  int8             `kafka:"min=v4,max=v11"`
	SessionID       int32            `kafka:"min=v7,max=v11"`
	SessionEpoch    int32            `kafka:"min=v7,max=v11"`
	Topics          []FetchTopic     `kafka:"min=v4,max=v11"`
	ForgottenTopics []forgottenTopic `kafka:"min=v7,max=v11"`
	RackID          string           `kafka:"min=v11,max=v11"`

	recipient
}

// FetchTopic is a topic of a FetchRequest. It may be named several times: a broker fills its answer in this order.
type FetchTopic struct {
	Topic      string           `kafka:"min=v4,max=v11"`
	Partitions []FetchPartition `kafka:"min=v4,max=v11"`
}

// FetchPartition says from where on, and how much at most.
type FetchPartition struct {
	Partition          int32 `kafka:"min=v4,max=v11"`
	CurrentLeaderEpoch int32 `kafka:"min=v9,max=v11"`
	FetchOffset        int64 `kafka:"min=v4,max=v11"`
	LogStartOffset     int64 `kafka:"min=v5,max=v11"`
	PartitionMaxBytes  int32 `kafka:"min=v4,max=v11"`
}

type forgottenTopic struct {
	Topic      string  `kafka:"min=v7,max=v11"`
	Partitions []int32 `kafka:"min=v7,max=v11"`
}

// ApiKey is the request's number in the protocol.
func (r *FetchRequest) ApiKey() protocol.ApiKey { return protocol.Fetch }

// FetchResponse has what a broker gave.
type FetchResponse struct {
	ThrottleTimeMs int32          `kafka:"min=v4,max=v11"`
	ErrorCode      int16          `kafka:"min=v7,max=v11"`
	SessionID      int32          `kafka:"min=v7,max=v11"`
	Topics         []fetchedTopic `kafka:"min=v4,max=v11"`
}

type fetchedTopic struct {
	Topic      string             `kafka:"min=v4,max=v11"`
	Partitions []FetchedPartition `kafka:"min=v4,max=v11"`
}

// FetchedPartition has record batches as they are in the log, those of aborted transactions as well.
type FetchedPartition struct {
	Partition            int32                `kafka:"min=v4,max=v11"`
	ErrorCode            int16                `kafka:"min=v4,max=v11"`
	HighWatermark        int64                `kafka:"min=v4,max=v11"`
	LastStableOffset     int64                `kafka:"min=v4,max=v11"`
	LogStartOffset       int64                `kafka:"min=v5,max=v11"`
	AbortedTransactions  []abortedTransaction `kafka:"min=v4,max=v11"`
	PreferredReadReplica int32                `kafka:"min=v11,max=v11"`
	RecordSet            recordSet            `kafka:"min=v4,max=v11"`
}

type abortedTransaction struct {
	ProducerID  int64 `kafka:"min=v4,max=v11"`
	FirstOffset int64 `kafka:"min=v4,max=v11"`
}

// ApiKey is the request's number in the protocol.
func (r *FetchResponse) ApiKey() protocol.ApiKey { return protocol.Fetch }

// OffsetFetchRequest asks for the offsets of a consumer group.
type OffsetFetchRequest struct {
	_ struct{} `kafka:"min=v6,max=v7,tag"` // these versions are flexible

	GroupID       string             `kafka:"min=v6,max=v7,compact"`
	Topics        []OffsetFetchTopic `kafka:"min=v6,max=v7,compact,nullable"`
	RequireStable bool               `kafka:"min=v7,max=v7"`
}

// OffsetFetchTopic names partitions of a topic.
type OffsetFetchTopic struct {
	_ struct{} `kafka:"min=v6,max=v7,tag"`

	Name       string  `kafka:"min=v6,max=v7,compact"`
	Partitions []int32 `kafka:"min=v6,max=v7,compact"`
}

// ApiKey is the request's number in the protocol.
func (r *OffsetFetchRequest) ApiKey() protocol.ApiKey { return protocol.OffsetFetch }

// Group has kafka-go send the request to the group's coordinator.
func (r *OffsetFetchRequest) Group() string { return r.GroupID }

// OffsetFetchResponse has the group's offsets.
type OffsetFetchResponse struct {
	_ struct{} `kafka:"min=v6,max=v7,tag"`

	ThrottleTimeMs int32                `kafka:"min=v6,max=v7"`
	Topics         []offsetFetchedTopic `kafka:"min=v6,max=v7,compact"`
	ErrorCode      int16                `kafka:"min=v6,max=v7"`
}

type offsetFetchedTopic struct {
	_ struct{} `kafka:"min=v6,max=v7,tag"`

	Name       string                   `kafka:"min=v6,max=v7,compact"`
	Partitions []OffsetFetchedPartition `kafka:"min=v6,max=v7,compact"`
}

// OffsetFetchedPartition is the group's offset in a partition; -1: none.
type OffsetFetchedPartition struct {
	_ struct{} `kafka:"min=v6,max=v7,tag"`

	Partition   int32  `kafka:"min=v6,max=v7"`
	Offset      int64  `kafka:"min=v6,max=v7"`
	LeaderEpoch int32  `kafka:"min=v6,max=v7"`
	Metadata    string `kafka:"min=v6,max=v7,compact,nullable"`
	ErrorCode   int16  `kafka:"min=v6,max=v7"`
}

// ApiKey is the request's number in the protocol.
func (r *OffsetFetchResponse) ApiKey() protocol.ApiKey { return protocol.OffsetFetch }
