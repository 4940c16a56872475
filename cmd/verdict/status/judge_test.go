package status

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/processor/kafka"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/overview"
	"verdict/processor/kafka/transact"
)

var now = time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)

// group is a group of two members that share so many partitions, of which nothing waits.
func group(partitions int) *overview.View {
	v := &overview.View{At: now, State: "Stable", Members: []overview.Member{{ClientID: "verdict-a"}, {ClientID: "verdict-b"}}}
	for i := range partitions {
		v.Partitions = append(v.Partitions, overview.Partition{Place: cluster.Place{Topic: "raw", Partition: int32(i)},
			Owner:  &v.Members[i%2],
			Offset: 5, Start: 5, End: 5,
			Mark: transact.Mark{Rules: "v1", Time: now.Add(-time.Minute).UnixMilli()}})
		v.Members[i%2].Has++
	}
	return v
}

// waits makes records wait in a partition.
func waits(v *overview.View, partition int, lag int64, since time.Duration) {
	p := &v.Partitions[partition]
	p.End, p.Lag, p.Oldest = p.Start+lag, lag, now.Add(-since)
}

func reportOf(t *testing.T, v *overview.View, answers ...answer) (*report, string) {
	t.Helper()
	var out strings.Builder
	l := &looker{o: Options{Config: &config.Loaded{}, MaxAge: 5 * time.Minute, Out: &out},
		cfg: kafka.Config{Group: "g", Connection: cluster.Connection{ClientID: "verdict"}}}
	r := l.report(v, answers)
	if err := l.text(r); err != nil {
		t.Fatal(err)
	}
	return r, out.String()
}

// has checks that a text has lines.
func has(t *testing.T, text string, lines ...string) {
	t.Helper()
	all := strings.Split(text, "\n")
	for _, line := range lines {
		if !slices.Contains(all, line) {
			t.Errorf("there is no line %q in\n%s", line, text)
		}
	}
}

// Many partitions share lines, the worst of them first; with --all each has its own.
func TestManyPartitionsFold(t *testing.T) {
	v := group(100)
	waits(v, 41, 7, 6*time.Minute)
	waits(v, 42, 2, time.Second)
	r, text := reportOf(t, v)
	has(t, text, "FAILED  group g: 2 members, 100 partitions; 9 records wait, the oldest for 6m",
		"FAILED  records of raw/41 wait for more than 5m, the oldest for 6m",
		"PARTITION             OWNER  LAG  OLDEST  COMMIT  STATE",
		"raw/41                b      7    6m      1m      late",
		"50 partitions of raw  a      2    1s      1m      ok",
		"49 partitions of raw  b      0    -       1m      ok",
		"MEMBER  HOST  HAS  COMMIT  READY      RULES",
		"a             50   1m      not asked  v1")
	if r.Outcome != Wrong || r.Lag != 9 {
		t.Errorf("%+v", r)
	}
	var out strings.Builder
	l := &looker{o: Options{Config: &config.Loaded{}, MaxAge: time.Hour, All: true, Out: &out}}
	if err := l.text(l.report(v, nil)); err != nil || strings.Count(out.String(), "raw/") != 100 {
		t.Errorf("%v, with --all:\n%s", err, out.String())
	}
}

// Of those that are wrong in a hundred ways, a few are shown.
func TestATableEnds(t *testing.T) {
	v := group(100)
	for i := range v.Partitions {
		v.Partitions[i].Err = fmt.Errorf("raw/%d: no answer from broker %d", i, i)
	}
	_, text := reportOf(t, v)
	if strings.Count(text, "unread\n") > 2 {
		t.Errorf("the same of one owner is not one line:\n%s", text)
	}
	has(t, text, "warn    and 80 more things that are wrong: --all shows them")
}

func TestMissingTopicsAreOneLine(t *testing.T) {
	v := group(1)
	v.Missing = []string{"out", "risk"}
	r, _ := reportOf(t, v)
	says(t, r, Wrong, "2 topics are not there: out, risk: create them (`verdict topics --create`)")
}

func TestPartitionsWithoutOwner(t *testing.T) {
	v := group(4)
	v.Partitions[2].Owner, v.Partitions[3].Owner = nil, nil
	v.Partitions[3].Offset = -1
	r, _ := reportOf(t, v)
	says(t, r, Fine, "no member has raw/2,3: if this stays, restart an instance")
	v.Partitions[2].Owner = &v.Members[0]
	r, _ = reportOf(t, v)
	says(t, r, Fine, "no member reads raw/3 yet: partitions that were added are taken up in a while")
	for i := range v.Partitions {
		v.Partitions[i].Owner = nil
	}
	v.Others = []string{"old.raw"}
	r, _ = reportOf(t, v)
	says(t, r, Fine, "no member reads the topic raw: it is new, or the instances have other settings")
	says(t, r, Fine, "members read topics that topics.raw of these settings does not name: old.raw")
	v.State = "PreparingRebalance"
	r, _ = reportOf(t, v)
	says(t, r, Fine, "sharing its partitions out")
	if len(r.Problems) != 2 {
		t.Errorf("%+v", r.Problems)
	}
}

func says(t *testing.T, r *report, want Outcome, text string) {
	t.Helper()
	if r.Outcome != want || !slices.ContainsFunc(r.Problems, func(p problem) bool { return strings.Contains(p.Text, text) }) {
		t.Errorf("%s, not %s and %q: %+v", outcomeNames[r.Outcome], outcomeNames[want], text, r.Problems)
	}
}

// Instances work by different rules if they say so; else if the offsets of what they have do.
func TestRulesThatDiffer(t *testing.T) {
	v := group(4)
	v.Partitions[0].Mark.Rules = "v2"
	r, _ := reportOf(t, v)
	says(t, r, Fine, "rules differ: v1 (3 partitions), v2 (1 partition)")
	by := func(instance, rules string) answer {
		return answer{status: kafka.Status{Group: "g", InstanceID: instance, Ready: true, RulesVersion: rules}}
	}
	if r, _ := reportOf(t, v, by("a", "v2"), by("b", "v2")); len(r.Problems) > 0 {
		t.Errorf("both have changed, and nothing was committed since: %+v", r.Problems)
	}
	r, _ = reportOf(t, v, by("a", "v1"), by("b", "v2"))
	says(t, r, Fine, "rules differ: v1 (1 instance), v2 (1 instance)")
}

func TestWhatCouldNotBeRead(t *testing.T) {
	v := group(2)
	for i := range v.Partitions {
		v.Partitions[i].Err = fmt.Errorf("raw/%d: it has no leader", i)
		v.Partitions[i].End, v.Partitions[i].Lag = -1, -1
	}
	r, text := reportOf(t, v)
	says(t, r, Unknown, "how old what waits is cannot be seen of raw/0,1: it has no leader")
	has(t, text, "raw/0      a      ?    -       1m      unread",
		"warn    group g: 2 members, 2 partitions; what waits is not known of 2 partitions")
	v.Partitions[1].Start, v.Partitions[1].Offset = 9, 5
	r, _ = reportOf(t, v)
	says(t, r, Unknown, "4 offsets of raw/1 were removed before the group had decided what was there")
}

// What an instance says may have anything in it, and the same is not said twice.
func TestReasonsAreOneLine(t *testing.T) {
	held := kafka.PartitionStatus{Topic: "raw", State: kafka.StateHeld, Reason: "a\x1b[2Jb\n c"}
	foreign := kafka.PartitionStatus{Topic: "raw", Partition: 1, State: kafka.StateHeld}
	r, text := reportOf(t, group(2), answer{status: kafka.Status{Group: "g", InstanceID: "a", Reason: "a\x1b[2Jb\n c",
		Partitions: []kafka.PartitionStatus{held, foreign}}})
	says(t, r, Wrong, "raw/0 is held: a?[2Jb c")
	if strings.Contains(text, "\x1b") || len(r.Problems) != 1 {
		t.Errorf("%q", text)
	}
}

// An instance id may be the end of another's, and instances of another group may have the same.
func TestWhoseAnswerItIs(t *testing.T) {
	v := group(2)
	v.Members[0].ClientID, v.Members[1].ClientID = "verdict-1", "verdict-pod-1"
	r, _ := reportOf(t, v, answer{status: kafka.Status{Group: "g", InstanceID: "1", Ready: true}})
	if r.Members[0].Ready == nil || r.Members[1].Ready != nil || len(r.NotAsked) != 1 {
		t.Errorf("%+v", r)
	}
	r, _ = reportOf(t, group(2), answer{status: kafka.Status{Group: "other", InstanceID: "a",
		Partitions: []kafka.PartitionStatus{{Topic: "raw", State: kafka.StateHeld}}}})
	if r.Outcome != Fine || len(r.NotAsked) != 2 {
		t.Errorf("%+v", r)
	}
}

// What instances really say: the place with the offset, and of several partitions one.
func TestTheSameReasonOnce(t *testing.T) {
	why := "raw/0 offset 7: schema id 4711 is needed"
	a := answer{status: kafka.Status{Group: "g", InstanceID: "a", Since: now.Add(-time.Minute),
		Reason: "1 partitions are held back, one of them raw/0: " + why, Partitions: []kafka.PartitionStatus{
			{Topic: "raw", State: kafka.StateHeld, Reason: why}}}}
	r, _ := reportOf(t, group(2), a)
	says(t, r, Wrong, "raw/0 is held: offset 7: schema id 4711 is needed")
	if len(r.Problems) != 1 {
		t.Errorf("%+v", r.Problems)
	}
	v := group(2)
	waits(v, 1, 1, time.Hour)
	r, _ = reportOf(t, v, answer{status: kafka.Status{Group: "g", InstanceID: "a"}})
	says(t, r, Wrong, "a is not ready")
}

// A changelog's partition has the raw one's name at its end.
func TestAReasonNamesTheChangelog(t *testing.T) {
	r, _ := reportOf(t, group(2), answer{status: kafka.Status{Group: "g", InstanceID: "a", Reason: "held",
		Partitions: []kafka.PartitionStatus{{Topic: "raw", State: kafka.StateHeld,
			Reason: "raw/0: the group is at offset 5, and g-state.raw/0 has no position record of raw/0"}}}})
	says(t, r, Wrong, "raw/0 is held: the group is at offset 5, and g-state.raw/0 has no position record of it")
}

func TestRulesOfOneThatWasNotAsked(t *testing.T) {
	v := group(2)
	v.Partitions[1].Mark.Rules = "v2"
	r, _ := reportOf(t, v, answer{status: kafka.Status{Group: "g", InstanceID: "a", Ready: true, RulesVersion: "v1"}})
	says(t, r, Fine, "rules differ: v1 (1 instance), v2 (1 instance)")
}

func TestTwoOfOneName(t *testing.T) {
	v := group(2)
	v.Members[1].ClientID = "verdict-a"
	r, _ := reportOf(t, v)
	says(t, r, Fine, "2 members are called a: if this stays, processes have the same kafka.instance_id")
}

func TestNamesAndAges(t *testing.T) {
	list := func(ids ...int32) (list []*partView) {
		for _, id := range ids {
			list = append(list, &partView{Topic: "t", Partition: id})
		}
		return list
	}
	if got := names(append(list(3, 0, 1, 2, 7, 9, 10), &partView{Topic: "u"})); got != "t/0-3,7,9,10, u/0" {
		t.Error(got)
	}
	r := &report{At: now}
	for d, want := range map[time.Duration]string{-time.Second: "0s", 1900 * time.Millisecond: "1s", 61 * time.Second: "1m1s",
		12*time.Minute + time.Second: "12m", 3*time.Hour + 2*time.Minute: "3h2m", 2 * time.Hour: "2h", 75 * time.Hour: "3d3h"} {
		at := now.Add(-d)
		if got := r.age(&at); got != want {
			t.Errorf("%s is %s, want %s", d, got, want)
		}
	}
	if r.age(nil) != "-" {
		t.Error(r.age(nil))
	}
}
