package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
	"testing"

	"github.com/segmentio/kafka-go/protocol"
	"pgregory.net/rapid"

	"verdict/processor"
)

// golden is one batch, checked by hand against the format's documentation.
const golden = "00000056" + // size prefix
	"0000000000000000" + "0000004a" + "ffffffff" + "02" + "7d4d6468" + // offset, length, leader epoch, magic, checksum
	"0010" + "00000001" + "0000000000000001" + "0000000000000001" + // attributes, last delta, first and last time
	"0000000000000007" + "0003" + "00000009" + "00000002" + // producer id, epoch, sequence, count
	// a key, a value, two headers
	"22" + "00" + "00" + "00" + "026b" + "0676616c" + "04" + "0261" + "0262" + "0263" + "01" +
	"0c" + "00" + "00" + "02" + "01" + "01" + "00" // null key, null value

func TestBatchBytes(t *testing.T) {
	var b Builder
	b.Add(&processor.Output{Key: []byte("k"), Value: []byte("val"), Headers: []processor.Header{{Key: "a",
		Value: []byte("b")}, {Key: "c"}}}, 1)
	b.Add(&processor.Output{}, 5)
	got := b.Finish(Stamp{ProducerID: 7, Epoch: 3, Sequence: 9, Transactional: true})
	if hex.EncodeToString(got) != golden {
		t.Errorf("got  %x\nwant %s", got, golden)
	}
}

func outputGen() *rapid.Generator[processor.Output] {
	text := rapid.OneOf(rapid.Just([]byte(nil)), rapid.SliceOfN(rapid.Byte(), 0, 300))
	return rapid.Custom(func(t *rapid.T) processor.Output {
		out := processor.Output{Key: text.Draw(t, "key"), Value: text.Draw(t, "value")}
		for range rapid.IntRange(0, 3).Draw(t, "headers") {
			out.Headers = append(out.Headers, processor.Header{Key: rapid.StringN(0, 5, 20).Draw(t, "name"),
				Value: text.Draw(t,
					"header")})
		}
		return out
	})
}

// What is written is read back, by the reader of this room and by kafka-go's.
func TestBatchesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		outs := rapid.SliceOfN(outputGen(), 1, 20).Draw(t, "outputs")
		compression := Compression(rapid.IntRange(int(CompressionNone), int(CompressionZstd)).Draw(t, "compression"))
		var b Builder
		for i := range outs {
			before := b.Size()
			b.Add(&outs[i], 1234)
			if size := RecordSize(int32(i), &outs[i]); b.Size()-before != size+varintSize(int64(size)) {
				t.Fatalf("the size grew by %d, recordSize is %d", b.Size()-before, size)
			}
		}
		if err := b.Deflate(compression); err != nil {
			t.Fatal(err)
		}
		set := b.Finish(Stamp{ProducerID: 1, Epoch: 2, Sequence: 3})
		readBack(t, set[SizePrefix:], outs)
		readBackByKafkaGo(t, set, outs)
	})
}

func readBack(t *rapid.T, set []byte, outs []processor.Output) {
	got, rest, err := ReadBatch(set)
	if err != nil || len(rest) != 0 || got.NextOffset != int64(len(outs)) {
		t.Fatal(got, rest, err)
	}
	rs, err := got.Open()
	if err != nil {
		t.Fatal(err)
	}
	var r processor.Record
	for i, out := range outs {
		ok, err := rs.Next(&r)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if r.Offset != int64(i) || r.Timestamp != 1234 || !same(r.Key, out.Key) || !same(r.Value, out.Value) ||
			len(r.Headers) != len(out.Headers) {
			t.Fatalf("got %+v, want %+v", r, out)
		}
		for j, h := range out.Headers {
			if r.Headers[j].Key != h.Key || !same(r.Headers[j].Value, h.Value) {
				t.Fatalf("header %+v, want %+v", r.Headers[j], h)
			}
		}
	}
	if ok, err := rs.Next(&r); ok || err != nil {
		t.Fatal("more records than written", err)
	}
}

func readBackByKafkaGo(t *rapid.T, set []byte, outs []processor.Output) {
	var theirs protocol.RecordSet
	if _, err := theirs.ReadFrom(bytes.NewReader(set)); err != nil {
		t.Fatal(err)
	}
	for _, out := range outs {
		r, err := theirs.Records.ReadRecord()
		if err != nil {
			t.Fatal(err)
		}
		value := []byte(nil)
		if r.Value != nil {
			value, _ = io.ReadAll(r.Value)
		}
		if len(value) != len(out.Value) || !bytes.Equal(value, out.Value) || len(r.Headers) != len(out.Headers) {
			t.Fatalf("kafka-go reads %q, want %q", value, out.Value)
		}
	}
}

func same(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }

// rebuild makes a batch of n records from offset on, and lets edit change its header before the checksum.
func rebuild(offset int64, n int, edit func(set []byte)) []byte {
	var b Builder
	for range n {
		b.Add(&processor.Output{Value: []byte("v")}, 1000)
	}
	set := bytes.Clone(b.Finish(Stamp{ProducerID: 5, Transactional: true})[SizePrefix:])
	binary.BigEndian.PutUint64(set, uint64(offset))
	if edit != nil {
		edit(set)
	}
	binary.BigEndian.PutUint32(set[batchChecksumAt:], crc32.Checksum(set[batchAttributesAt:], castagnoli))
	return set
}

func TestBatchThatCompactionHasShortened(t *testing.T) {
	set := rebuild(100, 1, func(set []byte) { binary.BigEndian.PutUint32(set[batchLastDeltaAt:], 9) })
	if b, _, err := ReadBatch(set); err != nil || b.NextOffset != 110 {
		t.Error("the batch ends before", b.NextOffset, err)
	}
}

func TestLogAppendTime(t *testing.T) {
	set := rebuild(0, 1, func(set []byte) {
		set[batchAttributesAt+1] |= attributeAppendTime
		binary.BigEndian.PutUint64(set[batchMaxTimeAt:], 7777)
	})
	b, _, err := ReadBatch(set)
	if err != nil {
		t.Fatal(err)
	}
	rs, _ := b.Open()
	var r processor.Record
	if ok, err := rs.Next(&r); !ok || err != nil || r.Timestamp != 7777 {
		t.Error(ok, err, r.Timestamp)
	}
}

func TestDamagedBatches(t *testing.T) {
	good := rebuild(0, 3, nil)
	for n := range good {
		if _, _, err := ReadBatch(good[:n]); !errors.Is(err, ErrCutShort) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1
	if _, _, err := ReadBatch(flipped); err == nil || errors.Is(err, ErrCutShort) {
		t.Error("a wrong checksum:", err)
	}
	old := bytes.Clone(good)
	old[batchMagicAt] = 1
	if _, _, err := ReadBatch(old); err == nil {
		t.Error("message format 1 is read")
	}
}

// Whatever the bytes, reading ends and neither panics nor reads beyond them.
func TestHostileRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "body")
		b := Batch{count: rapid.Int32().Draw(t, "count"), body: body,
			attributes: int16(rapid.IntRange(0, 7).Draw(t, "codec"))}
		rs, err := b.Open()
		if err != nil {
			return
		}
		var r processor.Record
		for n := 0; ; n++ {
			if ok, err := rs.Next(&r); !ok || err != nil {
				return
			}
			if n > len(rs.bytes)+len(body)+1000 {
				t.Fatal("it does not end")
			}
		}
	})
}

// A batch that says it holds fewer records than it does would lose the others.
func TestABatchThatHoldsMoreThanItCounts(t *testing.T) {
	for _, count := range []int32{-1, 0, 2} {
		b, _, err := ReadBatch(rebuild(0, 3, nil))
		if err != nil {
			t.Fatal(err)
		}
		b.count = count
		rs, err := b.Open()
		var r processor.Record
		for ok := true; ok && err == nil; {
			ok, err = rs.Next(&r)
		}
		if !errors.Is(err, errCount) {
			t.Errorf("%d of 3 records: %v", count, err)
		}
	}
}
