package diff

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/local"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/show"
	"verdict/processor"
)

// TestATopicAgainstWhatIsPublished: by the rules that have decided it nothing differs; by others what differs is the
// same against what is published as against those rules.
func TestATopicAgainstWhatIsPublished(t *testing.T) {
	const count = 3_000
	s := newStage(t, linesOf(count), func(n int) time.Time { return events.GeneratorStart.Add(time.Duration(n) * time.Minute) })
	same := s.report(t, pipeline.BuiltIn(), nil, time.Time{}, time.Time{})
	if same.Differs() || same.Events != count || same.Compared < count*8/10 ||
		*same.Published != (show.DiffPublished{Decisions: same.Compared, DeadLetters: same.Published.DeadLetters}) ||
		same.Published.DeadLetters == 0 {
		t.Errorf("by the same rules: %+v %+v", same, same.Published)
	}
	own := edited(t, "ubble-idv.yaml")
	for name, r := range map[string][2]time.Time{
		"all": {},
		// The fold of 7 days begins in the midst of it.
		"a range": {events.GeneratorStart.Add(1000 * time.Minute), events.GeneratorStart.Add(2000 * time.Minute)},
	} {
		published := s.report(t, own, nil, r[0], r[1])
		versions := 0
		for _, v := range published.Old.Versions {
			versions += v.Count
		}
		if p := published.Published; p.Decisions != published.Compared+decidedBefore(published) || versions != p.Decisions ||
			p.Decisions+p.DeadLetters > published.Events {
			t.Errorf("%s: of %d events it counts %+v, of versions %d", name, published.Events, p, versions)
		}
		sides := s.report(t, own, pipeline.BuiltIn(), r[0], r[1])
		if !published.Differs() || published.Compared != sides.Compared || published.Differ != sides.Differ {
			t.Errorf("%s: against what is published %d of %d differ, against its rules %d of %d", name,
				published.Differ, published.Compared, sides.Differ, sides.Compared)
		}
		for _, counts := range [][2]any{
			{published.Fields, sides.Fields}, {published.Vocabularies, sides.Vocabularies},
			{published.Statuses, sides.Statuses}, {published.Codes, sides.Codes}, {withoutPlaces(published), withoutPlaces(sides)},
			{published.Charges, sides.Charges}, {became(published), became(sides)},
		} {
			if ours, theirs := fmt.Sprintf("%+v", counts[0]), fmt.Sprintf("%+v", counts[1]); ours != theirs {
				t.Errorf("%s: against what is published\n%s\nagainst its rules\n%s", name, ours, theirs)
			}
		}
	}
}

// decidedBefore counts the events of which the old side alone has a decision.
func decidedBefore(d *show.Diff) (n int) {
	for _, b := range d.Became {
		if b.Old == decision {
			n += b.Count
		}
	}
	return n
}

// withoutPlaces lists by which rules decisions differ, without where the rules stand and without examples: what is
// published does not say its files.
func withoutPlaces(d *show.Diff) (lines []string) {
	for _, r := range d.Rules {
		if r.Part == "reason" {
			r.Old.Basis = "" // nor of codes their rules
		}
		lines = append(lines, fmt.Sprint(r.Vocabulary, r.What(), r.Old.Value, r.Old.Basis, r.New.Value, r.New.Basis, r.Count))
	}
	slices.Sort(lines)
	return lines
}

// became lists what is decided on one side only. What is published says of a repeat nothing.
func became(d *show.Diff) (lines []string) {
	for _, b := range d.Became {
		if b.Old == "repeat" {
			b.Old = "nothing"
		}
		lines = append(lines, fmt.Sprint(b.Old, " -> ", b.New, b.Count))
	}
	return lines
}

// TestATopicSinceLongAgo: a time less 7 days may be before 1970, where a broker would take it for something else.
func TestATopicSinceLongAgo(t *testing.T) {
	s := newStage(t, linesOf(50), func(n int) time.Time { return events.GeneratorStart.Add(time.Duration(n) * time.Minute) })
	for _, from := range []time.Time{time.Unix(0, 0), time.UnixMilli(-1), time.UnixMilli(-2), time.Unix(0, 0).Add(foldBefore),
		time.UnixMilli(-1).Add(foldBefore), time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC)} {
		report := s.report(t, pipeline.BuiltIn(), nil, from, time.Time{})
		if report.Differs() || report.Events != 50 || report.Input.Folded != 0 {
			t.Errorf("from %s: %s, %+v", from, report.Result(), report)
		}
	}
	var out bytes.Buffer
	_, err := Run(t.Context(), Options{Config: s.cfg, New: pipeline.BuiltIn(), Topic: "idv.raw.v1", To: time.UnixMilli(-1),
		Version: "test", Show: show.DiffJSON, Out: &out, Err: &bytes.Buffer{}})
	if err == nil || !strings.Contains(err.Error(), "no event of idv.raw.v1 is in that range") {
		t.Errorf("to before 1970: %v", err)
	}
}

// TestWhatBeganBefore: a verification whose first event is more than 7 days before the range is known by what is
// published, and what depends on its past is not compared.
func TestWhatBeganBefore(t *testing.T) {
	event := func(id, event string) events.Line {
		return events.Line{Key: id, Value: []byte(`{"event_id":"` + id + event + `","provider":"yousign","product":"video",` +
			`"verification_id":"` + id + `","status":"` + event + `"}`)}
	}
	lines := []events.Line{event("long", "pending"), event("short", "pending"), event("long", "approved"),
		event("short", "approved"), event("new", "pending"), event("long", "pending")}
	days := []int{0, 10, 15, 15, 15, 15}   // the last one is a repeat
	begin := time.Now().AddDate(0, 0, -16) // what is decided now comes after all of them
	s := newStage(t, lines, func(n int) time.Time { return begin.AddDate(0, 0, days[n]) })
	report := s.report(t, pipeline.BuiltIn(), nil, begin.AddDate(0, 0, 15).Add(-time.Second), time.Time{})
	if report.Differs() || report.Events != 4 || report.Compared != 3 || report.Input.Folded != 1 ||
		report.Verifications != (show.DiffVerifications{All: 3, BeganBefore: 1, BeganEarlier: 1}) ||
		report.Published.Unknown+report.Published.NotYet != 1 {
		t.Errorf("%+v %+v %+v", report, report.Published, report.Verifications)
	}
}

// TestWhatRetentionHasTaken is counted, and nothing else.
func TestWhatRetentionHasTaken(t *testing.T) {
	const count = 500
	s := newStage(t, linesOf(count), func(n int) time.Time { return events.GeneratorStart.Add(time.Duration(n) * time.Minute) })
	client, err := s.cluster.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	taken := 0
	decisions := s.cfg.Topics.Output[processor.RouteDecision]
	for partition := range int32(outputPartitions) {
		half := s.cluster.Kafka.PartitionInfo(decisions, partition).HighWatermark / 2
		taken += s.truncate(t, client, decisions, partition, half)
	}
	report := s.report(t, pipeline.BuiltIn(), nil, time.Time{}, time.Time{})
	if report.Differs() || report.Published.Gone < taken*8/10 || report.Published.Gone > taken || report.Compared == 0 {
		t.Errorf("%d records taken: %+v %+v", taken, report, report.Published)
	}
}

// TestWhatRetentionHasTakenOfBilling: a charge whose billing event is gone is not known; what differs of the others is
// still told.
func TestWhatRetentionHasTakenOfBilling(t *testing.T) {
	s := newStage(t, linesOf(1000), func(n int) time.Time { return events.GeneratorStart.Add(time.Duration(n) * time.Minute) })
	own := edited(t)
	all := s.report(t, own, nil, time.Time{}, time.Time{})
	off := *s
	off.cfg = settings(t, "kafka.brokers="+s.cluster.Broker(), "registry.url="+s.cluster.RegistryURL(), "topics.billing=")
	if none := off.report(t, pipeline.BuiltIn(), nil, time.Time{}, time.Time{}); none.Differs() ||
		none.Published.ChargesUnknown == 0 {
		t.Errorf("without the topic: %s %+v", none.Result(), none.Published)
	}
	client, err := s.cluster.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	taken := 0
	billing := s.cfg.Topics.Output[processor.RouteBilling]
	for partition := range int32(outputPartitions - 1) { // of the last one all is there
		half := s.cluster.Kafka.PartitionInfo(billing, partition).HighWatermark / 2
		taken += s.truncate(t, client, billing, partition, half)
	}
	same := s.report(t, pipeline.BuiltIn(), nil, time.Time{}, time.Time{})
	if n := same.Published.ChargesUnknown; same.Differs() || n < taken*7/10 || n > taken {
		t.Errorf("%d records taken: %s %+v %+v", taken, same.Result(), same.Published, same.Charges)
	}
	other := s.report(t, own, nil, time.Time{}, time.Time{})
	if n := other.ChargesDiffer; n == 0 || n >= all.ChargesDiffer || n+other.Published.ChargesUnknown < all.ChargesDiffer {
		t.Errorf("%d charges differ and %d are unknown; of all, %d differed", n, other.Published.ChargesUnknown,
			all.ChargesDiffer)
	}
	for _, c := range other.Charges {
		if c.Old == "NONE" {
			t.Errorf("%+v", c)
		}
	}
}

// TestWhatCompactionHasTakenOfBilling: of a charge that was corrected after the range, its flag in the range is gone.
func TestWhatCompactionHasTakenOfBilling(t *testing.T) {
	s := newStage(t, linesOf(3000), func(n int) time.Time { return events.GeneratorStart.Add(time.Duration(n) * time.Minute) })
	to := events.GeneratorStart.Add(1500 * time.Minute)
	before := s.report(t, pipeline.BuiltIn(), nil, time.Time{}, to)
	s.compact(t, s.cfg.Topics.Output[processor.RouteBilling])
	for name, end := range map[string]time.Time{"a range": to, "all": {}} {
		report := s.report(t, pipeline.BuiltIn(), nil, time.Time{}, end)
		n := report.Published.ChargesUnknown
		if report.Differs() || (n > 0) != !end.IsZero() || n > 100 {
			t.Errorf("%s: %s, %+v %+v", name, report.Result(), report.Published, report.Charges)
		}
	}
	if n := before.Published.ChargesUnknown; before.Differs() || n > 0 {
		t.Errorf("before it, %d charges are unknown", n)
	}
}

// TestWhereNothingIsPublished is no all-clear, nor is a range without a record.
func TestWhereNothingIsPublished(t *testing.T) {
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	cfg := settings(t, "kafka.brokers="+c.Broker(), "registry.url="+c.RegistryURL())
	if err := c.CreateTopics(1, append(cfg.OutputTopics(), "idv.raw.v1")...); err != nil {
		t.Fatal(err)
	}
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, line := range linesOf(3) {
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "idv.raw.v1", Value: line.Value}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	for want, from := range map[string]time.Time{
		"nothing is published for the 3 events of idv.raw.v1; compare with rules instead: --against": {},
		"no event of idv.raw.v1 is in that range":                                                    time.Now().Add(time.Hour),
	} {
		var out bytes.Buffer
		differs, err := Run(t.Context(), Options{Config: cfg, New: pipeline.BuiltIn(), Topic: "idv.raw.v1", From: from,
			Version: "test", Show: show.DiffJSON, Out: &out, Err: &bytes.Buffer{}})
		if differs || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it differs: %v, %v; wanted %s", differs, err, want)
		}
		if !strings.Contains(out.String(), `"result": "nothing_compared"`) {
			t.Error(out.String())
		}
	}
}

// TestATopicOfANewProvider can be looked at before the old rules have its format.
func TestATopicOfANewProvider(t *testing.T) {
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	cfg := settings(t, "kafka.brokers="+c.Broker(), "topics.raw=raw2:kestrel")
	if err := c.CreateTopics(1, "raw2"); err != nil {
		t.Fatal(err)
	}
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	bodies, err := os.ReadFile("../testdata/kestrel/kestrel.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for body := range bytes.Lines(bodies) {
		if err := client.ProduceSync(t.Context(), &kgo.Record{Topic: "raw2", Value: body}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	vocabulary, err := os.ReadFile("../testdata/kestrel/kestrel-person.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeFile(t, dir, "kestrel-person.yaml", vocabulary)
	now, err := pipeline.RulesIn(cfg, dir)
	if err != nil {
		t.Fatal(err)
	}
	report := reportOf(t, Options{Config: cfg, New: now, Old: pipeline.BuiltIn(), OldName: "old", Topic: "raw2"})
	if report.Events != 4 || report.OneSided != 3 || report.Old.Lacks != "kestrel" || report.New.Lacks != "" {
		t.Errorf("%+v", report)
	}
}

// TestATopicThatIsNotThere says which, and what to do.
func TestATopicThatIsNotThere(t *testing.T) {
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	_, err = Run(t.Context(), Options{Config: settings(t, "kafka.brokers="+c.Broker()), New: pipeline.BuiltIn(),
		Topic: "idv.raw.v1", Out: &bytes.Buffer{}, Err: &bytes.Buffer{}})
	if err == nil || !strings.Contains(err.Error(), "idv.raw.v1: the topic is not there") {
		t.Error(err)
	}
}
