package kafka_test

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"verdict/processor/kafka"
)

// grow gives the raw topic and its changelog so many partitions.
func grow(t *testing.T, c *kfake.Cluster, n int32) {
	t.Helper()
	addPartitions(t, c, rawTopic, n)
	addPartitions(t, c, changelog, n)
}

// A partition that was added waits until what is known of its keys has been moved, unless the operator gives that up.
func TestAddedPartitions(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	grow(t, c, 2*partitions)
	r := startStory(t, stateConfig(c))
	r.says(fmt.Sprintf("%s/%d was added", rawTopic, partitions), "verdict state rekey")
	client = producer(t, c.ListenAddrs())
	produce(t, client, raw(partitions, "b pending"), raw(1, "a approved"))
	told(t, c, 2)
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	cfg := stateConfig(c)
	cfg.State.Growth = kafka.GrowthContinue
	startStory(t, cfg)
	expect(t, told(t, c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "b pending FIRST 1")
}

// Where the topic has grown by no multiple, keys have moved between the old partitions, too: all wait, also those that
// nothing is known of, and those that this instance has at hand.
func TestGrownByNoMultiple(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	r := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	grow(t, c, partitions+1)
	r.says(fmt.Sprintf("from %d partitions to %d", partitions, partitions+1), "verdict state rekey")
	eventually(t, "all are held", func() bool { return r.value("verdict_partitions_held") == partitions+1 })
	produce(t, client, raw(0, "b pending"), raw(1, "a approved"))
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	r = startStory(t, stateConfig(c))
	r.says(fmt.Sprintf("%s/1: its topic has grown from %d partitions to %d", rawTopic, partitions, partitions+1))
	eventually(t, "all are held", func() bool { return r.value("verdict_partitions_held") == partitions+1 })
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	told(t, c, 1)
	cfg := stateConfig(c)
	cfg.State.Growth = kafka.GrowthContinue
	startStory(t, cfg)
	expect(t, told(t, c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "b pending FIRST 1")
}

// The group's offsets are gone, and with them the note of how many partitions there were: an added partition waits
// until one of the others tells it again, whichever is restored first, and then for `rekey`.
func TestAddedPartitionsWithoutOffsets(t *testing.T) {
	t.Parallel()
	for _, units := range []int{1, 2 * partitions} {
		t.Run(fmt.Sprint(units), func(t *testing.T) {
			c := newStateCluster(t)
			client := producer(t, c.ListenAddrs(), kgo.MaxVersions(kversion.V3_0_0()))
			first := startStory(t, stateConfig(c))
			produce(t, client, raw(1, "a pending"))
			told(t, c, 1)
			if err := first.end(); err != nil {
				t.Fatal(err)
			}
			req := kmsg.NewPtrDeleteGroupsRequest()
			req.Groups = []string{"verdict"}
			if _, err := req.RequestWith(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			grow(t, c, 2*partitions)
			cfg := stateConfig(c)
			cfg.Units = units
			r := startStory(t, cfg)
			r.says(fmt.Sprintf("%s/%d was added", rawTopic, partitions), "verdict state rekey")
			eventually(t, "the added ones are held, and only they", func() bool {
				return r.value("verdict_partitions_held") == partitions
			})
			produce(t, producer(t, c.ListenAddrs()), raw(partitions, "b pending"), raw(1, "a approved"))
			expect(t, told(t, c, 2), "a pending FIRST 1", "a approved ADVANCED 2")
		})
	}
}
