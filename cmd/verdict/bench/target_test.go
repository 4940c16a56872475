package bench

import (
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/cmd/verdict/config"
)

// A new cluster has no coordinator for a moment; that is no reason to give up. A missing permission is.
func TestCommittedAsksAgain(t *testing.T) {
	for code, want := range map[*kerr.Error]error{
		kerr.CoordinatorNotAvailable: nil, kerr.CoordinatorLoadInProgress: nil, kerr.GroupIDNotFound: nil,
		kerr.GroupAuthorizationFailed: kerr.GroupAuthorizationFailed,
	} {
		t.Run(code.Message, func(t *testing.T) {
			c, err := kfake.NewCluster(kfake.NumBrokers(1))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.ControlKey(int16(kmsg.OffsetFetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
				c.KeepControl()
				res := kreq.ResponseKind().(*kmsg.OffsetFetchResponse)
				group := kmsg.NewOffsetFetchResponseGroup()
				group.Group, group.ErrorCode = "g", code.Code
				res.Groups = append(res.Groups, group)
				res.ErrorCode = code.Code
				return res, nil, true
			})
			client, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.RequestRetries(0))
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			target := &target{cfg: &config.Loaded{}, client: client}
			target.cfg.Kafka.Group = "g"
			if n, err := target.committed(t.Context()); n != 0 || !errors.Is(err, want) {
				t.Errorf("%d, %v; want 0, %v", n, err, want)
			}
			target.silent = target.silent.Add(-longestStart)
			if _, err := target.committed(t.Context()); kerr.IsRetriable(code) && !errors.Is(err, code) {
				t.Errorf("after %s: %v", longestStart, err)
			}
		})
	}
}
