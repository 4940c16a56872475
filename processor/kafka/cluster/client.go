package cluster

import (
	"context"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/metadata"
)

// MetadataTTL bounds the age of what is known about topics and their leaders.
const MetadataTTL = 2 * time.Second

// Client sends requests, each with its own deadline, and knows when the cluster last answered.
type Client struct {
	addr       net.Addr
	silent     *silence
	transport  *kafka.Transport
	Timeout    time.Duration
	lastAnswer atomic.Int64 // nanoseconds since 1970

	coordinators coordinators
}

// NewClient makes a client that keeps metadata about topics only. It connects when it is asked for something.
func NewClient(to Connection, topics []string) (*Client, error) {
	mechanism, err := to.mechanism()
	if err != nil {
		return nil, err
	}
	silent := newSilence(to.Brokers)
	c := &Client{
		addr:         controlAddress(to.Brokers),
		silent:       silent,
		Timeout:      to.RequestTimeout,
		coordinators: coordinators{known: map[Coordinated]int32{}},
		transport: &kafka.Transport{
			Dial:           newControlConns(silent, min(to.RequestTimeout, AnswerTimeout)).dial,
			ClientID:       to.ClientID,
			TLS:            to.TLS,
			SASL:           mechanism,
			MetadataTTL:    MetadataTTL,
			MetadataTopics: topics,
		},
	}
	c.Answered()
	return c, nil
}

// Close ends the connections.
func (c *Client) Close() {
	c.transport.CloseIdleConnections()
	c.silent.close()
}

// Answered notes that the cluster has answered, for Silence.
func (c *Client) Answered() { c.lastAnswer.Store(time.Now().UnixNano()) }

// ForgetCoordinators is for when a broker says that it does not coordinate what it was asked about.
func (c *Client) ForgetCoordinators() { c.coordinators.forget() }

// Silence is the time since the last answer.
func (c *Client) Silence() time.Duration { return time.Since(time.Unix(0, c.lastAnswer.Load())) }

// Ask sends a request; the answer's type must be R.
func Ask[R protocol.Message](ctx context.Context, c *Client, req protocol.Message) (R, error) {
	return AskWithin[R](ctx, c, c.Timeout, req)
}

// AskWithin is Ask with a limit of its own.
func AskWithin[R protocol.Message](ctx context.Context, c *Client, timeout time.Duration,
	req protocol.Message) (R, error) {
	var none R
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	res, err := c.transport.RoundTrip(ctx, c.addr, req)
	if err != nil {
		return none, fmt.Errorf("%s: %w", req.ApiKey(), err)
	}
	c.Answered()
	return res.(R), nil
}

// Layout is which broker leads which partition of the topics that the client knows about.
type Layout struct {
	Leaders map[string][]int32 // by topic and partition; -1: none at the moment
	ReadAt  time.Time
}

// Layout reads the transport's own copy of the metadata, which is at most MetadataTTL old.
func (c *Client) Layout(ctx context.Context) (Layout, error) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	res, err := c.transport.RoundTrip(ctx, c.addr, &metadata.Request{})
	if err != nil {
		return Layout{}, fmt.Errorf("Metadata: %w", err)
	}
	l := Layout{Leaders: map[string][]int32{}, ReadAt: time.Now()}
	for _, topic := range res.(*metadata.Response).Topics {
		if topic.ErrorCode == int16(kafka.TopicAuthorizationFailed) {
			return l, Refused("Metadata", "topic "+topic.Name, topic.ErrorCode)
		}
		leaders := make([]int32, len(topic.Partitions))
		for _, p := range topic.Partitions {
			if int(p.PartitionIndex) < len(leaders) {
				leaders[p.PartitionIndex] = p.LeaderID
			}
		}
		l.Leaders[topic.Name] = leaders
	}
	return l, nil
}

// Leader is the broker that leads a partition; -1: none, or it is not known.
func (l Layout) Leader(topic string, partition int32) int32 {
	if leaders := l.Leaders[topic]; int(partition) < len(leaders) {
		return leaders[partition]
	}
	return -1
}

// Partitions is the number of partitions; 0 if the topic is not there.
func (l Layout) Partitions(topic string) int32 { return int32(len(l.Leaders[topic])) }

// All lists the partitions of all topics.
func (l Layout) All() []kafka.Partition {
	var list []kafka.Partition
	for topic, leaders := range l.Leaders {
		for id := range leaders {
			list = append(list, kafka.Partition{Topic: topic, ID: id})
		}
	}
	return list
}

// Millis is a duration as requests have it.
func Millis(d time.Duration) int32 { return int32(d / time.Millisecond) }
