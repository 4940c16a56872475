package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestRealTopics has the built program plan and apply topics on a real Kafka: what a broker does with a setting, a
// right or a number only it can say.
func TestRealTopics(t *testing.T) {
	brokers := os.Getenv("VERDICT_TEST_KAFKA")
	if brokers == "" {
		t.Skip("needs a real Kafka in VERDICT_TEST_KAFKA (host:port): run `make e2e`")
	}
	binary := buildProgram(t)
	for _, test := range []struct {
		name string
		run  func(*realTopics)
	}{
		{"Drift", realTopicsDrift}, {"Refused", realTopicsRefused}, {"Rights", realTopicsRights},
		{"AtOnce", realTopicsAtOnce},
	} {
		t.Run(test.name, func(t *testing.T) {
			client, err := kgo.NewClient(kgo.SeedBrokers(brokers))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(client.Close)
			test.run(&realTopics{&realParts{t: t, binary: binary, brokers: brokers, client: client,
				registry: "http://none", prefix: fmt.Sprintf("topics-%08x-", rand.Uint32())}})
		})
	}
}

type realTopics struct{ *realParts }

// topics runs the command, with these variables, and returns what it says and its exit code.
func (r *realTopics) topics(env []string, args ...string) (string, int) {
	r.t.Helper()
	command := exec.Command(r.binary, append([]string{"topics"}, args...)...)
	command.Env = r.environment(env...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return out.String(), exit.ExitCode()
	}
	if err != nil {
		r.t.Fatal(err)
	}
	return out.String(), 0
}

// must is topics with an exit code that has to be.
func (r *realTopics) must(code int, env []string, args ...string) string {
	r.t.Helper()
	out, got := r.topics(env, args...)
	if got != code {
		r.t.Fatalf("verdict topics %s: exit code %d, want %d:\n%s", strings.Join(args, " "), got, code, out)
	}
	return out
}

// set changes a setting behind Verdict's back; with "" the topic has the broker's default again.
func (r *realTopics) set(topic, name, value string) {
	r.t.Helper()
	config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	config.Name, config.Value = name, &value
	if value == "" {
		config.Op, config.Value = kmsg.IncrementalAlterConfigOpDelete, nil
	}
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, r.prefix+topic
	resource.Configs = append(resource.Configs, config)
	request := kmsg.NewPtrIncrementalAlterConfigsRequest()
	request.Resources = append(request.Resources, resource)
	answer, err := request.RequestWith(r.context(), r.client)
	if err == nil {
		err = kerr.ErrorForCode(answer.Resources[0].ErrorCode)
	}
	if err != nil {
		r.t.Fatalf("%s of %s: %v", name, topic, err)
	}
	if value != "" { // the controller has it, and the broker learns of it
		await(r.t, 10*time.Second, func() bool { return r.setting(topic, name) == value },
			func() string { return topic + " has " + name + "=" + r.setting(topic, name) })
	}
}

// setting is the one in force, as the broker says.
func (r *realTopics) setting(topic, name string) string {
	r.t.Helper()
	resource := kmsg.NewDescribeConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeTopic, r.prefix+topic
	resource.ConfigNames = []string{name}
	request := kmsg.NewPtrDescribeConfigsRequest()
	request.Resources = append(request.Resources, resource)
	answer, err := request.RequestWith(r.context(), r.client)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, config := range answer.Resources[0].Configs {
		if config.Value != nil {
			return *config.Value
		}
	}
	return ""
}

// grow adds partitions behind Verdict's back.
func (r *realTopics) grow(topic string, count int32) {
	r.t.Helper()
	wanted := kmsg.NewCreatePartitionsRequestTopic()
	wanted.Topic, wanted.Count = r.prefix+topic, count
	request := kmsg.NewPtrCreatePartitionsRequest()
	request.TimeoutMillis = 10_000
	request.Topics = append(request.Topics, wanted)
	answer, err := request.RequestWith(r.context(), r.client)
	if err == nil {
		err = kerr.ErrorForCode(answer.Topics[0].ErrorCode)
	}
	if err != nil {
		r.t.Fatalf("partitions of %s: %v", topic, err)
	}
}

// says wants each text to be there, but for the prefix of the names.
func (r *realTopics) says(out string, texts ...string) {
	r.t.Helper()
	for _, text := range texts {
		if !strings.Contains(strings.ReplaceAll(out, r.prefix, ""), text) {
			r.t.Errorf("not said: %s\n%s", text, out)
		}
	}
}

// Drift of each kind is mended at once, and what would lose records or move keys of the state is left.
func realTopicsDrift(r *realTopics) {
	r.says(r.must(exitRejected, nil, "--plan", "--partitions", "4"), "create raw: 4 partitions", "8 topics to create")
	r.says(r.must(exitOK, nil, "--create", "--partitions", "4"), "created  group-state.")
	r.says(r.must(exitOK, nil, "--plan", "--partitions", "4"), "nothing to do: ")
	state := "group-state." + r.prefix + "raw"
	r.set("raw", "retention.ms", "") // the broker's week
	r.set("decisions", "cleanup.policy", "compact,delete")
	r.set("verifications", "cleanup.policy", "delete")
	r.set("billing", "cleanup.policy", "compact,delete") // as it may be
	r.set("billing", "retention.bytes", "1000000")
	r.set("risk", "cleanup.policy", "compact")
	r.set("overdue", "retention.bytes", "") // the broker's default is none
	r.set("deadletter", "retention.ms", "-1")
	for name, value := range map[string]string{"cleanup.policy": "delete", "message.timestamp.type": "CreateTime",
		"segment.bytes": "", "retention.ms": "1000", "min.cleanable.dirty.ratio": ""} {
		r.set(state, name, value)
	}
	r.grow("deadletter", 6)
	const own = "VERDICT_TOPICS_SETTINGS=*:min.insync.replicas=2"
	args := []string{"--partitions", "5", "--replication-factor", "2"}
	planned := r.must(exitRejected, []string{own}, append(args, "--plan")...)
	r.says(planned, "2592000000 (30 days)  was 604800000 (7 days)",
		"partitions                 5                     was 4", "verifications: cleanup.policy delete, planned compact,",
		"compact,delete        was delete", "was compact,delete", "was 1000000", "LogAppendTime         was CreateTime",
		"0.1                   was 0.5", "deadletter: partitions 6, planned 5", "raw: partitions 4, planned 5",
		"raw: min.insync.replicas 1, planned 2", "risk: cleanup.policy compact, planned delete",
		"deadletter: retention.ms -1, planned 604800000 (7 days)", "raw: replicas 1, planned 2",
		"\n5 topics to change; `verdict topics --apply` does it\n")
	done := r.must(exitOK, []string{own}, append(args, "--apply")...)
	as := strings.NewReplacer("change ", "changed ", "to change; `verdict topics --apply` does it", "changed")
	if done != as.Replace(planned) {
		r.t.Errorf("planned:\n%s\ndone:\n%s", planned, done)
	}
	_, left, _ := strings.Cut(planned, "\nLeft as it is\n")
	left, _, _ = strings.Cut(left, "5 topics")
	after := r.must(exitOK, []string{own}, append(args, "--plan")...)
	if !strings.HasPrefix(after, "\nLeft as it is\n"+left) || !strings.Contains(after, "\nnothing that ") {
		r.t.Errorf("after:\n%s\nwant only:\n%s", after, left)
	}
}

// What a broker does not take is told in its own words, and the other topics are done.
func realTopicsRefused(r *realTopics) {
	settings := "VERDICT_TOPICS_SETTINGS=" + r.prefix + "risk:no.such.key=1," + r.prefix + "raw:segment.bytes=many"
	r.says(r.must(exitFailure, []string{settings}, "--plan"), "FAILED   raw: CreateTopics, topic raw: error 40",
		"create decisions: ", "5 topics to create; `verdict topics --apply` does it, 3 topics refused, wholly or in part")
	out := r.must(exitFailure, []string{settings}, "--apply")
	r.says(out, "FAILED   raw: CreateTopics, topic raw: error 40", "no.such.key", "created decisions",
		"cure: correct the topic's settings in topics.settings", "3 topics could not be created or changed")
	// One broker: a topic that wants two replicas in sync could not be written to, and none has three.
	for _, do := range []string{"--plan", "--create"} {
		r.says(r.must(exitFailure, []string{"VERDICT_TOPICS_SETTINGS=*:min.insync.replicas=2"}, do),
			"FAILED   raw: nothing could be written to it: min.insync.replicas is to be 2, but a partition would have 1")
		r.says(r.must(exitFailure, nil, do, "--replication-factor", "3"), "FAILED   raw: CreateTopics, topic raw: error 38",
			"cure: ask for as many replicas as there are brokers, at most (--replication-factor)")
	}
	// One setting that is none does not hold up another of that topic, and True is true.
	r.must(exitOK, nil, "--create")
	r.set("raw", "retention.ms", "1000")
	settings = "VERDICT_TOPICS_SETTINGS=" + r.prefix + "raw:retention.hours=720," + r.prefix + "raw:preallocate=False"
	for _, do := range []string{"--plan", "--apply"} {
		r.says(r.must(exitFailure, []string{settings}, do), " raw\n    retention.ms  2592000000 (30 days)  was 1000",
			"FAILED   raw: retention.hours=720: IncrementalAlterConfigs, topic raw: error 40")
	}
	if out := r.must(exitFailure, []string{settings}, "--plan"); strings.Contains(out, "was ") {
		r.t.Errorf("%s", out)
	}
	r.says(r.must(exitUsage, []string{"VERDICT_TOPICS_SETTINGS=nowhere:a=b"}, "--plan"), "there is no topic nowhere")
	r.says(r.must(exitFailure, []string{"VERDICT_KAFKA_BROKERS=127.0.0.1:1", "VERDICT_KAFKA_REQUEST_TIMEOUT=1s"},
		"--plan"), "the topics could not be looked at: brokers 127.0.0.1:1")
}

// allow gives the user a right on the topics of this test.
func (r *realTopics) allow(operation kmsg.ACLOperation) {
	r.t.Helper()
	acl := kmsg.NewCreateACLsRequestCreation()
	acl.ResourceType, acl.ResourceName = kmsg.ACLResourceTypeTopic, r.prefix
	acl.ResourcePatternType = kmsg.ACLResourcePatternTypePrefixed
	acl.Principal, acl.Host = "User:verdict", "*"
	acl.Operation, acl.PermissionType = operation, kmsg.ACLPermissionTypeAllow
	request := kmsg.NewPtrCreateACLsRequest()
	request.Creations = append(request.Creations, acl)
	answer, err := request.RequestWith(r.context(), r.client)
	if err == nil {
		err = kerr.ErrorForCode(answer.Results[0].ErrorCode)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// Each right that is missing is told, with what to grant, and what needs none of it is done.
func realTopicsRights(r *realTopics) {
	user := r.secure("SCRAM-SHA-512")
	r.must(exitOK, nil, "--create", "--partitions", "2")
	r.set("raw", "retention.ms", "1000")
	args := []string{"--partitions", "3"}
	r.says(r.must(exitFailure, user, append(args, "--plan")...), "FAILED   raw: Metadata, topic raw: error 29",
		"cure: grant DESCRIBE and DESCRIBE_CONFIGS on the topic", "8 topics could not be looked at")
	r.allow(kmsg.ACLOperationDescribe)
	r.says(r.must(exitFailure, user, append(args, "--plan")...), "FAILED   raw: DescribeConfigs, topic raw: error 29",
		"cure: grant DESCRIBE_CONFIGS on the topic")
	r.allow(kmsg.ACLOperationDescribeConfigs)
	r.must(exitRejected, user, append(args, "--plan")...)
	other := append(slices.Clone(user), "VERDICT_TOPICS_RISK="+r.prefix+"other")
	out := r.must(exitFailure, other, append(args, "--apply")...)
	r.says(out, "FAILED   raw: IncrementalAlterConfigs, topic raw: error 29",
		"cure: grant ALTER_CONFIGS on the topic, or let an administrator run this once",
		"FAILED   decisions: CreatePartitions, topic decisions: error 29",
		"cure: grant ALTER on the topic, or let an administrator add them",
		"FAILED   other: CreateTopics, topic other: error 29",
		"cure: grant CREATE on the topics or on the cluster, or let an administrator run this once")
	r.allow(kmsg.ACLOperationAlterConfigs)
	r.says(r.must(exitFailure, other, append(args, "--apply")...), "changed raw", "grant ALTER on the topic",
		"grant CREATE")
	r.allow(kmsg.ACLOperationAlter)
	r.says(r.must(exitFailure, other, append(args, "--apply")...), "changed decisions", "1 topic could not")
	r.allow(kmsg.ACLOperationCreate)
	r.says(r.must(exitOK, other, append(args, "--apply")...), "created other: 3 partitions", "1 topic created")
	r.says(r.must(exitOK, other, append(args, "--plan")...), "nothing that `verdict topics --apply` does; 2 things")
}

// Two at once are in nobody's way.
func realTopicsAtOnce(r *realTopics) {
	r.must(exitOK, nil, "--create", "--partitions", "2", "--set", "topics.risk=", "--set", "topics.overdue=")
	r.set("raw", "retention.ms", "1000")
	type said struct {
		out  string
		code int
	}
	results := make(chan said)
	for range 3 {
		go func() {
			out, code := r.topics(nil, "--apply", "--partitions", "4")
			results <- said{out, code}
		}()
	}
	for range 3 {
		if s := <-results; s.code != exitOK {
			r.t.Errorf("exit code %d: %s", s.code, s.out)
		}
	}
	r.says(r.must(exitOK, nil, "--plan", "--partitions", "4"), "nothing that `verdict topics --apply` does; 2 things")
}
