package admin

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// madeNeeds are those of a group with a raw topic of each kind of neighbour: a state, a table, and the others.
func madeNeeds(t *rapid.T) Needs {
	needs := Needs{Raw: []string{"raw"},
		Outputs: []OutputTopic{
			{Name: "decisions", Partitions: 8, Configs: Keep(30 * day), LossIfCompacted: "a loss"},
			{Name: "table", Partitions: 8, Configs: KeepLatest(365 * day), Table: true},
			{Name: "billing", Partitions: 8, Configs: Keep(35 * day)},
		},
		Changelogs: []Changelog{{Name: "state", Raw: "raw", Retention: 30 * day,
			OverdueAfter: rapid.SampledFrom([]time.Duration{0, day, 60 * day}).Draw(t, "overdue after")}},
	}
	for range rapid.IntRange(0, 4).Draw(t, "own settings") {
		needs.Settings = append(needs.Settings, Setting{
			Topic: rapid.SampledFrom([]string{"*", "raw", "decisions", "table", "billing", "state"}).Draw(t, "topic"),
			Name: rapid.SampledFrom([]string{"retention.ms", "retention.bytes", "min.insync.replicas",
				"max.message.bytes"}).Draw(t, "setting"),
			Value: drawNumber(t),
		})
	}
	if rapid.Bool().Draw(t, "own policies") {
		needs.Settings = append(needs.Settings,
			Setting{"billing", cleanupPolicy, rapid.SampledFrom([]string{"compact", "delete"}).Draw(t, "of billing")},
			Setting{"table", cleanupPolicy, "compact"})
	}
	return needs
}

func drawNumber(t *rapid.T) string {
	return rapid.SampledFrom([]string{"-1", "1", "3", "1000", "2592000000", "5184000000",
		"99999999999"}).Draw(t, "value")
}

func drawFound(t *rapid.T, spec *TopicSpec) Found {
	if rapid.IntRange(0, 4).Draw(t, spec.Name+" is missing") == 0 {
		return Found{}
	}
	f := Found{Partitions: rapid.IntRange(1, 16).Draw(t, "partitions"),
		Replicas: rapid.IntRange(1, 3).Draw(t, "replicas"), Settings: map[string]string{
			"cleanup.policy": rapid.SampledFrom([]string{"delete", "compact", "compact,delete", "delete,compact",
				""}).Draw(t, "policy"),
			"retention.ms": drawNumber(t), "retention.bytes": drawNumber(t),
			"min.insync.replicas": rapid.SampledFrom([]string{"1", "2"}).Draw(t, "insync"),
			"max.message.bytes":   "1048588", "message.timestamp.type": "CreateTime",
			"segment.bytes": "1073741824",
		}}
	return f
}

// made is what a cluster makes of a plan.
func made(plan *Plan, found map[string]Found) map[string]Found {
	after := maps.Clone(found)
	for _, p := range plan.Topics {
		have := after[p.Name]
		if p.Create != nil {
			have = Found{Partitions: p.Create.Partitions, Replicas: max(p.Create.ReplicationFactor, 1),
				Settings: maps.Clone(p.Create.Configs)}
		}
		have.Settings = maps.Clone(have.Settings)
		for _, c := range p.Settings {
			have.Settings[c.Name] = c.New
		}
		if p.Grow != nil {
			have.Partitions = p.Grow.New
		}
		after[p.Name] = have
	}
	return after
}

// Whatever a cluster is like and an operator asks for: one application does all that is planned, and nothing of it
// deletes a record, makes a topic smaller or moves a key of the state.
func TestAPlanIsDoneAtOnceAndTakesNothingAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		needs := madeNeeds(t)
		specs := needs.Specs()
		found := map[string]Found{}
		asked := rapid.IntRange(0, 16).Draw(t, "asked partitions")
		for i := range specs {
			if asked > 0 {
				specs[i].Partitions, specs[i].Asked = asked, true
			}
			found[specs[i].Name] = drawFound(t, &specs[i])
		}
		plan := draw(specs, found)
		after := made(plan, found)
		for _, p := range plan.Topics {
			if p.Err != nil {
				t.Fatalf("%+v", p)
			}
			takesNothing(t, &p, found[p.Name], after[p.Name])
		}
		again := draw(specs, after)
		if again.Changes() {
			t.Fatalf("after %+v\nthere is still %+v", plan, again)
		}
		for i := range again.Topics {
			name := again.Topics[i].Name
			if found[name].Partitions > 0 && !sameLeft(plan.Topics[i].Left, again.Topics[i].Left) {
				t.Fatalf("%s: left %+v, then %+v", name, plan.Topics[i].Left, again.Topics[i].Left)
			}
		}
	})
}

// sameLeft says whether the same is left: the second time nothing new may come up.
func sameLeft(a, b []Left) bool {
	return slices.EqualFunc(a, b, func(x, y Left) bool { return x.Name == y.Name })
}

func takesNothing(t *rapid.T, p *Planned, before, after Found) {
	if before.Partitions == 0 {
		return
	}
	if p.spec.Output == nil && after.Partitions != before.Partitions || after.Partitions < before.Partitions {
		t.Fatalf("%s: %d partitions become %d", p.Name, before.Partitions, after.Partitions)
	}
	if keptFor(after) < keptFor(before) {
		t.Fatalf("%s: %v becomes %v", p.Name, before.Settings, after.Settings)
	}
	if keptBytes(after) < keptBytes(before) {
		t.Fatalf("%s: %v becomes %v", p.Name, before.Settings, after.Settings)
	}
	compacted := strings.Contains(after.Settings["cleanup.policy"], "compact")
	if compacted && p.spec.Changelog == nil && !strings.Contains(before.Settings["cleanup.policy"], "compact") {
		t.Fatalf("%s is compacted now", p.Name)
	}
	if compacted && after.Partitions != before.Partitions {
		t.Fatalf("%s: keys leave an earlier record behind", p.Name)
	}
	n, _ := strconv.Atoi(after.Settings["min.insync.replicas"])
	m, _ := strconv.Atoi(before.Settings["min.insync.replicas"])
	if n > after.Replicas && n > m {
		t.Fatalf("%s: %d in sync of %d", p.Name, n, after.Replicas)
	}
}

// keptFor is how old records become, in milliseconds, written without the plan's own functions.
func keptFor(f Found) float64 { return keptIn(f, "retention.ms") }

func keptBytes(f Found) float64 { return keptIn(f, "retention.bytes") }

func keptIn(f Found, name string) float64 {
	policy := f.Settings["cleanup.policy"]
	n, _ := strconv.ParseFloat(f.Settings[name], 64)
	if n < 0 || policy == "compact" || policy == "" {
		return 1e300
	}
	return n
}

// A setting in another spelling is no drift, nor is one that nobody has planned.
func TestNoDrift(t *testing.T) {
	needs := Needs{Raw: []string{"raw"}, Settings: []Setting{{"raw", "min.cleanable.dirty.ratio", "0.10"}}}
	found := map[string]Found{"raw": {Partitions: 3, Replicas: 1, Settings: map[string]string{
		"cleanup.policy": "delete", "retention.ms": "2592000000", "retention.bytes": "-1",
		"min.cleanable.dirty.ratio": "0.1", "max.message.bytes": "77"}}}
	if plan := draw(needs.Specs(), found); plan.Changes() || plan.Topics[0].Left != nil {
		t.Errorf("%+v", plan)
	}
}

// Of a changelog the memory counts: what is asked of all topics does not shorten it, nor does what is asked of it.
func TestOwnRetentionOfAChangelog(t *testing.T) {
	needs := Needs{Raw: []string{"raw"}, Changelogs: []Changelog{{Name: "state", Raw: "raw", Retention: 30 * day}},
		Settings: []Setting{{"*", "retention.ms", "86400000"}, {"*", "retention.bytes", "5"},
			{"*", "message.timestamp.type", "CreateTime"}, {"*", "min.insync.replicas", "2"}}}
	state := needs.Specs()[1].Configs
	for name, want := range map[string]string{"retention.ms": "2678400000", "retention.bytes": "-1",
		"message.timestamp.type": "LogAppendTime", "min.insync.replicas": "2"} {
		if state[name] != want {
			t.Errorf("%s is %s, want %s", name, state[name], want)
		}
	}
	needs.Settings = append(needs.Settings, Setting{"state", "retention.ms", "2678399999"})
	plan := draw(needs.Specs(), map[string]Found{})
	if c := plan.Topics[1]; c.Create.Configs["retention.ms"] != "2678400000" || len(c.Left) != 1 {
		t.Errorf("%+v", c)
	}
	needs.Settings[len(needs.Settings)-1].Value = "2678400001"
	plan = draw(needs.Specs(), map[string]Found{})
	if c := plan.Topics[1]; c.Create.Configs["retention.ms"] != "2678400001" || c.Left != nil {
		t.Errorf("%+v", c)
	}
	needs.Settings = []Setting{{"*", "retention.ms", "-1"}, {"state", "retention.ms", "-1"}}
	if c := draw(needs.Specs(), map[string]Found{}).Topics[1]; c.Left != nil || c.Create.Configs["retention.ms"] != "-1" {
		t.Errorf("for ever beside a raw topic that keeps for ever: %+v", c)
	}
}

// What is not compacted is not compacted by a plan, but for what Verdict alone reads: a table that somebody has named
// by mistake, or billing events by a setting, would lose records.
func TestCompactionIsNotBegun(t *testing.T) {
	needs := Needs{Raw: []string{"raw"}, Settings: []Setting{{"billing", cleanupPolicy, "compact"}},
		Outputs: []OutputTopic{{Name: "table", Configs: KeepLatest(30 * day), Table: true},
			{Name: "billing", Configs: Keep(30 * day)}},
		Changelogs: []Changelog{{Name: "state", Raw: "raw", Retention: 30 * day}}}
	found := map[string]Found{}
	for _, topic := range needs.topics() {
		found[topic] = Found{Partitions: 3, Replicas: 1, Settings: maps.Clone(Keep(30 * day))}
	}
	plan := draw(needs.Specs(), found)
	for _, p := range plan.Topics {
		begun := slices.ContainsFunc(p.Settings, func(c Change) bool { return c.Name == cleanupPolicy })
		left := slices.ContainsFunc(p.Left, func(l Left) bool { return l.Name == cleanupPolicy && l.Command != "" })
		if begun != (p.Name == "state") || left != (p.Name == "table" || p.Name == "billing") {
			t.Errorf("%+v", p)
		}
	}
}

// Partitions that somebody asks for are not given to what is compacted.
func TestWhatIsCompactedDoesNotGrow(t *testing.T) {
	needs := Needs{Outputs: []OutputTopic{{Name: "table", Configs: KeepLatest(30 * day), Table: true},
		{Name: "billing", Configs: Keep(30 * day)}, {Name: "risk", Configs: Keep(30 * day)}}}
	specs := needs.Specs()
	found := map[string]Found{}
	for i := range specs {
		specs[i].Partitions, specs[i].Asked = 6, true
		found[specs[i].Name] = Found{Partitions: 3, Replicas: 1, Settings: maps.Clone(specs[i].Configs)}
	}
	found["billing"].Settings[cleanupPolicy] = "compact,delete"
	for _, p := range draw(specs, found).Topics {
		if (p.Grow != nil) != (p.Name == "risk") || (len(p.Left) == 1) != (p.Name != "risk") {
			t.Errorf("%+v", p)
		}
	}
}

// Values of one meaning are no drift, and what lies in tiered storage is not touched.
func TestSpellingsAndTiers(t *testing.T) {
	needs := Needs{Raw: []string{"raw"}, Settings: []Setting{{"raw", "preallocate", "True"},
		{"raw", "remote.storage.enable", "FALSE"}, {"raw", "local.retention.ms", "1000"}}}
	found := map[string]Found{"raw": {Partitions: 3, Replicas: 1, Settings: map[string]string{
		"cleanup.policy": "delete", "retention.ms": "2592000000", "retention.bytes": "-1", "preallocate": "true",
		"remote.storage.enable": "true", "local.retention.ms": "-2"}}}
	p := draw(needs.Specs(), found).Topics[0]
	if p.Changes() || len(p.Left) != 2 {
		t.Errorf("%+v", p)
	}
}
