package bench

import (
	"testing"

	"verdict/cmd/verdict/events"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/rules"
)

// generatedRecords are raw records as they come from a topic.
func generatedRecords(n int) []processor.Record {
	g := events.NewGenerator(rules.Embedded(), 1, events.GeneratorStart)
	records := make([]processor.Record, n)
	for i := range records {
		line := g.Next()
		records[i] = processor.Record{
			Topic: "idv.raw.v1", Partition: int32(i % 8), Offset: int64(i), Timestamp: events.GeneratorStart.UnixMilli(),
			Key: []byte(line.Key), Value: line.Value,
		}
	}
	return records
}

// BenchmarkProcess is all that is done to one record between reading and writing. The mix is what `verdict bench`
// sends; of three outputs are those of its events that give a decision, a billing event and a risk event.
func BenchmarkProcess(b *testing.B) {
	avro := avroEncoder(b)
	mix := generatedRecords(4096)
	for _, c := range []struct {
		name    string
		encoder processor.Encoder
		records []processor.Record
	}{
		{"out=avro/events=mix", avro, mix},
		{"out=avro/events=three-outputs", avro, withOutputs(b, avro, mix, 3)},
		{"out=json/events=mix", codec.NewJSONEncoder(), mix},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := wholeProcessor(c.encoder)
			var result processor.Result
			outputs, bytes := 0, 0
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := p.Process(&c.records[i%len(c.records)], nil, &result); err != nil {
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

// Deciding a plain JSON record takes no memory at all, once a Result has been used.
func TestWholeProcessDoesNotAllocate(t *testing.T) {
	avro := avroEncoder(t)
	p := wholeProcessor(avro)
	var result processor.Result
	outputs := 0
	for _, r := range generatedRecords(1000) {
		run := func() {
			if err := p.Process(&r, nil, &result); err != nil {
				t.Fatal(err)
			}
		}
		run()
		// With the race detector, a sync.Pool forgets a quarter of what it is given: the average, rounded down, stays
		// 0.
		if n := testing.AllocsPerRun(20, run); n != 0 && result.Decision != nil {
			t.Errorf("%d outputs of %s: %v allocations", len(result.Outputs), r.Value, n)
		}
		outputs = max(outputs, len(result.Outputs))
	}
	if outputs != 3 {
		t.Errorf("no record has three outputs, at most %d", outputs)
	}
}

func avroEncoder(t testing.TB) *codec.AvroEncoder {
	t.Helper()
	var ids codec.SchemaIDs
	for route := range ids {
		ids[route] = route
	}
	e, err := codec.NewAvroEncoder(ids)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func wholeProcessor(e processor.Encoder) *processor.Processor {
	return newProcessor(e, processor.Options{MaxValueBytes: 1 << 20})
}

func newProcessor(e processor.Encoder, options processor.Options) *processor.Processor {
	return processor.New(rules.Embedded(), codec.NewDecoder(codec.DecoderOptions{}), e, options)
}

// withOutputs picks the records that n outputs come of.
func withOutputs(b *testing.B, e processor.Encoder, records []processor.Record, n int) (picked []processor.Record) {
	p := wholeProcessor(e)
	var result processor.Result
	for i := range records {
		if err := p.Process(&records[i], nil, &result); err != nil {
			b.Fatal(err)
		}
		if len(result.Outputs) == n {
			picked = append(picked, records[i])
		}
	}
	if picked == nil {
		b.Fatalf("none of %d records has %d outputs", len(records), n)
	}
	return picked
}
