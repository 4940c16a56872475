package processor_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"verdict/processor"
	"verdict/rules"
)

// noticeEncoder writes an overdue notice as text, and nothing of any other route.
type noticeEncoder struct{ textEncoder }

func (e noticeEncoder) Append(route processor.Route, dst []byte, d *processor.Decision) ([]byte, error) {
	if route != processor.RouteOverdue || d.SubjectRef != "" {
		return e.textEncoder.Append(route, dst, d)
	}
	o := &d.Overdue
	return fmt.Appendf(dst, "notice %s of %s: %s since %s until %s by %s, do %s, after %d decisions, %s, from offset %d %v",
		o.ID, d.ID, d.ProviderStatus, processor.AppendTime(nil, o.Since), processor.AppendTime(nil, o.Deadline), o.Basis,
		o.Action, o.Sequence, d.Environment, d.Source.Offset, d.Metadata), nil
}

// waitingRoom remembers verifications, and has the raw partition that they came through.
type waitingRoom struct {
	p    *processor.Processor
	kept map[processor.Key]processor.Memory
	log  []*processor.Record
	res  processor.Result
}

func (w *waitingRoom) Recall(key processor.Key, m *processor.Memory) (known bool) {
	*m, known = w.kept[key]
	return known
}

const pendingLimit, newLimit = 24 * time.Hour, 90 * time.Minute

// impatient is the embedded catalog, with limits for two statuses.
func impatient(t testing.TB) *rules.Catalog {
	t.Helper()
	catalog, err := rules.Load(rules.EmbeddedFS())
	if err != nil {
		t.Fatal(err)
	}
	limit := func(provider, product, status string, after time.Duration) {
		s := catalog.Vocabulary(provider, product).Status(status)
		s.OverdueAfter, s.OverdueBasis = after, "policy:"+status+"/overdue_after"
	}
	limit("yousign", "video", "pending", pendingLimit)
	limit("fourthline", "identity_verification", "new", newLimit)
	return catalog
}

func newWaitingRoom(t testing.TB, options processor.Options) *waitingRoom {
	t.Helper()
	return &waitingRoom{
		p:    processor.New(impatient(t), jsonDecoder{}, noticeEncoder{}, options),
		kept: map[processor.Key]processor.Memory{},
	}
}

const firstSecond = 1_795_255_200 // 2026-11-21T10:00:00Z

// take processes the next record of the partition, written so many seconds after the first.
func (w *waitingRoom) take(t rapid.TB, second int64, value string) *processor.Result {
	t.Helper()
	r := record(value)
	r.Offset, r.Timestamp = int64(len(w.log)), (firstSecond+second)*1000
	w.log = append(w.log, r)
	if err := w.p.Process(r, w, &w.res); err != nil {
		t.Fatal(err)
	}
	if w.res.Followed {
		w.kept[w.res.Key] = w.res.Memory
	}
	return &w.res
}

func video(rest string) string {
	return `{"Provider":"yousign","Product":"video","VerificationID":"v-1",` + rest + `}`
}

var videoKey = processor.KeyOf("yousign", "video", "v-1")

func TestDeadline(t *testing.T) {
	catalog := impatient(t)
	p := processor.New(catalog, jsonDecoder{}, textEncoder{}, processor.Options{})
	hash := func(provider, product, status string) uint32 {
		return catalog.Vocabulary(provider, product).Status(status).Hash
	}
	pending := hash("yousign", "video", "pending")
	const last = 253_402_300_799_999 // of the year 9999
	for _, test := range []struct {
		what string
		word processor.Word
		want int64
	}{
		{"a limit", processor.Word{There: true, Since: 1000, Status: pending}, 1000 + pendingLimit.Milliseconds()},
		{"another vocabulary's", processor.Word{There: true, Since: 7,
			Status: hash("fourthline", "identity_verification", "new")}, 7 + newLimit.Milliseconds()},
		{"a notice that went out", processor.Word{There: true, Since: 1000, Status: pending, Overdue: true},
			1000 + pendingLimit.Milliseconds()},
		{"no limit", processor.Word{There: true, Since: 1000, Status: hash("yousign", "video", "approved")}, 0},
		{"a status that nobody knows", processor.Word{There: true, Since: 1000, Status: rules.StatusHash("yousign-video", "x")}, 0},
		{"a final answer", processor.Word{There: true, Since: 1000, Status: pending, Final: true}, 0},
		{"a final answer of which a step is open", processor.Word{There: true, Since: 1000, Status: pending,
			Final: true, Signature: rules.SignatureOpen}, 1000 + pendingLimit.Milliseconds()},
		{"no word", processor.Word{Since: 1000, Status: pending}, 0},
		{"a record without a time", processor.Word{There: true, Status: pending}, 0},
		{"a record of the far future", processor.Word{There: true, Since: 1<<63 - 1, Status: pending}, last},
		{"nothing", processor.Word{}, 0},
	} {
		if got := p.Deadline(&processor.Memory{Word: test.word}); got != test.want {
			t.Errorf("%s: %d, wanted %d", test.what, got, test.want)
		}
	}
	m := processor.Memory{Word: processor.Word{There: true, Since: 1000, Status: pending}}
	if n := testing.AllocsPerRun(100, func() { p.Deadline(&m) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	var off processor.Options
	off.Off[processor.RouteOverdue] = true
	if got := processor.New(catalog, jsonDecoder{}, textEncoder{}, off).Deadline(&m); got != 0 {
		t.Errorf("nobody wants notices, and there is the deadline %d", got)
	}
}

// The value was computed by another program from the layout of the parts.
func TestOverdueIDStaysTheSame(t *testing.T) {
	id := processor.OverdueID("yousign", "video", "", "v-1", 1, 1_795_341_600_000)
	if id.String() != "adcbc4e0-b619-81de-b391-239d7e213d75" {
		t.Error(id)
	}
}

func TestOverdueNotice(t *testing.T) {
	w := newWaitingRoom(t, processor.Options{MetadataKeys: []string{"tenant"}})
	w.take(t, 0, video(`"EventID":"e-0","Status":"pending","Environment":2,"Metadata":[{"Key":"tenant","Value":"t"},{"Key":"n","Value":"x"}]`))
	w.take(t, 60, `{"Provider":"yousign","Product":"video","VerificationID":"v-2","Status":"pending"}`)
	word := w.take(t, 3600, video(`"EventID":"e-2","Status":"pending","Environment":2`)).Decision
	if word.Lifecycle.Transition != processor.TransitionUnchanged || word.Lifecycle.Sequence != 2 {
		t.Fatalf("%+v", word.Lifecycle)
	}
	id := processor.DecisionID("yousign", "video", "v-1", "e-2")
	m := w.kept[videoKey]
	deadline := w.p.Deadline(&m)
	if deadline != (firstSecond+24*3600)*1000 || m.Word.DecisionID != id {
		t.Fatalf("deadline %d, word %+v", deadline, m.Word)
	}
	if err := w.p.Overdue(w.log[2], &m, deadline, &w.res); err != nil {
		t.Fatal(err)
	}
	overdue := processor.OverdueID("yousign", "video", "", "v-1", 1, deadline).String()
	want := `overdue v-1 @v-1
	ce_specversion=1.0
	ce_id=` + overdue + ":o:" + rules.Embedded().Version + `
	ce_type=idv.overdue.v1
	ce_source=/verdict/yousign/video
	ce_time=2026-11-22T10:00:00Z
	ce_subject=v-1
	content-type=text/plain
	traceparent=00-new
`
	if got := show(&w.res); got != want {
		t.Errorf("published\n%s\nwanted\n%s", got, want)
	}
	value := "notice " + overdue + " of " + id.String() + ": pending since 2026-11-21T10:00:00Z until 2026-11-22T10:00:00Z " +
		"by policy:pending/overdue_after, do CHECK_STATUS, after 2 decisions, SANDBOX, from offset 2 []"
	if got := string(w.res.Outputs[0].Value); got != value {
		t.Errorf("%s\nwanted\n%s", got, value)
	}
	if w.res.Decision != nil || w.res.Rejection != nil || w.res.Effects != (processor.Effects{}) {
		t.Errorf("it is more than a notice: %+v", w.res)
	}
	marked := m
	marked.Word.Overdue = true
	if !w.res.Followed || w.res.Key != videoKey || w.res.Memory != marked || m.Word.Overdue {
		t.Errorf("remembered: %v %x %+v", w.res.Followed, w.res.Key, w.res.Memory)
	}
}

// The mark stays as long as the word does, and a decision after a notice has nothing of that.
func TestAfterANotice(t *testing.T) {
	w := newWaitingRoom(t, processor.Options{})
	w.take(t, 0, video(`"Status":"pending","SubjectRef":"s"`))
	m := w.kept[videoKey]
	if err := w.p.Overdue(w.log[0], &m, w.p.Deadline(&m), &w.res); err != nil {
		t.Fatal(err)
	}
	w.kept[videoKey] = w.res.Memory
	for _, next := range []struct {
		event      string
		transition processor.Transition
		marked     bool
	}{
		{`"Status":"pending","SubjectRef":"s"`, processor.TransitionRepeated, true},
		{`"Status":"pending","EventID":"e-1"`, processor.TransitionUnchanged, true},
		{`"Status":"pending","Attempt":2`, processor.TransitionAdvanced, false},
		{`"Status":"pending","SubjectRef":"s"`, processor.TransitionRepeated, false},
	} {
		d := w.take(t, 100_000, video(next.event)).Decision
		if d.Lifecycle.Transition != next.transition || w.kept[videoKey].Word.Overdue != next.marked ||
			d.Overdue != (processor.Overdue{}) {
			t.Errorf("%s: %s, marked %v, %+v", next.event, d.Lifecycle.Transition, w.kept[videoKey].Word.Overdue, d.Overdue)
		}
	}
}

// Another record than the word's gives no notice, whatever it is.
func TestOverdueOfAnotherRecord(t *testing.T) {
	w := newWaitingRoom(t, processor.Options{})
	w.take(t, 0, video(`"Status":"pending"`))
	m := w.kept[videoKey]
	deadline := w.p.Deadline(&m)
	at := func(offset int64, value string) *processor.Record {
		r := record(value)
		r.Offset = offset
		return r
	}
	for what, r := range map[string]*processor.Record{
		"another verification that says the same": at(0, strings.Replace(video(`"Status":"pending"`), "v-1", "v-2", 1)),
		"something else about this one":           at(0, video(`"Status":"pending","Attempt":2`)),
		"an end":                                  at(0, video(`"Status":"approved"`)),
		"another event's":                         at(0, video(`"Status":"pending","EventID":"e"`)),
		"a status that nobody knows":              at(0, video(`"Status":"x"`)),
		"another offset":                          at(1, video(`"Status":"pending"`)),
		"another provider":                        at(0, `{"Provider":"x","Product":"video","VerificationID":"v-1","Status":"pending"}`),
		"what cannot be read":                     at(0, "{"),
		"nothing":                                 at(0, ""),
		"a notice that no topic takes":            nil,
	} {
		remembered := m
		if r == nil {
			w.take(t, 0, video(`"Status":"pending","EventID":"large","SubjectRef":"large","Attempt":3`))
			r, remembered = w.log[len(w.log)-1], w.kept[videoKey]
		}
		err := w.p.Overdue(r, &remembered, deadline, &w.res)
		if !errors.Is(err, processor.ErrNotTheWord) || !strings.HasPrefix(err.Error(), "idv.raw.v1/3 offset ") {
			t.Errorf("%s: error %v", what, err)
		}
		if len(w.res.Outputs) > 0 || w.res.Followed || w.res.Decision != nil {
			t.Errorf("%s gives\n%s", what, show(&w.res))
		}
	}
	err := w.p.Overdue(at(0, "no answer"), &m, deadline, &w.res)
	if !errors.Is(err, errNoAnswer) || errors.Is(err, processor.ErrNotTheWord) {
		t.Errorf("without an answer: %v", err)
	}
	if err := w.p.Overdue(at(0, video(`"Status":"pending"`)), &m, deadline, &w.res); err != nil {
		t.Errorf("the word's own: %v", err)
	}
}

// A word's decision id says how its event was known: by an id of its own, by one that came before with other content,
// or by its content alone, as another occurrence. From each of them its notice is made, and from no other record.
func TestOverdueByEachKindOfID(t *testing.T) {
	for what, story := range map[string][]string{
		"the provider's":     {`"EventID":"e","Status":"pending"`},
		"one that came back": {`"EventID":"e","Status":"pending","ProductVariant":"a"`, `"EventID":"e","Status":"pending"`},
		// There is no room to remember more: it may have come before.
		"an occurrence's": {`"Status":"pending"`, `"Status":"pending","Attempt":2`, `"Status":"pending","Attempt":3`,
			`"Status":"pending","Attempt":4`, `"Status":"pending","Attempt":5`, `"Status":"pending","Attempt":6`,
			`"Status":"pending","Attempt":7`, `"Status":"pending","Attempt":8`, `"Status":"pending","Attempt":9`},
	} {
		w := newWaitingRoom(t, processor.Options{})
		for _, event := range story {
			w.take(t, 0, video(event))
		}
		last, m := w.log[len(w.log)-1], w.kept[videoKey]
		plain := process(t, w.p, last).Decision.ID
		if other := m.Word.DecisionID != plain; m.Word.Offset != last.Offset || other != (len(story) > 1) {
			t.Errorf("%s: %+v", what, m.Word)
		}
		if err := w.p.Overdue(last, &m, w.p.Deadline(&m), &w.res); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		changed := *last
		changed.Value = []byte(strings.Replace(string(last.Value), `{`, `{"ProductVariant":"b",`, 1))
		if err := w.p.Overdue(&changed, &m, w.p.Deadline(&m), &w.res); !errors.Is(err, processor.ErrNotTheWord) {
			t.Errorf("%s, and it says something else: %v", what, err)
		}
	}
}

// drawNews draws what a provider may say next about one verification.
func drawNews(t *rapid.T) string {
	status := rapid.SampledFrom([]string{"pending", "pending", "approved", "declined", "inconclusive", "strange"}).Draw(t, "status")
	news := `"Status":"` + status + `"`
	if status == "inconclusive" {
		news += `,"Codes":["` + rapid.SampledFrom([]string{"1301", "1402"}).Draw(t, "code") + `"]`
	}
	if n := rapid.IntRange(0, 6).Draw(t, "id"); n > 0 {
		news += fmt.Sprintf(`,"EventID":"e-%d"`, n)
	}
	if n := rapid.IntRange(0, 6).Draw(t, "time"); n > 0 {
		news += fmt.Sprintf(`,"OccurredAt":%d,"HasOccurredAt":true`, (firstSecond+int64(n))*1_000_000)
	}
	if rapid.IntRange(0, 9).Draw(t, "again") == 0 {
		news += `,"Attempt":2`
	}
	return video(news)
}

// Whatever comes: what repeats the word, says the same or is late leaves its deadline; any other word has one of its
// own. From the raw record of the word, and from no other, its notice can be made at any time, and as often as that is
// done it is the same.
func TestDeadlinesAndNoticesOfAnyStory(t *testing.T) {
	shared := newWaitingRoom(t, processor.Options{})
	rapid.Check(t, func(t *rapid.T) {
		w := &waitingRoom{p: shared.p, kept: map[processor.Key]processor.Memory{}}
		second := int64(0)
		for range rapid.IntRange(1, 25).Draw(t, "events") {
			second += rapid.Int64Range(0, 100_000).Draw(t, "later")
			before := w.kept[videoKey]
			d := w.take(t, second, drawNews(t)).Decision
			after := w.kept[videoKey]
			deadline := w.p.Deadline(&after)
			switch d.Lifecycle.Transition {
			case processor.TransitionRepeated, processor.TransitionUnchanged, processor.TransitionLate:
				if deadline != w.p.Deadline(&before) || after.Word.Overdue != before.Word.Overdue {
					t.Fatalf("%s moves %+v to %+v", d.Lifecycle.Transition, before.Word, after.Word)
				}
			default:
				want := int64(0)
				if d.ProviderStatus == "pending" {
					want = (firstSecond+second)*1000 + pendingLimit.Milliseconds()
				}
				if deadline != want || after.Word.Overdue {
					t.Fatalf("%s has the deadline %d, wanted %d; %+v", d.Lifecycle.Transition, deadline, want, after.Word)
				}
			}
			if deadline > 0 {
				w.checkNotices(t, &after, deadline)
				if rapid.Bool().Draw(t, "overdue") {
					w.kept[videoKey] = w.res.Memory
				}
			}
		}
	})
}

// checkNotices tries to make the notice from each record that there is, and from the word's a second time.
func (w *waitingRoom) checkNotices(t *rapid.T, m *processor.Memory, deadline int64) {
	for _, r := range w.log {
		err := w.p.Overdue(r, m, deadline, &w.res)
		if r.Offset != m.Word.Offset && !errors.Is(err, processor.ErrNotTheWord) {
			t.Fatalf("offset %d: %v", r.Offset, err)
		}
	}
	var again processor.Result
	for _, res := range []*processor.Result{&again, &w.res} {
		if err := w.p.Overdue(w.log[m.Word.Offset], m, deadline, res); err != nil {
			t.Fatal(err)
		}
	}
	id := processor.OverdueID("yousign", "video", "", "v-1", m.Word.Attempt, deadline).String()
	got := string(w.res.Outputs[0].Value)
	if got != string(again.Outputs[0].Value) || show(&w.res) != show(&again) ||
		!strings.HasPrefix(got, "notice "+id+" of "+m.Word.DecisionID.String()+": pending ") ||
		!strings.Contains(got, fmt.Sprintf(" after %d decisions", m.Sequence)) {
		t.Fatalf("%s\n%s", got, again.Outputs[0].Value)
	}
}

func BenchmarkDeadline(b *testing.B) {
	w := newWaitingRoom(b, processor.Options{})
	w.take(b, 0, video(`"Status":"pending"`))
	m := w.kept[videoKey]
	b.ReportAllocs()
	for b.Loop() {
		w.p.Deadline(&m)
	}
}
