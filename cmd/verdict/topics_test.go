package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/cmd/verdict/local"
	"verdict/rules/wording"
)

// topicStage is a Kafka in this process, whose topics are looked at and changed as a user types it.
type topicStage struct {
	*testing.T
	cluster *local.Cluster
	args    []string // to each call
}

func newTopicStage(t *testing.T) *topicStage {
	t.Helper()
	c, err := local.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return &topicStage{t, c, []string{"--set", "kafka.brokers=" + c.Broker()}}
}

// topics calls the command, and returns what it prints and what it says is wrong.
func (s *topicStage) topics(want int, args ...string) (out, errs string) {
	s.Helper()
	args = slices.Concat([]string{"topics"}, s.args, args)
	var stdout, stderr strings.Builder
	if code := run(args, streams{strings.NewReader(""), &stdout, &stderr}); code != want {
		s.Fatalf("verdict %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}

// set makes a topic drift.
func (s *topicStage) set(topic, name, value string) {
	s.Helper()
	client, err := s.cluster.Client()
	if err != nil {
		s.Fatal(err)
	}
	defer client.Close()
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, topic
	config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	config.Name, config.Value = name, &value
	resource.Configs = append(resource.Configs, config)
	request := kmsg.NewPtrIncrementalAlterConfigsRequest()
	request.Resources = append(request.Resources, resource)
	answer, err := request.RequestWith(s.Context(), client)
	if err == nil {
		err = kerr.ErrorForCode(answer.Resources[0].ErrorCode)
	}
	if err != nil {
		s.Fatal(err)
	}
}

// check looks at the cluster.
func (s *topicStage) check() (out string, code int) {
	var stdout, stderr strings.Builder
	code = run(append([]string{"check", "--connect"}, s.args...), streams{strings.NewReader(""), &stdout, &stderr})
	return stdout.String(), code
}

// has creates a topic that is there before.
func (s *topicStage) has(topic string, partitions int32, configs map[string]string) {
	s.Helper()
	if err := s.cluster.Kafka.CreateTopic(topic, partitions, configs); err != nil {
		s.Fatal(err)
	}
}

// setting is a topic's own; "" if it has none.
func (s *topicStage) setting(topic, name string) string {
	s.Helper()
	if value := s.cluster.Kafka.TopicInfo(topic).Configs[name]; value != nil {
		return *value
	}
	return ""
}

const nothingToDo = "nothing to do: the cluster has what these settings need\n"

// On an empty cluster all is created, by --create as by --apply, and nothing is left to do after either.
func TestTopicsOnAnEmptyCluster(t *testing.T) {
	for _, how := range []string{"--create", "--apply"} {
		s := newTopicStage(t)
		out, _ := s.topics(exitRejected, "--plan", "--partitions", "3")
		if !strings.Contains(out, "create idv.billing.v1: 3 partitions cleanup.policy=delete retention.bytes=-1 "+
			"retention.ms=3024000000\n") ||
			!strings.HasSuffix(out, "8 topics to create; `verdict topics --apply` does it\n") {
			t.Errorf("%s", out)
		}
		out, _ = s.topics(exitOK, how, "--partitions", "3")
		if strings.Count(out, "created ") != 8+strings.Count(out, "topics created ") {
			t.Errorf("%s: %s", how, out)
		}
		if n := len(s.cluster.Kafka.PartitionInfos("verdict-state.idv.raw.v1")); n != 3 {
			t.Errorf("the changelog has %s", wording.Count(n, "partition"))
		}
		if out, _ = s.topics(exitOK, "--plan"); out != nothingToDo {
			t.Errorf("after %s: %s", how, out)
		}
		if out, _ = s.topics(exitOK, "--apply"); out != nothingToDo {
			t.Errorf("after %s: %s", how, out)
		}
		if out, _ = s.topics(exitOK, "--create"); strings.Count(out, "unchanged") != 8 {
			t.Errorf("after %s: %s", how, out)
		}
	}
}

// Drift of each kind is shown, mended, and gone; what would lose records stays and is told.
func TestTopicsThatHaveDrifted(t *testing.T) {
	s := newTopicStage(t)
	s.has("idv.raw.v1", 4, map[string]string{"retention.ms": "604800000"})
	s.has("idv.decisions.v1", 2, map[string]string{"cleanup.policy": "compact,delete", "retention.ms": "2592000000"})
	s.has("idv.verifications.v1", 4, map[string]string{"retention.ms": "31536000000"}) // not compacted
	s.has("idv.billing.v1", 4, map[string]string{"cleanup.policy": "compact", "retention.ms": "3024000000"})
	s.has("idv.risk.v1", 12, map[string]string{"cleanup.policy": "compact", "retention.ms": "2592000000"})
	s.has("idv.overdue.v1", 4, map[string]string{"retention.ms": "2592000000", "retention.bytes": "1000"})
	s.has("idv.deadletter.v1", 4, map[string]string{"retention.ms": "-1"})
	s.has("verdict-state.idv.raw.v1", 4, map[string]string{"cleanup.policy": "delete"})
	args := []string{"--partitions", "4", "--set", "topics.settings=idv.raw.v1:max.message.bytes=2097152"}

	out, _ := s.topics(exitRejected, append(args, "--plan")...)
	for _, want := range []string{
		"change idv.raw.v1\n    max.message.bytes          2097152               was 1048588\n",
		"    retention.ms               2592000000 (30 days)  was 604800000 (7 days)\n",
		"change idv.decisions.v1\n    partitions                 4                     was 2; keys may move\n",
		"    cleanup.policy             delete                was compact,delete\n",
		"  idv.verifications.v1: cleanup.policy delete, planned compact,delete\n    it is not compacted; with compact, ",
		"    retention.bytes            -1                    was 1000\n",
		"change verdict-state.idv.raw.v1\n    cleanup.policy             compact,delete ",
		"    retention.ms               5184000000 (60 days)  was 604800000 (7 days)\n",
		"  idv.risk.v1: partitions 12, planned 4\n    Kafka takes no partitions away\n",
		"  idv.risk.v1: cleanup.policy compact, planned delete\n    it deletes nothing for its age; with delete, old",
		"    by hand: kafka-configs --alter --entity-type topics --entity-name idv.deadletter.v1 --add-config " +
			"retention.ms=604800000\n",
		"\n5 topics to change; `verdict topics --apply` does it\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("not said: %q", want)
		}
	}
	if strings.Contains(out, "idv.billing.v1") {
		t.Error("billing events may be compacted")
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
	done, _ := s.topics(exitOK, append(args, "--apply")...)
	planned := strings.NewReplacer("change ", "changed ", "to change; `verdict topics --apply` does it", "changed")
	if done != planned.Replace(out) {
		t.Errorf("planned:\n%s\ndone:\n%s", out, done)
	}
	after, _ := s.topics(exitOK, append(args, "--plan")...)
	_, left, _ := strings.Cut(out, "\nLeft as it is\n")
	left, harm, _ := strings.Cut(left, "5 topics to change; `verdict topics --apply` does it\n")
	if harm != "1 thing of what is left can hold partitions or lose records: `verdict check --connect` says more\n" {
		t.Error(harm) // a topic of risk events that is compacted
	}
	if after != "\nLeft as it is\n"+left+"nothing that `verdict topics --apply` does; 4 things are left to you\n"+harm {
		t.Errorf("after:\n%s\nwant what was left:\n%s", after, left)
	}
	if got := s.setting("idv.deadletter.v1", "retention.ms"); got != "-1" {
		t.Errorf("dead letters are kept for %s", got)
	}
}

// A topic that is refused is told with what to do, and the others are done; so is one that cannot be looked at.
func TestTopicsThatAreRefused(t *testing.T) {
	s := newTopicStage(t)
	s.topics(exitOK, "--create")
	s.set("idv.raw.v1", "retention.ms", "1000")
	s.set("idv.risk.v1", "retention.ms", "1000")
	c := s.cluster.Kafka
	c.ControlKey(int16(kmsg.IncrementalAlterConfigs), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		res := kreq.ResponseKind().(*kmsg.IncrementalAlterConfigsResponse)
		for _, asked := range kreq.(*kmsg.IncrementalAlterConfigsRequest).Resources {
			if asked.ResourceName != "idv.raw.v1" {
				return nil, nil, false
			}
			refused := kmsg.NewIncrementalAlterConfigsResponseResource()
			refused.ResourceType, refused.ResourceName = asked.ResourceType, asked.ResourceName
			refused.ErrorCode = kerr.PolicyViolation.Code
			refused.ErrorMessage = kmsg.StringPtr("ask the platform team")
			res.Resources = append(res.Resources, refused)
		}
		return res, nil, true
	})
	out, errs := s.topics(exitFailure, "--apply")
	if out != "changed idv.risk.v1\n    retention.ms  2592000000 (30 days)  was 1000\n"+
		"FAILED   idv.raw.v1: IncrementalAlterConfigs, topic idv.raw.v1: error 44 Policy Violation (ask the platform "+
		"team)\n"+
		"         cure: check the brokers' policies for these topics\n1 topic changed\n" ||
		errs != "verdict: 1 topic could not be created or changed\n" {
		t.Errorf("%s%s", out, errs)
	}
	c.ControlKey(int16(kmsg.DescribeConfigs), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		res := kreq.ResponseKind().(*kmsg.DescribeConfigsResponse)
		for _, asked := range kreq.(*kmsg.DescribeConfigsRequest).Resources {
			r := kmsg.NewDescribeConfigsResponseResource()
			r.ResourceType, r.ResourceName = asked.ResourceType, asked.ResourceName
			if asked.ResourceName == "idv.raw.v1" {
				r.ErrorCode = kerr.TopicAuthorizationFailed.Code
			}
			res.Resources = append(res.Resources, r)
		}
		return res, nil, true
	})
	out, errs = s.topics(exitFailure, "--plan")
	for _, want := range []string{
		"  idv.billing.v1: cleanup.policy -, planned delete\n    the broker does not say what it is\n",
		"FAILED   idv.raw.v1: DescribeConfigs, topic idv.raw.v1: error 29 Topic Authorization Failed\n" +
			"         cure: grant DESCRIBE_CONFIGS on the topic\n",
		"FAILED   verdict-state.idv.raw.v1: what it needs follows from the settings of idv.raw.v1, which could not be ",
		"2 topics could not be looked at",
	} {
		if !strings.Contains(out, want) || errs != "" {
			t.Errorf("not said: %s\n%s%s", want, out, errs)
		}
	}
}

// As JSON, for a pipeline.
func TestTopicsAsJSON(t *testing.T) {
	s := newTopicStage(t)
	s.topics(exitOK, "--create")
	s.has("other.raw", 2, map[string]string{"retention.ms": "1000"})
	args := []string{"--format", "json", "--set", "topics.raw=other.raw"}
	out, _ := s.topics(exitRejected, append(args, "--plan")...)
	var r struct {
		Outcome string
		Topics  []struct {
			Topic, Result string
			Partitions    *struct{ Old, New int }
			Settings      []struct{ Name, Old, New string }
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err, out)
	}
	if r.Outcome != "changes" || len(r.Topics) != 8 {
		t.Fatal(out)
	}
	raw, state := r.Topics[0], r.Topics[7]
	if raw.Result != "change" || raw.Partitions != nil || len(raw.Settings) != 1 || raw.Settings[0].Old != "1000" {
		t.Errorf("%+v", raw)
	}
	if state.Result != "create" || state.Partitions.Old != 0 || state.Partitions.New != 2 {
		t.Errorf("%+v", state)
	}
	out, _ = s.topics(exitOK, append(args, "--apply")...)
	if err := json.Unmarshal([]byte(out), &r); err != nil || r.Outcome != "done" || r.Topics[7].Result != "created" {
		t.Error(err, out)
	}
	out, _ = s.topics(exitOK, append(args, "--plan")...)
	if err := json.Unmarshal([]byte(out), &r); err != nil || r.Outcome != "nothing to do" {
		t.Error(err, out)
	}
	if out, _ = s.topics(exitOK, args...); !strings.Contains(out, `"key": "charge_id"`) {
		t.Error(out)
	}
}

// What check finds wrong or warns of, and says that --apply mends, it mends.
func TestApplyMendsWhatCheckSays(t *testing.T) {
	const raw, decisions, dead, state = "idv.raw.v1", "idv.decisions.v1", "idv.deadletter.v1",
		"verdict-state.idv.raw.v1"
	for _, drifts := range []map[string][2]string{
		{raw: {"cleanup.policy", "compact,delete"}, decisions: {"retention.ms", "1000"},
			state: {"cleanup.policy", "delete"}},
		{raw: {"retention.ms", "1000"}, decisions: {"cleanup.policy", "compact,delete"},
			dead: {"retention.ms", "172800000"}, state: {"retention.ms", "1000"}},
		{raw: {"retention.bytes", "1000"}, decisions: {"retention.bytes", "1000"}, state: {"retention.bytes", "1000"}},
		{state: {"retention.ms", "2592000000"}},
		{state: {"message.timestamp.type", "CreateTime"}},
	} {
		s := newTopicStage(t)
		s.args = append(s.args, "--set", "output.format=json", "--set", "registry.url="+s.cluster.RegistryURL())
		s.topics(exitOK, "--create")
		for topic, drift := range drifts {
			s.set(topic, drift[0], drift[1])
		}
		before, _ := s.check()
		for topic, drift := range drifts {
			_, said, _ := strings.Cut(before, "settings of "+topic+": ")
			said, _, _ = strings.Cut(said, "settings of ")
			if !strings.Contains(said, "`verdict topics --apply`") {
				t.Errorf("%s with %v: check does not say what to do:\n%s", topic, drift, before)
			}
		}
		s.topics(exitOK, "--apply")
		if after, code := s.check(); code != exitOK || strings.Contains(after, "warn") {
			t.Errorf("after %v: %s", drifts, after)
		}
	}
}
