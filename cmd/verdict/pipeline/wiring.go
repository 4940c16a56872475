package pipeline

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"slices"

	"verdict/cmd/verdict/config"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// This file turns the configuration into what the rooms take.

func processorOptions(c *config.Loaded, version string) processor.Options {
	options := processor.Options{
		MetadataKeys: c.Metadata.Keys, MaxValueBytes: int(c.Limits.ValueBytes), Version: version,
		DeadLetterDigest: c.DeadLetter.Value == config.DeadLetterDigest,
		MinimalHeaders:   c.Output.Headers == config.MinimalHeaders,
		Retention:        c.State.Retention, PublishRepeats: c.State.Repeats == config.RepeatsPublish,
	}
	for route, topic := range c.Outputs() {
		options.Off[route] = topic == ""
	}
	return options
}

// decoderOptions are those of the decoder; registry may be nil.
func decoderOptions(c *config.Loaded, r *Rules, registry *codec.Registry) codec.DecoderOptions {
	topics := map[string]codec.TopicOptions{}
	for _, t := range c.Topics.Raw {
		integration, _ := codec.ParseIntegration(t.Integration) // setRawTopics has refused others
		topics[t.Name] = codec.TopicOptions{
			Format: t.Format, Product: t.Product, Account: t.Account, Integration: integration,
		}
	}
	return codec.DecoderOptions{
		Formats:  r.Formats,
		Topics:   topics,
		Limits:   codec.Limits{CollectionItems: c.Limits.CollectionItems, StringBytes: int(c.Limits.StringBytes)},
		Registry: registry,
	}
}

// KafkaConfig makes the runner's options. It reads certificates and the password's file. The settings of topics are not
// among them: a runner does not look at them, and may run with topics that they do not name. See TopicsConfig.
func KafkaConfig(c *config.Loaded) (kafka.Config, error) {
	k := &c.Kafka
	delivery, _ := kafka.ParseDelivery(c.Delivery) // the table of keys allows no others
	compression, _ := wire.ParseCompression(k.Compression)
	truncation, _ := kafka.ParseTruncation(k.OnTruncation)
	growth, _ := kafka.ParseGrowth(c.State.OnGrowth)
	cfg := kafka.Config{
		Connection: cluster.Connection{Brokers: k.Brokers, ClientID: k.ClientID, RequestTimeout: k.RequestTimeout},
		Group:      k.Group, InstanceID: k.InstanceID,
		Topics: c.Outputs(), Delivery: delivery, Compression: compression, OnTruncation: truncation,
		State:          kafka.State{Enabled: c.StateOn(), Retention: c.State.Retention, Growth: growth},
		SessionTimeout: k.SessionTimeout, HeartbeatInterval: k.HeartbeatInterval, RebalanceTimeout: k.RebalanceTimeout,
		TransactionTimeout: k.TransactionTimeout,
		CommitInterval:     c.Batch.CommitInterval, MaxBatchRecords: c.Batch.MaxRecords,
		MaxBatchBytes:        int(c.Batch.MaxBytes),
		Units:                c.Batch.Units,
		SilentClusterTimeout: k.SilentTimeout, ShutdownTimeout: c.ShutdownTimeout,
	}
	for _, t := range c.Topics.Raw {
		cfg.RawTopics = append(cfg.RawTopics, t.Name)
	}
	if mistakes := slices.Concat(addTLS(c, &cfg), addSASL(c, &cfg)); len(mistakes) > 0 {
		return cfg, mistakes
	}
	return cfg, nil
}

func addTLS(c *config.Loaded, cfg *kafka.Config) config.Mistakes {
	t := &c.Kafka.TLS
	if !t.Enabled {
		return nil
	}
	client := &tls.Config{ServerName: t.ServerName, MinVersion: tls.VersionTLS12}
	mistakes := addAuthorities(c, client, "kafka.tls.ca_file", t.CAFile)
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			mistakes = append(mistakes, unusable(c, "kafka.tls.cert_file", err)...)
		}
		client.Certificates = []tls.Certificate{pair}
	}
	cfg.TLS = client
	return mistakes
}

func addSASL(c *config.Loaded, cfg *kafka.Config) config.Mistakes {
	s := &c.Kafka.SASL
	if s.Mechanism == "" {
		return nil
	}
	password, err := config.ReadSecret(s.Password, s.PasswordFile)
	if err != nil {
		return unusable(c, "kafka.sasl.password_file", err)
	}
	cfg.SASL = &cluster.SASL{Mechanism: s.Mechanism, Username: s.Username, Password: password}
	return nil
}

// NewRegistry makes the registry's client; nil if none is configured.
func NewRegistry(c *config.Loaded) (*codec.Registry, error) { return newRegistry(c, nil) }

// newRegistry is the same for who wants to be told of requests that failed.
func newRegistry(c *config.Loaded, failed func()) (*codec.Registry, error) {
	r := &c.Registry
	if len(r.URLs) == 0 {
		return nil, nil
	}
	password, err := config.ReadSecret(r.Password, r.PasswordFile)
	if err != nil {
		return nil, unusable(c, "registry.password_file", err)
	}
	options := codec.RegistryOptions{URLs: r.URLs, Username: r.Username, Password: password, Timeout: r.Timeout,
		Failed: failed}
	if r.CAFile != "" {
		options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		if mistakes := addAuthorities(c, options.TLS, "registry.ca_file", r.CAFile); len(mistakes) > 0 {
			return nil, mistakes
		}
	}
	return codec.NewRegistry(options)
}

func addAuthorities(c *config.Loaded, to *tls.Config, key, file string) config.Mistakes {
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return unusable(c, key, err)
	}
	to.RootCAs = x509.NewCertPool()
	if !to.RootCAs.AppendCertsFromPEM(pem) {
		return unusable(c, key, fmt.Errorf("%s holds no certificate in PEM form", file))
	}
	return nil
}

// unusable is about a file that a setting names. It counts as a mistake in the configuration.
func unusable(c *config.Loaded, key string, err error) config.Mistakes {
	return config.Mistakes{c.Place(key) + err.Error()}
}
