package kafka_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestOnePartitionIsHeldBackAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	r := start(t, config(c.ListenAddrs()))
	r.plain.silent.Store(true)
	p := producer(t, c.ListenAddrs())
	produce(t, p, raw(1, "before approved"), raw(1, "silent approved"), raw(1, "silent declined"))
	produce(t, p, raw(0, "other approved"), raw(2, "another approved"))
	decisions := collect(t, c.ListenAddrs(), "decisions")
	decisions.until(3)
	for _, d := range decisions.records {
		if key := string(d.Key); key == "silent" {
			t.Errorf("%s was decided", key)
		}
	}
	eventually(t, "the metric says so", func() bool { return r.value("verdict_partitions_held") == 1 })
	eventually(t, "readiness says so", func() bool {
		err := r.Ready()
		return err != nil && strings.Contains(err.Error(), "raw/1 offset 1")
	})
	eventually(t, "what was before it is committed",
		func() bool { return r.value("verdict_lag_records", "partition=1") == 2 })
	r.plain.silent.Store(false)
	got := decisions.until(5)
	var order []string
	for _, d := range got {
		if string(d.Key) == "silent" {
			order = append(order, strings.Fields(string(d.Value))[0])
		}
	}
	if len(order) != 2 || order[0] != "raw/1/1" || order[1] != "raw/1/2" {
		t.Errorf("order %v", order)
	}
	eventually(t, "readiness is back", func() bool { return r.Ready() == nil })
	if held := r.value("verdict_partitions_held"); held != 0 {
		t.Errorf("%v partitions are held", held)
	}
}

func TestAMissingOutputTopicHoldsBack(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.Topics[1] = "later"
	r := start(t, cfg)
	produce(t, producer(t, c.ListenAddrs()), raw(1, "v approved"))
	eventually(t, "readiness names the topic", func() bool {
		err := r.Ready()
		return err != nil && strings.Contains(err.Error(), "the topic later is not there")
	})
	produce(t, producer(t, c.ListenAddrs()), raw(0, "w approved"))
	createTopic(t, c, "later", 3)
	collect(t, c.ListenAddrs(), "later").until(2)
}

func TestAMissingRawTopicIsWaitedFor(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.RawTopics = []string{rawTopic, "second"}
	r := start(t, cfg)
	p := producer(t, c.ListenAddrs())
	produce(t, p, raw(1, "v approved"))
	eventually(t, "readiness names the topic", func() bool {
		err := r.Ready()
		return err != nil && strings.Contains(err.Error(), "the topic second is not there")
	})
	collect(t, c.ListenAddrs(), "decisions").until(1)
	createTopic(t, c, "second", 2)
	produce(t, p, &kgo.Record{Topic: "second", Partition: 1, Key: []byte("w"), Value: []byte("w approved")})
	collect(t, c.ListenAddrs(), "decisions").until(2)
}

func TestAddedPartitionsAreRead(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	start(t, config(c.ListenAddrs()))
	p := producer(t, c.ListenAddrs())
	produce(t, p, events(0, 8)...)
	decisions := collect(t, c.ListenAddrs(), "decisions")
	decisions.until(8)
	addPartitions(t, c, rawTopic, partitions+2)
	late := producer(t, c.ListenAddrs())
	for i := range 2 {
		produce(t, late, raw(int32(partitions+i), fmt.Sprintf("late-%d approved", i)))
	}
	decisions.until(10)
}
