package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

// class is what to do about an error.
type class uint8

const (
	classNone     class = iota
	classRetry          // the same request again, after a pause
	classRestart        // this producer epoch is over: begin a new one, fetch the offsets again, process again
	classFenced         // somebody ended this producer epoch: a time-out or another process
	classRejoin         // the partitions are no longer ours
	classTooLarge       // the broker does not take a batch of this size
	classUnstable       // an offset waits for another one's open transaction
	classFatal          // nothing but an operator can help
)

var classNames = [...]string{"none", "retry", "restart", "fenced", "rejoin", "too_large", "unstable", "fatal"}

func (c class) String() string { return classNames[c] }

// brokerError is an error code in a broker's answer.
type brokerError struct {
	api  string // the request
	what string // what it was about: a topic and partition, a group, a transactional id
	code kafka.Error
}

func (e *brokerError) Error() string {
	return fmt.Sprintf("%s, %s: error %d %s", e.api, e.what, int(e.code), e.code.Title())
}

func (e *brokerError) Unwrap() error { return e.code }

// refused makes an error of an answer's code; nil if there is none.
func refused(api, what string, code int16) error {
	if code == 0 {
		return nil
	}
	return &brokerError{api: api, what: what, code: kafka.Error(code)}
}

// fatalError wraps what an operator has to see.
type fatalError struct{ error }

func (e fatalError) Unwrap() error { return e.error }

func fatal(format string, args ...any) error { return fatalError{fmt.Errorf(format, args...)} }

// gaveUp wraps the last error of a step of a transaction that was tried again for too long.
type gaveUp struct{ error }

func (e gaveUp) Unwrap() error { return e.error }

// errLeave makes a unit, and with it the generation, end, so that the instance joins its group anew.
var errLeave = errors.New("the generation has to be left")

// classify decides what to do. An error that no broker answered (a lost connection, a deadline) is always worth a retry: each
// request of a transaction can be sent again as it is.
func classify(err error) class {
	var code kafka.Error
	switch {
	case err == nil:
		return classNone
	case errors.As(err, new(fatalError)):
		return classFatal
	case errors.As(err, new(gaveUp)):
		return classRestart
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), !errors.As(err, &code):
		return classRetry
	}
	return classOf(code)
}

func classOf(code kafka.Error) class {
	switch code {
	case kafka.OutOfOrderSequenceNumber, kafka.InvalidTransactionState, kafka.InvalidProducerIDMapping, kafka.UnknownProducerId,
		kafka.InvalidMessage:
		return classRestart
	case kafka.InvalidProducerEpoch, kafka.ProducerFenced:
		return classFenced
	case kafka.IllegalGeneration, kafka.UnknownMemberId, kafka.RebalanceInProgress, kafka.FencedInstanceID:
		return classRejoin
	case kafka.MessageSizeTooLarge, kafka.RecordListTooLarge:
		return classTooLarge
	case kafka.UnstableOffsetCommit:
		return classUnstable
	}
	if cures[code] != "" {
		return classFatal
	}
	return classRetry
}

// cures says, for each code that no retry settles, what an operator has to do.
var cures = map[kafka.Error]string{
	kafka.TopicAuthorizationFailed:           "grant READ and DESCRIBE on the raw topics, WRITE and DESCRIBE on the output topics",
	kafka.GroupAuthorizationFailed:           "grant READ on the consumer group",
	kafka.ClusterAuthorizationFailed:         "grant IDEMPOTENT_WRITE on the cluster",
	kafka.TransactionalIDAuthorizationFailed: "grant WRITE and DESCRIBE on the transactional ids that begin with the group's name and a dash (prefixed)",
	kafka.InvalidTransactionTimeout:          "lower the transaction timeout, or raise the brokers' transaction.max.timeout.ms",
	kafka.InvalidSessionTimeout:              "keep the session timeout within the brokers' group.min.session.timeout.ms and group.max.session.timeout.ms",
	kafka.InconsistentGroupProtocol:          "another program is in this consumer group: give each its own group",
	kafka.InvalidGroupId:                     "give the consumer group a valid name",
	kafka.GroupMaxSizeReached:                "raise the brokers' group.max.size, or run fewer instances",
	kafka.SASLAuthenticationFailed:           "check user name, password and mechanism",
	kafka.UnsupportedSASLMechanism:           "choose a SASL mechanism that the brokers have enabled",
	kafka.IllegalSASLState:                   "check that the listener is a SASL listener",
	kafka.UnsupportedVersion:                 "use brokers of Kafka 2.5 or newer",
	kafka.InvalidTopic:                       "give the topics valid names",
	kafka.InvalidRequiredAcks:                "check the brokers: they refuse acks=all",
	kafka.UnsupportedForMessageFormat:        "raise the topic's message.format.version",
	kafka.UnsupportedCompressionType:         "choose another compression",
	kafka.InvalidTimestamp:                   "raise the output topic's message.timestamp.before.max.ms and .after.max.ms, and check the clocks",
	kafka.InvalidRecord:                      "check the output topic: a compacted topic takes no record without a key",
	kafka.PolicyViolation:                    "check the brokers' policies for these topics",
}

// explain adds the cure to an error that ends the runner.
func explain(err error) error {
	var code kafka.Error
	if errors.As(err, &code) && cures[code] != "" {
		return fmt.Errorf("%w: %s", err, cures[code])
	}
	return err
}
