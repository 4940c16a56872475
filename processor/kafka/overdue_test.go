package kafka_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor"
)

// daysAgo is a raw record that was written so many days before now.
func daysAgo(days int, r *kgo.Record) *kgo.Record {
	r.Timestamp = time.Now().Add(-time.Duration(days) * 24 * time.Hour)
	return r
}

// A word that nothing follows is told once, whoever has the partition; one that is answered, however late, is not told
// while the answer waits to be read.
func TestOverdueIsToldOnce(t *testing.T) {
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	overdue := collect(t, c.ListenAddrs(), "overdue")
	var answered []*kgo.Record
	for _, id := range []string{"b", "c", "d"} {
		answered = append(answered, daysAgo(2, raw(1, id+" pending")), daysAgo(1, raw(1, id+" approved")))
	}
	produce(t, client, append(answered, daysAgo(2, raw(1, "a pending")), raw(1, "e pending"))...)
	r := startStory(t, stateConfig(c))
	told(t, c, 8)
	got := overdue.until(1)
	if string(got[0].Key) != "a" {
		t.Fatalf("%s is told to be overdue", got[0].Key)
	}
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	again := startStory(t, stateConfig(c))
	produce(t, client, daysAgo(2, raw(2, "f pending")))
	if got := overdue.until(2); string(got[1].Key) != "f" {
		t.Fatalf("%s is told to be overdue", got[1].Key)
	}
	produce(t, client, raw(1, "a approved"))
	expect(t, told(t, c, 10), "a approved ADVANCED 2", "a pending FIRST 1", "b approved ADVANCED 2", "b pending FIRST 1",
		"c approved ADVANCED 2", "c pending FIRST 1", "d approved ADVANCED 2", "d pending FIRST 1", "e pending FIRST 1",
		"f pending FIRST 1")
	if n := again.value("verdict_published_total", "route="+processor.RouteOverdue.String()); n != 1 {
		t.Errorf("%v notices are counted, want 1", n)
	}
	if n := again.value("verdict_overdue_total", "vocabulary=yousign-video"); n != 1 {
		t.Errorf("%v notices of the vocabulary are counted, want 1", n)
	}
}

// Where the raw record is gone there is no notice; it is counted, and not looked for again.
func TestANoticeWithoutItsRecordIsCounted(t *testing.T) {
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	off := stateConfig(c)
	off.Topics[processor.RouteOverdue] = ""
	first := startStory(t, off)
	produce(t, client, daysAgo(2, raw(1, "a pending")))
	told(t, c, 1)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	deleteRecords(t, c, rawTopic, 1, 1)
	r := startStory(t, stateConfig(c))
	eventually(t, "it is counted", func() bool { return r.value("verdict_unfollowed_total", "why=notice_lost") == 1 })
	produce(t, client, daysAgo(2, raw(1, "b pending")))
	if got := collect(t, c.ListenAddrs(), "overdue").until(1); string(got[0].Key) != "b" {
		t.Errorf("%s is told to be overdue", got[0].Key)
	}
	if n := r.value("verdict_unfollowed_total", "why=notice_lost"); n != 1 {
		t.Errorf("it is counted %v times", n)
	}
}

// leaveUntold has n words decided that are overdue, by a process that has no topic for notices and then ends.
func leaveUntold(t *testing.T, c *kfake.Cluster, n int) {
	t.Helper()
	off := stateConfig(c)
	off.Topics[processor.RouteOverdue] = ""
	first := startStory(t, off)
	var records []*kgo.Record
	for i := range n {
		records = append(records, daysAgo(2, raw(1, fmt.Sprintf("v-%d pending", i))))
	}
	produce(t, producer(t, c.ListenAddrs()), records...)
	told(t, c, n)
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
}

// A flood of overdue words is told as a whole, each once, though some of their records are gone.
func TestAFloodOfOverdueWords(t *testing.T) {
	const n = 500
	c := newStateCluster(t)
	leaveUntold(t, c, n)
	const gone = 10
	deleteRecords(t, c, rawTopic, 1, gone)
	r := startStory(t, stateConfig(c))
	keys := map[string]bool{}
	for _, notice := range collect(t, c.ListenAddrs(), "overdue").until(n - gone) {
		keys[string(notice.Key)] = true
	}
	if len(keys) != n-gone {
		t.Errorf("%d verifications are told of, want %d", len(keys), n-gone)
	}
	eventually(t, "those that are gone are counted", func() bool {
		return r.value("verdict_unfollowed_total", "why=notice_lost") == gone
	})
}
