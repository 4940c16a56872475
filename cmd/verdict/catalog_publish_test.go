package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/cmd/verdict/local"
	"verdict/rules"
	"verdict/rules/wording"
)

const catalogTopic = "idv.catalog.v1"

// publishStage is a Kafka and a registry in this process, for the catalog as a topic.
type publishStage struct {
	t       *testing.T
	cluster *local.Cluster
}

func newPublishStage(t *testing.T) *publishStage {
	t.Helper()
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return &publishStage{t, c}
}

// publish calls the command, and returns what it prints and what it says is wrong.
func (s *publishStage) publish(want int, args ...string) (out, errs string) {
	s.t.Helper()
	args = append([]string{"catalog", "--publish", catalogTopic, "--set", "kafka.brokers=" + s.cluster.Broker()}, args...)
	var stdout, stderr strings.Builder
	if code := run(args, streams{strings.NewReader(""), &stdout, &stderr}); code != want {
		s.t.Fatalf("verdict %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, stdout.String(), stderr.String())
	}
	return stdout.String(), stderr.String()
}

// table is what the topic holds: of each key the latest record. It counts all of them, too.
func (s *publishStage) table() (rows map[string]*kgo.Record, records int) {
	s.t.Helper()
	client, err := s.cluster.Client(kgo.ConsumeTopics(catalogTopic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		s.t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	rows = map[string]*kgo.Record{}
	for last, end := int64(0), s.cluster.Kafka.PartitionInfos(catalogTopic)[0].HighWatermark; last < end; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			s.t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if last = r.Offset + 1; r.Attrs.IsControl() {
				return
			}
			records++
			if header(r, "ce_type") != "idv.catalog.v1" || !strings.HasPrefix(header(r, "ce_id"), string(r.Key)+":") {
				s.t.Errorf("%s has the headers %v", r.Key, r.Headers)
			}
			if rows[string(r.Key)] = r; r.Value == nil {
				delete(rows, string(r.Key))
			}
		})
	}
	return rows, records
}

func header(r *kgo.Record, name string) string {
	for _, h := range r.Headers {
		if h.Key == name {
			return string(h.Value)
		}
	}
	return ""
}

// ownCatalog is a copy of the built-in one with a code more, one less, and one that means something else.
func ownCatalog(t *testing.T) string {
	t.Helper()
	directory := filepath.Join(t.TempDir(), "catalog")
	if code := run([]string{"catalog", "--export", directory}, streams{strings.NewReader(""), io.Discard, io.Discard}); code != 0 {
		t.Fatalf("catalog --export: exit code %d", code)
	}
	path := filepath.Join(directory, "yousign-video.yaml")
	text := read(t, path)
	row := regexp.MustCompile(`(?m)^  - \{code: 1301, [^}]*\}\n`).FindString(text)
	if row == "" {
		t.Fatal("no row of the code 1301")
	}
	meaning := regexp.MustCompile(`meaning: "[^"]*"`)
	text = strings.Replace(text, row, meaning.ReplaceAllString(row, `meaning: "something else"`)+
		strings.Replace(row, "1301", "1999", 1), 1)
	text = regexp.MustCompile(`(?m)^  - \{code: 1302, [^}]*\}\n`).ReplaceAllString(text, "")
	writeFile(t, path, []byte(text))
	return directory
}

func changesText(added, changed, removed, unchanged int) string {
	return fmt.Sprintf("%s added, %d changed, %d removed, %d unchanged", wording.Count(added, "row"), changed, removed, unchanged)
}

// The topic comes to hold the catalog, of which only what differs is written: at first all, then nothing, then what
// another catalog says otherwise.
func TestPublishCatalog(t *testing.T) {
	t.Parallel()
	s := newPublishStage(t)
	jsonOutput := []string{"--set", "output.format=json"}
	_, errs := s.publish(1, jsonOutput...)
	contains(t, errs, "idv.catalog.v1: the topic is not there", "`verdict catalog --publish idv.catalog.v1 --create`")
	entries := rules.Embedded().Entries()
	out, _ := s.publish(0, append(jsonOutput, "--create")...)
	if want := "idv.catalog.v1: " + changesText(len(entries), 0, 0, 0) + " (rules " + rules.Embedded().Version + ")\n"; out != want {
		t.Errorf("it says %q, want %q", out, want)
	}
	out, _ = s.publish(0, append(jsonOutput, "--create")...)
	contains(t, out, changesText(0, 0, 0, len(entries)), "nothing was to be written")
	rows, records := s.table()
	if len(rows) != len(entries) || records != len(entries) {
		t.Errorf("%d rows of %d records, want %d", len(rows), records, len(entries))
	}
	for _, e := range entries {
		r := rows[e.Key()]
		if r == nil || !bytes.Contains(r.Value, fmt.Appendf(nil, `"name":%q`, e.Name)) {
			t.Errorf("no row %s", e.Key())
		}
	}
	own := []string{"--set", "output.format=json", "--set", "catalog.dir=" + ownCatalog(t)}
	want := "added    yousign/video/code/1999\nchanged  yousign/video/code/1301\nremoved  yousign/video/code/1302\n"
	dry, _ := s.publish(0, append(own, "--dry-run")...)
	contains(t, dry, want, changesText(1, 1, 1, len(entries)-2), "nothing was written")
	if _, now := s.table(); now != records {
		t.Errorf("the trial has written %d records", now-records)
	}
	out, _ = s.publish(0, own...)
	contains(t, out, want, changesText(1, 1, 1, len(entries)-2))
	rows, now := s.table()
	if now != records+3 || rows["yousign/video/code/1302"] != nil {
		t.Errorf("%d records were written", now-records)
	}
	contains(t, string(rows["yousign/video/code/1301"].Value), `"meaning":"something else"`)
	if id := header(rows["yousign/video/code/1101"], "ce_id"); !strings.Contains(id, rules.Embedded().Version) {
		t.Errorf("a row that stays has the version of another catalog: %s", id)
	}
}

// In Avro the schema is registered under the topic's name, but by no trial. A trial before that says that all is new.
func TestPublishCatalogInAvro(t *testing.T) {
	t.Parallel()
	s := newPublishStage(t)
	avro := []string{"--set", "registry.url=" + s.cluster.RegistryURL(), "--format", "json"}
	if err := s.cluster.Kafka.CreateTopic(catalogTopic, 1, map[string]string{"cleanup.policy": "compact"}); err != nil {
		t.Fatal(err)
	}
	total := len(rules.Embedded().Entries())
	said := func(args ...string) (v struct {
		Added, Changed, Removed []string
		Unchanged               int
		DryRun                  bool   `json:"dry_run"`
		Version                 string `json:"rules_version"`
	}) {
		t.Helper()
		out, _ := s.publish(0, append(slices.Clone(avro), args...)...)
		if err := json.Unmarshal([]byte(out), &v); err != nil {
			t.Fatalf("%v in %s", err, out)
		}
		return v
	}
	if v := said("--dry-run"); len(v.Added) != total || !v.DryRun || v.Version != rules.Embedded().Version {
		t.Errorf("a trial: %+v", v)
	}
	if subjects := s.subjects(); subjects != "[]" {
		t.Errorf("a trial has registered %s", subjects)
	}
	_, errs := s.publish(1, append(slices.Clone(avro), "--set", "registry.register=false")...)
	contains(t, errs, "idv.catalog.v1-value", "schemas/catalog_entry.avsc")
	if v := said(); len(v.Added) != total || v.DryRun {
		t.Errorf("at first: %+v", v)
	}
	if subjects := s.subjects(); subjects != `["idv.catalog.v1-value"]` {
		t.Errorf("the registry has %s", subjects)
	}
	if v := said("--set", "registry.register=false"); v.Unchanged != total || v.Added == nil {
		t.Errorf("again: %+v", v)
	}
	if v := said("--dry-run"); v.Unchanged != total {
		t.Errorf("a trial after it: %+v", v)
	}
	rows, _ := s.table()
	for key, r := range rows {
		if len(r.Value) < 6 || r.Value[0] != 0 || r.Value[4] == 0 || header(r, "content-type") != "application/avro" {
			t.Errorf("%s: % x, %v", key, r.Value, r.Headers)
		}
	}
	if v := said("--set", "output.format=json", "--set", "output.headers=minimal"); len(v.Changed) != total {
		t.Errorf("in another format: %d changed", len(v.Changed))
	}
	rows, _ = s.table()
	if r := rows["yousign/video/code/1301"]; len(r.Headers) != 2 {
		t.Errorf("minimal headers: %v", r.Headers)
	}
}

func (s *publishStage) subjects() string {
	s.t.Helper()
	answer, err := http.Get(s.cluster.RegistryURL() + "/subjects")
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// A topic of something else, and calls that make no sense.
// Rules that a start would refuse are published to nobody.
func TestPublishCatalogTestsTheRules(t *testing.T) {
	t.Parallel()
	s, rules := newPublishStage(t), t.TempDir()
	writeFile(t, filepath.Join(rules, "mine.yaml"), []byte("vocabulary: yousign-video\ncodes:\n"+
		"  - {code: 1101, meaning: ours, origin: operator}\n"))
	if err := os.Mkdir(filepath.Join(rules, "cases"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(rules, "cases/mine.yaml"), []byte("cases:\n  - name: approved is not declined\n"+
		"    event: {provider: yousign, product: video, status: approved}\n    expect: {decision: {outcome: DECLINED}}\n"))
	_, errs := s.publish(1, "--set", "output.format=json", "--set", "catalog.overlay="+rules, "--create")
	contains(t, errs, "approved is not declined: decision.outcome")
	_, errs = s.publish(1, "--set", "output.format=json")
	contains(t, errs, "the topic is not there")
}

func TestPublishCatalogRefuses(t *testing.T) {
	t.Parallel()
	s := newPublishStage(t)
	if err := s.cluster.CreateTopics(1, "plain"); err != nil {
		t.Fatal(err)
	}
	if err := s.cluster.Kafka.CreateTopic(catalogTopic, 1, map[string]string{"cleanup.policy": "compact"}); err != nil {
		t.Fatal(err)
	}
	client, err := s.cluster.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ours := kgo.RecordHeader{Key: "ce_type", Value: []byte("idv.catalog.v1")}
	for _, r := range []*kgo.Record{
		{Key: []byte("a/b/code/1"), Value: []byte("secret")},
		{Key: []byte("a/b/cod/1"), Value: []byte("secret"), Headers: []kgo.RecordHeader{ours}},
		{Key: []byte("a/b/code/2"), Value: []byte("secret"), Headers: []kgo.RecordHeader{{Key: "ce_type", Value: []byte("x")}}},
	} {
		r.Topic = catalogTopic
		if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	_, errs := s.publish(1, "--set", "output.format=json")
	contains(t, errs, "idv.catalog.v1/0, offset 0: it has no header ce_type", "offset 1: its key is not provider/product/kind/name",
		"offset 2: its header ce_type is not idv.catalog.v1")
	if strings.Contains(errs, "secret") {
		t.Errorf("it quotes a record: %s", errs)
	}
	avro := "registry.url=" + s.cluster.RegistryURL()
	for topic, want := range map[string]string{catalogTopic: "offset 0: it has no header ce_type",
		"plain": "cleanup.policy=delete", "none": "the topic is not there"} {
		_, errs := s.publish(1, "--publish", topic, "--set", avro)
		contains(t, errs, want)
	}
	if subjects := s.subjects(); subjects != "[]" {
		t.Errorf("for a topic that is refused it has registered %s", subjects)
	}
	for _, wrong := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"--publish", "plain"}, "cleanup.policy=delete", 1},
		{[]string{"--publish", "idv.raw.v1"}, "--publish: idv.raw.v1 is the raw topic", 2},
		{[]string{"--publish", ""}, "--publish is empty: write the topic's name", 2},
		{[]string{"--create", "--dry-run"}, "--create and --dry-run", 2},
		{[]string{"--export", "x"}, "--publish and --export", 2},
		{[]string{"yousign-video"}, "--publish takes the whole catalog: leave yousign-video out", 2},
	} {
		_, errs := s.publish(wrong.code, append(wrong.args, "--set", "output.format=json")...)
		contains(t, errs, wrong.want)
	}
	var stderr strings.Builder
	if code := run([]string{"catalog", "--dry-run"}, streams{strings.NewReader(""), io.Discard, &stderr}); code != 2 {
		t.Errorf("exit code %d", code)
	}
	contains(t, stderr.String(), "--dry-run goes with --publish")
}

// Whatever a decision names has a row, but for what the catalog does not list: the decision says so itself.
func TestDecisionsJoinTheCatalog(t *testing.T) {
	t.Parallel()
	keys := map[string]bool{}
	for _, e := range rules.Embedded().Entries() {
		keys[e.Key()] = true
	}
	var events, out strings.Builder
	if code := run([]string{"generate", "--count", "3000"}, streams{strings.NewReader(""), &events, io.Discard}); code != 0 {
		t.Fatal(code)
	}
	events.WriteString(`{"provider":"yousign","product":"video","verification_id":"v","status":"verified","codes":["IDVV_1301","01302"]}` + "\n")
	if code := run([]string{"decide", "--format", "json"}, streams{strings.NewReader(events.String()), &out, io.Discard}); code != 0 {
		t.Fatal(code)
	}
	found := map[string]int{}
	for line := range strings.Lines(out.String()) {
		var decided struct {
			Decision *struct {
				Provider, Product string
				Status            string `json:"provider_status"`
				Reasons           []struct {
					Code  string
					Known bool
				}
				Risk      *struct{ Code int }
				Anomalies []string
			}
		}
		if err := json.Unmarshal([]byte(line), &decided); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		d := decided.Decision
		if d == nil {
			continue
		}
		need := func(kind string, name any, listed bool) {
			key := fmt.Sprintf("%s/%s/%s/%v", d.Provider, d.Product, kind, name)
			if keys[key] != listed {
				t.Errorf("%s has a row: %v, listed: %v", key, keys[key], listed)
			}
			found[kind]++
		}
		need("status", d.Status, !slices.Contains(d.Anomalies, "UNKNOWN_STATUS"))
		for _, r := range d.Reasons {
			need("code", r.Code, r.Known)
		}
		if d.Risk != nil {
			need("risk_code", d.Risk.Code, !slices.Contains(d.Anomalies, "UNKNOWN_RISK_CODE"))
		}
	}
	if kinds := slices.Sorted(maps.Keys(found)); len(kinds) != 3 || found["status"] < 2000 || found["code"] < 500 {
		t.Errorf("joined %v", found)
	}
}
