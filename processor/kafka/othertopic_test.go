package kafka_test

import (
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// Kafka forgets the offsets of a topic that is deleted, and the state stands at one of the old topic: what the new one
// has before that is not passed over.
func TestATopicCreatedAnewIsNotWhatWasDecided(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs(), kgo.MaxVersions(kversion.V3_0_0()))
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"), raw(1, "a approved"))
	told(t, c, 2)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	remove := kmsg.NewPtrDeleteTopicsRequest()
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = kmsg.StringPtr(rawTopic)
	remove.Topics = []kmsg.DeleteTopicsRequestTopic{topic}
	groups := kmsg.NewPtrDeleteGroupsRequest()
	groups.Groups = []string{"verdict"}
	for _, request := range []kmsg.Request{remove, groups} {
		if _, err := client.Request(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.CreateTopic(rawTopic, partitions, nil); err != nil {
		t.Fatal(err)
	}
	anew := producer(t, c.ListenAddrs())
	later := []*kgo.Record{raw(1, "b pending"), raw(1, "b approved"), raw(1, "c pending")}
	for _, r := range later {
		r.Timestamp = time.Now().Add(time.Hour)
	}
	produce(t, anew, later...)
	r := startStory(t, stateConfig(c))
	eventually(t, "readiness says which record it would pass over, and the cure", func() bool {
		err := r.Ready()
		return err != nil && strings.Contains(err.Error(), "the record at offset 0 is newer than all that was decided") &&
			strings.Contains(err.Error(), "verdict state reset")
	})
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	commitOffset(t, client, "verdict", rawTopic, 2, "") // the other cure: somebody knows better
	startStory(t, stateConfig(c))
	expect(t, told(t, c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "c pending FIRST 1")
}
