package kafka_test

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// What a topic does not take for a while (too few replicas, a full disk) is sent again; readiness says so, and says
// when it is over.
func TestReadinessTellsOfTransactionsThatDoNotEnd(t *testing.T) {
	c := newCluster(t)
	r := start(t, config(c.ListenAddrs()))
	p := producer(t, c.ListenAddrs())
	produce(t, p, events(0, 4)...)
	collect(t, c.ListenAddrs(), "decisions").until(4)
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
	broken := make(chan struct{})
	c.ControlKey(int16(kmsg.Produce), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		select {
		case <-broken:
			return nil, nil, false
		default:
		}
		if ofTheTest(kreq) {
			return nil, nil, false
		}
		return withCode(kreq, kerr.NotEnoughReplicas.Code), nil, true
	})
	produce(t, p, events(4, 4)...)
	eventually(t, "readiness says so", func() bool {
		err := r.Ready()
		return err != nil && strings.Contains(err.Error(), "transactions do not come to their end: Produce, ") &&
			strings.Contains(err.Error(), "error 19")
	})
	if r.value("verdict_errors_total", "class=retry") == 0 || r.value("verdict_units_stalled") == 0 {
		t.Error("the metrics do not tell")
	}
	close(broken)
	onceEach(t, collect(t, c.ListenAddrs(), "decisions").until(8), 8)
	eventually(t, "it is ready again", func() bool { return r.Ready() == nil && r.value("verdict_units_stalled") == 0 })
}
