// Package local is a Kafka and a schema registry in this process, for the demonstration, the bench and tests.
package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

// Cluster is a Kafka and a schema registry in this process, on loopback ports.
type Cluster struct {
	Kafka    *kfake.Cluster
	registry http.Server
	address  string // of the registry
}

// Start starts both; Stop ends them.
func Start(ctx context.Context) (*Cluster, error) {
	kafka, err := kfake.NewCluster(
		kfake.NumBrokers(1),
		kfake.BrokerConfigs(map[string]string{"group.initial.rebalance.delay.ms": "0"}),
	)
	if err != nil {
		return nil, fmt.Errorf("the in-process Kafka does not start: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		kafka.Close()
		return nil, fmt.Errorf("the in-process registry does not start: %w", err)
	}
	c := &Cluster{Kafka: kafka, address: listener.Addr().String()}
	c.registry.Handler = srfake.NewRegistry().Handler()
	c.registry.ReadHeaderTimeout = 5 * time.Second
	go func() { _ = c.registry.Serve(listener) }() // ends with http.ErrServerClosed in Stop
	return c, nil
}

// Stop ends Kafka and registry, with all that they hold.
func (c *Cluster) Stop() {
	_ = c.registry.Close()
	c.Kafka.Close()
}

// Broker is the Kafka's address, host:port.
func (c *Cluster) Broker() string { return c.Kafka.ListenAddrs()[0] }

// RegistryURL is the schema registry's address.
func (c *Cluster) RegistryURL() string { return "http://" + c.address }

// CreateTopics makes topics with so many partitions each, which keep what they have.
func (c *Cluster) CreateTopics(partitions int32, names ...string) error {
	var errs []error
	for _, name := range names {
		errs = append(errs, c.Kafka.CreateTopic(name, partitions, map[string]string{"retention.ms": "-1"}))
	}
	return errors.Join(errs...)
}

// Client connects to the cluster as any other program would.
func (c *Cluster) Client(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(options, kgo.SeedBrokers(c.Broker()), kgo.ClientID("verdict-local"))...)
}
