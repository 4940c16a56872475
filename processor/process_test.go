package processor_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"verdict/processor"
	"verdict/rules"
)

const completed500 = `{"EventID":"e-1","Provider":"fourthline","Product":"identity_verification","VerificationID":"v-1",
	"Status":"completed","Codes":["5150"],"RiskCode":500,"HasRiskCode":true,"OccurredAt":1795255200123000,"HasOccurredAt":true}`

func newProcessor(options processor.Options) *processor.Processor {
	return processor.New(rules.Embedded(), jsonDecoder{}, textEncoder{}, options)
}

func record(value string) *processor.Record {
	return &processor.Record{
		Topic: "idv.raw.v1", Partition: 3, Offset: 12345, Timestamp: 1_795_255_200_000, Key: []byte("v-1"), Value: []byte(value),
		Headers: []processor.Header{{"traceparent", []byte("00-old")}, {"source", nil}, {"traceparent", []byte("00-new")}},
	}
}

func process(t *testing.T, p *processor.Processor, r *processor.Record) *processor.Result {
	t.Helper()
	res := &processor.Result{}
	if err := p.Process(r, nil, res); err != nil {
		t.Fatal(err)
	}
	if (res.Decision == nil) == (res.Rejection == nil) {
		t.Fatalf("decision %v, rejection %v", res.Decision, res.Rejection)
	}
	return res
}

// show lists outputs as "route key @partition key: header=value ...".
func show(res *processor.Result) string {
	var b strings.Builder
	for _, out := range res.Outputs {
		fmt.Fprintf(&b, "%s %s @%s", out.Route, out.Key, out.PartitionKey)
		for _, h := range out.Headers {
			fmt.Fprintf(&b, "\n\t%s=%s", h.Key, h.Value)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestOutputsOfADecision(t *testing.T) {
	res := process(t, newProcessor(processor.Options{}), record(completed500))
	id := processor.DecisionID("fourthline", "identity_verification", "v-1", "e-1").String()
	charge := processor.ChargeID("fourthline", "identity_verification", "", "v-1", 1).String()
	output := func(line, letter, kind string) string {
		return line + `
	ce_specversion=1.0
	ce_id=` + id + ":" + letter + ":" + rules.Embedded().Version + `
	ce_type=idv.` + kind + `.v1
	ce_source=/verdict/fourthline/identity_verification
	ce_time=2026-11-21T10:00:00.123Z
	ce_subject=v-1
	content-type=text/plain
	traceparent=00-new
`
	}
	want := output("decision v-1 @v-1", "d", "decision") +
		output("billing "+charge+" @v-1", "b", "billing") + output("risk v-1 @v-1", "r", "risk")
	if got := show(res); got != want {
		t.Errorf("published\n%s\nwanted\n%s", got, want)
	}
	if got := string(res.Outputs[1].Value); got != "charge "+charge+" UNDETERMINED" {
		t.Errorf("billing event %q", got)
	}
	d := res.Decision
	if d.RulesVersion != rules.Embedded().Version || d.Source != (processor.Source{"idv.raw.v1", 3, 12345}) || d.Anomalies != 0 {
		t.Errorf("version %s, source %v, anomalies %v", d.RulesVersion, d.Source, d.Anomalies)
	}
}

// A Result that is used again keeps nothing of the decision before.
func TestReusedResult(t *testing.T) {
	p := newProcessor(processor.Options{})
	var res processor.Result
	pending := `{"Provider":"yousign","Product":"video","VerificationID":"v-1","Status":"pending"}`
	for _, value := range []string{completed500, pending} {
		if err := p.Process(record(value), nil, &res); err != nil {
			t.Fatal(err)
		}
	}
	d := res.Decision
	if !d.ChargeID.IsZero() || d.HasRisk || d.Risk.Code != 0 || len(d.Reasons) > 0 || len(res.Outputs) != 1 || d.Final {
		t.Errorf("charge %s, risk %v, reasons %v, %d outputs", d.ChargeID, d.Risk, d.Reasons, len(res.Outputs))
	}
}

func TestRoutes(t *testing.T) {
	yousign := func(rest string) string {
		return `{"Provider":"yousign","Product":"video","VerificationID":"v-1",` + rest + `}`
	}
	docauth := func(rest string) string {
		return `{"Provider":"fourthline","Product":"document_authentication","VerificationID":"v-1",` + rest + `}`
	}
	for _, test := range []struct{ value, want string }{
		{yousign(`"Status":"pending"`), "decision"},
		{yousign(`"Status":"approved"`), "decision billing"},
		{yousign(`"Status":"inconclusive","Codes":["1301"]`), "decision billing"}, // not charged is a billing event too
		{yousign(`"Status":"declined","Codes":["2301"]`), "decision billing risk"},
		{yousign(`"Status":"pending","RiskCode":0,"HasRiskCode":true`), "decision risk"},
		{yousign(`"Status":"pending","Codes":["2999"]`), "decision risk"},
		// Nobody knows whether it has ended, so billing is told.
		{yousign(`"Status":"nobody knows"`), "decision billing"},
		{yousign(`"Status":"declined","Codes":["7001"]`), "decision billing risk"},
		{yousign(`"Status":"approved","Codes":["7001"]`), "decision billing risk"},
		{docauth(`"Status":"inconsistent_data","Codes":["3602"]`), "decision billing"},
		{docauth(`"Status":"completed"`), "decision billing risk"},
		{completed500, "decision billing risk"},
		{"{", "deadletter"},
	} {
		var routes []string
		for _, out := range process(t, newProcessor(processor.Options{}), record(test.value)).Outputs {
			routes = append(routes, out.Route.String())
		}
		if got := strings.Join(routes, " "); got != test.want {
			t.Errorf("%s takes %s, wanted %s", test.value, got, test.want)
		}
	}
}

func TestKeyMismatch(t *testing.T) {
	for key, want := range map[string]bool{"v-1": false, "V-1": true, "": true} {
		r := record(completed500)
		r.Key = []byte(key)
		res := process(t, newProcessor(processor.Options{}), r)
		if got := res.Decision.Anomalies.Has(processor.AnomalyKeyMismatch); got != want {
			t.Errorf("key %q: mismatch %v, wanted %v", key, got, want)
		}
		if got := string(res.Outputs[0].Key); got != "v-1" {
			t.Errorf("the decision has key %q", got)
		}
	}
}

func TestEventIDFromContent(t *testing.T) {
	value := `{"Provider":"yousign","Product":"video","VerificationID":"v-1","Status":"approved"}`
	p := newProcessor(processor.Options{})
	first := process(t, p, record(value))
	again := record(value)
	again.Offset, again.Partition, again.Timestamp, again.Key = 99, 1, 7, nil
	second := process(t, p, again)
	content := contentID(&processor.Event{Provider: "yousign", Product: "video", VerificationID: "v-1", Status: "approved"}).String()
	a, b := first.Decision, second.Decision
	if a.EventID != content || a.ID != b.ID || a.ChargeID != b.ChargeID {
		t.Errorf("redelivered: event %s, decisions %s and %s", a.EventID, a.ID, b.ID)
	}
}

// One code has many spellings; the event that spells it is the same.
func TestEventIDOfCodesSpeltOtherwise(t *testing.T) {
	p := newProcessor(processor.Options{})
	var first *processor.Decision
	for _, codes := range []string{
		`["1301","1402"]`, `["IDVV_1301","1402"]`, `["01301","1402"]`, `["1402","1301","IDVV_1402","1301"]`,
	} {
		d := process(t, p, record(`{"Provider":"yousign","Product":"video","VerificationID":"v-1","Status":"inconclusive","Codes":`+codes+`}`)).Decision
		if first == nil {
			copied := *d
			first = &copied
		}
		if d.EventID != first.EventID || d.ID != first.ID {
			t.Errorf("codes %s: event %s, decision %s; wanted %s and %s", codes, d.EventID, d.ID, first.EventID, first.ID)
		}
	}
}

func TestTimeOfARecordWithoutOne(t *testing.T) {
	value := `{"Provider":"yousign","Product":"video","VerificationID":"v-1","Status":"approved"}`
	for _, test := range []struct {
		timestamp int64
		want      string
	}{
		{1_795_255_200_120, "2026-11-21T10:00:00.12Z"},
		{0, "1970-01-01T00:00:00Z"},
		{-1, "1969-12-31T23:59:59.999Z"},
		{math.MaxInt64, "9999-12-31T23:59:59.999Z"},
		{math.MinInt64, "0001-01-01T00:00:00Z"},
	} {
		r := record(value)
		r.Timestamp = test.timestamp
		res := process(t, newProcessor(processor.Options{}), r)
		got := string(processor.AppendTime(nil, res.Decision.OccurredAt))
		if got != test.want || res.Decision.OccurredAtSource != processor.OccurredAtSourceRecord {
			t.Errorf("timestamp %d: %s by %s, wanted %s", test.timestamp, got, res.Decision.OccurredAtSource, test.want)
		}
	}
}

func TestMetadataThatMayBeCopied(t *testing.T) {
	value := `{"Provider":"yousign","Product":"video","VerificationID":"v-1","Status":"approved",
		"Metadata":[{"Key":"tenant","Value":"t"},{"Key":"name","Value":"Jane"},{"Key":"channel","Value":"c"}]}`
	for _, test := range []struct {
		keys []string
		want []processor.Pair
	}{
		{nil, nil},
		{[]string{"tenant", "channel", "tenant", "other"}, []processor.Pair{{"channel", "c"}, {"tenant", "t"}}},
	} {
		got := process(t, newProcessor(processor.Options{MetadataKeys: test.keys}), record(value)).Decision.Metadata
		if len(got)+len(test.want) > 0 && !reflect.DeepEqual(got, test.want) {
			t.Errorf("keys %v: %v, wanted %v", test.keys, got, test.want)
		}
	}
}

func TestBrokenWorld(t *testing.T) {
	p := newProcessor(processor.Options{})
	var res processor.Result
	for _, value := range []string{"no answer", strings.Replace(completed500, `{`, `{"SubjectRef":"broken",`, 1)} {
		err := p.Process(record(value), nil, &res)
		if err == nil || !strings.HasPrefix(err.Error(), "idv.raw.v1/3 offset 12345: ") {
			t.Errorf("error %v", err)
		}
		if len(res.Outputs) > 0 || res.Decision != nil || res.Rejection != nil {
			t.Errorf("after %v there is something to publish:\n%s", err, show(&res))
		}
	}
	if err := p.Process(record("no answer"), nil, &res); !errors.Is(err, errNoAnswer) {
		t.Errorf("error %v does not lead to its cause", err)
	}
}

func sha(b string) string {
	sum := sha256.Sum256([]byte(b))
	return hex.EncodeToString(sum[:])
}
