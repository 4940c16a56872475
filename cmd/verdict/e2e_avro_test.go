package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// foreignSchema is a producer's own: other names, another order, fields that Verdict does not know, among them nested
// ones.
const foreignSchema = `{"type":"record","name":"%s","namespace":"org.example","fields":[
 {"name":"tenant","type":"string"},
 {"name":"verification_id","type":"string"},
 {"name":"history","type":{"type":"array","items":{"type":"record","name":"Step","fields":[
   {"name":"at","type":"long"},{"name":"note","type":["null","string"]}]}}},
 {"name":"status","type":"string"},
 {"name":"scores","type":{"type":"map","values":"double"}},
 {"name":"product","type":"string"},
 {"name":"codes","type":{"type":"array","items":"int"}},
 {"name":"picture","type":"bytes"},
 {"name":"provider","type":"string"}]}`

// register stores a schema and returns its id.
func (r *realParts) register(subject, schema string) uint32 {
	r.t.Helper()
	body, err := json.Marshal(map[string]string{"schema": schema})
	if err != nil {
		r.t.Fatal(err)
	}
	answer, err := http.Post(r.registry+"/subjects/"+subject+"/versions", "application/vnd.schemaregistry.v1+json",
		bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var registered struct{ ID uint32 }
	if err := json.NewDecoder(answer.Body).Decode(&registered); err != nil || registered.ID == 0 {
		r.t.Fatalf("register %s: status %s, %v", subject, answer.Status, err)
	}
	return registered.ID
}

// avroValue is an event under foreignSchema, encoded by hand.
func avroValue(schema uint32, verification, status string, codes ...int64) []byte {
	value := binary.BigEndian.AppendUint32([]byte{0}, schema)
	text := func(s string) { value = append(binary.AppendVarint(value, int64(len(s))), s...) }
	long := func(n int64) { value = binary.AppendVarint(value, n) }
	text("tenant-7")
	text(verification)
	long(2) // two steps in one block, the first with a note
	long(1763633885)
	long(1)
	text("opened")
	long(1763633890)
	long(0)
	long(0)
	text(status)
	long(-1) // one score, in a block that gives its size
	long(1 + 4 + 8)
	text("live")
	value = append(value, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f)
	long(0)
	text("video")
	if len(codes) > 0 {
		long(int64(len(codes)))
		for _, code := range codes {
			long(code)
		}
	}
	long(0)
	text("\xff\xd8\xff")
	text("yousign")
	return value
}

// flakyRegistry stands before the real one and can be silent.
type flakyRegistry struct {
	*httptest.Server
	silent atomic.Bool
}

func (r *realParts) flakyRegistry() *flakyRegistry {
	r.t.Helper()
	target, err := url.Parse(r.registry)
	if err != nil {
		r.t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(target)
	f := &flakyRegistry{}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if f.silent.Load() {
			panic(http.ErrAbortHandler) // hangs up without an answer
		}
		forward.ServeHTTP(w, request)
	}))
	r.t.Cleanup(f.Close)
	return f
}

// Avro under a schema that is not ours, an unknown schema id, and bytes that are cut off.
func realAvroInput(r *realParts) {
	t := r.t
	schema := r.register(r.prefix+"foreign", fmt.Sprintf(foreignSchema, "Foreign"))
	other := r.register(r.prefix+"other",
		`{"type":"record","name":"Other","fields":[{"name":"provider","type":"string"}]}`)
	var records []*kgo.Record
	for n := range 100 {
		id := fmt.Sprintf("avro-%d", n)
		records = append(records, &kgo.Record{Partition: int32(n) % 8, Key: []byte(id),
			Value: avroValue(schema, id, "inconclusive", 1301, 9999)})
	}
	whole := avroValue(schema, "avro-cut", "approved")
	records = append(records,
		&kgo.Record{Partition: 0, Value: whole[:len(whole)-3]},
		&kgo.Record{Partition: 1, Value: append(bytes.Clone(whole), 0)},
		&kgo.Record{Partition: 2, Value: avroValue(4_000_000, "avro-unknown", "approved")},
		&kgo.Record{Partition: 3, Value: append(binary.BigEndian.AppendUint32([]byte{0}, other), 2, 'x')},
	)
	r.produce(records...)
	i := r.start("one")
	r.awaitAll(time.Minute, i)
	i.stop()
	found := r.check()
	found.require(t, noneLostNoneTwice)
	found.require(t, counts{
		"raw": len(records), "decisions": 100, "deadletter": 4, "reason malformed_avro": 2, "reason unknown_schema": 1,
		"reason incompatible_schema": 1,
	})
}

// While the registry is silent, schemas that were seen go on; one that was not holds its partition, and no other,
// until it answers. None of its records is a dead letter, and none is overtaken.
func realSilentRegistry(r *realParts) {
	t := r.t
	registry := r.flakyRegistry()
	known := r.register(r.prefix+"known", fmt.Sprintf(foreignSchema, "Known"))
	unseen := r.register(r.prefix+"unseen", fmt.Sprintf(foreignSchema, "Unseen"))
	send := func(partition int32, verification string, schema uint32, status string) {
		r.produce(&kgo.Record{Partition: partition, Key: []byte(verification),
			Value: avroValue(schema, verification, status)})
	}
	send(0, "v-known", known, "pending")
	i := r.start("one", "VERDICT_REGISTRY_URL="+registry.URL, "VERDICT_REGISTRY_TIMEOUT=1s")
	r.awaitAll(time.Minute, i)

	registry.silent.Store(true)
	before := r.ends()
	send(1, "v-held", known, "pending")
	send(1, "v-held", unseen, "approved")
	send(1, "v-held", known, "declined")
	for p := range outputPartitions["raw"] {
		if p != 1 {
			send(p, "v-known", known, "approved")
		}
	}
	goal := r.ends()
	goal[1] = before[1] + 1 // the record before the unseen one
	r.awaitCommitted(goal, 30*time.Second, i)
	if at, err := r.committed(); err != nil || at[1] != goal[1] {
		t.Errorf("partition 1 is at %d (%v), it must wait at %d", at[1], err, goal[1])
	}

	registry.silent.Store(false)
	r.awaitAll(time.Minute, i)
	i.stop()
	found := r.check()
	found.require(t, noneLostNoneTwice)
	found.require(t, counts{"raw": 11, "decisions": 11, "deadletter": 0})
}
