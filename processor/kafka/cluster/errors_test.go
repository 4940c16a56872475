package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/twmb/franz-go/pkg/kerr"
)

func TestClassify(t *testing.T) {
	code := func(c *kerr.Error) error { return Refused("Api", "what", c.Code) }
	for _, c := range []struct {
		err  error
		want Class
	}{
		{nil, ClassNone}, {Refused("Api", "what", 0), ClassNone},
		{io.EOF, ClassRetry}, {context.DeadlineExceeded, ClassRetry}, {protocol.ErrNoLeader, ClassRetry},
		{kafka.BrokerNotAvailable, ClassRetry},
		{code(kerr.ConcurrentTransactions), ClassRetry}, {code(kerr.CoordinatorLoadInProgress), ClassRetry},
		{code(kerr.CoordinatorNotAvailable), ClassRetry}, {code(kerr.NotCoordinator), ClassRetry},
		{code(kerr.UnknownServerError), ClassRetry}, {code(kerr.UnknownTopicOrPartition), ClassRetry},
		{code(kerr.LeaderNotAvailable), ClassRetry}, {code(kerr.NotLeaderForPartition), ClassRetry},
		{code(kerr.RequestTimedOut), ClassRetry}, {code(kerr.NotEnoughReplicas), ClassRetry},
		{code(kerr.NotEnoughReplicasAfterAppend), ClassRetry},
		{code(kerr.UnstableOffsetCommit), ClassUnstable},
		{code(kerr.OutOfOrderSequenceNumber), ClassRestart}, {code(kerr.InvalidTxnState), ClassRestart},
		{code(kerr.InvalidProducerIDMapping), ClassRestart}, {code(kerr.UnknownProducerID), ClassRestart},
		{code(kerr.CorruptMessage), ClassRestart}, {gaveUp{io.EOF}, ClassRestart},
		{code(kerr.InvalidProducerEpoch), ClassFenced}, {code(kerr.ProducerFenced), ClassFenced},
		{code(kerr.IllegalGeneration), ClassRejoin}, {code(kerr.UnknownMemberID), ClassRejoin},
		{code(kerr.RebalanceInProgress), ClassRejoin},
		{code(kerr.MessageTooLarge), ClassTooLarge},
		{code(kerr.TopicAuthorizationFailed), ClassFatal}, {code(kerr.GroupAuthorizationFailed), ClassFatal},
		{code(kerr.ClusterAuthorizationFailed), ClassFatal}, {code(kerr.InvalidTransactionTimeout), ClassFatal},
		{code(kerr.TransactionalIDAuthorizationFailed), ClassFatal},
		{Fatal("x"), ClassFatal}, {fmt.Errorf("wrapped: %w", code(kerr.TransactionalIDAuthorizationFailed)),
			ClassFatal},
	} {
		if got := Classify(c.err); got != c.want {
			t.Errorf("%v: %v, want %v", c.err, got, c.want)
		}
	}
}

func TestFatalErrorsSayWhatToDo(t *testing.T) {
	for code := range cures {
		err := Explain(Refused("AddPartitionsToTxn", "topic/1", int16(code)))
		if Classify(err) != ClassFatal || !errors.Is(err, code) || !strings.HasSuffix(err.Error(), cures[code]) {
			t.Errorf("%v", err)
		}
	}
}

// The same refusal wants another right of another request.
func TestCureIsTheRequests(t *testing.T) {
	for api, want := range map[string]string{
		"CreateTopics":     "grant CREATE on the topics or on the cluster, or let an administrator run this once",
		"CreatePartitions": "grant ALTER on the topic, or let an administrator add them",
		"DescribeConfigs":  "grant DESCRIBE_CONFIGS on the topic",
		"Produce":          cures[kafka.TopicAuthorizationFailed],
	} {
		err := fmt.Errorf("wrapped: %w", Refused(api, "topic a", kerr.TopicAuthorizationFailed.Code))
		if got := Cure(err); got != want {
			t.Errorf("%s: %q, want %q", api, got, want)
		}
	}
}

// TestClassesAreInOrderOfPrecedence: of any two errors the one whose class is named later here decides, whichever came
// first.
// kafka-go calls it an authorization that failed.
func TestNotAttemptedIsCalledThat(t *testing.T) {
	want := "Produce, decisions/1: error 55 Operation Not Attempted"
	if err := Refused("Produce", "decisions/1", 55); err.Error() != want {
		t.Errorf("%v, wanted %s", err, want)
	}
}

func TestClassesAreInOrderOfPrecedence(t *testing.T) {
	order := []error{
		nil,
		Refused("retry", "", kerr.ConcurrentTransactions.Code),
		Refused("restart", "", kerr.OutOfOrderSequenceNumber.Code),
		Refused("fenced", "", kerr.ProducerFenced.Code),
		Refused("rejoin", "", kerr.IllegalGeneration.Code),
		Refused("too large", "", kerr.MessageTooLarge.Code),
		Refused("unstable", "", kerr.UnstableOffsetCommit.Code),
		Fatal("fatal"),
	}
	if len(order) != len(classNames) {
		t.Fatalf("%d classes are put in order, there are %d", len(order), len(classNames))
	}
	for i, earlier := range order {
		for _, later := range order[i:] {
			if got := WorseOf(earlier, later); got != later { //nolint:errorlint // the very one
				t.Errorf("of %v and %v, %v decides", earlier, later, got)
			}
			if got := WorseOf(later, earlier); got != later { //nolint:errorlint // the very one
				t.Errorf("of %v and %v, %v decides", later, earlier, got)
			}
		}
	}
}
