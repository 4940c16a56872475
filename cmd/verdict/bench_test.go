package main

import (
	"testing"

	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
)

// generatedRecords are raw records as they come from a topic.
func generatedRecords(n int) []processor.Record {
	g := newGenerator(1, generatorStart)
	records := make([]processor.Record, n)
	for i := range records {
		line := g.next()
		records[i] = processor.Record{
			Topic: "idv.raw.v1", Partition: int32(i % 8), Offset: int64(i), Timestamp: generatorStart.UnixMilli(),
			Key: []byte(line.key), Value: line.value,
		}
	}
	return records
}

// BenchmarkProcess is all that is done to one record between reading and writing: JSON in, and out come decision, billing and risk
// event with their headers.
func BenchmarkProcess(b *testing.B) {
	avro, err := codec.NewAvroEncoder(codec.SchemaIDs{Decision: 1, Billing: 2, Risk: 3})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		encoder processor.Encoder
	}{{"out=avro", avro}, {"out=json", codec.NewJSONEncoder()}} {
		b.Run(c.name, func(b *testing.B) {
			p := processor.New(rules.Embedded(), codec.NewDecoder(codec.DecoderOptions{}), c.encoder, processor.Options{MaxValueBytes: 1 << 20})
			records := generatedRecords(4096)
			var result processor.Result
			outputs, bytes := 0, 0
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := p.Process(&records[i%len(records)], &result); err != nil {
					b.Fatal(err)
				}
				outputs += len(result.Outputs)
				for _, out := range result.Outputs {
					bytes += len(out.Value)
				}
			}
			b.ReportMetric(float64(outputs)/float64(b.N), "outputs/op")
			b.ReportMetric(float64(bytes)/float64(b.N), "outbytes/op")
		})
	}
}
