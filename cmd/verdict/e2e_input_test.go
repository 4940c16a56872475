package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// What an upstream producer has aborted is not decided, and its markers leave no lag behind.
func realAbortedInput(r *realParts) {
	t := r.t
	upstream, err := kgo.NewClient(kgo.SeedBrokers(r.brokers), kgo.TransactionalID(r.prefix+"upstream"),
		kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	defer upstream.Close()
	i := r.start("one") // reads while they come in
	committed := 0
	lines := r.generate(6_000, 5)
	for n := range 12 {
		if err := upstream.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		for k, line := range lines[n*500 : (n+1)*500] {
			upstream.Produce(r.context(), &kgo.Record{
				Topic: r.prefix + "raw", Partition: int32(k) % outputPartitions["raw"], Key: line.key, Value: line.value,
			}, nil)
			if k%7 == 0 { // records outside of any transaction between those inside
				r.produce(&kgo.Record{Partition: int32(k) % outputPartitions["raw"], Key: line.key, Value: line.value})
				committed++
			}
		}
		if err := upstream.Flush(r.context()); err != nil {
			t.Fatal(err)
		}
		if n%3 == 0 {
			committed += 500
		}
		if err := upstream.EndTransaction(r.context(), kgo.TransactionEndTry(n%3 == 0)); err != nil {
			t.Fatal(err)
		}
	}
	r.awaitAll(time.Minute, i)
	i.stop()
	found := r.check()
	found.require(t, noneLostNoneTwice)
	found.require(t, counts{"raw": committed})
	if sum := found.answered(); sum != committed {
		t.Errorf("%d decisions, dead letters and repeats for %d committed records", sum, committed)
	}
}

// Each kind of record that can never be decided becomes a dead letter, byte for byte, with the reason that `decide`
// gives.
func realDeadLetters(r *realParts) {
	t := r.t
	lines := malformedSamples(t)
	records := r.sampleRecords(lines)
	event := `{"provider":"yousign","product":"video","verification_id":"large-%d","status":"approved","note":"%s"}`
	random := rand.New(rand.NewPCG(1, 2))
	noise := func(n int) []byte { // no compression makes it fit
		text := make([]byte, n)
		for i := range text {
			text[i] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[random.IntN(64)]
		}
		return text
	}
	records = append(records,
		&kgo.Record{Partition: 0, Key: []byte("tombstone")},
		&kgo.Record{Partition: 1, Key: []byte{0, 1, 0xfe}, Value: []byte{}},
		&kgo.Record{Partition: 2, Key: []byte("not-utf8"), Value: []byte{'{', 0xff, 0xfe, '}'}},
		&kgo.Record{Partition: 3, Key: []byte("large"), Value: fmt.Appendf(nil, event, 1, noise(3<<19))},
		&kgo.Record{Partition: 4, Key: []byte("larger"), Value: fmt.Appendf(nil, event, 2, noise(3<<20))},
		&kgo.Record{Partition: 5, Key: []byte("after"), Value: fmt.Appendf(nil, event, 3, noise(0))},
	)
	r.produce(records...)
	i := r.start("one")
	r.awaitAll(time.Minute, i)
	i.stop()
	found := r.checkAgainstDecide(lines)
	found.require(t, noneLostNoneTwice)
	found.require(t, counts{"raw": len(records), "decisions": 1, "reason too_large": 2})
	// The two records without a value are as an empty line.
	found.require(t, counts{"deadletter_by_digest": 2, "same_as_decide": len(lines) + 2})
}
