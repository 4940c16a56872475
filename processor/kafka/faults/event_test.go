//go:build unix

package faults

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// variety is a sort of event and what has to come out of it. The suite does not ask the catalog: these are the plainest sorts.
type variety struct {
	provider, product, status string
	codes                     []int
	riskCode                  int
	bills, risks, rejected    bool
}

var varieties = []variety{
	{provider: "yousign", product: "video", status: "pending"},
	{provider: "yousign", product: "video", status: "approved", bills: true},
	{provider: "yousign", product: "video", status: "inconclusive", codes: []int{1101}, bills: true},
	{provider: "fourthline", product: "identity_verification", status: "pending"},
	{provider: "fourthline", product: "identity_verification", status: "completed", riskCode: 200, bills: true, risks: true},
	{provider: "yousign", product: "video", status: "approved", rejected: true}, // its JSON breaks off
}

// One record in 32 is a reject; the other varieties have equal shares.
func pickVariety(rng *rand.Rand) uint8 {
	if rng.IntN(32) == 0 {
		return uint8(len(varieties) - 1)
	}
	return uint8(rng.IntN(len(varieties) - 1))
}

// event is one raw event: the n-th of a run, the seq-th of its key.
type event struct {
	n, key, seq int32
	partition   int32 // of the raw topic, chosen by the suite: a key never changes its partition
	variety     uint8
	created     int64 // nanoseconds since 1970
}

// An event's id says which one it is, so that it can be told in any output, of any format.
var eventID = regexp.MustCompile(`flt([0-9a-f]+)-(\d+)-(\d+)-(\d+)flt`)

func (e *event) id(seed uint64) string {
	return fmt.Sprintf("flt%x-%d-%d-%dflt", seed, e.n, e.key, e.seq)
}

// findEvent is the number of the event that a value is about; -1 if it names none of this seed.
func findEvent(seed uint64, value []byte) int32 {
	match := eventID.FindSubmatch(value)
	if match == nil || string(match[1]) != strconv.FormatUint(seed, 16) {
		return -1
	}
	n, err := strconv.ParseInt(string(match[2]), 10, 32)
	if err != nil {
		return -1
	}
	return int32(n)
}

// verification is the key of the event's record.
func (e *event) verification(seed uint64) string { return fmt.Sprintf("v%x-%d", seed, e.key) }

// json is the event in the canonical envelope. One that has to be rejected breaks off before its end.
func (e *event) json(seed uint64) []byte {
	v := &varieties[e.variety]
	var b strings.Builder
	fmt.Fprintf(&b, `{"event_id":%q,"provider":%q,"product":%q,"verification_id":%q,"status":%q,"attempt":%d,"occurred_at":%q`,
		e.id(seed), v.provider, v.product, e.verification(seed), v.status, e.seq+1,
		time.Unix(0, e.created).UTC().Format(time.RFC3339Nano))
	if len(v.codes) > 0 {
		fmt.Fprintf(&b, `,"codes":[%d]`, v.codes[0])
	}
	if v.riskCode > 0 {
		fmt.Fprintf(&b, `,"risk_code":%d`, v.riskCode)
	}
	if v.rejected {
		return []byte(b.String())
	}
	b.WriteByte('}')
	return []byte(b.String())
}
