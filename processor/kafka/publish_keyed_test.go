package kafka_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/wire"
)

// Each record lies in the partition where another client would put its key, in the order of writing.
func TestPublishKeyed(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(5, "raw"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	to := cluster.Connection{Brokers: c.ListenAddrs()}
	p, err := kafka.NewKeyedPublisher(t.Context(), to, "raw", wire.CompressionLZ4)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	const n, keys = 1000, 37
	key := func(i int) string { return fmt.Sprintf("verification-%d", i%keys) }
	var records []processor.Record
	for i := range n {
		records = append(records, processor.Record{Key: []byte(key(i)), Value: fmt.Appendf(nil, "%d", i)})
	}
	for len(records) > 0 {
		some := min(len(records), 300)
		if err := p.Publish(t.Context(), records[:some]...); err != nil {
			t.Fatal(err)
		}
		records = records[some:]
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics("raw"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	places := kgo.StickyKeyPartitioner(nil).ForTopic("raw")
	last := map[string]int{}
	for read := 0; read < n; {
		fetches := client.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		for _, r := range fetches.Records() {
			read++
			var i int
			if _, err := fmt.Sscan(string(r.Value), &i); err != nil || key(i) != string(r.Key) {
				t.Fatalf("the value %s has the key %s", r.Value, r.Key)
			}
			if before, seen := last[key(i)]; seen && i <= before {
				t.Errorf("%s: %d comes after %d", r.Key, i, before)
			}
			last[key(i)] = i
			if want := places.Partition(&kgo.Record{Key: r.Key}, 5); int(r.Partition) != want {
				t.Errorf("%s is in partition %d, another client writes it into %d", r.Key, r.Partition, want)
			}
		}
	}
}

func TestPublishKeyedNeedsItsTopic(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, err = kafka.NewKeyedPublisher(t.Context(), cluster.Connection{Brokers: c.ListenAddrs()}, "absent",
		wire.CompressionNone)
	if err == nil || !strings.Contains(err.Error(), "the topic absent is not there: create it") {
		t.Errorf("error %v", err)
	}
}
