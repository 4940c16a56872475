package kafka_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor/state"
)

// isOneCut waits until the group is at an offset of a partition, and sees that the changelog's last position is there,
// too.
func isOneCut(t *testing.T, c *kfake.Cluster, client *kgo.Client, partition int32, next int64) {
	t.Helper()
	eventually(t, "the group is there", func() bool {
		return committedOffset(t, client, "verdict", partition) == next
	})
	record, _ := kept(t, c, partition)
	position, err := state.ParsePosition(record.Value)
	if err != nil {
		t.Fatal(err)
	}
	if position.Offset != next {
		t.Errorf("the group is at offset %d of partition %d, and its state at %d", next, partition, position.Offset)
	}
}

// ledAlone gives a partition's changelog a leader of its own: requests about it are then about nothing else.
func ledAlone(t *testing.T, c *kfake.Cluster, partition int32) {
	t.Helper()
	for id := range int32(partitions) {
		leader := int32(0)
		if id == partition {
			leader = 1
		}
		if err := c.MoveTopicPartition(changelog, id, leader); err != nil {
			t.Fatal(err)
		}
	}
}
