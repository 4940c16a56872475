//go:build unix

package faults

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	verdictUser     = "verdict"
	verdictPassword = "known-to-all"
)

// loginText makes instances log in, so that rights can be taken from them; the suite itself and the brokers may do
// anything.
func loginText() string {
	var b strings.Builder
	b.WriteString("listener.security.protocol.map=INNER:PLAINTEXT,CONTROLLER:PLAINTEXT")
	for i := range slots {
		fmt.Fprintf(&b, ",I%d:SASL_PLAINTEXT", i)
	}
	b.WriteString("\nauthorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n" +
		"super.users=User:ANONYMOUS\n")
	for i := range slots {
		fmt.Fprintf(&b, "listener.name.i%d.sasl.enabled.mechanisms=PLAIN\n", i)
		fmt.Fprintf(&b, "listener.name.i%d.plain.sasl.jaas.config=org.apache.kafka.common.security.plain."+
			"PlainLoginModule required user_%s=%q;\n",
			i, verdictUser, verdictPassword)
	}
	return b.String()
}

func login() map[string]string {
	return map[string]string{"KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_USERNAME": verdictUser,
		"KAFKA_SASL_PASSWORD": verdictPassword}
}

// grants are the rights that an instance needs: those of deploy/acls.sh, without what only
// check looks at.
func (s *stage) grants() map[string]grant {
	all := map[string]grant{
		"raw":   {kind: kmsg.ACLResourceTypeTopic, name: s.names.raw, operation: kmsg.ACLOperationRead},
		"group": {kind: kmsg.ACLResourceTypeGroup, name: s.group, operation: kmsg.ACLOperationRead},
		"txn": {kind: kmsg.ACLResourceTypeTransactionalId, name: s.group + "-", prefixed: true,
			operation: kmsg.ACLOperationWrite},
	}
	for topic := range numOutputs {
		name := s.names.outputs[topic]
		all["write "+name] = grant{kind: kmsg.ACLResourceTypeTopic, name: name, operation: kmsg.ACLOperationWrite}
		all["describe "+name] = grant{kind: kmsg.ACLResourceTypeTopic, name: name,
			operation: kmsg.ACLOperationDescribeConfigs}
	}
	for _, operation := range []kmsg.ACLOperation{kmsg.ACLOperationRead, kmsg.ACLOperationWrite,
		kmsg.ACLOperationDescribeConfigs} {
		all[fmt.Sprintf("%v of the state", operation)] = grant{kind: kmsg.ACLResourceTypeTopic,
			name: s.group + "-state.", prefixed: true, operation: operation}
	}
	return all
}

// must ends the test at an error.
func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%v%s", err, s.state(s.t.Context()))
	}
}

// TestRefusals lets a broker refuse what Verdict asks of it, in mid-run: batches of a size that it took before,
// requests above a quota, and requests that the user may no longer make. Each ends in smaller steps, in waiting or in a
// clear end.
func TestRefusals(t *testing.T) {
	notInShort(t)
	s := newStage(t, stageOptions{brokers: 1, brokerConfig: loginText(), settings: login()})
	ctx := t.Context()
	for _, g := range s.grants() {
		s.must(s.cluster.allow(ctx, "User:"+verdictUser, g))
	}
	i := s.add(slotStable, "stable")
	s.generate(*rateFlag)
	s.must(s.calm(ctx))

	s.tooLarge(ctx, i)
	s.throttled(ctx, i)
	s.forbidden(ctx, i)
	s.finish()
}

// tooLarge lowers what a topic takes below what the batches have.
func (s *stage) tooLarge(ctx context.Context, i *instance) {
	s.t.Helper()
	topic := s.names.outputs[decisions]
	s.gen.rate.Store(4_000)
	defer s.gen.rate.Store(int64(*rateFlag))
	s.must(s.cluster.setTopic(ctx, topic, "max.message.bytes", "2500"))
	since := time.Now()
	err := poll(ctx, 30*time.Second, "a refusal", func() error {
		m, err := i.metrics(ctx)
		if err == nil && m[`verdict_errors_total{class="too_large"}`] == 0 {
			err = errors.New("none is counted")
		}
		return err
	})
	s.must(err)
	_, last, err := s.watch.flow(ctx, since, s.allPartitions(), 30*time.Second)
	s.must(err)
	s.say("message too large: batches are smaller; decisions flow again after %.1f s", last.Seconds())
	s.must(s.cluster.setTopic(ctx, topic, "max.message.bytes", ""))
}

// throttled sets a quota of a fraction of what flows. That has to go on slowly, and not to begin again and again what
// takes too long.
func (s *stage) throttled(ctx context.Context, i *instance) {
	s.t.Helper()
	client := i.label() + "-" + i.stableID
	const quota = 50_000
	before, err := i.metrics(ctx)
	s.must(err)
	s.must(s.cluster.throttle(ctx, client, quota))
	most := 0.0
	for begin := time.Now(); time.Since(begin) < 80*time.Second; {
		s.must(pass(ctx, 500*time.Millisecond))
		m, err := i.metrics(ctx)
		s.must(err)
		most = max(most, m.sum("verdict_lag_records"))
	}
	after, err := i.metrics(ctx)
	s.must(err)
	decided := after.sum("verdict_events_total") - before.sum("verdict_events_total")
	s.say("quota of %d kB/s for 80 s: %.0f records decided, the lag grew to %.0f", quota/1000, decided, most)
	if most < float64(*rateFlag) {
		s.t.Error("the quota throttled nothing")
	}
	if decided == 0 {
		s.t.Error("nothing was decided under the quota")
	}
	s.must(s.cluster.throttle(ctx, client, 0))
	s.flowsAgain(ctx, "quota", time.Now())
}

func (s *stage) flowsAgain(ctx context.Context, what string, since time.Time) {
	s.t.Helper()
	_, last, err := s.watch.flow(ctx, since, s.allPartitions(), calmLimit)
	s.must(err)
	s.must(s.calm(ctx))
	s.say("%s, ended: decisions flow again after %.1f s", what, last.Seconds())
}

// forbidden takes one right after the other away.
func (s *stage) forbidden(ctx context.Context, i *instance) {
	s.t.Helper()
	grants := s.grants()
	for _, c := range []struct{ right, says string }{
		{"raw", "grant READ and DESCRIBE on the raw topics"},
		{"write " + s.names.outputs[decisions], "WRITE and DESCRIBE on the output topics"},
		{"group", "grant READ on the consumer group"},
		{"txn", "grant WRITE and DESCRIBE on the transactional ids that begin with the group's name"},
	} {
		s.must(s.cluster.deny(ctx, "User:"+verdictUser, grants[c.right]))
		since := time.Now()
		s.must(i.awaitEnd(ctx, 45*time.Second, 1, c.says))
		s.say("right taken away, %s: ended with exit code 1 after %.1f s", c.right, time.Since(since).Seconds())
		s.must(s.cluster.allow(ctx, "User:"+verdictUser, grants[c.right]))
		i.start()
		s.must(s.calm(ctx))
	}
}
