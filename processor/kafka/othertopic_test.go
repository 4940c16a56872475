package kafka_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"verdict/processor/state"
)

// Kafka forgets the offsets of a topic that is deleted, and the state stands at one of the old topic: what the new one
// has before that is not passed over.
func TestATopicCreatedAnewIsNotWhatWasDecided(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs(), byName())
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"), raw(1, "a approved"))
	told(t, c, 2)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	recreateAndForget(t, c)
	anew := producer(t, c.ListenAddrs())
	later := []*kgo.Record{raw(1, "b pending"), raw(1, "b approved"), raw(1, "c pending")}
	for _, r := range later {
		r.Timestamp = time.Now().Add(time.Hour)
	}
	produce(t, anew, later...)
	r := startStory(t, stateConfig(c))
	r.says("the record at offset 0 is newer than all that was decided", "verdict state reset")
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	commitOffset(t, client, "verdict", rawTopic, 2, "") // the other cure: somebody knows better
	startStory(t, stateConfig(c))
	expect(t, told(t, c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "c pending FIRST 1")
}

// byName has a client name topics by name: it would go on with the id of the one that was deleted.
func byName() kgo.Opt { return kgo.MaxVersions(kversion.V3_0_0()) }

// recreateAndForget creates the raw topic anew. Kafka forgets the group's offsets with a topic, and so does this.
func recreateAndForget(t *testing.T, c *kfake.Cluster) {
	t.Helper()
	recreate(t, c, rawTopic)
	groups := kmsg.NewPtrDeleteGroupsRequest()
	groups.Groups = []string{"verdict"}
	if _, err := groups.RequestWith(t.Context(), producer(t, c.ListenAddrs())); err != nil {
		t.Fatal(err)
	}
}

// A new topic that is still shorter than the old offset is not begun there either: once that were committed, nothing
// would tell it from an offset of the new topic.
func TestATopicCreatedAnewAndStillEmptyIsNotGoneOnWith(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs(), byName())
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"), raw(1, "a approved"), raw(1, "b pending"))
	told(t, c, 3)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	recreateAndForget(t, c)
	held := startStory(t, stateConfig(c))
	held.says("its state stands at offset 3, but the topic ends at 0", "verdict state reset --yes")
	if err := held.end(); err != nil {
		t.Fatal(err)
	}
	if at := committedOffset(t, client, "verdict", 1); at >= 0 {
		t.Fatalf("offset %d of the old topic is committed", at)
	}
	var later []*kgo.Record
	for range 5 {
		r := raw(1, "c pending")
		r.Timestamp = time.Now().Add(time.Hour)
		later = append(later, r)
	}
	produce(t, producer(t, c.ListenAddrs()), later...)
	startStory(t, stateConfig(c)).says("the record at offset 0 is newer than all that was decided")
	if at := committedOffset(t, client, "verdict", 1); at >= 0 {
		t.Fatalf("offset %d of the old topic is committed", at)
	}
}

// An offset before the state's may be committed to the new topic, by hand. That it is another topic is told all the
// same.
func TestAnOffsetCommittedToATopicCreatedAnew(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs(), byName())
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"), raw(1, "a approved"))
	told(t, c, 2)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	olderState(t, c, 1, 10*time.Minute)
	recreate(t, c, rawTopic)
	produce(t, producer(t, c.ListenAddrs()), raw(1, "b pending"), raw(1, "b approved"), raw(1, "c pending"))
	commitOffset(t, client, "verdict", rawTopic, 0, "")
	startStory(t, stateConfig(c)).says("the record at offset 0 is newer than all that was decided",
		"verdict state reset --yes")
}

// olderState has the state of a partition written so much earlier.
func olderState(t *testing.T, c *kfake.Cluster, partition int32, by time.Duration) {
	t.Helper()
	record, _ := kept(t, c, partition)
	position, err := state.ParsePosition(record.Value)
	if err != nil {
		t.Fatal(err)
	}
	position.Clock -= by.Milliseconds()
	produce(t, producer(t, c.ListenAddrs()), &kgo.Record{Topic: changelog, Partition: partition,
		Key: state.PositionKey, Value: position.Append(nil)})
}

// A new topic that has grown within a minute is known by its first record, which is newer than all that was decided.
func TestATopicCreatedAnewAndGrownAtOnceIsNotGoneOnWith(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	first := startStory(t, stateConfig(c))
	produce(t, producer(t, c.ListenAddrs()), raw(1, "a pending"), raw(1, "a approved"))
	told(t, c, 2)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	recreateAndForget(t, c)
	later := []*kgo.Record{raw(1, "b pending"), raw(1, "b approved"), raw(1, "c pending")}
	for _, r := range later {
		r.Timestamp = time.Now().Add(10 * time.Second)
	}
	produce(t, producer(t, c.ListenAddrs()), later...)
	startStory(t, stateConfig(c)).says("the record at offset 0 is newer than all that was decided")
}
