package admin

import (
	"fmt"
	"net"
	"strings"
)

// copies reports topics that lose what one broker loses. Where all brokers are on this machine it is for trying out:
// nothing is to be done about it.
func (k *inspection) copies(configs map[string]map[string]string) {
	var single, alone []string
	fewest, seen := 0, 0
	for _, topic := range k.needs.topics() {
		n := k.replicas(topic)
		if n > 0 {
			seen++
			if fewest == 0 || n < fewest {
				fewest = n
			}
		}
		switch {
		case n == 1:
			single = append(single, topic)
		case n > 1 && configs[topic]["min.insync.replicas"] == "1":
			alone = append(alone, topic)
		}
	}
	const point = "copies of the topics"
	trial := k.onTrial()
	report := func(problem, cure string) {
		if trial {
			k.ok(point, problem+" (no matter for a trial on this machine)")
			return
		}
		k.warn(point, problem, cure)
	}
	if len(single) > 0 {
		report(each(single, seen)+" one replica: what its broker loses is lost",
			"give them three, on three brokers (kafka-reassign-partitions); `verdict topics --create "+
				"--replication-factor 3` makes new ones so")
	}
	if len(alone) > 0 {
		report(each(alone, seen)+" min.insync.replicas=1: what one broker alone acknowledged is lost with it",
			"set min.insync.replicas=2 (topics.settings with *:min.insync.replicas=2, then `verdict topics --apply`)")
	}
	if single == nil && alone == nil && fewest > 0 {
		k.ok(point, fmt.Sprintf("at least %d of each partition", fewest))
	}
}

// each names topics that have something, or says that all have.
func each(topics []string, all int) string {
	if len(topics) == all {
		return "all have"
	}
	if len(topics) == 1 {
		return topics[0] + " has"
	}
	return strings.Join(topics, ", ") + " have"
}

// onTrial says whether all brokers are on this machine.
func (k *inspection) onTrial() bool {
	for _, b := range k.metadata.Brokers {
		ip := net.ParseIP(b.Host)
		if b.Host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}
