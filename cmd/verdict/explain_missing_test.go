package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/cmd/verdict/show"
)

// partitionZero has its client write where it is told, which is 0 where nothing is.
var partitionZero = kgo.RecordPartitioner(kgo.ManualPartitioner())

// truncate takes the records before an offset, as retention does.
func (s *storyStage) truncate(topic string, partition int32, offset int64) {
	s.t.Helper()
	of := kmsg.NewDeleteRecordsRequestTopicPartition()
	of.Partition, of.Offset = partition, offset
	in := kmsg.NewDeleteRecordsRequestTopic()
	in.Topic, in.Partitions = topic, append(in.Partitions, of)
	request := kmsg.NewPtrDeleteRecordsRequest()
	request.Topics = append(request.Topics, in)
	response, err := request.RequestWith(s.t.Context(), s.client)
	if err == nil {
		err = kerr.ErrorForCode(response.Topics[0].Partitions[0].ErrorCode)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestExplainNoRecord: each reason for which a place has no record has its own words.
func TestExplainNoRecord(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	plain := func(c *kgo.Client, topic, key string, n int) {
		for i := range n {
			record := &kgo.Record{Topic: topic, Key: []byte(key), Value: fmt.Appendf(nil, "%d", i)}
			if err := c.ProduceSync(t.Context(), record).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.connect(partitionZero)
	plain(s.client, storyRaw, "k", 3)
	s.truncate(storyRaw, 0, 2)
	s.connect(partitionZero, kgo.TransactionalID("someone"))
	begin := func() {
		if err := s.client.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
	}
	end := func(commit kgo.TransactionEndTry) {
		if err := s.client.EndTransaction(context.Background(), commit); err != nil {
			t.Fatal(err)
		}
	}
	begin()
	plain(s.client, storyRaw, "k", 1)
	plain(s.client, "idv.decisions.v1", "k", 1)
	end(kgo.TryAbort)
	begin()
	plain(s.client, storyRaw, "k", 1)
	s.settings = append(s.settings, "topics.overdue=words.v1")
	compacted := map[string]string{"cleanup.policy": "compact"}
	if err := s.cluster.Kafka.CreateTopic("words.v1", 1, compacted); err != nil {
		t.Fatal(err)
	}
	other, err := s.cluster.Client(partitionZero)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	plain(other, "words.v1", "j", 1)
	plain(other, "words.v1", "k", 2)
	plain(other, "words.v1", "l", 1)
	s.cluster.Kafka.Compact()

	for place, words := range map[string]string{
		storyRaw + "/0/0":       "was removed, by retention or by hand: the partition begins at offset 2 now",
		storyRaw + "/0/3":       "its producer has taken the record back",
		storyRaw + "/0/4":       "the mark with which a transaction ends",
		storyRaw + "/0/5":       "a transaction is open from offset 5 on: try again when it has ended",
		storyRaw + "/0/6":       "not there yet: the next one will have offset 6",
		storyRaw + "/4/0":       "the topic has only 4 partitions, counted from 0",
		"idv.decisions.v1/0/0":  "what counts was written again behind it",
		"words.v1/0/1":          "compaction has removed the record",
		"idv.deadletter.v1/0/0": "not there yet: the next one will have offset 0",
	} {
		out, errs := s.command(exitFailure, "explain", place)
		contains(t, errs, place+": ", words)
		if out != "" {
			t.Errorf("of no record is said:\n%s", out)
		}
	}
	_, errs := s.command(exitFailure, "explain", "idv.other.v1/0/0", "--set", "topics.risk=idv.other.v1")
	contains(t, errs, "idv.other.v1/0/0: the topic is not there: check its name")
	_, errs = s.command(exitFailure, "explain", storyRaw+"/0/2")
	contains(t, errs, "nothing was found that is published")
	_, errs = s.command(exitFailure, "explain", "words.v1/0/2")
	contains(t, errs, "words.v1/0/2: the overdue notice cannot be read: malformed JSON")
}

// TestExplainNotFound: where nothing is found, it says how far it looked, what that may come from and what to do.
func TestExplainNotFound(t *testing.T) {
	t.Parallel()
	s := newStoryStage(t)
	now := time.Now()
	p := s.start()
	first := s.sayRaw("v-1", approvedOne, now)
	repeat := s.sayRaw("v-1", approvedOne, now)
	late := s.sayRaw("v-2", declinedTwo, now.Add(-3*time.Hour))
	s.placesOf("idv.decisions.v1", "v-1", 1)
	ahead := s.sayRaw("v-3", strings.ReplaceAll(approvedOne, "v-1", "v-3"), now.Add(30*time.Second))
	farAhead := s.sayRaw("v-4", strings.ReplaceAll(approvedOne, "v-1", "v-4"), now.Add(10*time.Minute))
	for _, id := range []string{"v-2", "v-3", "v-4"} {
		s.placesOf("idv.decisions.v1", id, 1)
	}
	s.stop(p)
	waiting := s.sayRaw("v-1", pendingOne, now)

	e := s.explained(exitFailure, repeat)
	said := strings.Join(e.NotFound, "\n")
	contains(t, said, "It may be a repeat", "`verdict state show v-1`")
	lacks(t, said, "--within", "Retention", "is not known")
	if e.Result != show.ExplainedUnknown || e.Published != nil || e.Present == nil || len(e.Sought.Partitions) != 2 ||
		e.Sought.Partitions[0].To == 0 || e.Sought.From == "" {
		t.Errorf("a repeat is explained as %+v, sought in %+v", e, e.Sought)
	}
	e = s.explained(exitFailure, late)
	contains(t, strings.Join(e.NotFound, "\n"),
		"It may have been decided later, or its producer's clock was wrong: look further with --within 4h")
	if e := s.explained(exitOK, late, "--within", "4h"); e.Published == nil || e.Later != "" {
		t.Errorf("looked for further, %s is explained as %+v", late, e)
	}
	s.explained(exitOK, ahead)
	e = s.explained(exitFailure, farAhead)
	contains(t, strings.Join(e.NotFound, "\n"), "its producer's clock is ahead", "look further with --within 70h")
	s.explained(exitOK, farAhead, "--within", "300h")
	e = s.explained(exitFailure, waiting)
	contains(t, strings.Join(e.NotFound, "\n"), "The group verdict has not come that far, or was set back: it stands at offset ")
	text, errs := s.command(exitFailure, "explain", late)
	contains(t, text, "Nothing was found that is published for it\n- ", "It was looked for from ", "idv.decisions.v1/0  ",
		"nothing of that time")
	contains(t, errs, "verdict: nothing was found that is published for the record")

	decision := s.placesOf("idv.decisions.v1", "v-1", 1)[0]
	s.truncate("idv.decisions.v1", 0, s.cluster.Kafka.PartitionInfo("idv.decisions.v1", 0).HighWatermark-1)
	e = s.explained(exitFailure, first)
	contains(t, strings.Join(e.NotFound, "\n"), "Retention may have taken it: idv.decisions.v1/0 begins at offset ")
	_, errs = s.command(exitFailure, "explain", decision)
	contains(t, errs, "was removed")
	// A risk event leads to its raw record through its decision.
	e = s.explained(exitFailure, s.placesOf("idv.risk.v1", "v-2", 1)[0])
	contains(t, e.RawMissing, "a risk event does not name it, and its decision ", "retention may have taken it")
}
