package kafka_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"verdict/processor/kafka"
)

func TestADeadInstancesTransactionIsTakenOver(t *testing.T) {
	t.Parallel()
	for _, mark := range []string{"", "2;2026.11.0+3f9a2c;1764288000123;"} { // that of older releases, and today's
		t.Run(mark+"id", func(t *testing.T) {
			t.Parallel()
			takeOver(t, config(newCluster(t).ListenAddrs()), mark)
		})
	}
}

func TestRealKafkaTakesOverAnOpenTransaction(t *testing.T) {
	t.Parallel()
	takeOver(t, realConfig(t, realBroker(t)), "2;2026.11.0+3f9a2c;1764288000123;")
}

// takeOver leaves a transaction open that would move an offset, as a killed instance does, and sees that a new one does
// not wait for its timeout.
func takeOver(t *testing.T, cfg kafka.Config, mark string) {
	cfg.TransactionTimeout = time.Minute
	p := producer(t, cfg.Brokers, kgo.MaxVersions(kversion.V3_0_0()))
	topic := cfg.RawTopics[0]
	for _, key := range []string{"first", "second"} {
		produce(t, p, &kgo.Record{Topic: topic, Partition: 1, Key: []byte(key), Value: []byte(key + " approved")})
	}
	dead := cfg.Group + "-dead-0"
	commitOffset(t, p, cfg.Group, topic, 1, mark+dead) // "first" was decided
	leaveOpen(t, p, cfg.Group, topic, 2, dead)         // "second" may have been, who knows
	begin := time.Now()
	r := start(t, cfg)
	got := collect(t, cfg.Brokers, cfg.Topics[1]).until(1)
	if string(got[0].Key) != "second" {
		t.Errorf("%s was decided", got[0].Key)
	}
	if took := time.Since(begin); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
	if err := r.end(); err != nil {
		t.Error(err)
	}
}

// A transaction that has published but not yet moved an offset holds up every reader of the output partition.
func TestADeadInstancesOutputIsEnded(t *testing.T) {
	t.Parallel()
	deadOutput(t, config(newCluster(t).ListenAddrs()))
}

func TestRealKafkaEndsADeadInstancesOutput(t *testing.T) {
	t.Parallel()
	deadOutput(t, realConfig(t, realBroker(t)))
}

func deadOutput(t *testing.T, cfg kafka.Config) {
	dead := cfg.Group + "-dead-0"
	p := producer(t, cfg.Brokers, kgo.MaxVersions(kversion.V3_0_0()))
	produce(t, p, &kgo.Record{Topic: cfg.RawTopics[0], Partition: 1, Key: []byte("v"), Value: []byte("v approved")})
	commitOffset(t, p, cfg.Group, cfg.RawTopics[0], 0, dead)
	killed := producer(t, cfg.Brokers, kgo.MaxVersions(kversion.V3_0_0()), kgo.TransactionalID(dead),
		kgo.TransactionTimeout(time.Minute))
	if err := killed.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for n := range int32(partitions) {
		produce(t, killed, &kgo.Record{Topic: cfg.Topics[1], Partition: n, Value: []byte("never committed")})
	}
	begin := time.Now()
	start(t, cfg)
	got := collect(t, cfg.Brokers, cfg.Topics[1]).until(1)
	if string(got[0].Key) != "v" {
		t.Errorf("got %s", got[0].Value)
	}
	if took := time.Since(begin); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
}

// Partitions that move from one living instance to another name the one before as their owner; it must not be fenced
// for that.
func TestALiveInstanceIsNotFenced(t *testing.T) {
	t.Parallel()
	brokers := newCluster(t).ListenAddrs()
	p := producer(t, brokers)
	first, second := config(brokers), config(brokers)
	first.InstanceID, second.InstanceID = "first", "second"
	a := start(t, first)
	produce(t, p, events(0, 40)...)
	c := collect(t, brokers, "decisions")
	c.until(40)
	b := start(t, second)
	eventually(t, "both have partitions", func() bool {
		return a.value("verdict_partitions_assigned") == 2 && b.value("verdict_partitions_assigned") == 2
	})
	for n := range 5 {
		produce(t, p, events(40+n*40, 40)...)
		c.until(80 + n*40)
	}
	if n := a.value("verdict_errors_total", "class=fenced") + b.value("verdict_errors_total", "class=fenced"); n != 0 {
		t.Errorf("a living instance was fenced %v times", n)
	}
}

func commitOffset(t *testing.T, cl *kgo.Client, group, topic string, offset int64, metadata string) {
	t.Helper()
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group = group
	rt := kmsg.NewOffsetCommitRequestTopic()
	rt.Topic = topic
	rp := kmsg.NewOffsetCommitRequestTopicPartition()
	rp.Partition, rp.Offset, rp.Metadata = 1, offset, &metadata
	rt.Partitions = append(rt.Partitions, rp)
	req.Topics = append(req.Topics, rt)
	again(t, func() error {
		res, err := req.RequestWith(t.Context(), cl)
		if err == nil {
			err = kerr.ErrorForCode(res.Topics[0].Partitions[0].ErrorCode)
		}
		return err
	})
}

// again repeats what a fresh broker may refuse at first.
func again(t *testing.T, do func() error) {
	t.Helper()
	var err error
	eventually(t, "a request succeeds", func() bool {
		if err = do(); err != nil {
			t.Log(err)
		}
		return err == nil
	})
}

// newEpoch makes a client the only one that may use a transactional id, once what was open has ended.
func newEpoch(t *testing.T, cl *kgo.Client, id string) (producerID int64, epoch int16) {
	t.Helper()
	again(t, func() error {
		init := kmsg.NewPtrInitProducerIDRequest()
		init.TransactionalID, init.TransactionTimeoutMillis = &id, 60_000
		init.ProducerID, init.ProducerEpoch = -1, -1
		res, err := init.RequestWith(t.Context(), cl)
		if err == nil {
			err = kerr.ErrorForCode(res.ErrorCode)
			producerID, epoch = res.ProducerID, res.ProducerEpoch
		}
		return err
	})
	return producerID, epoch
}

func leaveOpen(t *testing.T, cl *kgo.Client, group, topic string, offset int64, id string) {
	t.Helper()
	producerID, epoch := newEpoch(t, cl, id)
	again(t, func() error {
		add := kmsg.NewPtrAddOffsetsToTxnRequest()
		add.TransactionalID, add.ProducerID, add.ProducerEpoch, add.Group = id, producerID, epoch, group
		res, err := add.RequestWith(t.Context(), cl)
		if err == nil {
			err = kerr.ErrorForCode(res.ErrorCode)
		}
		return err
	})
	again(t, func() error {
		commit := kmsg.NewPtrTxnOffsetCommitRequest()
		commit.TransactionalID, commit.Group, commit.ProducerID, commit.ProducerEpoch = id, group, producerID, epoch
		commit.Generation = -1
		rt := kmsg.NewTxnOffsetCommitRequestTopic()
		rt.Topic = topic
		rp := kmsg.NewTxnOffsetCommitRequestTopicPartition()
		rp.Partition, rp.Offset = 1, offset
		rt.Partitions = append(rt.Partitions, rp)
		commit.Topics = append(commit.Topics, rt)
		res, err := commit.RequestWith(t.Context(), cl)
		if err == nil {
			err = kerr.ErrorForCode(res.Topics[0].Partitions[0].ErrorCode)
		}
		return err
	})
}
