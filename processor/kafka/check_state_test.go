package kafka_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/admin"
	"verdict/processor/kafka/cluster"
)

const changelogTopic = "verdict-state.raw"

// remembering is the configuration of a runner with state of 30 days.
func remembering(brokers []string) kafka.Config {
	cfg := config(brokers)
	cfg.State.Enabled = true
	return cfg
}

func topicConfig(t *testing.T, c *kfake.Cluster, topic, name string) string {
	t.Helper()
	info := c.TopicInfo(topic)
	if info == nil {
		t.Fatalf("the topic %s is not there", topic)
	}
	if value := info.Configs[name]; value != nil {
		return *value
	}
	return ""
}

// A changelog gets the partitions that its raw topic has, whatever was planned, and outlasts what that one may hold.
func TestCreateChangelogs(t *testing.T) {
	week := map[string]string{"retention.ms": "604800000"}
	for name, test := range map[string]struct {
		raw               map[string]string // nil: it is not there yet
		partitions        int
		policy, retention string
	}{
		"new":                         {nil, 12, "compact,delete", "5184000000"}, // 30 days, and 30 planned
		"a week, planned 30 days":     {week, 3, "compact,delete", "5184000000"},
		"unlimited":                   {map[string]string{"retention.ms": "-1"}, 3, "compact", ""},
		"compacted":                   {map[string]string{"cleanup.policy": "compact"}, 3, "compact", ""},
		"for longer than can be said": {map[string]string{"retention.ms": "9223372036854775807"}, 3, "compact", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := kfake.NewCluster(kfake.NumBrokers(1))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if test.raw != nil {
				if err := c.CreateTopic(rawTopic, 3, test.raw); err != nil {
					t.Fatal(err)
				}
			}
			cfg := remembering(c.ListenAddrs())
			plan := kafka.TopicPlan(cfg)
			for i := range plan {
				plan[i].Partitions = 12
			}
			results, err := admin.CreateTopics(t.Context(), cfg.Connection, plan)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				if r.Err != nil || r.Created != (r.Name != rawTopic || test.raw == nil) {
					t.Errorf("%+v", r)
				}
			}
			if n := len(c.PartitionInfos(changelogTopic)); n != test.partitions {
				t.Errorf("%d partitions, want %d", n, test.partitions)
			}
			for name, want := range map[string]string{"cleanup.policy": test.policy, "retention.ms": test.retention,
				"message.timestamp.type": "LogAppendTime", "segment.bytes": "67108864", "segment.ms": "21600000",
				"max.compaction.lag.ms": "86400000", "delete.retention.ms": "86400000",
				"min.cleanable.dirty.ratio": "0.1"} {
				if got := topicConfig(t, c, changelogTopic, name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			for _, f := range kafka.Check(t.Context(), cfg) {
				compacted := f.Point == "settings of "+rawTopic && name == "compacted" // of the raw topic that is told
				if (!f.OK || f.Warn) && !compacted {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

// Without its raw topic a changelog would get a number of partitions that may turn out wrong.
func TestCreateNoChangelogWithoutItsRawTopic(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	cfg := remembering(c.ListenAddrs())
	plan := kafka.TopicPlan(cfg)
	results, err := admin.CreateTopics(t.Context(), cfg.Connection, plan[len(plan)-1:])
	if err != nil || len(results) != 1 || results[0].Err == nil || !strings.Contains(results[0].Err.Error(), rawTopic) {
		t.Errorf("%+v, %v", results, err)
	}
}

// What a changelog would forget, or cannot keep, is said, and what to do.
func TestCheckOfChangelogs(t *testing.T) {
	good := map[string]string{"cleanup.policy": "compact,delete", "retention.ms": "3196800000",
		"message.timestamp.type": "LogAppendTime"} // 30 days, and Kafka's 7 of the raw topic
	const ok, warn, wrong = "ok", "warn", "wrong"
	const topic, settings = "topic " + changelogTopic + " (state of raw)", "settings of " + changelogTopic
	for name, test := range map[string]struct {
		partitions           int32 // 0: it is not there
		setting, value       string
		point, problem, cure string
		result               string
	}{
		"well":         {4, "", "", settings, "", "", ok},
		"only compact": {4, "cleanup.policy", "compact", settings, "", "", ok},
		"no changelog": {0, "", "", topic, "not there", "topics --create", wrong},
		"too few":      {3, "", "", topic, "3 partitions, the raw topic 4", "verdict state rekey", wrong},
		"too many":     {5, "", "", topic, "5 partitions, the raw topic 4", "delete it", wrong},
		"delete alone": {4, "cleanup.policy", "delete", settings, "not compacted", "=compact,delete", wrong},
		"too short":    {4, "retention.ms", "3196799999", settings, "36 days", "retention.ms=3196800000", warn},
		"shorter than the state": {4, "retention.ms", "2591999999", settings, "less than state.retention (720h)",
			"--entity-name verdict-state.raw --add-config retention.ms=3196800000", wrong},
		"of a size":     {4, "retention.bytes", "1000", settings, "1000 bytes", "retention.bytes=-1", warn},
		"writer's time": {4, "message.timestamp.type", "CreateTime", settings, "clock", "LogAppendTime", warn},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			configs := map[string]string{}
			maps.Copy(configs, good)
			if test.setting != "" {
				configs[test.setting] = test.value
			}
			if test.partitions > 0 {
				if err := c.CreateTopic(changelogTopic, test.partitions, configs); err != nil {
					t.Fatal(err)
				}
			}
			f := finding(t, kafka.Check(t.Context(), remembering(c.ListenAddrs())), test.point)
			if f.OK == (test.result == wrong) || f.Warn != (test.result == warn) ||
				!strings.Contains(f.Problem, test.problem) || !strings.Contains(f.Cure, test.cure) {
				t.Errorf("%+v", f)
			}
		})
	}
}

// A raw topic that keeps its records for ever wants a changelog that does.
func TestCheckOfAChangelogThatForgetsBeforeItsRawTopic(t *testing.T) {
	c := newCluster(t)
	for topic, configs := range map[string]map[string]string{
		"kept":               {"retention.ms": "-1"},
		"verdict-state.kept": {"cleanup.policy": "compact,delete", "retention.ms": "3196800000"},
	} {
		if err := c.CreateTopic(topic, 1, configs); err != nil {
			t.Fatal(err)
		}
	}
	cfg := remembering(c.ListenAddrs())
	cfg.RawTopics = []string{"kept"}
	f := finding(t, kafka.Check(t.Context(), cfg), "settings of verdict-state.kept")
	if !f.OK || !f.Warn || !strings.Contains(f.Problem, "for ever") || !strings.Contains(f.Cure, "compact") {
		t.Errorf("%+v", f)
	}
}

func finding(t *testing.T, all []admin.Finding, point string) admin.Finding {
	t.Helper()
	for _, f := range all {
		if f.Point == point {
			return f
		}
	}
	t.Fatalf("nothing is said of %s: %+v", point, all)
	return admin.Finding{}
}

// Billing events may be compacted where the latest of a charge says all, and nowhere else; the table should be.
func TestCheckOfCompaction(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "overdue", "deadletter"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	compact := map[string]string{"cleanup.policy": "compact"}
	for topic, configs := range map[string]map[string]string{
		rawTopic: nil, changelogTopic: compact, "decisions": compact, "billing": compact, "verifications": nil,
	} {
		if err := c.CreateTopic(topic, 1, configs); err != nil {
			t.Fatal(err)
		}
	}
	cfg := remembering(c.ListenAddrs())
	cfg.Topics[processor.RouteRisk] = ""
	with := kafka.Check(t.Context(), cfg)
	cfg.State.Enabled = false
	cfg.Topics[processor.RouteVerification] = ""
	without := kafka.Check(t.Context(), cfg)
	for name, all := range map[string][]admin.Finding{"with": with, "without": without} {
		if f := finding(t, all, "settings of billing"); f.OK != (name == "with") {
			t.Errorf("%s state: %+v", name, f)
		}
		if f := finding(t, all, "settings of decisions"); f.OK {
			t.Errorf("%s state: %+v", name, f)
		}
		for _, f := range all { // what is switched off is not asked for
			off := strings.Contains(f.Point, "(risk)") || strings.Contains(f.Point, "topic  ")
			if name == "without" && (strings.Contains(f.Point, "verifications") || strings.Contains(f.Point, "state")) {
				off = true
			}
			if off {
				t.Errorf("%s state: %+v", name, f)
			}
		}
	}
	f := finding(t, with, "settings of verifications")
	if !f.OK || !f.Warn || !strings.Contains(f.Cure, "compact,delete") {
		t.Errorf("%+v", f)
	}
}

// The changelog is read, written and its settings are seen: each right that is missing is named.
func TestCheckOfRightsOnAChangelog(t *testing.T) {
	for lacking, want := range map[kmsg.ACLOperation]string{
		kmsg.ACLOperationAny:             "",
		kmsg.ACLOperationRead:            "grant READ",
		kmsg.ACLOperationWrite:           "grant WRITE",
		kmsg.ACLOperationDescribeConfigs: "grant DESCRIBE_CONFIGS",
	} {
		acl := func(of kmsg.ACLResourceType, name string, op kmsg.ACLOperation) kfake.ACL {
			return kfake.ACL{Resource: of, Name: name, Operation: op, Allow: true,
				Pattern: kmsg.ACLResourcePatternTypePrefixed}
		}
		var acls []kfake.ACL
		for _, topic := range []string{rawTopic, "decisions", "billing", "risk", "overdue", "deadletter"} {
			acls = append(acls, acl(kmsg.ACLResourceTypeTopic, topic, kmsg.ACLOperationAll))
		}
		for _, op := range []kmsg.ACLOperation{kmsg.ACLOperationRead, kmsg.ACLOperationWrite,
			kmsg.ACLOperationDescribeConfigs} {
			if op != lacking {
				acls = append(acls, acl(kmsg.ACLResourceTypeTopic, "verdict-state.", op))
			}
		}
		acls = append(acls, acl(kmsg.ACLResourceTypeGroup, "verdict", kmsg.ACLOperationRead),
			acl(kmsg.ACLResourceTypeTransactionalId, "verdict-", kmsg.ACLOperationWrite))
		c := newCluster(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "test", "test"),
			kfake.User("PLAIN", "verdict", "secret", acls...))
		compact := map[string]string{"cleanup.policy": "compact"}
		if err := c.CreateTopic(changelogTopic, partitions, compact); err != nil {
			t.Fatal(err)
		}
		cfg := remembering(c.ListenAddrs())
		cfg.Topics[processor.RouteVerification] = ""
		cfg.SASL = &cluster.SASL{Mechanism: "PLAIN", Username: "verdict", Password: "secret"}
		cures := ""
		for _, f := range kafka.Check(t.Context(), cfg) {
			if !f.OK || f.Warn {
				cures += f.Cure + "\n"
			}
		}
		if want == "" && cures != "" || !strings.Contains(cures, want) || strings.Count(cures, "\n") > 1 {
			t.Errorf("without %s the cures are %q", lacking, cures)
		}
	}
}

func TestStateNeedsExactlyOnce(t *testing.T) {
	cfg := remembering([]string{"127.0.0.1:1"})
	cfg.Delivery, cfg.RequestTimeout = kafka.DeliveryAtLeastOnce, time.Second
	f := kafka.Check(t.Context(), cfg)
	if len(f) != 1 || !strings.Contains(f[0].Problem, "exactly-once") {
		t.Errorf("%+v", f)
	}
}

// An overdue notice is made of the raw record, which has to be there still.
func TestCheckOfOverdueAgainstTheRawTopic(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, "decisions", "verifications", "billing",
		"risk", "overdue", "deadletter", changelogTopic))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.CreateTopic(rawTopic, partitions, map[string]string{"retention.ms": "3600000"}); err != nil {
		t.Fatal(err)
	}
	cfg := remembering(c.ListenAddrs())
	for after, want := range map[time.Duration]bool{time.Hour: false, 24 * time.Hour: true} {
		cfg.State.OverdueAfter = after
		found := false
		for _, f := range kafka.Check(t.Context(), cfg) {
			if f.Point == "settings of "+rawTopic && strings.Contains(f.Problem, "overdue_after") {
				found = true
			}
		}
		if found != want {
			t.Errorf("overdue_after %s, records kept for 1h: it is told: %v, want %v", after, found, want)
		}
	}
}
