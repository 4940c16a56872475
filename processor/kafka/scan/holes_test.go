package scan_test

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"verdict/processor/kafka/scan"
)

// madeLog is the log of every partition of raw, made by hand, with what only compaction makes; kfake does not.
type madeLog struct {
	batches           [][]byte
	first, high, last int64 // last is the last stable offset
	fetches           atomic.Int32

	// withholds says, if not nil, that a question brings nothing, as a broker answers whose remote storage does not.
	withholds func(partition int32, offset int64, committed bool) bool
	answered  func(partitions, bytes int) // if not nil, told of each answer
}

// batch makes a batch from offset base to last with records at some of the offsets between, whose values are their
// offsets.
func batch(base, last int64, offsets ...int64) []byte { return batchOf(base, last, nil, offsets...) }

// batchOf makes a batch of records with that value.
func batchOf(base, last int64, value []byte, offsets ...int64) []byte {
	b := kmsg.NewRecordBatch()
	b.FirstOffset, b.LastOffsetDelta, b.Magic = base, int32(last-base), 2
	b.ProducerID, b.ProducerEpoch, b.FirstSequence = -1, -1, -1
	b.NumRecords = int32(len(offsets))
	for _, o := range offsets {
		r := kmsg.NewRecord()
		r.OffsetDelta = int32(o - base)
		if r.Key, r.Value = []byte("k"), value; value == nil {
			r.Value = binary.AppendUvarint(nil, uint64(o))
		}
		r.Length = int32(len(r.AppendTo(nil)) - 1)
		b.Records = r.AppendTo(b.Records)
	}
	raw := b.AppendTo(nil)
	binary.BigEndian.PutUint32(raw[8:], uint32(len(raw)-12))
	binary.BigEndian.PutUint32(raw[17:], crc32.Checksum(raw[21:], crc32.MakeTable(crc32.Castagnoli)))
	return raw
}

func lastOf(batch []byte) int64 {
	return int64(binary.BigEndian.Uint64(batch)) + int64(binary.BigEndian.Uint32(batch[23:]))
}

// serve has a cluster answer from the made log: as Kafka does, with the batch of the offset or the next one behind it,
// and with at most one batch beyond MaxBytes.
func (m *madeLog) serve(c *kfake.Cluster) {
	c.ControlKey(int16(kmsg.ListOffsets), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.ListOffsetsRequest)
		at := m.high
		switch {
		case req.Topics[0].Partitions[0].Timestamp == -2:
			at = m.first
		case req.IsolationLevel == 1:
			at = m.last
		}
		return offsets(req, at), nil, true
	})
	c.ControlKey(int16(kmsg.Fetch), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		m.fetches.Add(1)
		req := kreq.(*kmsg.FetchRequest)
		res := req.ResponseKind().(*kmsg.FetchResponse)
		rt := kmsg.NewFetchResponseTopic()
		rt.Topic = req.Topics[0].Topic
		bytes := 0
		for _, asked := range req.Topics[0].Partitions {
			rp := kmsg.NewFetchResponseTopicPartition()
			rp.Partition, rp.RecordBatches = asked.Partition, []byte{}
			rp.HighWatermark, rp.LastStableOffset, rp.LogStartOffset = m.high, m.last, m.first
			next := m.next(asked.Partition, asked.FetchOffset, req.IsolationLevel == 1)
			if bytes == 0 || bytes+len(next) <= int(req.MaxBytes) {
				rp.RecordBatches = append(rp.RecordBatches, next...)
				bytes += len(next)
			}
			rt.Partitions = append(rt.Partitions, rp)
		}
		if m.answered != nil {
			m.answered(len(rt.Partitions), bytes)
		}
		res.Topics = append(res.Topics, rt)
		return res, nil, true
	})
}

// next is the batch that a question brings.
func (m *madeLog) next(partition int32, offset int64, committed bool) []byte {
	if m.withholds != nil && m.withholds(partition, offset, committed) {
		return nil
	}
	for _, b := range m.batches {
		if lastOf(b) >= offset && (!committed || lastOf(b) < m.last) {
			return b
		}
	}
	return nil
}

func TestHoles(t *testing.T) {
	for _, f := range []struct {
		name    string
		log     *madeLog
		to      scan.Place
		want    []int64 // offsets of records
		reaches int64
	}{
		{"between batches", &madeLog{batches: [][]byte{batch(0, 1, 0, 1), batch(50, 50, 50), batch(98, 99, 98, 99)},
			high: 100, last: 100},
			scan.HighWatermark(), []int64{0, 1, 50, 98, 99}, 100},
		{"in a batch", &madeLog{batches: [][]byte{batch(0, 49, 3, 17), batch(50, 99, 99)}, high: 100, last: 100},
			scan.HighWatermark(), []int64{3, 17, 99}, 100},
		{"at the end of a batch", &madeLog{batches: [][]byte{batch(0, 99, 3, 17)}, high: 100, last: 100},
			scan.HighWatermark(), []int64{3, 17}, 100},
		{"empty batches", &madeLog{batches: [][]byte{batch(0, 9), batch(10, 19, 12), batch(20, 99)},
			high: 100, last: 100}, scan.HighWatermark(), []int64{12}, 100},
		{"at the last stable offset", &madeLog{batches: [][]byte{batch(0, 9, 1), batch(60, 99, 60)},
			high: 100, last: 60}, scan.LastStable(), []int64{1}, 60},
		{"at the end of the range, in front of an open transaction", &madeLog{batches: [][]byte{batch(0, 9, 1),
			batch(60, 99, 60)}, high: 100, last: 60}, scan.Offset(40), []int64{1}, 40},
		{"all that is committed", &madeLog{batches: [][]byte{batch(60, 99, 60)}, high: 100, last: 60},
			scan.LastStable(), nil, 60},
		{"over the end of the range", &madeLog{batches: [][]byte{batch(0, 9, 1), batch(90, 99, 95)},
			high: 100, last: 100}, scan.Offset(50), []int64{1}, 50},
		{"the end within a batch", &madeLog{batches: [][]byte{batch(0, 99, 1, 40, 50, 60)}, high: 100, last: 100},
			scan.Offset(50), []int64{1, 40}, 50},
	} {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, 1)
			f.log.serve(c)
			got, result, err := readAll(t, c.ListenAddrs(), "raw", scan.Earliest(), f.to, scan.Options{})
			complete(t, result, err)
			var want []string
			for _, o := range f.want {
				r := asRecord(kgoRecord(o))
				want = append(want, line(r))
			}
			if !slices.Equal(got, want) || result.Partitions[0].Position != f.reaches {
				t.Errorf("got %v to %d, want %v", got, result.Partitions[0].Position, want)
			}
			if got, want := result.Partitions[0].Holes, f.reaches-int64(len(want)); got != want {
				t.Errorf("holes of %d offsets, want %d", got, want)
			}
			if n := f.log.fetches.Load(); n > 10 {
				t.Errorf("%d fetches for %d batches", n, len(f.log.batches))
			}
		})
	}
}

// In front of an open transaction there may be a hole, too: what stands in the way is the transaction.
func TestAHoleInFrontOfAnOpenTransaction(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	log := madeLog{batches: [][]byte{batch(0, 9, 1), batch(60, 99, 60)}, high: 100, last: 60}
	log.serve(c)
	_, result, err := readWhole(t, c, scan.Options{OpenWait: 500 * time.Millisecond})
	isProblem(t, err, scan.ErrOpenTransaction, 0, 60,
		"a transaction is open from offset 60 on, and the range ends at 100")
	if at := result.Partitions[0]; at.Position != 60 {
		t.Errorf("%+v", at)
	}
	if n := log.fetches.Load(); n > 60 { // this broker answers at once
		t.Errorf("%d fetches", n)
	}
}

func TestADamagedBatch(t *testing.T) {
	t.Parallel()
	for _, at := range []int{len(batch(10, 19, 12)) - 1, 12} {
		c := newCluster(t, 1)
		log := madeLog{batches: [][]byte{batch(0, 9, 1), batch(10, 19, 12)}, high: 20, last: 20}
		log.batches[1][at] ^= 1
		log.serve(c)
		got, _, err := readWhole(t, c, scan.Options{})
		if at == 12 { // the leader's epoch is not covered by the checksum
			if err != nil {
				t.Error(err)
			}
			continue
		}
		isProblem(t, err, scan.ErrDamaged, 0, 10,
			"the batch at offset 10 is damaged: its checksum does not match; to go on behind it")
		if len(got) != 1 {
			t.Errorf("got %v", got)
		}
	}
}

// The high watermark of a new leader may be behind for a while; one that stays so has lost what the range asks for.
func TestALogThatShrinks(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1)
	log := madeLog{batches: [][]byte{batch(0, 9, 1)}, high: 20, last: 20}
	c.ControlKey(int16(kmsg.ListOffsets), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		req := kreq.(*kmsg.ListOffsetsRequest)
		if req.Topics[0].Partitions[0].Timestamp == -2 {
			return nil, nil, false
		}
		return offsets(req, 40), nil, true
	})
	log.serve(c)
	_, _, err := readWhole(t, c, scan.Options{Patience: 400 * time.Millisecond})
	isProblem(t, err, scan.ErrTruncated, 0, 10, "offset 39 belongs to the range, but the topic ends at 20")
}

// kgoRecord is what batch writes at an offset.
func kgoRecord(offset int64) *kgo.Record {
	return &kgo.Record{Topic: "raw", Offset: offset, Timestamp: time.UnixMilli(0), Key: []byte("k"),
		Value: binary.AppendUvarint(nil, uint64(offset))}
}
