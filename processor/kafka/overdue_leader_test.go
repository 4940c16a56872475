package kafka_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor"
)

// A partition whose old records cannot be had holds back its own notices, and no other's.
func TestNoticesOfOthersDoNotWaitForAPartition(t *testing.T) {
	c := newStateCluster(t)
	var records []*kgo.Record
	for id := range int32(partitions) {
		records = append(records, daysAgo(2, raw(id, fmt.Sprintf("v-%d pending", id))),
			raw(id, fmt.Sprintf("w-%d pending", id)))
	}
	off := stateConfig(c)
	off.Topics[processor.RouteOverdue] = ""
	first := startStory(t, off)
	produce(t, producer(t, c.ListenAddrs()), records...)
	told(t, c, 2*partitions)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	var asked atomic.Bool
	c.ControlKey(int16(kmsg.Fetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		for _, topic := range kreq.(*kmsg.FetchRequest).Topics {
			for _, p := range topic.Partitions {
				if topic.Topic == rawTopic && p.Partition == 0 && p.FetchOffset == 0 {
					asked.Store(true)
					return nil, errors.New("cut"), true
				}
			}
		}
		return nil, nil, false
	})
	cfg := stateConfig(c)
	cfg.Units = 1
	startStory(t, cfg)
	notices := collect(t, c.ListenAddrs(), "overdue")
	notices.poll(10*time.Second, partitions-1)
	keys := map[string]bool{}
	for _, r := range notices.records {
		keys[string(r.Key)] = true
	}
	if len(keys) != partitions-1 || keys["v-0"] || !asked.Load() {
		t.Errorf("told of %v, want all but v-0", keys)
	}
}
