package kafka_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/transact"
	"verdict/rules"
)

// otherRules are the built-in ones under another version, with another limit for the word pending of yousign video; ""
// is none.
func otherRules(t *testing.T, version, overdueAfter string) *rules.Catalog {
	t.Helper()
	files := fstest.MapFS{"catalog.yaml": {Data: []byte("version: " + version + "\n")}}
	const usual = "    overdue_after: {after: 24h, origin: policy}\n"
	changed := false
	names, err := fs.Glob(rules.EmbeddedFS(), "*-*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(rules.EmbeddedFS(), name)
		if err != nil {
			t.Fatal(err)
		}
		limit := ""
		if overdueAfter != "" {
			limit = strings.Replace(usual, "24h", overdueAfter, 1)
		}
		text := strings.Replace(string(content), usual, limit, 1)
		changed = changed || text != string(content) || overdueAfter == "24h"
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	catalog, err := rules.Load(files)
	if err != nil || !changed {
		t.Fatal("the limit is not changed:", err)
	}
	return catalog
}

// versioned writes decisions as "<raw partition> <raw offset> <rules_version>".
type versioned struct{ *plain }

func (v versioned) Append(route processor.Route, dst []byte, d *processor.Decision) ([]byte, error) {
	if route != processor.RouteDecision {
		return v.plain.Append(route, dst, d)
	}
	return fmt.Appendf(dst, "%d %d %s", d.Source.Partition, d.Source.Offset, d.RulesVersion), nil
}

// by makes a processor of rules for a test.
func by(catalog *rules.Catalog) *processor.Processor {
	p := new(plain)
	return processor.New(catalog, p, versioned{p}, processor.Options{Version: "test", Retention: 30 * 24 * time.Hour})
}

func startBy(t *testing.T, cfg kafka.Config, p *processor.Processor) *running {
	t.Helper()
	r := &running{t: t, plain: new(plain), metrics: prometheus.NewRegistry(), ended: make(chan error, 1)}
	return r.start(cfg, p)
}

// marks are those beside the group's offsets of rawTopic.
func marks(t *testing.T, client *kgo.Client) (list []transact.Mark, offsets []int64) {
	t.Helper()
	req := kmsg.NewPtrOffsetFetchRequest()
	rg := kmsg.NewOffsetFetchRequestGroup()
	rg.Group = "verdict"
	gt := kmsg.NewOffsetFetchRequestGroupTopic()
	gt.Topic, gt.Partitions = rawTopic, []int32{0, 1, 2, 3}
	rg.Topics = append(rg.Topics, gt)
	req.Groups = append(req.Groups, rg)
	res, err := req.RequestWith(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range res.Groups[0].Topics[0].Partitions {
		metadata := ""
		if p.Metadata != nil {
			metadata = *p.Metadata
		}
		list, offsets = append(list, transact.ParseMark(metadata)), append(offsets, p.Offset)
	}
	return list, offsets
}

// markedWith says whether all offsets are marked with a version of the rules.
func markedWith(t *testing.T, client *kgo.Client, version string) bool {
	t.Helper()
	list, _ := marks(t, client)
	for _, m := range list {
		if m.Rules != version || time.Since(time.UnixMilli(m.Time)) > time.Minute {
			return false
		}
	}
	return len(list) == partitions
}

// Rules change under load: none is lost, none is decided twice, and the versions of a partition's decisions only go
// forward.
func TestUseUnderLoad(t *testing.T) {
	t.Parallel()
	for name, delivery := range map[string]kafka.Delivery{
		"exactly once": kafka.DeliveryExactlyOnce, "at least once": kafka.DeliveryAtLeastOnce,
		"among failures": kafka.DeliveryExactlyOnce,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const rounds, each = 20, 200
			c := newStateCluster(t)
			client := producer(t, c.ListenAddrs())
			failing := &chaos{}
			if name == "among failures" {
				failing = newChaos(t, c, 12)
			}
			cfg := config(c.ListenAddrs())
			cfg.Delivery = delivery
			cfg.State.Enabled = cfg.Delivery == kafka.DeliveryExactlyOnce
			cfg.CommitInterval, cfg.MaxBatchRecords = 5*time.Millisecond, 50
			usual := rules.Embedded()
			r := startBy(t, cfg, by(usual))
			decisions := collect(t, c.ListenAddrs(), "decisions")
			order := map[string]int{usual.Version: 0}
			for round := range rounds {
				produce(t, client, events(round*each, each/2)...)
				next := otherRules(t, fmt.Sprintf("round.%d", round+1), "24h")
				order[next.Version] = round + 1
				r.Use(by(next))
				produce(t, client, events(round*each+each/2, each/2)...)
				decisions.poll(30*time.Second, round*each+each/4) // so that each version comes to decide something
			}
			records := decisions.until(rounds * each)
			onceEach(t, records, rounds*each)
			forward(t, records, order)
			if n := failing.hits.Load(); n < chaosHits && name == "among failures" {
				t.Errorf("only %d requests failed", n)
			}
		})
	}
}

// forward checks that decisions of each raw partition are by versions that follow each other, and of several.
func forward(t *testing.T, records []*kgo.Record, order map[string]int) {
	t.Helper()
	at, seen := map[string]map[int]int{}, map[int]bool{}
	for _, r := range records {
		words := strings.Fields(string(r.Value))
		number, known := order[words[2]]
		if !known {
			t.Fatalf("a decision is by %s, which was never given", words[2])
		}
		seen[number] = true
		offset := 0
		_, _ = fmt.Sscan(words[1], &offset)
		if at[words[0]] == nil {
			at[words[0]] = map[int]int{}
		}
		at[words[0]][offset] = number
	}
	for partition, numbers := range at {
		last := 0
		for offset := range len(numbers) {
			number, ok := numbers[offset]
			if !ok || number < last {
				t.Fatalf("partition %s offset %d: by rules %d, after %d", partition, offset, number, last)
			}
			last = number
		}
	}
	if len(seen) < 5 {
		t.Errorf("only %d versions have decided anything: this shows little", len(seen))
	}
}

// What comes after Use returned is decided by that processor, also by a unit that has waited for records since before.
func TestUseCountsAtOnce(t *testing.T) {
	t.Parallel()
	const rounds = 5
	c := newStateCluster(t)
	client := producer(t, c.ListenAddrs())
	cfg := config(c.ListenAddrs())
	cfg.FetchMaxWait = 5 * time.Second
	r := startBy(t, cfg, by(rules.Embedded()))
	decisions := collect(t, c.ListenAddrs(), "decisions")
	produce(t, client, events(0, partitions)...)
	decisions.until(partitions)
	eventually(t, "it waits", func() bool { return markedWith(t, client, rules.Embedded().Version) })
	for round := 1; round <= rounds; round++ {
		next := otherRules(t, fmt.Sprintf("round.%d", round), "24h")
		r.Use(by(next))
		produce(t, client, events(round*partitions, partitions)...)
		all := decisions.until((round + 1) * partitions)
		for _, record := range all[round*partitions:] {
			if !strings.HasSuffix(string(record.Value), " "+next.Version) {
				t.Errorf("a decision is %s, want it by %s", record.Value, next.Version)
			}
		}
		eventually(t, "it waits again", func() bool { return markedWith(t, client, next.Version) })
	}
}

// Where nothing comes, offsets are committed once as they are, to say by which rules the group goes on.
func TestUseMarksOffsetsThatStand(t *testing.T) {
	t.Parallel()
	for _, delivery := range kafka.Deliveries() {
		t.Run(delivery, func(t *testing.T) {
			t.Parallel()
			c := newStateCluster(t)
			client := producer(t, c.ListenAddrs())
			cfg := config(c.ListenAddrs())
			cfg.Delivery, _ = kafka.ParseDelivery(delivery)
			cfg.State.Enabled = cfg.Delivery == kafka.DeliveryExactlyOnce
			r := startBy(t, cfg, by(rules.Embedded()))
			produce(t, client, events(0, 40)...)
			collect(t, c.ListenAddrs(), "decisions").until(40)
			eventually(t, "all is marked", func() bool { return markedWith(t, client, rules.Embedded().Version) })
			_, before := marks(t, client)
			next := otherRules(t, "next", "24h")
			r.Use(by(next))
			eventually(t, "all is marked anew", func() bool { return markedWith(t, client, next.Version) })
			list, after := marks(t, client)
			if fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("the offsets moved from %v to %v", before, after)
			}
			for _, m := range list {
				if cfg.State.Enabled != (m.Note.Number > 0) || cfg.State.Enabled != (m.TransactionalID != "") {
					t.Errorf("an offset is marked with %+v", m)
				}
			}
			commits := r.value("verdict_transactions_total", "result=committed")
			produce(t, client, raw(1, "last approved"))
			collect(t, c.ListenAddrs(), "decisions").until(41)
			eventually(t, "the last is committed",
				func() bool { return r.value("verdict_events_total") == 41 })
			if n := r.value("verdict_transactions_total", "result=committed"); n > commits+3 {
				t.Errorf("it goes on committing: %v more", n-commits)
			}
		})
	}
}

// A deadline that is nearer by other rules, or there is only now, is found, in as many slices as it takes; and nothing
// is told twice, however often that changes.
func TestDeadlinesFollowTheRules(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{"shorter": "24h", "only now": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const n = 3000
			c := newStateCluster(t)
			client := producer(t, c.ListenAddrs())
			overdue := collect(t, c.ListenAddrs(), "overdue")
			r := startBy(t, stateConfig(c), by(otherRules(t, "first", first)))
			var records []*kgo.Record
			for i := range n {
				record := raw(int32(i%partitions), fmt.Sprintf("v-%d pending", i))
				record.Timestamp = time.Now().Add(-2 * time.Hour)
				records = append(records, record)
			}
			produce(t, client, records...)
			eventually(t, "all are decided", func() bool { return groupAt(t, client) == n })
			r.Use(by(otherRules(t, "second", "1h")))
			overdue.until(n)
			for i, limit := range []string{"30m", "24h", "", "1h"} {
				next := otherRules(t, fmt.Sprintf("again.%d", i), limit)
				r.Use(by(next))
				eventually(t, "it goes on by these", func() bool { return markedWith(t, client, next.Version) })
			}
			late := raw(1, "late pending")
			late.Timestamp = time.Now().Add(-2 * time.Hour)
			produce(t, client, late)
			onceEach(t, overdue.until(n+1), n+1)
		})
	}
}

func TestDecided(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	r := startBy(t, config(c.ListenAddrs()), by(rules.Embedded()))
	produce(t, producer(t, c.ListenAddrs()), raw(1, "a approved"), raw(1, "broken"))
	eventually(t, "it is counted", func() bool { return r.value("verdict_events_total") == 2 })
	for _, v := range rules.Embedded().Vocabularies() {
		if want := v.Provider == "yousign"; r.Decided(v.Provider, v.Product) != want {
			t.Errorf("%s: %v, want %v", v.Name, !want, want)
		}
	}
}

// What a vocabulary may decide is counted from zero on, be it one that came later.
func TestUseCountsFromZero(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"catalog.yaml": {Data: []byte("version: one\n")}}
	content, err := fs.ReadFile(rules.EmbeddedFS(), "yousign-video.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files["yousign-video.yaml"] = &fstest.MapFile{Data: content}
	one, err := rules.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	r := startBy(t, config(newCluster(t).ListenAddrs()), by(one))
	before := seriesOf(t, r.metrics)
	r.Use(by(rules.Embedded()))
	after := seriesOf(t, r.metrics)
	for _, name := range []string{"verdict_anomalies_total", "verdict_charges_total", "verdict_overdue_total"} {
		if want := before[name] * len(rules.Embedded().Vocabularies()); want == 0 || after[name] != want {
			t.Errorf("%d series of %s, want %d", after[name], name, want)
		}
	}
}
