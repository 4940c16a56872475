package kafka_test

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka"
)

// A group that shares its partitions out has members and no protocol yet: that is no other program.
func TestCheckOfAGroupThatSharesOut(t *testing.T) {
	for protocol, want := range map[string]bool{"": true, "range": false, "verdict-sticky": true} {
		c := newCluster(t)
		c.ControlKey(int16(kmsg.DescribeGroups), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			res := kreq.ResponseKind().(*kmsg.DescribeGroupsResponse)
			g := kmsg.NewDescribeGroupsResponseGroup()
			g.Group, g.State, g.Protocol = "verdict", "PreparingRebalance", protocol
			g.Members = append(g.Members, kmsg.NewDescribeGroupsResponseGroupMember())
			res.Groups = append(res.Groups, g)
			return res, nil, true
		})
		for _, f := range kafka.Check(t.Context(), config(c.ListenAddrs())) {
			if strings.HasPrefix(f.Point, "consumer group") && f.OK != want {
				t.Errorf("protocol %q: %+v", protocol, f)
			}
		}
	}
}
