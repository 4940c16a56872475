package kafka_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A broker that does not get through with large requests before the transaction times out (a quota, a slow line): the
// same again would never come to an end, so transactions become smaller until they do.
func TestTransactionsThatTakeTooLongBecomeSmaller(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.ControlKey(int16(kmsg.Produce), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if ofTheTest(kreq) || len(kreq.AppendTo(nil)) < 100_000 {
			return nil, nil, false
		}
		return withCode(kreq, kerr.RequestTimedOut.Code), nil, true
	})
	p := producer(t, c.ListenAddrs())
	produce(t, p, events(0, 2000)...)
	cfg := config(c.ListenAddrs())
	cfg.Units, cfg.MaxBatchRecords, cfg.TransactionTimeout = 1, 2000, time.Second
	start(t, cfg)
	onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(2000), 2000)
}
