package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka"
	"verdict/rules"
)

// This file turns the configuration into what the rooms take.

// loadCatalog loads the built-in catalog, or the operator's own.
func (c *loadedConfig) loadCatalog() (*rules.Catalog, error) {
	if c.Catalog.Dir == "" {
		return rules.Embedded(), nil
	}
	if _, err := os.ReadDir(c.Catalog.Dir); err != nil {
		return nil, fmt.Errorf("%scannot read the directory: %w", c.place("catalog.dir"), err)
	}
	catalog, err := rules.Load(os.DirFS(c.Catalog.Dir))
	if err != nil {
		return nil, fmt.Errorf("%sthe catalog in %s cannot be used:\n%w", c.place("catalog.dir"), c.Catalog.Dir, err)
	}
	return catalog, nil
}

func (c *loadedConfig) processorOptions() processor.Options {
	return processor.Options{
		MetadataKeys: c.Metadata.Keys, MaxValueBytes: int(c.Limits.ValueBytes), Version: version(),
		DeadLetterDigest: c.DeadLetter.Value == deadLetterDigest,
		MinimalHeaders:   c.Output.Headers == minimalHeaders,
	}
}

// decoderOptions are those of the decoder; registry may be nil.
func (c *loadedConfig) decoderOptions(registry *codec.Registry) codec.DecoderOptions {
	formats, products := map[string]codec.Format{}, map[string]string{}
	for _, t := range c.Topics.Raw {
		formats[t.Name], _ = codec.ParseFormat(t.Format) // setRawTopics has refused others
		products[t.Name] = t.Product
	}
	return codec.DecoderOptions{
		Formats:  formats,
		Products: products,
		Limits:   codec.Limits{CollectionItems: c.Limits.CollectionItems, StringBytes: int(c.Limits.StringBytes)},
		Registry: registry,
	}
}

// kafkaConfig makes the runner's options. It reads certificates and the password's file.
func (c *loadedConfig) kafkaConfig() (kafka.Config, error) {
	k := &c.Kafka
	delivery, _ := kafka.ParseDelivery(c.Delivery) // the table of keys allows no others
	compression, _ := kafka.ParseCompression(k.Compression)
	truncation, _ := kafka.ParseTruncation(k.OnTruncation)
	cfg := kafka.Config{
		Brokers: k.Brokers, ClientID: k.ClientID, Group: k.Group, InstanceID: k.InstanceID,
		Topics: c.outputTopics(), Delivery: delivery, Compression: compression, OnTruncation: truncation,
		SessionTimeout: k.SessionTimeout, HeartbeatInterval: k.HeartbeatInterval, RebalanceTimeout: k.RebalanceTimeout,
		TransactionTimeout: k.TransactionTimeout, RequestTimeout: k.RequestTimeout,
		CommitInterval: c.Batch.CommitInterval, MaxBatchRecords: c.Batch.MaxRecords, MaxBatchBytes: int(c.Batch.MaxBytes),
		Units:                c.Batch.Units,
		SilentClusterTimeout: k.SilentTimeout, ShutdownTimeout: c.ShutdownTimeout,
	}
	for _, t := range c.Topics.Raw {
		cfg.RawTopics = append(cfg.RawTopics, t.Name)
	}
	if mistakes := append(c.addTLS(&cfg), c.addSASL(&cfg)...); len(mistakes) > 0 {
		return cfg, mistakes
	}
	return cfg, nil
}

func (c *loadedConfig) outputTopics() (topics [processor.NumRoutes]string) {
	topics[processor.RouteDecision] = c.Topics.Decisions
	topics[processor.RouteBilling] = c.Topics.Billing
	topics[processor.RouteRisk] = c.Topics.Risk
	topics[processor.RouteDeadLetter] = c.Topics.DeadLetter
	return topics
}

func (c *loadedConfig) addTLS(cfg *kafka.Config) configMistakes {
	t := &c.Kafka.TLS
	if !t.Enabled {
		return nil
	}
	config := &tls.Config{ServerName: t.ServerName, MinVersion: tls.VersionTLS12}
	mistakes := c.addAuthorities(config, "kafka.tls.ca_file", t.CAFile)
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			mistakes = append(mistakes, c.unusable("kafka.tls.cert_file", err)...)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	cfg.TLS = config
	return mistakes
}

func (c *loadedConfig) addSASL(cfg *kafka.Config) configMistakes {
	s := &c.Kafka.SASL
	if s.Mechanism == "" {
		return nil
	}
	password, err := readSecret(s.Password, s.PasswordFile)
	if err != nil {
		return c.unusable("kafka.sasl.password_file", err)
	}
	cfg.SASL = &kafka.SASL{Mechanism: s.Mechanism, Username: s.Username, Password: password}
	return nil
}

// newRegistry makes the registry's client; nil if none is configured.
func (c *loadedConfig) newRegistry() (*codec.Registry, error) {
	r := &c.Registry
	if len(r.URLs) == 0 {
		return nil, nil
	}
	password, err := readSecret(r.Password, r.PasswordFile)
	if err != nil {
		return nil, c.unusable("registry.password_file", err)
	}
	options := codec.RegistryOptions{URLs: r.URLs, Username: r.Username, Password: password, Timeout: r.Timeout}
	if r.CAFile != "" {
		options.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		if mistakes := c.addAuthorities(options.TLS, "registry.ca_file", r.CAFile); len(mistakes) > 0 {
			return nil, mistakes
		}
	}
	return codec.NewRegistry(options)
}

func (c *loadedConfig) addAuthorities(config *tls.Config, key, file string) configMistakes {
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return c.unusable(key, err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return c.unusable(key, fmt.Errorf("%s holds no certificate in PEM form", file))
	}
	return nil
}

// unusable is about a file that a setting names. It counts as a mistake in the configuration.
func (c *loadedConfig) unusable(key string, err error) configMistakes {
	return configMistakes{c.place(key) + err.Error()}
}
