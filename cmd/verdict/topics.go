package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/kafka"
	"verdict/processor/kafka/admin"
	"verdict/rules/wording"
)

func newTopicsCommand() *cobra.Command {
	var flags configFlags
	var create bool
	var partitions, replication int
	cmd := &cobra.Command{
		Use:   "topics",
		Short: "Show the topics that Verdict needs, or create them",
		Long: `Shows each topic's purpose, key, partitions and settings. The raw topics are normally their producers';
partitions bound how many instances can share the work, and the order of one verification is kept within its
partition, so choose them once.

--create creates those that are missing and changes none that exists. A topic of the state gets the partitions of its
raw topic, however many these are, and keeps its records for as long as that one's can need them. It needs the
permission to create topics, which ` + "`verdict run`" + ` does not.

` + settingsText,
		Example: `  verdict topics
  verdict topics --create --partitions 12 --replication-factor 3`,
		Args: atMost(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := flags.load()
			if err != nil {
				return err
			}
			if err := cfg.CheckTopics(); err != nil {
				return err
			}
			kafkaConfig, err := pipeline.KafkaConfig(cfg)
			if err != nil {
				return err
			}
			if partitions < 0 || replication < 0 {
				return wrongCall("--partitions and --replication-factor: write a number from 1")
			}
			plan := kafka.TopicPlan(kafkaConfig)
			for i := range plan {
				override(&plan[i].Partitions, partitions)
				override(&plan[i].ReplicationFactor, replication)
			}
			if create {
				return createTopics(cmd.Context(), cmd.OutOrStdout(), kafkaConfig, plan)
			}
			return writePlan(cmd.OutOrStdout(), cfg, plan)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&create, "create", false, "create the topics that are missing")
	cmd.Flags().IntVar(&partitions, "partitions", 0, "`NUMBER` of partitions of each topic, instead of the plan's")
	cmd.Flags().IntVar(&replication, "replication-factor", 0,
		"`NUMBER` of copies of each partition, instead of the plan's")
	return cmd
}

func override(field *int, value int) {
	if value > 0 {
		*field = value
	}
}

func writePlan(w io.Writer, cfg *config.Loaded, plan []admin.TopicSpec) error {
	t := screen.Table{}
	t.Row("TOPIC", "KEY", "PARTITIONS", "COPIES", "PURPOSE")
	for _, s := range plan {
		t.Row(s.Name, topicKey(cfg, &s), strconv.Itoa(s.Partitions), copies(s.ReplicationFactor), s.Purpose)
	}
	if err := t.Write(w); err != nil {
		return err
	}
	fmt.Fprintln(w, "\nSettings")
	settings := screen.Table{}
	for _, s := range plan {
		settings.Row("  "+s.Name, screen.OrDash(formatConfigs(s.Configs)))
	}
	if err := settings.Write(w); err != nil {
		return err
	}
	text := "No topic is to be compacted: of a charge_id the record with the latest occurred_at counts, not the last " +
		"written. "
	if cfg.StateOn() {
		text = "What is not made with compact is not to be compacted, except for billing events, of which the latest " +
			"record of a charge_id says all. " + kafka.Changelog(cfg.Kafka.Group, "*") +
			" is Verdict's memory: nobody " +
			"else writes there, and what is deleted there is forgotten. "
	}
	text += "Dead letters hold original bytes, which may be personal data: give " +
		cfg.Topics.Output[processor.RouteDeadLetter] + " an ACL and a retention of its own. " +
		"Readers use isolation.level=read_committed."
	_, err := fmt.Fprintf(w, "\n%s\n", screen.Prose(text, screen.TextWidth(w)))
	return err
}

// topicKey says what the records of a topic are keyed by.
func topicKey(c *config.Loaded, topic *admin.TopicSpec) string {
	if route := c.RouteOf(topic.Name); route != processor.RouteUnspecified {
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

func formatConfigs(configs map[string]string) string {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(configs)) {
		texts = append(texts, name+"="+configs[name])
	}
	return strings.Join(texts, " ")
}

// topicsTimeout bounds all that --create asks for.
const topicsTimeout = 30 * time.Second

func createTopics(ctx context.Context, w io.Writer, cfg kafka.Config, plan []admin.TopicSpec) error {
	ctx, cancel := context.WithTimeout(ctx, topicsTimeout)
	defer cancel()
	results, err := admin.CreateTopics(ctx, cfg.Connection, plan)
	if err != nil {
		return err
	}
	t := screen.Table{}
	var failures []admin.TopicResult
	for _, r := range results {
		switch {
		case r.Err != nil:
			failures = append(failures, r)
		case r.Created:
			t.Row("created", r.Name)
		default:
			t.Row("exists", r.Name, "unchanged")
		}
	}
	if err := t.Write(w); err != nil {
		return err
	}
	tellFailures(w, failures)
	if failures != nil {
		return fmt.Errorf("%s could not be created", wording.Count(len(failures), "topic"))
	}
	return nil
}

// tellFailures tells what is common to several, the cure, once.
func tellFailures(w io.Writer, failures []admin.TopicResult) {
	out := screen.Wrapped(w, len("FAILED   "))
	for i, r := range failures {
		fmt.Fprintf(out, "FAILED   %s: %v\n", r.Name, r.Err)
		if last := i == len(failures)-1; r.Cure != "" && (last || failures[i+1].Cure != r.Cure) {
			fmt.Fprintf(out, "         cure: %s\n", r.Cure)
		}
	}
}
