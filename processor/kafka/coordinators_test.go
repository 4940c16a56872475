package kafka_test

import (
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// Who coordinates is asked once, not before each request; and again when it is another broker.
func TestCoordinatorsAreRemembered(t *testing.T) {
	c := newCluster(t)
	var asked, ended atomic.Int32
	c.ControlKey(int16(kmsg.FindCoordinator), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if kreq.GetVersion() <= 2 { // the test's own clients are newer
			asked.Add(1)
		}
		return nil, nil, false
	})
	c.ControlKey(int16(kmsg.EndTxn), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		ended.Add(1)
		return nil, nil, false
	})
	cfg := config(c.ListenAddrs())
	cfg.Units = 1
	r := start(t, cfg)
	eventually(t, "ready", func() bool { return r.Ready() == nil })
	asked.Store(0)
	p, decisions := producer(t, c.ListenAddrs()), collect(t, c.ListenAddrs(), "decisions")
	const rounds = 20
	for i := range rounds {
		produce(t, p, events(8*i, 8)...)
		decisions.until(8 * (i + 1))
	}
	if ended.Load() < rounds || asked.Load() > 5 {
		t.Errorf("%d transactions, and the coordinator was asked for %d times", ended.Load(), asked.Load())
	}
	c.RehashCoordinators()
	produce(t, p, events(8*rounds, 8)...)
	onceEach(t, decisions.until(8*(rounds+1)), 8*(rounds+1))
}
