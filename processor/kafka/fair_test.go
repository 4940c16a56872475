package kafka_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor"
)

// A fetch has room for a few of the partitions with a backlog; each gets its turn.
func TestManyPartitionsWithABacklogAreReadInTurn(t *testing.T) {
	const many, each = 12, 120
	c := newCluster(t, kfake.NumBrokers(1), kfake.SeedTopics(many, "many"), kfake.SeedTopics(1, "decided"))
	p := producer(t, c.ListenAddrs(), kgo.MaxBufferedRecords(10), kgo.ProducerLinger(0))
	for i := range each {
		var list []*kgo.Record
		for id := range int32(many) {
			key := fmt.Sprintf("v-%d-%d", id, i)
			list = append(list, &kgo.Record{Topic: "many", Partition: id, Key: []byte(key), Value: []byte(key + " approved")})
		}
		produce(t, p, list...)
	}
	cfg := config(c.ListenAddrs())
	cfg.RawTopics, cfg.Topics[processor.RouteDecision] = []string{"many"}, "decided"
	cfg.Units, cfg.FetchMaxBytes = 1, 4000
	start(t, cfg)
	progress := map[string]int{}
	for _, d := range collect(t, c.ListenAddrs(), "decided").until(many * each) {
		source, _, _ := strings.Cut(string(d.Value), " ")
		partition := source[:strings.LastIndexByte(source, '/')]
		progress[partition]++
		if progress[partition] < each {
			continue
		}
		for id := range many { // one is done: how far are the others?
			if n := progress[fmt.Sprintf("many/%d", id)]; n < each/2 {
				t.Fatalf("%s is read to its end, of many/%d only %d of %d", partition, id, n, each)
			}
		}
		return
	}
}
