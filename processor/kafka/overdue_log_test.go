package kafka_test

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"verdict/processor"
)

// Words that cannot be told are said once per look, not one by one.
func TestTheLogCountsOverdueWordsThatAreNotTold(t *testing.T) {
	const n = 150
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	off := stateConfig(c)
	off.Topics[processor.RouteOverdue] = ""
	first := startStory(t, off)
	var records []*kgo.Record
	for i := range n {
		records = append(records, daysAgo(2, raw(1, fmt.Sprintf("v-%d pending", i))))
	}
	produce(t, client, records...)
	told(t, c, n)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	deleteRecords(t, c, rawTopic, 1, n)
	core, logs := observer.New(zapcore.InfoLevel)
	r := startStoryWithLog(t, stateConfig(c), zap.New(core))
	eventually(t, "they are counted", func() bool {
		return r.value("verdict_unfollowed_total", "why=notice_lost") == n
	})
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	lines, words := 0, int64(0)
	for _, line := range logs.All() {
		if _, ok := line.ContextMap()["offset"]; !ok || line.Level != zapcore.WarnLevel {
			continue
		}
		lines++
		words += line.ContextMap()["words"].(int64)
		if place := line.ContextMap()["partition"]; place != rawTopic+"/1" {
			t.Errorf("%s: partition %v", line.Message, place)
		}
	}
	if lines == 0 || lines > 5 || words != n {
		t.Errorf("%d lines in the log speak of %d words, want a few of %d", lines, words, n)
	}
}
