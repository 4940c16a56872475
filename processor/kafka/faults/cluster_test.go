//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"
	"golang.org/x/sync/errgroup"
)

// cluster is one broker or three.
type cluster struct {
	t       testing.TB
	brokers []*broker
	admin   *kgo.Client // the suite's own, not through the proxies
}

const needLib = `VERDICT_TEST_KAFKA_LIB is not set: it names a directory with the jars of Apache Kafka. ` +
	`".ci/install" fetches them and prints where they are (KAFKA_LIB), "make faults" does all of it`

// startCluster starts count brokers, with extra lines in their configuration, and waits until all are in the cluster.
// Without jars the test is skipped.
func startCluster(t testing.TB, dir string, count int, extra string) *cluster {
	t.Helper()
	lib := os.Getenv("VERDICT_TEST_KAFKA_LIB")
	if lib == "" {
		t.Skip(needLib)
	}
	if jars, _ := filepath.Glob(filepath.Join(lib, "kafka-clients-*.jar")); len(jars) == 0 {
		t.Fatalf("VERDICT_TEST_KAFKA_LIB: there is no kafka-clients-*.jar in %s", lib)
	}
	c := &cluster{t: t}
	if err := c.configure(dir, lib, count, extra); err != nil {
		t.Fatal(err)
	}
	for _, b := range c.brokers {
		b.start()
	}
	if err := c.await(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.admin = c.client()
	return c
}

func (c *cluster) configure(dir, lib string, count int, extra string) error {
	var voters []string
	var listeners [][slots]int
	for i := range count {
		id := int32(i + 1)
		home := filepath.Join(dir, fmt.Sprintf("broker-%d", id))
		if err := os.MkdirAll(home, 0o700); err != nil {
			return err
		}
		b, ports := newBroker(c.t, id, home, lib)
		c.brokers, listeners = append(c.brokers, b), append(listeners, ports)
		voters = append(voters, fmt.Sprintf("%d@%s", id, loopback(b.quorum)))
	}
	var work errgroup.Group
	for i, b := range c.brokers {
		work.Go(func() error {
			return errors.Join(b.writeConfig(strings.Join(voters, ","), listeners[i], count, max(1, count-1), extra),
				b.format("VerdictFaultsSuite0000"))
		})
	}
	return work.Wait()
}

// await waits until each broker answers and each knows of all.
func (c *cluster) await(ctx context.Context) error {
	for _, b := range c.brokers {
		if err := b.await(ctx); err != nil {
			return err
		}
	}
	client := c.client()
	return poll(ctx, brokerStart, "the cluster", func() error {
		l, err := askLayout(ctx, client)
		if err == nil && len(l.brokers) < len(c.brokers) {
			err = fmt.Errorf("%d of %d brokers are there", len(l.brokers), len(c.brokers))
		}
		return err
	})
}

// client is a client of the suite's own, past the proxies. It ends with the test.
func (c *cluster) client(options ...kgo.Opt) *kgo.Client {
	c.t.Helper()
	var seeds []string
	for _, b := range c.brokers {
		seeds = append(seeds, loopback(b.inner))
	}
	// Newer versions of some requests name topics by id only.
	options = append([]kgo.Opt{kgo.SeedBrokers(seeds...), kgo.ClientID("faults"), kgo.MaxVersions(kversion.V3_9_0())},
		options...)
	client, err := kgo.NewClient(options...)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(client.Close)
	return client
}

// bootstrap are the brokers' addresses for the instance of a slot.
func (c *cluster) bootstrap(slot int) string {
	var addresses []string
	for _, b := range c.brokers {
		addresses = append(addresses, b.proxies[slot].address)
	}
	return strings.Join(addresses, ",")
}

// network sets the state of a slot's network to all brokers.
func (c *cluster) network(slot int, state network) {
	for _, b := range c.brokers {
		b.proxies[slot].set(state)
	}
}

func (c *cluster) broker(id int32) *broker { return c.brokers[id-1] }
