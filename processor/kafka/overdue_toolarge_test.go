package kafka_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// overdueWords writes n words that are overdue, and one that is not.
func overdueWords(t *testing.T, c *kfake.Cluster, n int) {
	t.Helper()
	var records []*kgo.Record
	for i := range n {
		records = append(records, daysAgo(2, raw(1, fmt.Sprintf("v-%d pending", i))))
	}
	produce(t, producer(t, c.ListenAddrs()), append(records, raw(1, "w pending"))...)
}

// A notice that a broker does not take is given up: nothing is aborted for ever.
func TestABrokerRefusesNoticesAsTooLarge(t *testing.T) {
	const n = 12
	c := newStateCluster(t)
	refuseAbove(c, "overdue", 10)
	overdueWords(t, c, n)
	r := startStory(t, stateConfig(c))
	eventually(t, "they are counted", func() bool {
		return r.value("verdict_unfollowed_total", "why=notice_lost") == n
	})
	produce(t, producer(t, c.ListenAddrs()), raw(1, "v-0 approved"))
	told(t, c, n+2)
	if n := r.value("verdict_published_total", "route=overdue"); n != 0 {
		t.Errorf("%v notices are counted", n)
	}
	if err := r.Ready(); err != nil {
		t.Error(err)
	}
}

// A notice that is larger than its topic takes is not even tried.
func TestNoticesThatAreTooLargeForTheirTopic(t *testing.T) {
	const n = 3
	c := newStateCluster(t)
	takeAtMost(t, c, "overdue", 90)
	overdueWords(t, c, n)
	r := startStory(t, stateConfig(c))
	eventually(t, "they are counted", func() bool {
		return r.value("verdict_unfollowed_total", "why=notice_lost") == n
	})
	if n := r.value("verdict_transactions_total", "result=aborted"); n != 0 {
		t.Errorf("%v transactions were aborted", n)
	}
}

// takeAtMost gives a topic max.message.bytes.
func takeAtMost(t *testing.T, c *kfake.Cluster, topic string, bytes int) {
	t.Helper()
	req := kmsg.NewPtrIncrementalAlterConfigsRequest()
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, topic
	config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	config.Name, config.Value = "max.message.bytes", kmsg.StringPtr(fmt.Sprint(bytes))
	resource.Configs = append(resource.Configs, config)
	req.Resources = append(req.Resources, resource)
	res, err := req.RequestWith(t.Context(), producer(t, c.ListenAddrs()))
	if err == nil {
		err = kerr.ErrorForCode(res.Resources[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Without its changelog no partition can go on: a record that the changelog does not take ends the runner, with the
// cure.
func TestABrokerRefusesARecordOfTheChangelog(t *testing.T) {
	c := newStateCluster(t)
	refuseAbove(c, changelog, 10)
	r := startStory(t, stateConfig(c))
	produce(t, producer(t, c.ListenAddrs()), raw(1, "a pending"))
	select {
	case err := <-r.ended:
		r.ended <- err
		if text := fmt.Sprint(err); !strings.Contains(text, changelog) || !strings.Contains(text, "max.message.bytes") {
			t.Errorf("it ends with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Errorf("it goes on, with %v transactions aborted", r.value("verdict_transactions_total", "result=aborted"))
	}
}
