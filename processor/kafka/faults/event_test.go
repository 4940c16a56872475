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

// variety is a sort of event and what has to come out of it. The suite does not ask the catalog: these are the plainest
// sorts.
type variety struct {
	provider, product, status string
	codes                     []int
	riskCode                  int
	bills, risks, rejected    bool
	decision                  content // what it has to say beside what the event gives
}

var varieties = []variety{
	{provider: "yousign", product: "video", status: "pending",
		decision: content{outcome: "PENDING", category: "NONE", flag: "NOT_BILLABLE", advice: "WAIT"}},
	{provider: "yousign", product: "video", status: "approved", bills: true,
		decision: content{outcome: "APPROVED", category: "NONE", flag: "BILLABLE", advice: "NOT_APPLICABLE",
			final: true}},
	{provider: "yousign", product: "video", status: "inconclusive", codes: []int{1101}, bills: true,
		decision: content{outcome: "INCONCLUSIVE", category: "ENGAGEMENT", flag: "NOT_BILLABLE", advice: "RETRY",
			final:   true,
			reasons: "1101 engagement ENGAGEMENT NEGATIVE"}},
	{provider: "fourthline", product: "identity_verification", status: "pending",
		decision: content{outcome: "PENDING", category: "NONE", flag: "UNDETERMINED", advice: "WAIT"}},
	{provider: "fourthline", product: "identity_verification", status: "completed", riskCode: 200, bills: true,
		risks: true,
		decision: content{outcome: "APPROVED", category: "NONE", flag: "UNDETERMINED", advice: "NOT_APPLICABLE",
			final: true, riskLevel: "LOW"}},
	{provider: "fourthline", product: "identity_verification", status: "completed", codes: []int{5150, 4170},
		riskCode: 500, bills: true, risks: true,
		decision: content{outcome: "DECLINED", category: "FRAUD", flag: "UNDETERMINED", advice: "DO_NOT_RETRY",
			final:     true,
			riskLevel: "UNACCEPTABLE", reasons: "4170 rejection RISK NEGATIVE, 5150 fraud FRAUD NEGATIVE"}},
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

// neverSent is where the numbers of events begin whose transaction their producer aborts: they have no decision.
const neverSent = 1 << 30

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
	fmt.Fprintf(&b, `{"event_id":%q,"provider":%q,"product":%q,"verification_id":%q,"status":%q,`+
		`"attempt":%d,"occurred_at":%q`,
		e.id(seed), v.provider, v.product, e.verification(seed), v.status, e.seq+1,
		time.Unix(0, e.created).UTC().Format(time.RFC3339Nano))
	if len(v.codes) > 0 {
		fmt.Fprintf(&b, `,"codes":%s`, strings.ReplaceAll(fmt.Sprint(v.codes), " ", ","))
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
