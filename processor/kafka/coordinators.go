package kafka

import (
	"context"
	"sync"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/findcoordinator"
)

// coordinators remembers which broker coordinates a group or a transactional id, until that broker fails or says that it does not.
type coordinators struct {
	mu    sync.Mutex
	known map[coordinated]int32
}

type coordinated struct {
	kind kafka.CoordinatorKeyType
	id   string
}

func (c *coordinators) get(key coordinated) (int32, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	broker, ok := c.known[key]
	return broker, ok
}

func (c *coordinators) put(key coordinated, broker int32) {
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
	sendTo(broker int32)
}

// askCoordinator sends a request to the coordinator of key.
func askCoordinator[R protocol.Message](ctx context.Context, c *client, key coordinated, req coordinatorRequest) (R, error) {
	broker, ok := c.coordinators.get(key)
	if !ok {
		found, err := ask[*findcoordinator.Response](ctx, c, &findcoordinator.Request{Key: key.id, KeyType: int8(key.kind)})
		if err == nil {
			err = refused("FindCoordinator", key.id, found.ErrorCode)
		}
		if err != nil {
			var none R
			return none, err
		}
		broker = found.NodeID
		c.coordinators.put(key, broker)
	}
	req.sendTo(broker)
	res, err := ask[R](ctx, c, req)
	if err != nil {
		c.coordinators.forget()
	}
	return res, err
}

func (u *unit) ownTransaction() coordinated {
	return coordinated{kafka.CoordinatorKeyTypeTransaction, u.producer.transactionalID}
}

func (u *unit) group() coordinated {
	return coordinated{kafka.CoordinatorKeyTypeConsumer, u.cfg.Group}
}
