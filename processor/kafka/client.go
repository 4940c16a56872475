package kafka

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/findcoordinator"
	"github.com/segmentio/kafka-go/protocol/metadata"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// metadataTTL bounds the age of what is known about topics and their leaders.
const metadataTTL = 2 * time.Second

// client sends requests, each with its own deadline, and knows when the cluster last answered.
type client struct {
	addr       net.Addr
	silent     *silence
	transport  *kafka.Transport
	timeout    time.Duration
	lastAnswer atomic.Int64 // nanoseconds since 1970

	coordinators coordinators
}

// newClient makes a client that keeps metadata about topics only.
func newClient(cfg Config, clientID string, topics []string) (*client, error) {
	mechanism, err := cfg.mechanism()
	if err != nil {
		return nil, err
	}
	silent := newSilence(cfg.Brokers)
	c := &client{
		addr:         controlAddress(cfg.Brokers),
		silent:       silent,
		timeout:      cfg.RequestTimeout,
		coordinators: coordinators{known: map[coordinated]int32{}},
		transport: &kafka.Transport{
			Dial:           newControlConns(silent, min(cfg.RequestTimeout, answerTimeout)).dial,
			ClientID:       clientID,
			TLS:            cfg.TLS,
			SASL:           mechanism,
			MetadataTTL:    metadataTTL,
			MetadataTopics: topics,
		},
	}
	c.answered()
	return c, nil
}

func (c Config) mechanism() (sasl.Mechanism, error) {
	if c.SASL == nil {
		return nil, nil
	}
	switch c.SASL.Mechanism {
	case "PLAIN":
		return plain.Mechanism{Username: c.SASL.Username, Password: c.SASL.Password}, nil
	case "SCRAM-SHA-256":
		return scram.Mechanism(scram.SHA256, c.SASL.Username, c.SASL.Password)
	default:
		return scram.Mechanism(scram.SHA512, c.SASL.Username, c.SASL.Password)
	}
}

func (c *client) close() {
	c.transport.CloseIdleConnections()
	c.silent.close()
}

func (c *client) answered() { c.lastAnswer.Store(time.Now().UnixNano()) }

// silence is the time since the last answer.
func (c *client) silence() time.Duration { return time.Since(time.Unix(0, c.lastAnswer.Load())) }

// ask sends a request; the answer's type must be R.
func ask[R protocol.Message](ctx context.Context, c *client, req protocol.Message) (R, error) {
	return askWithin[R](ctx, c, c.timeout, req)
}

func askWithin[R protocol.Message](ctx context.Context, c *client, timeout time.Duration, req protocol.Message) (R, error) {
	var none R
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	res, err := c.transport.RoundTrip(ctx, c.addr, req)
	if err != nil {
		return none, fmt.Errorf("%s: %w", req.ApiKey(), err)
	}
	c.answered()
	return res.(R), nil
}

// layout is which broker leads which partition of the topics that the client knows about.
type layout struct {
	leaders map[string][]int32 // by topic and partition; -1: none at the moment
	read    time.Time
}

// layout reads the transport's own copy of the metadata, which is at most metadataTTL old.
func (c *client) layout(ctx context.Context) (layout, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	res, err := c.transport.RoundTrip(ctx, c.addr, &metadata.Request{})
	if err != nil {
		return layout{}, fmt.Errorf("Metadata: %w", err)
	}
	l := layout{leaders: map[string][]int32{}, read: time.Now()}
	for _, topic := range res.(*metadata.Response).Topics {
		if topic.ErrorCode == int16(kafka.TopicAuthorizationFailed) {
			return l, refused("Metadata", "topic "+topic.Name, topic.ErrorCode)
		}
		leaders := make([]int32, len(topic.Partitions))
		for _, p := range topic.Partitions {
			if int(p.PartitionIndex) < len(leaders) {
				leaders[p.PartitionIndex] = p.LeaderID
			}
		}
		l.leaders[topic.Name] = leaders
	}
	return l, nil
}

func (l layout) leader(topic string, partition int32) int32 {
	if leaders := l.leaders[topic]; int(partition) < len(leaders) {
		return leaders[partition]
	}
	return -1
}

// partitions is the number of partitions; 0 if the topic is not there.
func (l layout) partitions(topic string) int32 { return int32(len(l.leaders[topic])) }

// all lists the partitions of all topics.
func (l layout) all() []kafka.Partition {
	var list []kafka.Partition
	for topic, leaders := range l.leaders {
		for id := range leaders {
			list = append(list, kafka.Partition{Topic: topic, ID: id})
		}
	}
	return list
}

// ping asks any broker for something that every user may ask.
func (r *Runner) ping(ctx context.Context) error {
	_, err := ask[*findcoordinator.Response](ctx, r.client, &findcoordinator.Request{Key: r.cfg.Group})
	return err
}

// ownGroup says whether a transactional id is one of this group's.
func (r *Runner) ownGroup(transactionalID string) bool {
	return strings.HasPrefix(transactionalID, r.cfg.Group+"-")
}
