//go:build unix

package faults

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

// registry is a schema registry in the suite's own process, behind a proxy that can take it away.
type registry struct {
	fake *srfake.Registry
	*proxy

	mu      sync.Mutex
	latest  int           // id of the newest input schema
	version map[int32]int // input schema of a partition's events
	readers map[int]avro.Schema
}

const inputSubject = "raw-value"

// inputSchema is a producer's own schema, with what Verdict needs and a field of its own that each version names
// differently.
const inputSchema = `{"type":"record","name":"Notification","fields":[
 {"name":"event_id","type":"string"},{"name":"provider","type":"string"},{"name":"product","type":"string"},
 {"name":"verification_id","type":"string"},{"name":"status","type":"string"},
 {"name":"codes","type":{"type":"array","items":"int"}},
 {"name":"risk_code","type":["null","int"]},{"name":"attempt","type":"int"},
 {"name":"occurred_at","type":["null","string"]},{"name":"own_%d","type":"string"}]}`

// startRegistry starts the registry and has the instances use it.
func (s *stage) startRegistry() {
	s.t.Helper()
	fake := srfake.New()
	s.t.Cleanup(func() {
		fake.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	r := &registry{fake: fake, proxy: startProxy(s.t, mustPort(s.t), strings.TrimPrefix(fake.URL(), "http://")),
		version: map[int32]int{}, readers: map[int]avro.Schema{}}
	if err := r.evolve(s.allPartitions()...); err != nil {
		s.t.Fatal(err)
	}
	s.registry = r
	s.settings["OUTPUT_FORMAT"], s.settings["REGISTRY_URL"] = "avro", "http://"+r.address
}

// evolve registers a new version of the input schema, which the events of the partitions have from now on.
func (r *registry) evolve(partitions ...int32) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.fake.SetCompat(inputSubject, sr.CompatNone); err != nil {
		return err
	}
	id, _, err := r.fake.RegisterSchema(inputSubject, sr.Schema{Schema: fmt.Sprintf(inputSchema, r.latest+1)})
	if err != nil {
		return fmt.Errorf("registering an input schema: %w", err)
	}
	r.latest++
	for _, p := range partitions {
		r.version[p] = id
	}
	return nil
}

// encode writes every second event in Avro, and those that have to be rejected in broken JSON.
func (r *registry) encode(e *event) []byte {
	v := &varieties[e.variety]
	r.mu.Lock()
	id, ok := r.version[e.partition]
	r.mu.Unlock()
	if v.rejected || e.of%2 == 0 || !ok {
		return e.json(*seedFlag)
	}
	b := binary.BigEndian.AppendUint32([]byte{0}, uint32(id))
	for _, text := range []string{e.id(*seedFlag), v.provider, v.product, e.verification(*seedFlag), v.status} {
		b = appendText(b, text)
	}
	if len(v.codes) > 0 {
		b = binary.AppendVarint(b, int64(len(v.codes)))
	}
	for _, code := range v.codes {
		b = binary.AppendVarint(b, int64(code))
	}
	b = binary.AppendVarint(b, 0) // the array's end
	if v.riskCode > 0 {
		b = binary.AppendVarint(binary.AppendVarint(b, 1), int64(v.riskCode))
	} else {
		b = binary.AppendVarint(b, 0)
	}
	b = binary.AppendVarint(b, int64(e.attempt))
	if e.timed {
		b = appendText(binary.AppendVarint(b, 1), e.time())
	} else {
		b = binary.AppendVarint(b, 0)
	}
	return appendText(b, "own")
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendVarint(b, int64(len(text))), text...)
}

// parse reads an output with the schema that the registry has for it.
func (r *registry) parse(value []byte) (fields, error) {
	var f fields
	if len(value) < 5 || value[0] != 0 {
		return f, fmt.Errorf("the value does not begin with a schema id")
	}
	schema, err := r.reader(int(binary.BigEndian.Uint32(value[1:])))
	if err != nil {
		return f, err
	}
	return f, avro.Unmarshal(schema, value[5:], &f)
}

func (r *registry) reader(id int) (avro.Schema, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if schema, ok := r.readers[id]; ok {
		return schema, nil
	}
	for _, subject := range []string{"decisions-value", "verifications-value", "billing-value", "risk-value",
		"overdue-value"} {
		registered, ok := r.fake.GetSchema(subject, 1)
		if !ok || registered.ID != id {
			continue
		}
		schema, err := avro.ParseWithCache(registered.Schema.Schema, "", &avro.SchemaCache{})
		if err != nil {
			return nil, err
		}
		r.readers[id] = schema
		return schema, nil
	}
	return nil, fmt.Errorf("no output schema has the id %d", id)
}
