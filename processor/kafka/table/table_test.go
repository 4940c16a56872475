package table_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/table"
)

const topic = "table"

func start(t *testing.T, partitions int32, policy string) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(2))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if partitions > 0 {
		if err := c.CreateTopic(topic, partitions, map[string]string{"cleanup.policy": policy}); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func options(c *kfake.Cluster) table.Options {
	return table.Options{
		Connection: cluster.Connection{Brokers: c.ListenAddrs()}, Topic: topic, TransactionalID: "verdict-table",
		Timeout: 15 * time.Second,
		Foreign: func(r *processor.Record) string {
			if kind, _ := r.Header("kind"); string(kind) != "row" {
				return "it is no row"
			}
			return ""
		},
		Headers: func(string) []processor.Header { return []processor.Header{{Key: "kind", Value: []byte("row")}} },
	}
}

// rows makes rows of texts such as "a=1".
func rows(texts ...string) []table.Row {
	var all []table.Row
	for _, text := range texts {
		key, value, _ := strings.Cut(text, "=")
		all = append(all, table.Row{Key: key, Value: []byte(value)})
	}
	return all
}

// publish publishes rows, and says what that changed: "+a ~b -c =2".
func publish(t *testing.T, o table.Options, texts ...string) string {
	t.Helper()
	changes, err := table.Publish(t.Context(), o, rows(texts...))
	if err != nil {
		t.Fatal(err)
	}
	return said(changes)
}

func said(c table.Changes) string {
	text := ""
	for _, part := range []struct {
		sign string
		keys []string
	}{{"+", c.Added}, {"~", c.Changed}, {"-", c.Removed}} {
		for _, key := range part.keys {
			text += part.sign + key + " "
		}
	}
	return fmt.Sprintf("%s=%d", text, c.Unchanged)
}

func connect(t *testing.T, c *kfake.Cluster, options ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(options, kgo.SeedBrokers(c.ListenAddrs()...))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// log is all that a reader of committed records finds, sorted: "a=1", or "a" for one without a value.
func log(t *testing.T, c *kfake.Cluster) []string {
	t.Helper()
	client := connect(t, c, kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	left := map[int32]int64{}
	for _, p := range c.PartitionInfos(topic) {
		if p.HighWatermark > 0 {
			left[p.Partition] = p.HighWatermark
		}
	}
	var texts []string
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
			switch {
			case r.Attrs.IsControl():
			case r.Value == nil:
				texts = append(texts, string(r.Key))
			default:
				texts = append(texts, string(r.Key)+"="+string(r.Value))
			}
			if !r.Attrs.IsControl() && (len(r.Headers) != 1 || r.Headers[0].Key != "kind") {
				t.Errorf("%s has the headers %v", r.Key, r.Headers)
			}
		})
	}
	slices.Sort(texts)
	return texts
}

func holds(t *testing.T, c *kfake.Cluster, want ...string) {
	t.Helper()
	if got := log(t, c); !slices.Equal(got, want) {
		t.Errorf("the topic holds %v, want %v", got, want)
	}
}

// Only rows that differ are written, those that are gone without a value; where nothing differs, nothing is.
func TestOnlyWhatDiffersIsWritten(t *testing.T) {
	t.Parallel()
	c := start(t, 3, "compact")
	o := options(c)
	if got := publish(t, o, "a=1", "b=1", "c=1", "d=1"); got != "+a +b +c +d =0" {
		t.Error(got)
	}
	produced := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce, kmsg.AddPartitionsToTxn, kmsg.EndTxn}, Observe: true, Count: -1})
	if got := publish(t, o, "d=1", "c=1", "b=1", "a=1"); got != "=4" || produced.Hits() != 0 {
		t.Errorf("%s, with %d requests that write", got, produced.Hits())
	}
	if got := publish(t, o, "a=1", "c=2", "e=1", "b=1"); got != "+e ~c -d =2" {
		t.Error(got)
	}
	if got := publish(t, o, "a=1", "c=2", "e=1", "b=1"); got != "=4" {
		t.Error(got)
	}
	if got := publish(t, o, "d=3"); got != "+d -a -b -c -e =0" {
		t.Error(got)
	}
	holds(t, c, "a", "a=1", "b", "b=1", "c", "c=1", "c=2", "d", "d=1", "d=3", "e", "e=1")
}

// A trial says the same and asks for nothing that needs the right to write.
func TestDryRun(t *testing.T) {
	t.Parallel()
	c := start(t, 1, "compact")
	o := options(c)
	publish(t, o, "a=1", "b=1")
	writes := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.InitProducerID, kmsg.FindCoordinator, kmsg.Produce}, Observe: true, Count: -1})
	o.DryRun = true
	if got := publish(t, o, "a=2", "c=1"); got != "+c ~a -b =0" || writes.Hits() != 0 {
		t.Errorf("%s, with %d requests for writing", got, writes.Hits())
	}
	holds(t, c, "a=1", "b=1")
}

// What is not the table's is told by its place, and nothing is written; what is gone by now does not count.
func TestForeignRecords(t *testing.T) {
	t.Parallel()
	c := start(t, 1, "compact")
	o := options(c)
	publish(t, o, "a=1")
	producer := connect(t, c, kgo.DefaultProduceTopic(topic))
	send := func(key string, value []byte, headers ...kgo.RecordHeader) {
		t.Helper()
		if err := producer.ProduceSync(t.Context(), &kgo.Record{Key: []byte(key), Value: value, Headers: headers}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"x", "a", "y", "z"} { // the offsets behind a=1 and its marker
		send(key, []byte("secret"))
	}
	_, err := table.Publish(t.Context(), o, rows("a=2"))
	for _, want := range []string{"something else", "table/0, offset 2: it is no row", "table/0, offset 3: ", "table/0, offset 4: ",
		"at least 1 more"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), "secret") {
		t.Errorf("it quotes a record: %v", err)
	}
	for _, key := range []string{"x", "a", "y", "z"} {
		send(key, nil, kgo.RecordHeader{Key: "kind"})
	}
	if got := publish(t, o, "a=2"); got != "+a =0" {
		t.Error(got)
	}
}

// A row whose key belongs elsewhere by now would stay beside its successor.
func TestPartitionsThatWereAdded(t *testing.T) {
	t.Parallel()
	c := start(t, 1, "compact")
	o := options(c)
	publish(t, o, "a=1", "b=1", "c=1", "d=1")
	client := connect(t, c)
	req := kmsg.NewPtrCreatePartitionsRequest()
	add := kmsg.NewCreatePartitionsRequestTopic()
	add.Topic, add.Count = topic, 3
	req.Topics = append(req.Topics, add)
	if _, err := req.RequestWith(t.Context(), client); err != nil {
		t.Fatal(err)
	}
	_, err := table.Publish(t.Context(), o, rows("a=1"))
	if err == nil || !strings.Contains(err.Error(), "its key belongs to partition") {
		t.Error(err)
	}
}

func TestTopicsThatAreNotUsable(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]string{
		"delete":         "has cleanup.policy=delete",
		"compact,delete": "kafka-configs --bootstrap-server 127.0.0.1:",
	} {
		_, err := table.Publish(t.Context(), options(start(t, 1, policy)), rows("a=1"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--add-config cleanup.policy=compact") {
			t.Errorf("%s: %v", policy, err)
		}
	}
	if _, err := table.Publish(t.Context(), options(start(t, 0, "")), rows("a=1")); !errors.Is(err, table.ErrMissing) {
		t.Errorf("without a topic: %v", err)
	}
	c := start(t, 1, "compact")
	c.ControlKey(int16(kmsg.DescribeConfigs), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		res := kreq.ResponseKind().(*kmsg.DescribeConfigsResponse)
		r := kmsg.NewDescribeConfigsResponseResource()
		r.ErrorCode, r.ResourceName = kerr.TopicAuthorizationFailed.Code, topic
		res.Resources = append(res.Resources, r)
		return res, nil, true
	})
	if _, err := table.Publish(t.Context(), options(c), rows("a=1")); err == nil || !strings.Contains(err.Error(), "grant DESCRIBE_CONFIGS") {
		t.Errorf("without the right to see settings: %v", err)
	}
}

// Of two that publish at a time, the one that began later is whole, and the other has written nothing and says so.
func TestTwoAtATime(t *testing.T) {
	t.Parallel()
	c := start(t, 2, "compact")
	o := options(c)
	publish(t, o, "a=0")
	first, isForeign := o, o.Foreign
	other := ""
	first.Foreign = func(r *processor.Record) string { // it has begun, and reads
		if other == "" {
			other = publish(t, o, "a=2", "b=2")
		}
		return isForeign(r)
	}
	_, err := table.Publish(t.Context(), first, rows("a=1", "c=1"))
	if err == nil || !strings.Contains(err.Error(), "another process publishes there") || other != "+b ~a =0" {
		t.Errorf("the other one %s, and this one: %v", other, err)
	}
	holds(t, c, "a=0", "a=2", "b=2")
}

// What a process has left open when it was killed ends, and never counts.
func TestAnOpenTransactionOfBefore(t *testing.T) {
	t.Parallel()
	c := start(t, 1, "compact")
	o := options(c)
	publish(t, o, "a=1")
	killed := connect(t, c, kgo.DefaultProduceTopic(topic), kgo.TransactionalID(o.TransactionalID))
	if err := killed.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := killed.ProduceSync(t.Context(), &kgo.Record{Key: []byte("a"), Value: []byte("9")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if got := publish(t, o, "a=1", "b=1"); got != "+b =1" {
		t.Error(got)
	}
	holds(t, c, "a=1", "b=1")
}
