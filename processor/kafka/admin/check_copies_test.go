package admin

import (
	"slices"
	"testing"

	"github.com/segmentio/kafka-go/protocol/metadata"
)

// seen is an inspection of topics with so many replicas each, on brokers with these hosts.
func seen(hosts []string, replicas ...int) *inspection {
	k := &inspection{metadata: &metadata.Response{}}
	for _, host := range hosts {
		k.metadata.Brokers = append(k.metadata.Brokers, metadata.ResponseBroker{Host: host})
	}
	for i, n := range replicas {
		name := string(rune('a' + i))
		k.needs.Raw = append(k.needs.Raw, name)
		k.metadata.Topics = append(k.metadata.Topics, metadata.ResponseTopic{Name: name,
			Partitions: []metadata.ResponsePartition{{ReplicaNodes: make([]int32, n)}}})
	}
	return k
}

// fewer gives the last topic a second partition, with one replica.
func fewer(k *inspection) *inspection {
	last := &k.metadata.Topics[len(k.metadata.Topics)-1]
	last.Partitions = append(last.Partitions, metadata.ResponsePartition{ReplicaNodes: make([]int32, 1)})
	return k
}

func TestCopies(t *testing.T) {
	three := []string{"k1", "k2", "k3"}
	one := map[string]string{"min.insync.replicas": "1"}
	two := map[string]string{"min.insync.replicas": "2"}
	for name, test := range map[string]struct {
		k       *inspection
		configs map[string]map[string]string
		warn    bool
		want    []string
	}{
		"well": {seen(three, 3, 3), map[string]map[string]string{"a": two, "b": two}, false,
			[]string{"at least 3 of each partition"}},
		"one replica": {seen(three, 1, 3), map[string]map[string]string{"a": one, "b": two}, true,
			[]string{"a has one replica: what its broker loses is lost"}},
		"all have one": {seen(three, 1, 1), nil, true,
			[]string{"all have one replica: what its broker loses is lost"}},
		"one acknowledges": {seen(three, 3, 3, 3), map[string]map[string]string{"a": one, "b": one, "c": two}, true,
			[]string{"a, b have min.insync.replicas=1: what one broker alone acknowledged is lost with it"}},
		"one broker": {seen([]string{"kafka"}, 1), nil, true,
			[]string{"all have one replica: what its broker loses is lost"}},
		"one broker here": {seen([]string{"localhost"}, 1), nil, false,
			[]string{"all have one replica: what its broker loses is lost (no matter for a trial on this machine)"}},
		"one partition has fewer": {fewer(seen(three, 3, 3)), map[string]map[string]string{"a": two, "b": two}, true,
			[]string{"b has one replica: what its broker loses is lost"}},
		"this machine": {seen([]string{"127.0.0.1", "localhost", "::1"}, 2), map[string]map[string]string{"a": one},
			false, []string{"all have min.insync.replicas=1: what one broker alone acknowledged is lost with it " +
				"(no matter for a trial on this machine)"}},
		"no topic": {seen(three), nil, false, nil},
	} {
		test.k.copies(test.configs)
		var said []string
		for _, f := range test.k.findings {
			said = append(said, f.Problem)
			if !f.OK || f.Warn != test.warn || f.Warn != (f.Cure != "") {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if !slices.Equal(said, test.want) {
			t.Errorf("%s: it says %q, want %q", name, said, test.want)
		}
	}
}

func TestIdleUnits(t *testing.T) {
	for _, test := range []struct {
		units, members int
		want           string
	}{
		{0, 0, ""}, {0, 1, ""}, {1, 1, ""},
		{0, 3, "the group has 3 members, but there is 1 partition to share out: 2 will have nothing to do"},
		{2, 0, "batch.units is 2, but there is 1 partition to share out: 1 will have nothing to do"},
		{2, 2, "batch.units is 2, with 2 members that makes 4, but there is 1 partition to share out: " +
			"3 will have nothing to do"},
	} {
		k := seen([]string{"k1"}, 3)
		k.needs.Units = test.units
		k.idleUnits(test.members)
		said := ""
		for _, f := range k.findings {
			said += f.Problem
		}
		if said != test.want {
			t.Errorf("%d units, %d members: %q, want %q", test.units, test.members, said, test.want)
		}
	}
}
