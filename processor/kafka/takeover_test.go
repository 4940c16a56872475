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
	takeOver(t, config(cluster(t).ListenAddrs()))
}

func TestRealKafkaTakesOverAnOpenTransaction(t *testing.T) {
	takeOver(t, realConfig(t, realBroker(t)))
}

// takeOver leaves a transaction open that would move an offset, as a killed instance does, and sees that a new one does not wait
// for its timeout.
func takeOver(t *testing.T, cfg kafka.Config) {
	cfg.TransactionTimeout = time.Minute
	p := producer(t, cfg.Brokers, kgo.MaxVersions(kversion.V3_0_0()))
	topic := cfg.RawTopics[0]
	for _, key := range []string{"first", "second"} {
		produce(t, p, &kgo.Record{Topic: topic, Partition: 1, Key: []byte(key), Value: []byte(key + " approved")})
	}
	dead := cfg.Group + "-dead-0"
	commitOffset(t, p, cfg.Group, topic, 1, dead) // "first" was decided
	leaveOpen(t, p, cfg.Group, topic, 2, dead)    // "second" may have been, who knows
	begin := time.Now()
	r := start(t, cfg)
	got := collect(t, cfg.Brokers, cfg.Topics[1]).until(1)
	if string(got[0].Key) != "second" {
		t.Errorf("%s was decided", got[0].Key)
	}
	if took := time.Since(begin); took > 15*time.Second {
		t.Errorf("it took %s", took)
	}
	if n := r.value("verdict_errors_total", "class=unstable"); n == 0 {
		t.Error("no offset was unstable: the test shows nothing")
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

func leaveOpen(t *testing.T, cl *kgo.Client, group, topic string, offset int64, id string) {
	t.Helper()
	var producerID int64
	var epoch int16
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
