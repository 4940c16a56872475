package kafka_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// While state.retention is made longer, instance by instance, one with the old one gets partitions back that another
// has remembered more of meanwhile. It reads the changelog anew, and goes on.
func TestStateOfALongerRetention(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	short, long := stateConfig(c), stateConfig(c)
	short.InstanceID, long.InstanceID = "short", "long"
	short.State.Retention, long.State.Retention = 2*time.Second, 30*24*time.Hour
	write := func(text string) {
		t.Helper()
		var records []*kgo.Record
		for id := range int32(partitions) {
			records = append(records, raw(id, text))
		}
		produce(t, client, records...)
	}
	a := startStory(t, short)
	write("a pending")
	told(t, c, partitions)
	eventually(t, "it has forgotten them", func() bool { return a.value("verdict_state_verifications") == 0 })
	b := startStory(t, long)
	a.sharesWith(b)
	write("b pending")
	told(t, c, 2*partitions)
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all is here", func() bool {
		return a.value("verdict_partitions_assigned") == partitions && a.Ready() == nil
	})
	write("b approved")
	told(t, c, 3*partitions)
}
