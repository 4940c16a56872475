package kafka_test

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// The right to read a changelog is taken away in the midst of a restore: the partition is held, with what to grant; the
// others go on. Once the right is given again, it is restored in full and goes on.
func TestStateWithoutTheRightToReadIt(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t, kfake.SeedTopics(1, "raw2"))
	createChangelog(t, c, kafka.Changelog("verdict", "raw2"), 1)
	ledAlone(t, c, 1)
	client := producer(t, c.ListenAddrs())
	cfg := stateConfig(c)
	cfg.RawTopics, cfg.Units = []string{rawTopic, "raw2"}, 1
	first := startStory(t, cfg)
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	produce(t, client, raw(1, "b pending"))
	told(t, c, 2)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	c.ControlKey(int16(kmsg.Fetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if req := kreq.(*kmsg.FetchRequest); readsChangelog(req, 1) {
			oneBatch(req)
		}
		return nil, nil, false
	})
	taken := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Topic: changelog, Partitions: []int32{1},
		Err: kerr.TopicAuthorizationFailed, Count: -1, When: func(kreq kmsg.Request) bool {
			return !ofTheTest(kreq) && fetches(kreq.(*kmsg.FetchRequest), changelog, 1, 1)
		}})
	second := startStory(t, cfg)
	second.says("the state of raw/1 cannot be restored", changelog+"/1", "grant READ and DESCRIBE on the topic")
	other := raw(0, "c pending")
	other.Topic = "raw2"
	produce(t, client, raw(1, "a approved"), raw(2, "d pending"), other)
	expect(t, told(t, c, 4), "a pending FIRST 1", "b pending FIRST 1", "c pending FIRST 1", "d pending FIRST 1")
	taken.Remove()
	produce(t, client, raw(1, "b pending"), raw(1, "b declined"))
	expect(t, told(t, c, 6), "a pending FIRST 1", "b pending FIRST 1", "c pending FIRST 1", "d pending FIRST 1",
		"a approved ADVANCED 2", "b declined ADVANCED 2")
	isOneCut(t, c, client, 1, 5)
	eventually(t, "it is ready", func() bool { return second.Ready() == nil })
}

// Without any right to a changelog brokers do not even say who leads which partition: it ends, with what to grant.
func TestStateWithoutAnyRightToIt(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata, kmsg.Fetch, kmsg.ListOffsets}, Topic: changelog,
		Err: kerr.TopicAuthorizationFailed, Count: -1})
	startStory(t, stateConfig(c)).endsWith("Metadata, topic " + changelog + ": error 29 Topic Authorization Failed: grant")
}

// The right to write a changelog is taken away in mid-run: it ends with what to grant, and neither offset nor output
// goes beyond the state. Once the right is given again, the next process goes on from there.
func TestStateWithoutTheRightToWriteIt(t *testing.T) {
	for _, key := range []kmsg.Key{kmsg.AddPartitionsToTxn, kmsg.Produce} {
		t.Run(key.Name(), func(t *testing.T) {
			t.Parallel()
			c := newStateCluster(t)
			client := producer(t, c.ListenAddrs())
			first := startStory(t, stateConfig(c))
			produce(t, client, raw(1, "a pending"))
			told(t, c, 1)
			isOneCut(t, c, client, 1, 1)
			taken := c.Fault(kfake.Fault{Keys: []kmsg.Key{key}, Topic: changelog, Err: kerr.TopicAuthorizationFailed,
				Count: -1})
			produce(t, client, raw(1, "a approved"))
			first.endsWith("READ and WRITE on the changelogs")
			isOneCut(t, c, client, 1, 1)
			told(t, c, 1)
			taken.Remove()
			startStory(t, stateConfig(c))
			produce(t, client, raw(1, "a approved"), raw(1, "a declined"))
			expect(t, told(t, c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "a declined REVERSED 3")
			isOneCut(t, c, client, 1, 4)
		})
	}
}
