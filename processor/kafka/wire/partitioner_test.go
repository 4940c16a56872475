package wire

import (
	"testing"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"
	"pgregory.net/rapid"
)

// Values of org.apache.kafka.common.utils.UtilsTest.
func TestMurmur2LikeJava(t *testing.T) {
	for key, want := range map[string]int32{
		"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536,
		"a-little-bit-longer-string": -1486304829, "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
		"abc": 479470107,
	} {
		if got := int32(murmur2([]byte(key))); got != want {
			t.Errorf("%q: %d, want %d", key, got, want)
		}
	}
}

func TestPartitionsLikeOtherClients(t *testing.T) {
	franz := kgo.StickyKeyPartitioner(nil).ForTopic("t")
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 1, 50).Draw(t, "key")
		n := rapid.IntRange(1, 50).Draw(t, "partitions")
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		got := int(PartitionFor(key, 0, int32(n)))
		if want := franz.Partition(&kgo.Record{Key: key}, n); got != want {
			t.Errorf("%d, franz-go says %d", got, want)
		}
		if want := (kafka.Murmur2Balancer{}).Balance(kafka.Message{Key: key}, all...); got != want {
			t.Errorf("%d, kafka-go says %d", got, want)
		}
	})
}

func TestNoKeyStaysWithItsPartition(t *testing.T) {
	if got := PartitionFor(nil, 7, 4); got != 3 {
		t.Error(got)
	}
	if got := PartitionFor([]byte{}, 7, 1); got != 0 {
		t.Error(got)
	}
}
