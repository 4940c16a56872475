package table

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/kafka/admin"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/transact"
	"verdict/processor/kafka/wire"
)

// Options say which topic, and how it is written.
type Options struct {
	Connection      cluster.Connection
	Compression     wire.Compression
	Topic           string
	TransactionalID string
	// Timeout is how long the transaction may take, and how long one of a process that was killed may hold readers
	// back.
	Timeout time.Duration
	// Foreign says what is wrong with a record that is none of the table's, without quoting it; "" for one that is.
	Foreign func(r *processor.Record) string
	// Headers are those of a record with this key.
	Headers func(key string) []processor.Header
	// DryRun writes nothing, and begins no epoch.
	DryRun bool
}

// Row is a key and its value, which is not nil.
type Row struct {
	Key   string
	Value []byte
}

// Changes are the keys of the rows that were written, or would be, in the order of the rows; those that are gone are
// sorted.
type Changes struct {
	Added, Changed, Removed []string
	Unchanged               int
}

// Any says whether there is one.
func (c *Changes) Any() bool { return len(c.Added)+len(c.Changed)+len(c.Removed) > 0 }

// ErrMissing says that the topic is not there.
var ErrMissing = errors.New("the topic is not there")

// Publish makes the topic's rows these, whose keys differ. It refuses a topic that is not compacted, and one that holds
// anything else. After an error nothing was written, unless the error says that this is not known.
func Publish(ctx context.Context, o Options, rows []Row) (Changes, error) {
	o.Connection = o.Connection.WithDefaults()
	o.Connection.ClientID += "-table"
	client, err := cluster.NewClient(o.Connection, []string{o.Topic})
	if err != nil {
		return Changes{}, err
	}
	defer client.Close()
	t := &table{Options: o, client: client,
		retry: cluster.Retry{Log: zap.NewNop(), Failed: func(cluster.Class) {}, Stalled: func(error) {}}}
	if err := t.usable(ctx); err != nil {
		return Changes{}, err
	}
	if !o.DryRun {
		t.session = transact.NewSession(client, &t.retry,
			transact.Identity{TransactionalID: o.TransactionalID, Timeout: o.Timeout})
		if err := t.try(ctx, "a transaction of "+o.TransactionalID, t.session.Begin); err != nil {
			return Changes{}, err
		}
	}
	held, err := t.read(ctx)
	if err != nil {
		return Changes{}, err
	}
	changes, delivery := t.compare(held, rows)
	if o.DryRun || !changes.Any() {
		return changes, nil
	}
	return changes, t.deliver(ctx, delivery)
}

type table struct {
	Options
	client  *cluster.Client
	retry   cluster.Retry
	session *transact.Session // nil: nothing is written

	partitions int32
}

const (
	// answerWithin is how long a request is tried again before its error is told.
	answerWithin = 20 * time.Second
	// batchBytes is less than any topic takes that a runner can write to.
	batchBytes = 60_000
)

func (t *table) try(ctx context.Context, what string, request func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	err := t.retry.Do(ctx, func() error { return request(ctx) })
	if err == nil {
		return nil
	}
	if cluster.Classify(err) == cluster.ClassFatal {
		return fmt.Errorf("%s: %w", what, cluster.Explain(err))
	}
	return fmt.Errorf("%s (brokers %s): %w: see that the brokers are up and can be reached from here", what,
		strings.Join(t.Connection.Brokers, ","), err)
}

// usable says whether the topic is there and compacted, and nothing else: where records also go by their age, rows that
// stay as they are would go too.
func (t *table) usable(ctx context.Context) error {
	if err := t.locate(ctx); err != nil {
		return err
	}
	var policy string
	err := t.try(ctx, "the settings of "+t.Topic, func(ctx context.Context) (err error) {
		policy, err = admin.CleanupPolicy(ctx, t.client, t.Topic)
		return err
	})
	if err == nil && policy != "compact" {
		return fmt.Errorf("the topic %s has cleanup.policy=%s, and rows that stay as they are would go from it: set "+
			"it to compact alone, by `kafka-configs --bootstrap-server %s --alter --topic %s --add-config "+
			"cleanup.policy=compact`, or name another topic", t.Topic, policy, t.Connection.Brokers[0], t.Topic)
	}
	return err
}

// compare says which rows differ from what is there, and makes a delivery of them.
func (t *table) compare(held map[string][]byte, rows []Row) (Changes, *transact.Delivery) {
	var changes Changes
	delivery := &transact.Delivery{Outputs: transact.NewOutputs(t.Compression)}
	now := time.Now().UnixMilli()
	write := func(key string, value []byte) {
		out := &processor.Output{Key: []byte(key), Value: value, Headers: t.Headers(key)}
		to := transact.Key{Topic: t.Topic, Partition: t.placeOf(out.Key)}
		delivery.Outputs.Add(to, out, batchBytes, now, transact.Origin{})
	}
	for _, r := range rows {
		there, known := held[r.Key]
		delete(held, r.Key)
		switch {
		case !known:
			changes.Added = append(changes.Added, r.Key)
		case string(there) == string(r.Value):
			changes.Unchanged++
			continue
		default:
			changes.Changed = append(changes.Changed, r.Key)
		}
		write(r.Key, r.Value)
	}
	changes.Removed = slices.Sorted(maps.Keys(held))
	for _, key := range changes.Removed {
		write(key, nil)
	}
	return changes, delivery
}

func (t *table) placeOf(key []byte) int32 { return wire.PartitionFor(key, 0, t.partitions) }

func (t *table) deliver(ctx context.Context, d *transact.Delivery) error {
	err := t.session.Deliver(ctx, d)
	if err == nil {
		return nil
	}
	// Whatever became of it ends now, and not with its timeout.
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerWithin)
	defer cancel()
	class := cluster.Classify(err)
	err = errors.Join(err, t.session.Abandon(ending))
	switch class {
	case cluster.ClassFenced:
		return fmt.Errorf("%s: another process publishes there and has begun later, or this one took longer than %s: "+
			"nothing of this one was written; see what the other has written, and run this again: %w", t.Topic,
			t.Timeout, err)
	case cluster.ClassTooLarge:
		return fmt.Errorf("%s: nothing was written: %w: give it a max.message.bytes of at least %d", t.Topic, err,
			2*batchBytes)
	case cluster.ClassFatal:
		return fmt.Errorf("%s: nothing was written: %w", t.Topic, cluster.Explain(err))
	default:
		return fmt.Errorf("%s: the transaction has failed, or it is not known what became of it: %w; running this "+
			"again settles it", t.Topic, err)
	}
}
