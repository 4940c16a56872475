package kafka_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Brokers that do not answer the first question for the topics are no reason to join without them.
func TestNothingIsJoinedBeforeTheTopicsAreLookedUp(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	joins := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.JoinGroup}, Observe: true, Count: -1})
	var dead atomic.Bool
	var cuts atomic.Int32
	dead.Store(true)
	c.ControlKey(int16(kmsg.Metadata), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if !dead.Load() {
			return nil, nil, false
		}
		cuts.Add(1)
		return nil, errors.New("cut"), true
	})
	cfg := config(c.ListenAddrs())
	cfg.Topics[1] = "later"
	r := start(t, cfg)
	says := func(what string) func() bool {
		return func() bool {
			err := r.Ready()
			return err != nil && strings.Contains(err.Error(), what)
		}
	}
	eventually(t, "it says what cannot be looked up", says("the topics cannot be looked up: "))
	eventually(t, "it is tried again", func() bool { return cuts.Load() >= 3 })
	dead.Store(false)
	eventually(t, "it says what is missing", says("the topic later is not there"))
	if n := joins.Hits(); n != 0 {
		t.Errorf("the group was asked %d times to be joined", n)
	}
	createTopic(t, c, "later", 3)
	eventually(t, "it is ready", func() bool { return r.Ready() == nil })
}
