package wire

import (
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/addoffsetstotxn"
	"github.com/segmentio/kafka-go/protocol/addpartitionstotxn"
	"github.com/segmentio/kafka-go/protocol/endtxn"
	"github.com/segmentio/kafka-go/protocol/offsetcommit"
	"github.com/segmentio/kafka-go/protocol/txnoffsetcommit"
)

// The requests that each batch sends to a coordinator, declared anew so that they can be sent to one that is known
// already: kafka-go asks some broker who it is before each of them. As in messages.go, this replaces kafka-go's own in
// the whole process.
func init() {
	protocol.Register(&AddPartitionsRequest{}, &addpartitionstotxn.Response{})
	protocol.Register(&AddOffsetsRequest{}, &addoffsetstotxn.Response{})
	protocol.Register(&EndRequest{}, &endtxn.Response{})
	protocol.Register(&TransactionOffsetsRequest{}, &txnoffsetcommit.Response{})
	protocol.Register(&OffsetsRequest{}, &offsetcommit.Response{})
}

// recipient is where to send a request.
type recipient struct{ broker int32 }

// SendTo names the broker by its id.
func (r *recipient) SendTo(broker int32) { r.broker = broker }

func (r *recipient) Broker(cluster protocol.Cluster) (protocol.Broker, error) {
	broker, ok := cluster.Brokers[r.broker]
	if !ok {
		return broker, protocol.ErrNoLeader
	}
	return broker, nil
}

// AddPartitionsRequest tells the coordinator which partitions a transaction writes to.
type AddPartitionsRequest struct {
	TransactionalID string               `kafka:"min=v0,max=v2"`
	ProducerID      int64                `kafka:"min=v0,max=v2"`
	ProducerEpoch   int16                `kafka:"min=v0,max=v2"`
	Topics          []AddPartitionsTopic `kafka:"min=v0,max=v2"`

	recipient
}

// AddPartitionsTopic names partitions of a topic.
type AddPartitionsTopic struct {
	Name       string  `kafka:"min=v0,max=v2"`
	Partitions []int32 `kafka:"min=v0,max=v2"`
}

// ApiKey is the request's number in the protocol.
func (r *AddPartitionsRequest) ApiKey() protocol.ApiKey { return protocol.AddPartitionsToTxn }

// AddOffsetsRequest tells the coordinator that a transaction commits offsets of a group.
type AddOffsetsRequest struct {
	TransactionalID string `kafka:"min=v0,max=v2"`
	ProducerID      int64  `kafka:"min=v0,max=v2"`
	ProducerEpoch   int16  `kafka:"min=v0,max=v2"`
	GroupID         string `kafka:"min=v0,max=v2"`

	recipient
}

// ApiKey is the request's number in the protocol.
func (r *AddOffsetsRequest) ApiKey() protocol.ApiKey { return protocol.AddOffsetsToTxn }

// EndRequest commits or aborts a transaction.
type EndRequest struct {
	TransactionalID string `kafka:"min=v0,max=v2"`
	ProducerID      int64  `kafka:"min=v0,max=v2"`
	ProducerEpoch   int16  `kafka:"min=v0,max=v2"`
	Committed       bool   `kafka:"min=v0,max=v2"`

	recipient
}

// ApiKey is the request's number in the protocol.
func (r *EndRequest) ApiKey() protocol.ApiKey { return protocol.EndTxn }

// TransactionOffsetsRequest names the group's generation only since version 3, the first flexible one.
type TransactionOffsetsRequest struct {
	_ struct{} `kafka:"min=v3,max=v3,tag"`

	TransactionalID string                    `kafka:"min=v0,max=v2|min=v3,max=v3,compact"`
	GroupID         string                    `kafka:"min=v0,max=v2|min=v3,max=v3,compact"`
	ProducerID      int64                     `kafka:"min=v0,max=v3"`
	ProducerEpoch   int16                     `kafka:"min=v0,max=v3"`
	GenerationID    int32                     `kafka:"min=v3,max=v3"`
	MemberID        string                    `kafka:"min=v3,max=v3,compact"`
	GroupInstanceID string                    `kafka:"min=v3,max=v3,compact,nullable"`
	Topics          []TransactionOffsetsTopic `kafka:"min=v0,max=v3"`

	recipient
}

// TransactionOffsetsTopic is a topic of a TransactionOffsetsRequest.
type TransactionOffsetsTopic struct {
	_ struct{} `kafka:"min=v3,max=v3,tag"`

	Name       string              `kafka:"min=v0,max=v2|min=v3,max=v3,compact"`
	Partitions []TransactionOffset `kafka:"min=v0,max=v3"`
}

// TransactionOffset is where the group goes on in a partition.
type TransactionOffset struct {
	_ struct{} `kafka:"min=v3,max=v3,tag"`

	Partition            int32  `kafka:"min=v0,max=v3"`
	CommittedOffset      int64  `kafka:"min=v0,max=v3"`
	CommittedLeaderEpoch int32  `kafka:"min=v2,max=v3"`
	CommittedMetadata    string `kafka:"min=v0,max=v2|min=v3,max=v3,nullable,compact"`
}

// ApiKey is the request's number in the protocol.
func (r *TransactionOffsetsRequest) ApiKey() protocol.ApiKey { return protocol.TxnOffsetCommit }

// OffsetsRequest commits offsets outside of a transaction.
type OffsetsRequest struct {
	GroupID         string         `kafka:"min=v0,max=v7"`
	GenerationID    int32          `kafka:"min=v1,max=v7"`
	MemberID        string         `kafka:"min=v1,max=v7"`
	RetentionTimeMs int64          `kafka:"min=v2,max=v4"`
	GroupInstanceID string         `kafka:"min=v7,max=v7,nullable"`
	Topics          []OffsetsTopic `kafka:"min=v0,max=v7"`

	recipient
}

// OffsetsTopic is a topic of an OffsetsRequest.
type OffsetsTopic struct {
	Name       string   `kafka:"min=v0,max=v7"`
	Partitions []Offset `kafka:"min=v0,max=v7"`
}

// Offset is where the group goes on in a partition.
type Offset struct {
	PartitionIndex       int32  `kafka:"min=v0,max=v7"`
	CommittedOffset      int64  `kafka:"min=v0,max=v7"`
	CommitTimestamp      int64  `kafka:"min=v1,max=v1"`
	CommittedLeaderEpoch int32  `kafka:"min=v6,max=v7"`
	CommittedMetadata    string `kafka:"min=v0,max=v7,nullable"`
}

// ApiKey is the request's number in the protocol.
func (r *OffsetsRequest) ApiKey() protocol.ApiKey { return protocol.OffsetCommit }
