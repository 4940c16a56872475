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

// cluster is the in-process Kafka and schema registry of the demonstration.
type cluster struct {
	kafka    *kfake.Cluster
	registry http.Server
	address  string // of the registry
}

// demoPartitions of the demonstration: more than one, so that the keys can be seen at work.
const demoPartitions = 3

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

func (c *cluster) stop() {
	_ = c.registry.Close()
	c.kafka.Close()
}

func (c *cluster) broker() string      { return c.kafka.ListenAddrs()[0] }
func (c *cluster) registryURL() string { return "http://" + c.address }

// settings point a run at this cluster. The short interval shows each decision at once; the samples are of two formats.
func (c *cluster) settings() []string {
	return []string{
		"kafka.brokers=" + c.broker(), "kafka.group=verdict-demo", "registry.url=" + c.registryURL(), "http.address=127.0.0.1:0",
		"batch.commit_interval=20ms", "log.level=warn", "topics.raw=idv.raw.v1:auto",
	}
}

// createTopics makes the topics; the raw ones have one partition, so that the output can be shown in the order of the input.
func (c *cluster) createTopics(cfg *loadedConfig) error {
	var errs []error
	create := func(topic string, partitions int32) { errs = append(errs, c.kafka.CreateTopic(topic, partitions, nil)) }
	for _, t := range cfg.Topics.Raw {
		create(t.Name, 1)
	}
	for _, topic := range outputTopicNames(cfg) {
		create(topic, demoPartitions)
	}
	return errors.Join(errs...)
}

// client connects to the cluster as any other program would.
func (c *cluster) client(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(options, kgo.SeedBrokers(c.broker()), kgo.ClientID("verdict-demo"))...)
}
