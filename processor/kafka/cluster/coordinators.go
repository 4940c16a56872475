package cluster

import (
	"context"
	"sync"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/findcoordinator"
)

// coordinators remembers which broker coordinates a group or a transactional id, until that broker fails or says that
// it does not.
type coordinators struct {
	mu    sync.Mutex
	known map[Coordinated]int32
}

// Coordinated is what a coordinator is asked about: a consumer group or a transactional id.
type Coordinated struct {
	kind kafka.CoordinatorKeyType
	id   string
}

// TransactionOf is what the coordinator of a transactional id is asked about.
func TransactionOf(id string) Coordinated {
	return Coordinated{kafka.CoordinatorKeyTypeTransaction, id}
}

// GroupOf is what the coordinator of a consumer group is asked about.
func GroupOf(id string) Coordinated { return Coordinated{kafka.CoordinatorKeyTypeConsumer, id} }

func (c *coordinators) get(key Coordinated) (int32, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	broker, ok := c.known[key]
	return broker, ok
}

func (c *coordinators) put(key Coordinated, broker int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[key] = broker
}

// forget is for all of them: what moves one most likely moves others.
func (c *coordinators) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.known)
}

// coordinatorRequest can be told where to go.
type coordinatorRequest interface {
	protocol.Message
	SendTo(broker int32)
}

// AskCoordinator sends a request to the coordinator of key.
func AskCoordinator[R protocol.Message](ctx context.Context, c *Client, key Coordinated,
	req coordinatorRequest) (R, error) {
	broker, ok := c.coordinators.get(key)
	if !ok {
		found, err := Ask[*findcoordinator.Response](ctx, c,
			&findcoordinator.Request{Key: key.id, KeyType: int8(key.kind)})
		if err == nil {
			err = Refused("FindCoordinator", key.id, found.ErrorCode)
		}
		if err != nil {
			var none R
			return none, err
		}
		broker = found.NodeID
		c.coordinators.put(key, broker)
	}
	req.SendTo(broker)
	res, err := Ask[R](ctx, c, req)
	if err != nil {
		c.coordinators.forget()
	}
	return res, err
}
