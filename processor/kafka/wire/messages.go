package wire

import "github.com/segmentio/kafka-go/protocol"

// Two messages that kafka-go declares too narrowly, declared anew in its own notation. Registering replaces kafka-go's
// own in the whole process: Client.Fetch and Client.OffsetFetch must not be used any more, here or elsewhere.
//
//   - Fetch: kafka-go's reader forgets where a batch ends, so that a compacted or empty batch would be fetched for
//     ever; it ignores a topic's log append time and drops a damaged batch without a word. Here the batches come as
//     they are, and recordbatch.go reads them.
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

type FetchTopic struct {
	Topic      string           `kafka:"min=v4,max=v11"`
	Partitions []FetchPartition `kafka:"min=v4,max=v11"`
}

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

func (r *FetchRequest) ApiKey() protocol.ApiKey { return protocol.Fetch }

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

func (r *FetchResponse) ApiKey() protocol.ApiKey { return protocol.Fetch }

type OffsetFetchRequest struct {
	_ struct{} `kafka:"min=v6,max=v7,tag"` // these versions are flexible

	GroupID       string             `kafka:"min=v6,max=v7,compact"`
	Topics        []OffsetFetchTopic `kafka:"min=v6,max=v7,compact,nullable"`
	RequireStable bool               `kafka:"min=v7,max=v7"`
}

type OffsetFetchTopic struct {
	_ struct{} `kafka:"min=v6,max=v7,tag"`

	Name       string  `kafka:"min=v6,max=v7,compact"`
	Partitions []int32 `kafka:"min=v6,max=v7,compact"`
}

func (r *OffsetFetchRequest) ApiKey() protocol.ApiKey { return protocol.OffsetFetch }

func (r *OffsetFetchRequest) Group() string { return r.GroupID }

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

type OffsetFetchedPartition struct {
	_ struct{} `kafka:"min=v6,max=v7,tag"`

	Partition   int32  `kafka:"min=v6,max=v7"`
	Offset      int64  `kafka:"min=v6,max=v7"`
	LeaderEpoch int32  `kafka:"min=v6,max=v7"`
	Metadata    string `kafka:"min=v6,max=v7,compact,nullable"`
	ErrorCode   int16  `kafka:"min=v6,max=v7"`
}

func (r *OffsetFetchResponse) ApiKey() protocol.ApiKey { return protocol.OffsetFetch }
