package admin

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Changelog is the topic that a group keeps what is known of a raw topic's verifications in: a partition for each of
// the raw topic's.
type Changelog struct {
	Name      string
	Raw       string
	Retention time.Duration // how long a verification is remembered after its last event
	// OverdueAfter is how old a raw record may be when a notice is made of it; 0: none is.
	OverdueAfter time.Duration
}

// configs are the settings of a changelog. Verdict writes no tombstones: the broker deletes what has not been written
// anew for as long as it can be needed, which is longer than Retention by what the raw topic may hold undecided. Where
// that has no limit, nothing is deleted.
func (c *Changelog) configs(raw time.Duration) map[string]string {
	configs := map[string]string{
		"cleanup.policy": "compact",
		// A restore reads all that is not compacted yet, and the newest segment never is: Kafka's own settings would
		// make that twice what is known, and a week of changes.
		"min.cleanable.dirty.ratio": "0.1",
		"segment.bytes":             strconv.Itoa(64 << 20),
		"segment.ms":                millis(6 * time.Hour),
		"max.compaction.lag.ms":     millis(day),
		"delete.retention.ms":       millis(day),
		// It is as large as what is known.
		"retention.bytes": "-1",
		// A writer's clock that is wrong must not make records old.
		"message.timestamp.type": logAppendTime,
	}
	if raw != unlimited {
		configs["cleanup.policy"] = "compact,delete"
		configs["retention.ms"] = millis(c.Retention + raw)
	}
	return configs
}

const logAppendTime = "LogAppendTime"

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// changelog reports whether it is there, may be read and written, and has the raw topic's partitions.
func (k *inspection) changelog(c *Changelog) {
	point := fmt.Sprintf("topic %s (state of %s)", c.Name, c.Raw)
	if !k.usable(point, c.Name, operationRead, operationWrite) {
		return
	}
	have, want := k.partitions(c.Name), k.partitions(c.Raw)
	both := fmt.Sprintf("it has %s, the raw topic %d: ", count(have, "partition"), want)
	switch {
	case have < want:
		k.wrong(point, both+"what comes in the others cannot be remembered",
			"give it as many, and move what is known to where it belongs: `verdict state rekey` (docs/state.md)")
	case have > want && want > 0:
		k.wrong(point, both+"the raw topic was created anew, or this one by hand", "if nothing in it is needed, stop "+
			"the group, delete it and create it with `verdict topics --create`")
	default:
		k.ok(point, count(have, "partition"))
	}
}

// needs is how long a changelog has to keep its records, by its raw topic's settings: as configs has it.
func (c *Changelog) needs(raw map[string]string) time.Duration {
	needed, known := retention(raw)
	switch {
	case !known:
		return c.Retention // at least
	case needed != unlimited:
		return needed + c.Retention
	}
	return unlimited
}

// tooShort says why a changelog with these settings would forget what is to be remembered; "" if it would not. Its
// cure is the change of the topic that has to come before the one of state.retention.
func (c *Changelog) tooShort(values, raw map[string]string) (problem, cure string) {
	kept, _ := retention(values)
	if kept == unlimited || kept >= c.Retention {
		return "", ""
	}
	setting := "cleanup.policy=compact"
	if needed := c.needs(raw); needed != unlimited {
		setting = "retention.ms=" + millis(needed)
	}
	problem = fmt.Sprintf("it keeps %s (retention.ms), less than state.retention (%s): the brokers delete what is to "+
		"be remembered, and its partitions are held then as damaged", inDays(kept),
		strings.TrimSuffix(c.Retention.String(), "0m0s"))
	return problem, fmt.Sprintf("change the topic first: `verdict topics --apply`, or kafka-configs --alter "+
		"--entity-type topics --entity-name %s --add-config %s; or lower state.retention", c.Name, setting)
}

// changelogSettings reports settings of a changelog that forget what is to be remembered.
func (k *inspection) changelogSettings(point string, c *Changelog, values, raw map[string]string) {
	kept, _ := retention(values)
	needed := c.needs(raw)
	short, cure := c.tooShort(values, raw)
	switch {
	case !policyOf(values).compact:
		k.wrong(point, "it is not compacted (cleanup.policy="+values["cleanup.policy"]+"): a restore reads each "+
			"change instead of the latest, and what is older than retention.ms is forgotten, the latest included",
			"set cleanup.policy=compact,delete"+byApply)
	case short != "":
		k.wrong(point, short, cure)
	case kept != unlimited && needed == unlimited:
		k.warn(point, "it keeps "+inDays(kept)+" (retention.ms), but "+c.Raw+" keeps its records for ever: what is "+
			"known of those that wait for longer is forgotten before they are decided",
			"set cleanup.policy=compact"+byApply)
	case kept != unlimited && kept < needed:
		k.warn(point, "it keeps "+inDays(kept)+" (retention.ms), less than state.retention and the retention of "+c.Raw+
			" together: after an outage what is known may be forgotten too early",
			"set retention.ms="+millis(needed)+byApply)
	case limited(values) != "":
		k.warn(point, limited(values)+": the brokers delete what is to be remembered once there is more of it",
			"set retention.bytes=-1"+byApply)
	case kept != unlimited && values["message.timestamp.type"] != logAppendTime:
		k.warn(point, "message.timestamp.type is not LogAppendTime: an instance whose clock is wrong makes what is "+
			"known look old, and the broker deletes it", "set message.timestamp.type=LogAppendTime"+byApply)
	default:
		k.ok(point, "")
	}
}

// inDays is a duration as topics' settings are thought of.
func inDays(d time.Duration) string {
	if d < day {
		return d.String()
	}
	return count(int(d/day), "day")
}
