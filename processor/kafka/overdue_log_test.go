package kafka_test

import (
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// Words that cannot be told are said once per look, not one by one.
func TestTheLogCountsOverdueWordsThatAreNotTold(t *testing.T) {
	const n = 150
	c := newStateCluster(t)
	leaveUntold(t, c, n)
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
