package topics

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/admin"
)

// listed is a topic that is needed, as --format json writes it.
type listed struct {
	Topic             string            `json:"topic"`
	Purpose           string            `json:"purpose"`
	Key               string            `json:"key"`
	Partitions        int               `json:"partitions"`
	ReplicationFactor *int              `json:"replication_factor"` // null: the brokers' default
	Settings          map[string]string `json:"settings"`
}

// show lists the topics that are needed.
func (o *Options) show(specs []admin.TopicSpec) error {
	if o.JSON {
		all := []listed{}
		for i := range specs {
			s := &specs[i]
			l := listed{s.Name, s.Purpose, o.key(s), s.Partitions, nil, s.Configs}
			if s.ReplicationFactor > 0 {
				l.ReplicationFactor = &s.ReplicationFactor
			}
			all = append(all, l)
		}
		return screen.WriteJSON(o.Out, map[string]any{"topics": all})
	}
	t := screen.Table{}
	t.Row("TOPIC", "KEY", "PARTITIONS", "COPIES", "PURPOSE")
	settings := screen.Table{}
	for i := range specs {
		s := &specs[i]
		t.Row(s.Name, o.key(s), strconv.Itoa(s.Partitions), copies(s.ReplicationFactor), s.Purpose)
		settings.Row("  "+s.Name, screen.OrDash(formatConfigs(s.Configs)))
	}
	if err := t.Write(o.Out); err != nil {
		return err
	}
	fmt.Fprintln(o.Out, "\nSettings")
	if err := settings.Write(o.Out); err != nil {
		return err
	}
	_, err := fmt.Fprintf(o.Out, "\n%s\n", screen.Prose(o.advice(), screen.TextWidth(o.Out)))
	return err
}

func (o *Options) advice() string {
	text := "No topic is to be compacted: of a charge_id the record with the latest occurred_at counts, not the last " +
		"written. "
	if o.Config.StateOn() {
		text = "What is not made with compact is not to be compacted, except for billing events, of which the latest " +
			"record of a charge_id says all. " + kafka.Changelog(o.Config.Kafka.Group, "*") +
			" is Verdict's memory: nobody " +
			"else writes there, and what is deleted there is forgotten. "
	}
	return text + "Dead letters hold original bytes, which may be personal data: give " +
		o.Config.Topics.Output[processor.RouteDeadLetter] + " an ACL and a retention of its own. " +
		"Readers use isolation.level=read_committed."
}

// key says what the records of a topic are keyed by.
func (o *Options) key(topic *admin.TopicSpec) string {
	if route := o.Config.RouteOf(topic.Name); route != processor.RouteUnspecified {
		return route.Spec().Key
	}
	if topic.Changelog != nil {
		return "hash of verification"
	}
	return "verification_id" // of a raw topic
}

// copies: below 1 leaves it to the broker.
func copies(n int) string {
	if n < 1 {
		return "broker's"
	}
	return strconv.Itoa(n)
}

func sortedNames(configs map[string]string) []string { return slices.Sorted(maps.Keys(configs)) }

func formatConfigs(configs map[string]string) string {
	var texts []string
	for _, name := range sortedNames(configs) {
		texts = append(texts, name+"="+configs[name])
	}
	return strings.Join(texts, " ")
}
