package kafka_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
	"go.uber.org/zap"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/rules"
)

// changelog is the topic that the state of rawTopic is restored from.
var changelog = kafka.Changelog("verdict", rawTopic)

// story writes decisions as "<verification> <status> <transition> <sequence>".
type story struct{ *plain }

func (s *story) Append(route processor.Route, dst []byte, d *processor.Decision) ([]byte, error) {
	if route != processor.RouteDecision {
		return s.plain.Append(route, dst, d)
	}
	return fmt.Appendf(dst, "%s %s %s %d", d.VerificationID, d.ProviderStatus, d.Lifecycle.Transition,
		d.Lifecycle.Sequence), nil
}

func newStateCluster(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c := newCluster(t, append([]kfake.Opt{kfake.SeedTopics(partitions, "verifications")}, opts...)...)
	createChangelog(t, c, changelog, partitions)
	return c
}

// createChangelog makes a topic that keeps what it has.
func createChangelog(t *testing.T, c *kfake.Cluster, name string, n int32) {
	t.Helper()
	if err := c.CreateTopic(name, n, map[string]string{"retention.ms": "-1"}); err != nil {
		t.Fatal(err)
	}
}

func stateConfig(c *kfake.Cluster) kafka.Config {
	cfg := config(c.ListenAddrs())
	cfg.State = kafka.State{Enabled: true}
	return cfg
}

// startStory runs a runner with state.
func startStory(t *testing.T, cfg kafka.Config, prepare ...func(*kafka.Runner)) *running {
	t.Helper()
	return startStoryWithLog(t, cfg, testLog(t), prepare...)
}

func startStoryWithLog(t *testing.T, cfg kafka.Config, log *zap.Logger, prepare ...func(*kafka.Runner)) *running {
	t.Helper()
	r := &running{t: t, plain: new(plain), log: log, metrics: prometheus.NewRegistry(), ended: make(chan error, 1)}
	options := processor.Options{Version: "test", Retention: 30 * 24 * time.Hour}
	for _, route := range processor.Routes() {
		options.Off[route] = cfg.Topics[route] == ""
	}
	return r.start(cfg, processor.New(rules.Embedded(), r.plain, &story{r.plain}, options), prepare...)
}

// sharesWith waits until two instances have half of the partitions each, and their states.
func (r *running) sharesWith(other *running) {
	r.t.Helper()
	eventually(r.t, "both have partitions", func() bool {
		return r.value("verdict_partitions_assigned") == 2 && other.value("verdict_partitions_assigned") == 2 &&
			r.Ready() == nil && other.Ready() == nil
	})
}

// told reads n decisions and sorts them.
func told(t *testing.T, c *kfake.Cluster, n int) []string {
	t.Helper()
	var texts []string
	for _, r := range collect(t, c.ListenAddrs(), "decisions").until(n) {
		texts = append(texts, string(r.Value))
	}
	slices.Sort(texts)
	return texts
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// groupAt sums up how far the group is.
func groupAt(t *testing.T, client *kgo.Client) (sum int64) {
	t.Helper()
	for id := range int32(partitions) {
		sum += max(committedOffset(t, client, "verdict", id), 0)
	}
	return sum
}

// What one process has seen, the next one knows.
func TestStateOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	first := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a pending"), raw(1, "a pending"), raw(2, "b pending"), raw(1, "a approved"))
	expect(t, told(t, c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "b pending FIRST 1")
	if n := first.value("verdict_transitions_total", "transition=repeated"); n != 1 {
		t.Errorf("%v repeats are counted, want 1", n)
	}
	if err := first.end(); err != nil {
		t.Fatal(err)
	}
	second := startStory(t, stateConfig(c))
	produce(t, client, raw(1, "a approved"), raw(2, "b declined"), raw(1, "a pending"), raw(1, "c pending"))
	expect(t, told(t, c, 5), "a pending FIRST 1", "a approved ADVANCED 2", "b pending FIRST 1",
		"b declined ADVANCED 2", "c pending FIRST 1")
	eventually(t, "two repeats are counted", func() bool {
		return second.value("verdict_transitions_total", "transition=repeated") == 2
	})
	if n := second.value("verdict_restores_total", "kind=full"); n != partitions {
		t.Errorf("%v partitions were restored in full, want %d", n, partitions)
	}
	if records := collect(t, c.ListenAddrs(), "verifications").until(5); len(records) != 5 {
		t.Errorf("%d records came to the table, want 5", len(records))
	}
}

// A share of the partitions among another number of units reads nothing anew, and forgets nothing.
func TestStateStaysWhereThePartitionsStay(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	cfg := stateConfig(c)
	cfg.Units = 0
	r := startStory(t, cfg, func(r *kafka.Runner) { r.ShareByLoad(20*time.Millisecond, 2) })
	var want []string
	const each = 400
	for round := range 2 { // enough to do for two units
		var records []*kgo.Record
		for i := range each {
			id := fmt.Sprintf("slow-%d-%d", round, i%(each/4))
			records = append(records, raw(int32(i%partitions), id+" pending"))
			if i < each/4 {
				want = append(want, id+" pending FIRST 1")
			}
		}
		produce(t, client, records...)
		eventually(t, "a round is done", func() bool { return groupAt(t, client) == int64((round+1)*each) })
	}
	expect(t, told(t, c, len(want)), want...)
	if n := r.value("verdict_restores_total", "kind=full") + r.value("verdict_restores_total", "kind=caught_up"); n !=
		partitions {
		t.Errorf("partitions were read %v times, want %d", n, partitions)
	}
	if r.value("verdict_restores_total", "kind=warm") == 0 {
		t.Error("the partitions were never shared anew: this shows nothing")
	}
}

// The group's offsets are gone, or were set back: it goes on where its state stands.
func TestStateKnowsWhereItStands(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*testing.T, *kgo.Client){
		"deleted": func(t *testing.T, client *kgo.Client) {
			req := kmsg.NewPtrDeleteGroupsRequest()
			req.Groups = []string{"verdict"}
			if _, err := req.RequestWith(t.Context(), client); err != nil {
				t.Fatal(err)
			}
		},
		"set back": func(t *testing.T, client *kgo.Client) {
			commitOffset(t, client, "verdict", rawTopic, 0, "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newStateCluster(t)
			client := producer(t, c.ListenAddrs(), kgo.MaxVersions(kversion.V3_0_0()))
			first := startStory(t, stateConfig(c))
			produce(t, client, raw(1, "a pending"), raw(1, "a approved"))
			told(t, c, 2)
			if err := first.end(); err != nil {
				t.Fatal(err)
			}
			change(t, client)
			second := startStory(t, stateConfig(c))
			produce(t, client, raw(1, "a pending"), raw(1, "b pending"))
			expect(t, told(t, c, 3), "a pending FIRST 1", "a approved ADVANCED 2", "b pending FIRST 1")
			if n := second.value("verdict_rewinds_total"); n == 0 {
				t.Error("nothing is counted")
			}
		})
	}
}

// Offsets without what they stand for are no reason to begin with nothing: the partition is held, and says why.
func TestMissingStateHolds(t *testing.T) {
	t.Parallel()
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	without := startStory(t, config(c.ListenAddrs()))
	produce(t, client, raw(1, "a pending"))
	told(t, c, 1)
	if err := without.end(); err != nil {
		t.Fatal(err)
	}
	r := startStory(t, stateConfig(c))
	var ready error
	eventually(t, "readiness names a partition and the cure", func() bool {
		ready = r.Ready()
		return ready != nil && strings.Contains(ready.Error(), "verdict state begin") &&
			strings.Contains(ready.Error(), changelog)
	})
	produce(t, client, raw(1, "a approved"))
	told(t, c, 1)
}

// Whatever fails, while units come and go, what is remembered is what was committed: each verification has its story
// once.
func TestStateSurvivesChaos(t *testing.T) {
	t.Parallel()
	const verifications = 1000
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	chaos := newChaos(t, c, 12)
	cfg := stateConfig(c)
	cfg.MaxBatchRecords, cfg.CommitInterval, cfg.Units = 40, 5*time.Millisecond, 0
	r := startStory(t, cfg, func(r *kafka.Runner) { r.ShareByLoad(10*time.Millisecond, 3) })
	var records []*kgo.Record
	var want []string
	for _, status := range []string{"pending", "pending", "approved", "pending", "approved"} {
		for i := range verifications {
			records = append(records, raw(int32(i%partitions), fmt.Sprintf("v-%d %s", i, status)))
		}
	}
	for i := range verifications {
		want = append(want, fmt.Sprintf("v-%d pending FIRST 1", i), fmt.Sprintf("v-%d approved ADVANCED 2", i))
	}
	produce(t, client, records...)
	decisions := collect(t, c.ListenAddrs(), "decisions")
	eventually(t, "all is committed", func() bool {
		decisions.poll(20*time.Millisecond, 2*len(want))
		return r.value("verdict_lag_records") == 0 && r.Ready() == nil && len(decisions.records) >= len(want)
	})
	decisions.poll(200*time.Millisecond, 2*len(want))
	var got []string
	for _, d := range decisions.records {
		got = append(got, string(d.Value))
	}
	slices.Sort(got)
	expect(t, got, want...)
	if n := chaos.hits.Load(); n < chaosHits {
		t.Errorf("only %d requests failed", n)
	}
	t.Logf("%d requests failed; restores: %v warm, %v caught up, %v full", chaos.hits.Load(),
		r.value("verdict_restores_total", "kind=warm"), r.value("verdict_restores_total", "kind=caught_up"),
		r.value("verdict_restores_total", "kind=full"))
	if err := r.end(); err != nil {
		t.Fatal(err)
	}
	// The changelog says the same as the memory did.
	startStory(t, stateConfig(c))
	produce(t, client, raw(1, "v-1 approved"), raw(1, "v-1 declined"))
	eventually(t, "the story goes on", func() bool {
		decisions.poll(20*time.Millisecond, len(decisions.records)+1)
		return string(decisions.records[len(decisions.records)-1].Value) == "v-1 declined REVERSED 3"
	})
}
