package kafka_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/rules"
)

// startWithLog runs a runner whose log the test reads.
func startWithLog(t *testing.T, cfg kafka.Config) (*running, *observer.ObservedLogs) {
	t.Helper()
	core, logs := observer.New(zapcore.InfoLevel)
	r := &running{t: t, plain: new(plain), log: zap.New(core), metrics: prometheus.NewRegistry(),
		ended: make(chan error, 1)}
	return r.start(cfg, processor.New(rules.Embedded(), r.plain, r.plain, processor.Options{Version: "test"})), logs
}

// lines are those of a level that have a text in their message or error.
func lines(logs *observer.ObservedLogs, level zapcore.Level, text string) int {
	return logs.Filter(func(line observer.LoggedEntry) bool {
		what, _ := line.ContextMap()["error"].(string)
		return line.Level == level && strings.Contains(line.Message+": "+what, text)
	}).Len()
}

// A missing raw topic is a warning before anything comes, and one line.
func TestTheLogWarnsOfAMissingRawTopic(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.RawTopics = []string{"mistyped"}
	r, logs := startWithLog(t, cfg)
	const says = "not ready: the topic mistyped is not there: create it"
	eventually(t, "it is told", func() bool { return lines(logs, zap.WarnLevel, says) == 1 })
	createTopic(t, c, "mistyped", 2)
	eventually(t, "it is told that it is ready", func() bool { return lines(logs, zap.InfoLevel, "ready") == 1 })
	if err := r.end(); err != nil || lines(logs, zap.WarnLevel, "") != 1 {
		t.Errorf("%v, the log has %v", err, logs.All())
	}
}

// Without an output topic, an instance takes no partition over from those that have one.
func TestWithoutAnOutputTopicTheGroupIsNotJoined(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.Topics[processor.RouteBilling] = "mistyped"
	r, logs := startWithLog(t, cfg)
	eventually(t, "it is told", func() bool {
		return lines(logs, zap.WarnLevel, "not ready: the topic mistyped is not there: create it") == 1
	})
	if err := r.Ready(); err == nil || !strings.Contains(err.Error(), "the topic mistyped is not there") {
		t.Errorf("readiness says %v", err)
	}
	if joins := lines(logs, zap.InfoLevel, "joining the consumer group"); joins != 0 {
		t.Errorf("the group was joined: %v", logs.All())
	}
	createTopic(t, c, "mistyped", 3)
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
}

// An instance that waits for an output topic ends when it is told to.
func TestStopWhileAnOutputTopicIsMissing(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.Topics[processor.RouteBilling] = "mistyped"
	r := start(t, cfg)
	eventually(t, "it waits", func() bool { return r.Ready() != nil && strings.Contains(r.Ready().Error(), "mistyped") })
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

// A topic that is deleted while it runs is missed before the next event.
func TestAnOutputTopicIsDeleted(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	r, logs := startWithLog(t, config(c.ListenAddrs()))
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
	deleteTopic(t, c, "risk")
	eventually(t, "it is told", func() bool {
		return lines(logs, zap.WarnLevel, "not ready: the topic risk is not there") == 1
	})
	createTopic(t, c, "risk", 2)
	eventually(t, "it is ready again", func() bool { return r.Ready() == nil })
}

// Where another process has taken the transactional id, the log says so the first time, also when the coordinator
// is busy ending a transaction at first.
func TestAFenceIsCalledOne(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	var asked atomic.Int32
	c.ControlKey(int16(kmsg.InitProducerID), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if kreq.(*kmsg.InitProducerIDRequest).ProducerID == -1 {
			return nil, nil, false
		}
		switch asked.Add(1) {
		case 1, 2:
			return withCode(kreq, kerr.ConcurrentTransactions.Code), nil, true
		default:
			return withCode(kreq, kerr.ProducerFenced.Code), nil, true
		}
	})
	cfg := config(c.ListenAddrs())
	cfg.Units, cfg.InstanceID = 1, "a"
	r, logs := startWithLog(t, cfg)
	p := producer(t, c.ListenAddrs())
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
	newEpoch(t, p, "verdict-a-0")
	produce(t, p, events(0, 4)...)
	eventually(t, "it is told", func() bool {
		return lines(logs, zap.ErrorLevel, "another process has taken over this transactional id") == 1
	})
	collect(t, c.ListenAddrs(), "decisions").until(4)
	for _, other := range []string{"timed out", "ended from outside"} {
		if lines(logs, zap.WarnLevel, other) != 0 {
			t.Errorf("the log says %q, too", other)
		}
	}
}

// A second process with the name of a member says so, as it takes that one out of the group.
func TestTheLogWarnsOfAMemberOfTheSameName(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.InstanceID = "a"
	r, first := startWithLog(t, cfg)
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
	_, second := startWithLog(t, cfg)
	const says = "a member with the name of this instance was in the consumer group"
	eventually(t, "it is told", func() bool { return lines(second, zap.WarnLevel, says) == 1 })
	if lines(first, zap.WarnLevel, says) != 0 {
		t.Error("the first one says so, too")
	}
}

// Two processes with one name shut each other out, and the log of each says so, and of no time-out.
func TestBothLogsTellOfTwoProcessesWithOneName(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.Units, cfg.InstanceID = 1, "a"
	r, first := startWithLog(t, cfg)
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
	_, second := startWithLog(t, cfg)
	p, n := producer(t, c.ListenAddrs()), 0
	eventually(t, "both tell", func() bool {
		produce(t, p, events(n, partitions)...)
		n += partitions
		const says = "another process has taken over this transactional id"
		return lines(first, zap.ErrorLevel, says) > 0 && lines(second, zap.ErrorLevel, says) > 0
	})
	for i, logs := range []*observer.ObservedLogs{first, second} {
		for _, other := range []string{"timed out", "ended from outside"} {
			if lines(logs, zap.WarnLevel, other) != 0 {
				t.Errorf("log %d says %q, too", i+1, other)
			}
		}
	}
}

// What fails again and again is said seldom.
func TestTheLogOfFailingTransactions(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	var refused atomic.Int32
	c.ControlKey(int16(kmsg.EndTxn), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		refused.Add(1)
		return withCode(kreq, kerr.InvalidTxnState.Code), nil, true
	})
	began := time.Now()
	_, logs := startWithLog(t, config(c.ListenAddrs()))
	produce(t, producer(t, c.ListenAddrs()), events(0, 4)...)
	eventually(t, "it fails", func() bool { return refused.Load() >= 8 })
	if n := logs.FilterMessageSnippet("processing again").Len(); n == 0 || n > 1+int(time.Since(began)/(9*time.Second)) {
		t.Errorf("the log has %d lines of it", n)
	}
}
