//go:build unix

package faults

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// variety is a sort of event and what has to come out of it. The suite does not ask the catalog: these are the plainest
// sorts.
type variety struct {
	provider, product, status string
	codes                     []int
	riskCode                  int
	// ended: the provider's work on the attempt is over, so that it is charged. closes: and nothing may follow it.
	ended, closes   bool
	risks, rejected bool
	decision        content // what it has to say beside what the event gives
}

// Varieties, by their place in the list.
const (
	videoPending = iota
	videoApproved
	videoInconclusive
	casePending
	caseApproved
	caseDeclined
	caseInconsistent
	brokenOff
)

var varieties = [...]variety{
	videoPending: {provider: "yousign", product: "video", status: "pending",
		decision: content{outcome: "PENDING", category: "NONE", flag: "NOT_BILLABLE", advice: "WAIT"}},
	videoApproved: {provider: "yousign", product: "video", status: "approved", ended: true, closes: true,
		decision: content{outcome: "APPROVED", category: "NONE", flag: "BILLABLE", advice: "NOT_APPLICABLE",
			final: true}},
	videoInconclusive: {provider: "yousign", product: "video", status: "inconclusive", codes: []int{1101}, ended: true,
		closes: true,
		decision: content{outcome: "INCONCLUSIVE", category: "ENGAGEMENT", flag: "NOT_BILLABLE", advice: "RETRY",
			final:   true,
			reasons: "1101 engagement ENGAGEMENT NEGATIVE"}},
	casePending: {provider: "fourthline", product: "identity_verification", status: "pending",
		decision: content{outcome: "PENDING", category: "NONE", flag: "UNDETERMINED", advice: "WAIT"}},
	caseApproved: {provider: "fourthline", product: "identity_verification", status: "completed", riskCode: 200,
		ended: true, closes: true, risks: true,
		decision: content{outcome: "APPROVED", category: "NONE", flag: "UNDETERMINED", advice: "NOT_APPLICABLE",
			final: true, riskLevel: "LOW"}},
	caseDeclined: {provider: "fourthline", product: "identity_verification", status: "completed",
		codes: []int{5150, 4170}, riskCode: 500, ended: true, closes: true, risks: true,
		decision: content{outcome: "DECLINED", category: "FRAUD", flag: "UNDETERMINED", advice: "DO_NOT_RETRY",
			final:     true,
			riskLevel: "UNACCEPTABLE", reasons: "4170 rejection RISK NEGATIVE, 5150 fraud FRAUD NEGATIVE"}},
	caseInconsistent: {provider: "fourthline", product: "identity_verification", status: "inconsistent_data",
		ended: true,
		decision: content{outcome: "RESUBMISSION_REQUIRED", category: "NONE", flag: "UNDETERMINED", advice: "RETRY",
			final: true}},
	brokenOff: {provider: "yousign", product: "video", status: "approved", rejected: true}, // its JSON breaks off
}

// event is one raw event: the n-th of a run. A repetition is the record of another one again, byte for byte.
type event struct {
	n, of     int32 // of: the event that it repeats; n if it repeats none
	key, seq  int32 // the seq-th of its key, repetitions not counted: of one verification
	attempt   int32
	partition int32 // of the raw topic, chosen by the suite: a key never changes its partition
	variety   uint8
	created   int64 // nanoseconds since 1970
	age       int64 // so many microseconds before that it occurred, as the provider says
	timed     bool  // the provider says when it occurred
	arrived   int64 // ms, when its record was acknowledged; 0: it is not known
}

// occurred is the provider's time, in microseconds since 1970.
func (e *event) occurred() int64 { return e.created/1000 - e.age }

// neverSent is where the numbers of events begin whose transaction their producer aborts: they have no decision.
const neverSent = 1 << 30

// An event's id says which one it is, so that it can be told in any output, of any format.
var eventID = regexp.MustCompile(`flt([0-9a-f]+)-(\d+)-(\d+)-(\d+)flt`)

func (e *event) id(seed uint64) string {
	return fmt.Sprintf("flt%x-%d-%d-%dflt", seed, e.of, e.key, e.seq)
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

// A record's header says which event it is: a repetition has the id of another.
const eventHeader = "faults-event"

func (e *event) header(seed uint64) kgo.RecordHeader {
	return kgo.RecordHeader{Key: eventHeader, Value: fmt.Appendf(nil, "%x-%d", seed, e.n)}
}

// sentAs is the number of the event that a raw record is; -1 if it is none of this seed.
func sentAs(seed uint64, r *kgo.Record) int32 {
	for _, h := range r.Headers {
		var of uint64
		var n int32
		if h.Key != eventHeader {
			continue
		}
		if _, err := fmt.Sscanf(string(h.Value), "%x-%d", &of, &n); err == nil && of == seed {
			return n
		}
	}
	return -1
}

// verification is the key of the event's record.
func (e *event) verification(seed uint64) string { return fmt.Sprintf("v%x-%d", seed, e.key) }

// tableKey is the key of the event's verification in the table: ids of two providers may be the same.
func (e *event) tableKey(seed uint64) string {
	v := &varieties[e.variety]
	return v.provider + "/" + v.product + "/" + e.verification(seed)
}

// time is the provider's time, as it is written.
func (e *event) time() string { return time.UnixMicro(e.occurred()).UTC().Format(time.RFC3339Nano) }

// json is the event in the canonical envelope. One that has to be rejected breaks off before its end.
func (e *event) json(seed uint64) []byte {
	v := &varieties[e.variety]
	var b strings.Builder
	fmt.Fprintf(&b, `{"event_id":%q,"provider":%q,"product":%q,"verification_id":%q,"status":%q,"attempt":%d`,
		e.id(seed), v.provider, v.product, e.verification(seed), v.status, e.attempt)
	if e.timed {
		fmt.Fprintf(&b, `,"occurred_at":%q`, e.time())
	}
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
