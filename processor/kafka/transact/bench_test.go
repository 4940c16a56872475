package transact

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"verdict/processor"
	"verdict/processor/kafka/wire"
)

// benchOutputs look to a codec like decisions in Avro: a few hundred bytes, of which a third differs from record to
// record.
func benchOutputs(n int) []processor.Output {
	random := rand.New(rand.NewPCG(1, 2))
	id := func() string {
		return fmt.Sprintf("%08x-%04x-8%03x-a%03x-%012x", random.Uint32(), random.Uint32()&0xffff,
			random.Uint32()&0xfff,
			random.Uint32()&0xfff, random.Uint64()&0xffffffffffff)
	}
	statuses := []string{"approved", "declined", "inconclusive", "completed/risk/200", "completed/risk/500", "pending"}
	outs := make([]processor.Output, n)
	for i := range outs {
		verification, decision, status := id(), id(), statuses[random.IntN(len(statuses))]
		key := []byte(verification)
		outs[i] = processor.Output{
			Route: processor.RouteDecision, Key: key, PartitionKey: key,
			Value: []byte("\x00\x00\x00\x00\x01H" + decision + "4" + id()[:26] +
				"\x14fourthline*identity_verification\x00H" + verification +
				fmt.Sprintf("\x02\x16cust-%06d", random.IntN(1e6)) + "\x00\x02\x02\x12" + status +
				"\x02Psource:fourthline-idv/status/" + status +
				"\x01\x02\x084170\x18\x02\x084170\x02\x12rejection\x1a\x06\x00\x01\x01\x00\x02\xe8\x07\x06\x06" +
				"Hsource:fourthline-idv/billing/silent" +
				"\x0c\x04\x00Preading:fourthline-idv/status/" + status + "\x01\x00" +
				fmt.Sprintf("%08d", random.IntN(1e8)) +
				"\x02\"2026.11.0+3f9a2c\x14idv.raw.v1\x06" + fmt.Sprintf("%04d", i) + "\x00"),
			Headers: []processor.Header{
				{Key: "ce_specversion", Value: []byte("1.0")},
				{Key: "ce_id", Value: []byte(decision + ":d:2026.11.0+3f9a2c")},
				{Key: "ce_type", Value: []byte("idv.decision.v1")},
				{Key: "ce_source", Value: []byte("/verdict/fourthline/identity_verification")},
				{Key: "ce_time", Value: fmt.Appendf(nil, "2026-11-21T10:%02d:%02d.%03dZ", i/60%60, i%60,
					random.IntN(1000))},
				{Key: "ce_subject", Value: key}, {Key: "content-type", Value: []byte("application/avro")},
			},
		}
	}
	return outs
}

// BenchmarkBatch builds batches of 1,000 records, compresses them and finishes them: header and checksum. The figures
// are for one record.
func BenchmarkBatch(b *testing.B) {
	outs := benchOutputs(1000)
	minimal := make([]processor.Output, len(outs))
	for i, out := range outs {
		out.Headers = out.Headers[1:3] // ce_id and ce_type
		minimal[i] = out
	}
	for _, c := range []wire.Compression{wire.CompressionNone, wire.CompressionLZ4, wire.CompressionSnappy,
		wire.CompressionZstd, wire.CompressionGzip} {
		b.Run("headers=all/"+c.String(), func(b *testing.B) { benchmarkBatch(b, outs, c) })
	}
	b.Run("headers=two/none", func(b *testing.B) { benchmarkBatch(b, minimal, wire.CompressionNone) })
	b.Run("headers=two/lz4", func(b *testing.B) { benchmarkBatch(b, minimal, wire.CompressionLZ4) })
}

func benchmarkBatch(b *testing.B, outs []processor.Output, c wire.Compression) {
	var batch wire.Builder
	written, n := 0, 0
	flush := func() {
		if batch.Count == 0 {
			return
		}
		if err := batch.Deflate(c); err != nil {
			b.Fatal(err)
		}
		written += len(batch.Finish(wire.Stamp{ProducerID: 1, Transactional: true}))
		n += int(batch.Count)
		batch.Reset()
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		batch.Add(&outs[i%len(outs)], 1234)
		if batch.Count == 1000 {
			flush()
		}
	}
	flush()
	b.ReportMetric(float64(written)/float64(n), "bytes/record")
}

// BenchmarkRead walks the records of an uncompressed batch, as they are fetched.
func BenchmarkRead(b *testing.B) {
	var batch wire.Builder
	outs := benchOutputs(1000)
	for i := range outs {
		outs[i].Headers = nil // raw records seldom have any
		batch.Add(&outs[i], 1234)
	}
	set := batch.Finish(wire.Stamp{})[wire.SizePrefix:]
	var r processor.Record
	b.ReportAllocs()
	for n := 0; n < b.N; {
		whole, _, err := wire.ReadBatch(set)
		if err != nil {
			b.Fatal(err)
		}
		rs, err := whole.Open()
		for ok := err == nil; ok; n++ {
			ok, err = rs.Next(&r)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCollect is what the runner does with each output: find its partition and append it to the batch of that.
func BenchmarkCollect(b *testing.B) {
	o := NewOutputs(wire.CompressionNone)
	outs := benchOutputs(1000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		out := &outs[i%len(outs)]
		o.Add(Key{"decisions", wire.PartitionFor(out.PartitionKey, 0, 8)}, out, UsualBatchBytes, 1234, Origin{})
		if i%5000 == 4999 {
			o.reset()
		}
	}
}
