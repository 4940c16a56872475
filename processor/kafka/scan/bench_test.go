package scan_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"verdict/processor"
	"verdict/processor/kafka/cluster"
	"verdict/processor/kafka/scan"
)

// BenchmarkScan reads records of 700 bytes from eight partitions of one broker: the one of VERDICT_TEST_KAFKA, or else
// one in this process, which shares the processor with the scan. The figures are for one record.
func BenchmarkScan(b *testing.B) {
	where, broker := "real", os.Getenv("VERDICT_TEST_KAFKA")
	brokers := []string{broker}
	if broker == "" {
		where = "kfake"
		c, err := kfake.NewCluster(kfake.NumBrokers(1))
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		brokers = c.ListenAddrs()
	}
	for _, f := range []struct {
		name  string
		batch int32
		codec kgo.CompressionCodec
	}{
		{"batch=16KiB", 16 << 10, kgo.NoCompression()},
		{"batch=900KiB", 900 << 10, kgo.NoCompression()},
		{"batch=16KiB/lz4", 16 << 10, kgo.Lz4Compression()},
	} {
		b.Run(where+"/"+f.name, func(b *testing.B) {
			topic := fmt.Sprintf("bench-%08x", rand.Uint32())
			createTopic(b, brokers, topic, 8)
			fill(b, brokers, topic, benchRecords, f.batch, f.codec)
			benchmarkScan(b, brokers, topic)
		})
	}
}

const benchRecords = 400_000

// fill writes records whose values are half noise, half text.
func fill(b testing.TB, brokers []string, topic string, n int, batch int32, codec kgo.CompressionCodec) {
	b.Helper()
	p := producer(b, brokers, kgo.ProducerBatchMaxBytes(batch), kgo.ProducerBatchCompression(codec),
		kgo.MaxBufferedRecords(100_000))
	random := rand.New(rand.NewPCG(1, 2))
	value := make([]byte, 676)
	for i := range value {
		value[i] = "verification"[i%12]
	}
	for i := range n {
		for j := 0; j < len(value)/2; j += 8 {
			binary.LittleEndian.PutUint64(value[j:], random.Uint64())
		}
		key := fmt.Appendf(nil, "verification-%011d", i)
		r := &kgo.Record{Topic: topic, Partition: int32(i % 8), Key: key, Value: slices.Clone(value)}
		p.Produce(context.Background(), r, func(_ *kgo.Record, err error) {
			if err != nil {
				b.Error(err)
			}
		})
	}
	if err := p.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
}

func benchmarkScan(b *testing.B, brokers []string, topic string) {
	client, err := cluster.NewClient(cluster.Connection{Brokers: brokers}.WithDefaults(), []string{topic})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	ranges, err := scan.Topic(b.Context(), client, topic, scan.Earliest(), scan.HighWatermark())
	if err != nil {
		b.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	records, bytes := int64(0), int64(0)
	for b.Loop() {
		result, err := scan.Read(b.Context(), client, ranges, scan.Options{},
			func(*processor.Record) error { return nil })
		if err != nil || result.Records != benchRecords {
			b.Fatal(result.Records, err)
		}
		records, bytes = records+result.Records, bytes+result.Bytes
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(bytes)/b.Elapsed().Seconds()/1e6, "MB/s")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(records), "allocs/record")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(records), "B/record")
}
