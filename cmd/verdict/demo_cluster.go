package main

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

// cluster is a Kafka and a schema registry in this process, on loopback ports.
type cluster struct {
	kafka    *kfake.Cluster
	registry http.Server
	address  string // of the registry
}

// startCluster starts both; stop ends them.
func startCluster(ctx context.Context) (*cluster, error) {
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
	c := &cluster{kafka: kafka, address: listener.Addr().String()}
	c.registry.Handler = srfake.NewRegistry().Handler()
	c.registry.ReadHeaderTimeout = 5 * time.Second
	go func() { _ = c.registry.Serve(listener) }() // ends with http.ErrServerClosed in stop
	return c, nil
}

// stop ends Kafka and registry, with all that they hold.
func (c *cluster) stop() {
	_ = c.registry.Close()
	c.kafka.Close()
}

// broker is the Kafka's address, host:port.
func (c *cluster) broker() string { return c.kafka.ListenAddrs()[0] }

// registryURL is the schema registry's address.
func (c *cluster) registryURL() string { return "http://" + c.address }

// createTopics makes topics with so many partitions each.
func (c *cluster) createTopics(partitions int32, names ...string) error {
	var errs []error
	for _, name := range names {
		errs = append(errs, c.kafka.CreateTopic(name, partitions, nil))
	}
	return errors.Join(errs...)
}

// client connects to the cluster as any other program would.
func (c *cluster) client(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(options, kgo.SeedBrokers(c.broker()), kgo.ClientID("verdict-local"))...)
}
