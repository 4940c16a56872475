package cluster

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

// Class is what to do about an error. Their order is a precedence: where several things went wrong at a time, WorseOf
// lets the later class decide, because doing what it asks for makes the earlier one's cure pointless. To try a request
// again is no use in an epoch that is over; a new epoch is no use where another process has the id; nor is either once
// the partitions are somebody else's. A batch that is too large comes back with every epoch and every owner, so it is
// dealt with first, and who has to leave leaves a round later. An unstable offset never comes together with others: it
// stands where it does for being no failure of this epoch.
type Class uint8

// Classes, by precedence.
const (
	ClassNone     Class = iota
	ClassRetry          // the same request again, after a pause
	ClassRestart        // this producer epoch is over: begin a new one, fetch the offsets again, process again
	ClassFenced         // somebody ended this producer epoch: a time-out or another process
	ClassRejoin         // the partitions are no longer ours
	ClassTooLarge       // the broker does not take a batch of this size
	ClassUnstable       // an offset waits for another one's open transaction
	ClassFatal          // nothing but an operator can help
)

var classNames = [...]string{"none", "retry", "restart", "fenced", "rejoin", "too_large", "unstable", "fatal"}

func (c Class) String() string { return classNames[c] }

// Classes lists all that an error may have.
func Classes() []Class {
	all := make([]Class, 0, len(classNames)-1)
	for c := ClassRetry; int(c) < len(classNames); c++ {
		all = append(all, c)
	}
	return all
}

// notAttempted is what a broker answers for those beside the one that failed.
const notAttempted kafka.Error = 55

// brokerError is an error code in a broker's answer.
type brokerError struct {
	api  string // the request
	what string // what it was about: a topic and partition, a group, a transactional id
	code kafka.Error
}

func (e *brokerError) Error() string {
	title := e.code.Title()
	if e.code == notAttempted {
		title = "Operation Not Attempted" // kafka-go has the name of another error there
	}
	return fmt.Sprintf("%s, %s: error %d %s", e.api, e.what, int(e.code), title)
}

func (e *brokerError) Unwrap() error { return e.code }

// MissingTopic is the error about a topic that the cluster does not have.
func MissingTopic(topic string) error {
	return fmt.Errorf("the topic %s is not there: create it, for example by `verdict topics --create`", topic)
}

// Refused makes an error of an answer's code; nil if there is none.
func Refused(api, what string, code int16) error {
	if code == 0 {
		return nil
	}
	return &brokerError{api: api, what: what, code: kafka.Error(code)}
}

// fatalError wraps what an operator has to see.
type fatalError struct{ error }

func (e fatalError) Unwrap() error { return e.error }

// Fatal makes an error that ends the runner: it says what to do.
func Fatal(format string, args ...any) error { return fatalError{fmt.Errorf(format, args...)} }

// gaveUp wraps the last error of a step of a transaction that was tried again for too long.
type gaveUp struct{ error }

func (e gaveUp) Unwrap() error { return e.error }

// GiveUp says that a step is not worth another try: what it was part of has to begin anew.
func GiveUp(err error) error { return gaveUp{err} }

// WorseOf picks the error that decides; brokers answer OPERATION_NOT_ATTEMPTED for the partitions beside the one that
// failed.
func WorseOf(a, b error) error {
	if Classify(b) > Classify(a) {
		return b
	}
	return a
}

// Classify decides what to do. An error that no broker answered (a lost connection, a deadline) is always worth a
// retry: each request of a transaction can be sent again as it is.
func Classify(err error) Class {
	var code kafka.Error
	switch {
	case err == nil:
		return ClassNone
	case errors.As(err, new(fatalError)):
		return ClassFatal
	case errors.As(err, new(gaveUp)):
		return ClassRestart
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), !errors.As(err, &code):
		return ClassRetry
	}
	return classOf(code)
}

func classOf(code kafka.Error) Class {
	switch code {
	case kafka.OutOfOrderSequenceNumber, kafka.InvalidTransactionState, kafka.InvalidProducerIDMapping,
		kafka.UnknownProducerId,
		kafka.InvalidMessage:
		return ClassRestart
	case kafka.InvalidProducerEpoch, kafka.ProducerFenced:
		return ClassFenced
	case kafka.IllegalGeneration, kafka.UnknownMemberId, kafka.RebalanceInProgress, kafka.FencedInstanceID:
		return ClassRejoin
	case kafka.MessageSizeTooLarge, kafka.RecordListTooLarge:
		return ClassTooLarge
	case kafka.UnstableOffsetCommit:
		return ClassUnstable
	}
	if cures[code] != "" {
		return ClassFatal
	}
	return ClassRetry
}

// cures says, for each code that no retry settles, what an operator has to do.
var cures = map[kafka.Error]string{
	kafka.TopicAuthorizationFailed: "grant READ and DESCRIBE on the raw topics, WRITE and DESCRIBE on the " +
		"output topics, READ and WRITE on the changelogs",
	kafka.GroupAuthorizationFailed:   "grant READ on the consumer group",
	kafka.ClusterAuthorizationFailed: "grant IDEMPOTENT_WRITE on the cluster",
	kafka.TransactionalIDAuthorizationFailed: "grant WRITE and DESCRIBE on the transactional ids that begin with the " +
		"group's name and a dash (prefixed)",
	kafka.InvalidTransactionTimeout: "lower the transaction timeout, or raise the brokers' transaction.max.timeout.ms",
	kafka.InvalidSessionTimeout: "keep the session timeout within the brokers' group.min.session.timeout.ms " +
		"and group.max.session.timeout.ms",
	kafka.InconsistentGroupProtocol: "another program, or an older version of this one, is in this consumer group: " +
		"stop the older instances first, or give each program its own group",
	kafka.InvalidGroupId:              "give the consumer group a valid name",
	kafka.GroupMaxSizeReached:         "raise the brokers' group.max.size, or run fewer instances",
	kafka.SASLAuthenticationFailed:    "check user name, password and mechanism",
	kafka.UnsupportedSASLMechanism:    "choose a SASL mechanism that the brokers have enabled",
	kafka.IllegalSASLState:            "check that the listener is a SASL listener",
	kafka.UnsupportedVersion:          "use brokers of Kafka 2.5 or newer",
	kafka.InvalidTopic:                "give the topics valid names",
	kafka.InvalidRequiredAcks:         "check the brokers: they refuse acks=all",
	kafka.UnsupportedForMessageFormat: "raise the topic's message.format.version",
	kafka.UnsupportedCompressionType:  "choose another compression",
	kafka.InvalidTimestamp: "raise the output topic's message.timestamp.before.max.ms and .after.max.ms, " +
		"and check the clocks",
	kafka.InvalidRecord:   "check the output topic: a compacted topic takes no record without a key",
	kafka.PolicyViolation: "check the brokers' policies for these topics",
}

// curesOf are those of requests that need another right than most.
var curesOf = map[string]map[kafka.Error]string{
	"CreateTopics": {
		kafka.TopicAuthorizationFailed: "grant CREATE on the topics or on the cluster, or let an administrator run " +
			"this once",
		kafka.ClusterAuthorizationFailed: "grant CREATE on the topics or on the cluster, or let an administrator run " +
			"this once",
		kafka.InvalidConfiguration: "correct the topic's settings in topics.settings",
		kafka.InvalidReplicationFactor: "ask for as many replicas as there are brokers, at most " +
			"(--replication-factor)",
	},
	"IncrementalAlterConfigs": {
		kafka.TopicAuthorizationFailed: "grant ALTER_CONFIGS on the topic, or let an administrator run this once",
		kafka.InvalidConfiguration:     "correct the topic's settings in topics.settings",
	},
	"CreatePartitions": {kafka.TopicAuthorizationFailed: "grant ALTER on the topic, or let an administrator add them"},
	"DescribeConfigs":  {kafka.TopicAuthorizationFailed: "grant DESCRIBE_CONFIGS on the topic"},
}

// Cure says what an operator has to do about an error; "" where trying again may do.
func Cure(err error) string {
	var code kafka.Error
	if !errors.As(err, &code) {
		return ""
	}
	if answer, ok := errors.AsType[*brokerError](err); ok && curesOf[answer.api][code] != "" {
		return curesOf[answer.api][code]
	}
	return cures[code]
}

// Explain adds the cure to an error that ends the runner.
func Explain(err error) error {
	if c := Cure(err); c != "" {
		return fmt.Errorf("%w: %s", err, c)
	}
	return err
}
