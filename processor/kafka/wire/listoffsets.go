package wire

import (
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/listoffsets"
)

// listOffsetsKey is how kafka-go tells this request from its own. Unlike those of messages.go it replaces nothing.
const listOffsetsKey protocol.OverrideTypeKey = 1

func init() {
	protocol.RegisterOverride(&ListOffsetsRequest{}, &listoffsets.Response{}, listOffsetsKey)
}

// ListOffsetsRequest asks one leader for offsets of any number of partitions. kafka-go splits its own request into one
// for each partition, each on a connection of its own. A broker refuses a request that names a partition twice.
type ListOffsetsRequest struct {
	ReplicaID      int32                      `kafka:"min=v1,max=v5"`
	IsolationLevel int8                       `kafka:"min=v2,max=v5"`
	Topics         []listoffsets.RequestTopic `kafka:"min=v1,max=v5"`

	recipient
}

// ApiKey is that of kafka-go's own request.
func (r *ListOffsetsRequest) ApiKey() protocol.ApiKey { return protocol.ListOffsets }

// TypeKey makes kafka-go write this request by its own fields.
func (r *ListOffsetsRequest) TypeKey() protocol.OverrideTypeKey { return listOffsetsKey }
