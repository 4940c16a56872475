//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// upstreamRecords is how many records each partition gets in a transaction that its producer aborts.
const upstreamRecords = 5

// abortUpstream writes events to the raw topic, among those of the generator, in a transaction that is then aborted, as
// a producer would that changes its mind: nobody may decide them. It does so while nothing is broken, because a
// transaction that cannot be ended holds the raw topic's readers back, and recovery times would measure that.
func (s *stage) abortUpstream(ctx context.Context) error {
	return poll(ctx, time.Minute, "an aborted transaction in the raw topic", func() error { return s.abortOnce(ctx) })
}

func (s *stage) abortOnce(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	client := s.cluster.client(append(producer(), kgo.TransactionalID("upstream"),
		kgo.TransactionTimeout(transactionTimeout))...)
	defer client.Close()
	if err := client.BeginTransaction(); err != nil {
		return err
	}
	var written []*kgo.Record
	for _, partition := range s.allPartitions() {
		for range upstreamRecords {
			n := neverSent + s.upstream
			e := event{n: n, of: n, partition: partition, attempt: 1, created: time.Now().UnixNano()}
			s.upstream++
			written = append(written, &kgo.Record{Topic: s.names.raw, Partition: partition,
				Key: []byte(e.verification(s.seed)), Value: e.json(s.seed),
				Headers: []kgo.RecordHeader{e.header(s.seed)}})
		}
	}
	err := client.ProduceSync(ctx, written...).FirstErr()
	if err = errors.Join(err, client.EndTransaction(ctx, kgo.TryAbort)); err != nil {
		return fmt.Errorf("a producer that aborts: %w", err)
	}
	return nil
}
