package kafka

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol/metadata"

	"verdict/processor"
)

// Finding is the result of one point of Check.
type Finding struct {
	Point   string
	OK      bool
	Problem string // what is wrong, or, with OK, what is worth knowing
	Cure    string // what to do about it
}

// Check looks at what the runner needs of the cluster: brokers, topics and their settings, and permissions, as far as they can be
// tested without writing a record or joining the group. The one thing that it leaves behind is a transactional id of its own.
func Check(ctx context.Context, cfg Config) []Finding {
	cfg = cfg.WithDefaults()
	if err := cfg.validate(); err != nil {
		return []Finding{{Point: "kafka configuration", Problem: err.Error(), Cure: "correct the configuration"}}
	}
	r := &Runner{cfg: cfg}
	c, err := newClient(cfg, cfg.ClientID+"-check", r.allTopics())
	if err != nil {
		return []Finding{{Point: "kafka configuration", Problem: err.Error(), Cure: "correct user name, password and mechanism"}}
	}
	defer c.close()
	k := &checker{cfg: cfg, client: c}
	if !k.brokers(ctx) {
		return k.findings
	}
	for _, topic := range cfg.RawTopics {
		k.topic(topic, "raw events", operationRead)
	}
	for _, route := range processor.Routes() {
		k.topic(cfg.Topics[route], route.String(), operationWrite)
	}
	k.settings(ctx, r.outputTopics())
	k.group(ctx)
	k.transactions(ctx)
	return k.findings
}

type checker struct {
	cfg      Config
	client   *client
	metadata *metadata.Response
	findings []Finding
}

func (k *checker) ok(point, note string) {
	k.findings = append(k.findings, Finding{Point: point, OK: true, Problem: note})
}

func (k *checker) wrong(point, problem, cure string) {
	k.findings = append(k.findings, Finding{Point: point, Problem: problem, Cure: cure})
}

// refusal reports an error, with what is known to cure it.
func (k *checker) refusal(point string, err error, cure string) {
	var code kafka.Error
	if errors.As(err, &code) && cures[code] != "" {
		cure = cures[code]
	}
	k.wrong(point, err.Error(), cure)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (k *checker) brokers(ctx context.Context) bool {
	point := "brokers " + strings.Join(k.cfg.Brokers, ",")
	ctx, cancel := context.WithTimeout(ctx, k.client.timeout)
	defer cancel()
	err := k.describe(ctx)
	for n := 1; err != nil && classify(err) == classRetry && sleep(ctx, min(pause(n), time.Second)); n++ {
		err = k.describe(ctx)
	}
	if err != nil {
		k.refusal(point, err, "check the addresses, that the brokers are up and can be reached from here, and that TLS is set as their listener has it")
		return false
	}
	k.ok(point, count(len(k.metadata.Brokers), "broker"))
	return true
}
