package admin

import (
	"context"
	"fmt"
	"strings"

	"github.com/segmentio/kafka-go/protocol/metadata"

	"verdict/processor/kafka/cluster"
)

// Finding is the result of one point of Check.
type Finding struct {
	Point   string
	OK      bool
	Warn    bool   // with OK: it works, and may yet not be meant
	Problem string // what is wrong, or, with OK, what is worth knowing
	Cure    string // what to do about it
}

// Check looks at what the runner needs of the cluster: brokers, topics and their settings, and permissions, as far as
// they can be tested without writing a record or joining the group. The one thing that it leaves behind is a
// transactional id of its own.
func Check(ctx context.Context, to cluster.Connection, needs Needs) []Finding {
	to = to.WithDefaults()
	to.ClientID += "-check"
	c, err := cluster.NewClient(to, needs.topics())
	if err != nil {
		return []Finding{{Point: "kafka configuration", Problem: err.Error(),
			Cure: "correct user name, password and mechanism"}}
	}
	defer c.Close()
	k := &inspection{to: to, needs: needs, client: c, topics: needs.topics()}
	if !k.brokers(ctx) {
		return k.findings
	}
	k.settle(ctx)
	for _, topic := range needs.Raw {
		k.topic(topic, "raw events", operationRead)
	}
	for _, out := range needs.Outputs {
		k.topic(out.Name, out.Route, operationWrite)
	}
	for i := range needs.Changelogs {
		k.changelog(&needs.Changelogs[i])
	}
	k.settings(ctx)
	k.group(ctx)
	k.transactions(ctx)
	return k.findings
}

type inspection struct {
	to       cluster.Connection
	needs    Needs
	topics   []string // to look at
	client   *cluster.Client
	metadata *metadata.Response
	findings []Finding
}

func (k *inspection) ok(point, note string) {
	k.findings = append(k.findings, Finding{Point: point, OK: true, Problem: note})
}

func (k *inspection) warn(point, problem, cure string) {
	k.findings = append(k.findings, Finding{Point: point, OK: true, Warn: true, Problem: problem, Cure: cure})
}

func (k *inspection) wrong(point, problem, cure string) {
	k.findings = append(k.findings, Finding{Point: point, Problem: problem, Cure: cure})
}

// refusal reports an error, with what is known to cure it.
func (k *inspection) refusal(point string, err error, advice string) {
	if known := cluster.Cure(err); known != "" {
		advice = known
	}
	k.wrong(point, err.Error(), advice)
}

func (k *inspection) brokers(ctx context.Context) bool {
	point := "brokers " + strings.Join(k.to.Brokers, ",")
	if err := cluster.Again(ctx, k.client.Timeout, k.describe); err != nil {
		k.refusal(point, err, k.to.Advice(err))
		return false
	}
	k.ok(point, count(len(k.metadata.Brokers), "broker"))
	return true
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
