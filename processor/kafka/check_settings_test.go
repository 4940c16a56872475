package kafka_test

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/admin"
	"verdict/processor/kafka/cluster"
)

// byApply ends a cure that needs no hand.
const byApply = " (`verdict topics --apply`)"

// What a topic loses by its retention is a warning, and how long a good one keeps its records a note.
func TestCheckOfRetention(t *testing.T) {
	const pushed = ": many records at once push out what is not decided yet"
	for _, test := range []struct {
		topic, retention, bytes string
		warn                    bool
		problem, cure           string
	}{
		{rawTopic, "60000", "", true,
			"it keeps 1m0s (retention.ms): what waits for longer, in an outage, is lost undecided",
			"set retention.ms=2592000000 (30 days; `verdict topics --apply`), or more than your longest outage"},
		{rawTopic, "86400000", "", false, "it keeps 1 day", ""},
		{rawTopic, "-1", "", false, "it deletes nothing for its age", ""},
		{rawTopic, "86400000", "-1", false, "it keeps 1 day", ""},
		{rawTopic, "86400000", "1000", true,
			"it keeps 1 day and at most 1000 bytes of each partition, whichever comes first" + pushed,
			"set retention.bytes=-1" + byApply},
		{rawTopic, "-1", "1000", true, "it keeps at most 1000 bytes of each partition" + pushed,
			"set retention.bytes=-1" + byApply},
		{"billing", "86400000", "1000", true, "it keeps 1 day and at most 1000 bytes of each partition, whichever " +
			"comes first: many records at once push out what its readers have not read yet", "set retention.bytes=-1" + byApply},
		{"deadletter", "259200000", "1000", true, "it keeps 3 days and at most 1000 bytes of each partition, " +
			"whichever comes first: many records at once push out what its readers have not read yet",
			"set retention.bytes=-1" + byApply},
		{"billing", "3600000", "", true,
			"it keeps 1h0m0s (retention.ms): readers that are behind for longer lose records",
			"set retention.ms=3024000000" + byApply},
		{"deadletter", "172800000", "", true,
			"it keeps 2 days (retention.ms): a dead letter is gone before somebody has looked at it",
			"set retention.ms=604800000" + byApply},
		{"deadletter", "259200000", "", false, "it keeps 3 days", ""},
	} {
		configs := map[string]string{"retention.ms": test.retention}
		if test.bytes != "" {
			configs["retention.bytes"] = test.bytes
		}
		c := clusterWith(t, test.topic, configs)
		f := finding(t, kafka.Check(t.Context(), config(c.ListenAddrs())), "settings of "+test.topic)
		want := admin.Finding{Point: f.Point, OK: true, Warn: test.warn, Problem: test.problem, Cure: test.cure}
		if f != want {
			t.Errorf("%s with retention.ms=%s:\n%+v, want\n%+v", test.topic, test.retention, f, want)
		}
	}
}

// clusterWith has one of the topics with these settings, and the others with the usual ones.
func clusterWith(t *testing.T, topic string, configs map[string]string) *kfake.Cluster {
	t.Helper()
	others := slices.DeleteFunc([]string{rawTopic, "decisions", "verifications", "billing", "risk", "overdue",
		"deadletter"}, func(name string) bool { return name == topic })
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, others...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if err := c.CreateTopic(topic, 1, configs); err != nil {
		t.Fatal(err)
	}
	return c
}

// A user without rights is told which to grant on which topic; settings that cannot be seen are no good settings.
func TestCheckOfRightsOnTopics(t *testing.T) {
	right := func(name string, operations ...kmsg.ACLOperation) (acls []kfake.ACL) {
		for _, op := range operations {
			acls = append(acls, kfake.ACL{Resource: kmsg.ACLResourceTypeTopic, Name: name, Operation: op, Allow: true,
				Pattern: kmsg.ACLResourcePatternTypeLiteral})
		}
		return acls
	}
	acls := append(right(rawTopic, kmsg.ACLOperationRead), right("decisions", kmsg.ACLOperationWrite)...)
	acls = append(acls, right("risk", kmsg.ACLOperationDescribeConfigs)...)
	c := newCluster(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "test", "test"),
		kfake.User("PLAIN", "verdict", "secret", acls...))
	cfg := config(c.ListenAddrs())
	cfg.SASL = &cluster.SASL{Mechanism: "PLAIN", Username: "verdict", Password: "secret"}
	all := kafka.Check(t.Context(), cfg)
	for point, want := range map[string]admin.Finding{
		"settings of " + rawTopic: {OK: true, Warn: true, Cure: "grant DESCRIBE_CONFIGS on it",
			Problem: "not readable (DESCRIBE_CONFIGS is not granted): it cannot be seen how long it keeps its records"},
		"settings of decisions": {OK: true, Warn: true, Cure: "grant DESCRIBE_CONFIGS on it",
			Problem: "not readable (DESCRIBE_CONFIGS is not granted): 1 MiB is taken for max.message.bytes, and it " +
				"cannot be seen how long it keeps its records"},
		"topic billing (billing)": {Cure: "grant WRITE on it",
			Problem: "Metadata, topic billing: error 29 Topic Authorization Failed"},
	} {
		want.Point = point
		if f := finding(t, all, point); f != want {
			t.Errorf("%+v, want\n%+v", f, want)
		}
	}
	for _, f := range all {
		if f.Point == "settings of billing" {
			t.Errorf("of a topic that cannot be used more is told: %+v", f)
		}
	}
	billing := slices.DeleteFunc(kafka.TopicPlan(cfg), func(s admin.TopicSpec) bool { return s.Name != "billing" })
	results, err := admin.CreateTopics(t.Context(), cfg.Connection, billing) // which it may not even see
	if err != nil || len(results) != 1 {
		t.Fatal(results, err)
	}
	const cure = "grant CREATE on the topics or on the cluster, or let an administrator run this once"
	if r := results[0]; r.Created || r.Cure != cure || !strings.HasSuffix(r.Explained().Error(), "Failed: "+cure) {
		t.Errorf("%+v", r)
	}
}

func TestCheckOfUnits(t *testing.T) {
	c := newCluster(t)
	cfg := config(c.ListenAddrs())
	cfg.Units = 7
	f := finding(t, kafka.Check(t.Context(), cfg), "partitions of the raw topics")
	if !f.Warn || f.Problem != "batch.units is 7, but there are 4 partitions to share out: 3 will have nothing to do" {
		t.Errorf("%+v", f)
	}
	cfg.Units = partitions
	for _, f := range kafka.Check(t.Context(), cfg) {
		if f.Point == "partitions of the raw topics" {
			t.Errorf("%+v", f)
		}
	}
}

// A listener that wants a login, and hears none, cuts the connection.
func TestCheckWithoutLogin(t *testing.T) {
	c := newCluster(t, kfake.EnableSASL(), kfake.Superuser("PLAIN", "test", "test"))
	cfg := config(c.ListenAddrs())
	cfg.RequestTimeout = 1e9
	const cure = "the listener takes the connection and cuts it: set kafka.sasl.mechanism, kafka.sasl.username and " +
		"the password, if it is one with logins; set kafka.tls.enabled, if it is one with TLS"
	if all := kafka.Check(t.Context(), cfg); len(all) != 1 || all[0].OK || all[0].Cure != cure {
		t.Errorf("%+v", all)
	}
}

// A cluster that is just starting makes the topics by which it coordinates when somebody asks for the first.
func TestCheckAsksAStartingClusterAgain(t *testing.T) {
	c := newCluster(t)
	var groups, producers atomic.Int32
	c.ControlKey(int16(kmsg.DescribeGroups), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		codes := []*kerr.Error{kerr.NotCoordinator, kerr.CoordinatorNotAvailable, kerr.CoordinatorLoadInProgress}
		n := int(groups.Add(1))
		if n > len(codes) {
			return nil, nil, false
		}
		res := kreq.ResponseKind().(*kmsg.DescribeGroupsResponse)
		g := kmsg.NewDescribeGroupsResponseGroup()
		g.Group, g.ErrorCode = "verdict", codes[n-1].Code
		res.Groups = append(res.Groups, g)
		return res, nil, true
	})
	c.ControlKey(int16(kmsg.InitProducerID), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if producers.Add(1) > 1 {
			return nil, nil, false
		}
		res := kreq.ResponseKind().(*kmsg.InitProducerIDResponse)
		res.ErrorCode = kerr.NotCoordinator.Code
		return res, nil, true
	})
	cfg := config(c.ListenAddrs())
	cfg.Topics[processor.RouteRisk] = ""
	for _, f := range kafka.Check(t.Context(), cfg) {
		if !f.OK {
			t.Errorf("%+v", f)
		}
	}
	if groups.Load() != 4 || producers.Load() != 2 {
		t.Errorf("the group was asked for %d times, a producer %d times: want 4 and 2", groups.Load(), producers.Load())
	}
}

// A topic that was just created is not everywhere yet: it is asked for again, and told of only if it stays so.
func TestCheckAsksForNewTopicsAgain(t *testing.T) {
	c := newCluster(t)
	var asked atomic.Int32
	c.ControlKey(int16(kmsg.Metadata), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.MetadataRequest)
		if !req.IncludeTopicAuthorizedOperations {
			return nil, nil, false // the client's own
		}
		res := kreq.ResponseKind().(*kmsg.MetadataResponse)
		host, port, _ := net.SplitHostPort(c.ListenAddrs()[0])
		n, _ := strconv.Atoi(port)
		b := kmsg.NewMetadataResponseBroker()
		b.Host, b.Port = host, int32(n)
		res.Brokers = append(res.Brokers, b)
		answer := asked.Add(1)
		if answer > 3 {
			return nil, nil, false
		}
		for _, wanted := range req.Topics {
			topic := kmsg.NewMetadataResponseTopic()
			topic.Topic = wanted.Topic
			switch answer {
			case 1:
				topic.ErrorCode = kerr.UnknownTopicOrPartition.Code
			case 2:
				topic.ErrorCode = kerr.LeaderNotAvailable.Code
			default:
				p := kmsg.NewMetadataResponseTopicPartition()
				p.Leader = -1
				topic.Partitions = append(topic.Partitions, p)
			}
			res.Topics = append(res.Topics, topic)
		}
		return res, nil, true
	})
	for _, f := range kafka.Check(t.Context(), config(c.ListenAddrs())) {
		if !f.OK {
			t.Errorf("%+v", f)
		}
	}
	if asked.Load() != 4 {
		t.Errorf("the topics were asked for %d times, want 4", asked.Load())
	}
}

// A compacted raw topic has the brokers remove earlier events of a verification before they are decided.
func TestCheckOfACompactedRawTopic(t *testing.T) {
	for policy, by := range map[string]string{"compact": "", "compact,delete": byApply} {
		c := clusterWith(t, rawTopic, map[string]string{"cleanup.policy": policy})
		f := finding(t, kafka.Check(t.Context(), config(c.ListenAddrs())), "settings of "+rawTopic)
		if f.OK || !strings.Contains(f.Problem, "it is compacted") || f.Cure != "set cleanup.policy=delete"+by {
			t.Errorf("%s: %+v", policy, f)
		}
	}
}

// A setting that is as topics.settings ask for is not mended by an application of these.
func TestCheckNamesTheSettingThatIsTheCause(t *testing.T) {
	c := clusterWith(t, "decisions", map[string]string{"retention.ms": "1000"})
	for value, want := range map[string]string{
		"1000": "set retention.ms=2592000000 (in topics.settings, which ask for this one; then `verdict topics --apply`)",
		"2000": "set retention.ms=2592000000 (`verdict topics --apply`)",
	} {
		cfg := config(c.ListenAddrs())
		cfg.TopicSettings = []admin.Setting{{Topic: "*", Name: "retention.ms", Value: value}}
		if f := finding(t, kafka.Check(t.Context(), cfg), "settings of decisions"); f.Cure != want {
			t.Errorf("%+v", f)
		}
	}
}

// Who may create a topic, and not look at it, makes none that nothing can be written to.
func TestCreateWithoutDescribe(t *testing.T) {
	c := newCluster(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.User("PLAIN", "maker", "secret",
		kfake.ACL{Resource: kmsg.ACLResourceTypeTopic, Name: "new", Operation: kmsg.ACLOperationCreate, Allow: true,
			Pattern: kmsg.ACLResourcePatternTypeLiteral}))
	cfg := config(c.ListenAddrs())
	cfg.SASL = &cluster.SASL{Mechanism: "PLAIN", Username: "maker", Password: "secret"}
	for _, replicas := range []int{1, -1} {
		spec := admin.TopicSpec{Name: "new", Partitions: 1, ReplicationFactor: replicas,
			Configs: map[string]string{"min.insync.replicas": "7"}}
		results, err := admin.CreateTopics(t.Context(), cfg.Connection, []admin.TopicSpec{spec})
		if err != nil || len(results) != 1 || results[0].Created || results[0].Err == nil ||
			!strings.Contains(results[0].Err.Error(), "nothing could be written to it") {
			t.Errorf("%d: %+v, %v", replicas, results, err)
		}
	}
}
