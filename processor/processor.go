package processor

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"verdict/rules"
)

// Decoder turns a raw record into an event.
type Decoder interface {
	// Decode fills e, which has been reset. A *Rejection means that the record can never be decoded; any other error
	// that it may be later. It must not block for long: other partitions wait. It is safe for concurrent use. The texts
	// of e may share the memory of r, and are to be used no longer than that stays as it is.
	Decode(r *Record, e *Event) error
}

// Encoder turns a decision into the values of the output topics, and one with Overdue into a notice. It appends to dst
// and is safe for concurrent use.
type Encoder interface {
	// Append appends the value that a decision has on one of EncodedRoutes.
	Append(route Route, dst []byte, d *Decision) ([]byte, error)
	// ContentType is the value of the content-type header.
	ContentType() string
}

// Options are the operator's choices.
type Options struct {
	// MetadataKeys are the metadata keys that outputs may carry; none by default.
	MetadataKeys []string
	// MaxValueBytes bounds a raw record's value; 0 is no bound.
	MaxValueBytes int
	// DeadLetterDigest keeps the SHA-256, the length and the coordinates of a rejected record, and nothing that was in
	// it.
	DeadLetterDigest bool
	// MinimalHeaders leaves only ce_id and ce_type, and an incoming traceparent, on what is decided.
	MinimalHeaders bool
	// Version of the program, for dead letters.
	Version string
	// Retention is how long a verification is remembered after its last event; 0: for ever. It needs state.
	Retention time.Duration
	// PublishRepeats publishes a decision about an event that was seen before, marked as REPEATED; usually there is
	// none. It needs state.
	PublishRepeats bool
	// Off are routes that nothing is published on. Decisions and dead letters always are.
	Off [NumRoutes]bool
}

// Processor decides raw records. It is safe for concurrent use, each caller with a Result of its own.
type Processor struct {
	catalog      *rules.Catalog
	decoder      Decoder
	encoder      Encoder
	options      Options
	metadataKeys []string // sorted
	contentType  []byte
	forms        map[*rules.Vocabulary]*forms
	limits       map[uint32]int64 // see limitsOf
	version      []byte
	rulesVersion []byte
}

// New makes a processor.
func New(catalog *rules.Catalog, decoder Decoder, encoder Encoder, options Options) *Processor {
	p := &Processor{
		catalog: catalog, decoder: decoder, encoder: encoder, options: options,
		metadataKeys: slices.Compact(slices.Sorted(slices.Values(options.MetadataKeys))),
		contentType:  []byte(encoder.ContentType()),
		forms:        map[*rules.Vocabulary]*forms{},
		limits:       limitsOf(catalog, &options),
		version:      []byte(options.Version),
		rulesVersion: []byte(catalog.Version),
	}
	for _, v := range catalog.Vocabularies() {
		p.forms[v] = p.formsOf(v)
	}
	return p
}

// Vocabularies lists the names of the catalog's vocabularies, for metrics.
func (p *Processor) Vocabularies() []string { return p.catalog.VocabularyNames() }

// RulesVersion is that of the catalog, as decisions have it.
func (p *Processor) RulesVersion() string { return p.catalog.Version }

// Result is what became of one record. It is reused: a call of Process invalidates what the one before left in it.
type Result struct {
	// Outputs to publish, all or none. After a call without error they are empty for a repeat only.
	Outputs []Output
	// Decision is nil if the record was rejected, and for an overdue notice. That about a repeat has the id of the one
	// before.
	Decision *Decision
	// Followed says that the event was taken into what is known of its verification: Memory is to be remembered under
	// Key, once it is certain that the outputs are published. Without state, without a record key and for a rejection
	// it is false.
	Followed bool
	// Keyless says that it was not, for lack of a record key, though there is state.
	Keyless bool
	Key     Key
	Memory  Memory
	Effects Effects
	Why     Why // of the event's place; only where Followed
	// Rejection is nil if the record was decided.
	Rejection *Rejection
	// NoticeOf is the name of an overdue notice's vocabulary in the catalog, for metrics; "": it is none.
	NoticeOf string
	// Unread is Event.Unread, of a record that was rejected too.
	Unread bool

	event    Event
	decision Decision
	bytes    []byte
	headers  []Header
}

func (res *Result) reset() {
	clear(res.Outputs)
	res.Outputs = res.Outputs[:0]
	res.Decision, res.Rejection, res.NoticeOf, res.Unread = nil, nil, "", false
	res.Followed, res.Keyless, res.Effects, res.Why = false, false, Effects{}, Why{}
	clear(res.headers)
	res.bytes, res.headers = res.bytes[:0], res.headers[:0]
	res.event.Reset()
}

// Process decodes, decides, folds, routes and encodes one record. After a nil error, res holds either a decision or a
// rejection and what to publish for it. known is what is remembered of the partition's verifications; nil: there is no
// state, and each event is decided by itself. An error means that the world is broken (a registry that does not
// answer): nothing may be published and the record must be tried again.
func (p *Processor) Process(r *Record, known Known, res *Result) error {
	res.reset()
	err := p.decide(r, known, res)
	unread := res.event.Unread
	if err == nil {
		res.Unread = unread
		return nil
	}
	if rejection, ok := errors.AsType[*Rejection](err); ok {
		p.deadLetter(r, rejection, res)
		res.Unread = unread
		return nil
	}
	res.reset() // half of the outputs may be there already
	return fmt.Errorf("%s/%d offset %d: %w", r.Topic, r.Partition, r.Offset, err)
}

func (p *Processor) decide(r *Record, known Known, res *Result) error {
	if err := p.decode(r, &res.event); err != nil {
		return err
	}
	e := &res.event
	v := p.catalog.Vocabulary(e.Provider, e.Product)
	if v == nil {
		return Reject(ReasonUnknownVocabulary, "%s", p.missingVocabulary(e.Provider, e.Product))
	}
	d := &res.decision
	Decide(v, e, d)
	p.identify(r, e, d)
	res.Decision = d
	res.Effects.Bill = d.Charges()
	if known != nil {
		p.follow(r, v, known, res)
	}
	return p.route(r, v, res)
}

// follow takes the event into what is known of its verification. A record without a key is left out: its verification's
// events are spread over partitions, and no partition knows all of them.
func (p *Processor) follow(r *Record, v *rules.Vocabulary, known Known, res *Result) {
	if r.Key == nil {
		res.Keyless = true
		return
	}
	d := res.Decision
	res.Key = KeyOf(d.Provider, d.Product, d.VerificationID)
	if !known.Recall(res.Key, &res.Memory) {
		res.Memory = Memory{}
	}
	f := fold{v: v, e: &res.event, r: r, d: d, m: &res.Memory}
	res.Effects, res.Why = f.take(p.options.Retention), f.why
	res.Followed = true
}

func (p *Processor) decode(r *Record, e *Event) error {
	if len(r.Value) == 0 {
		return Reject(ReasonEmptyValue, "the record has no value")
	}
	if limit := p.options.MaxValueBytes; limit > 0 && len(r.Value) > limit {
		return ValueTooLarge(len(r.Value), limit)
	}
	err := p.decoder.Decode(r, e)
	e.RecordTime = recordTime(r.Timestamp)
	return err
}

// identify adds what depends on the record and on the operator: ids, source, time, version, metadata and the key's
// anomaly.
func (p *Processor) identify(r *Record, e *Event, d *Decision) {
	if d.EventID == "" {
		d.EventID = e.ContentID(d.Reasons).String()
	}
	d.ID = DecisionID(d.Provider, d.Product, d.VerificationID, d.EventID)
	d.ChargeID = ID{}
	if d.Charges() {
		d.ChargeID = ChargeID(d.Provider, d.Product, d.ProductVariant, d.VerificationID, d.Attempt)
	}
	d.FlagSince = d.OccurredAt // without state, nothing is known of an earlier event
	d.RulesVersion = p.catalog.Version
	d.Source = Source{r.Topic, r.Partition, r.Offset}
	d.Overdue = Overdue{}
	clear(d.Metadata)
	d.Metadata = p.allowed(e.Metadata, d.Metadata[:0])
	if string(r.Key) != d.VerificationID {
		d.Anomalies.Add(AnomalyKeyMismatch)
	}
}

// A producer may stamp a record with any number; RFC 3339 knows the years 1 to 9999 (in milliseconds here).
const (
	minTimestamp = -62_135_596_800_000
	maxTimestamp = 253_402_300_799_999
)

func recordTime(millis int64) int64 {
	return min(max(millis, minTimestamp), maxTimestamp) * 1000
}

func (p *Processor) allowed(all, kept []Pair) []Pair {
	for _, key := range p.metadataKeys {
		for _, pair := range all {
			if pair.Key == key {
				kept = append(kept, pair)
			}
		}
	}
	return kept
}

// missingVocabulary says what the catalog has instead of what the event named. It names the provider only if the
// catalog does: a detail must not repeat what a record says.
func (p *Processor) missingVocabulary(provider, product string) string {
	var all, same []string
	for _, v := range p.catalog.Vocabularies() {
		all = append(all, v.Provider+"/"+v.Product)
		if strings.EqualFold(v.Provider, provider) && strings.EqualFold(v.Product, product) {
			return "the catalog has it as " + v.Provider + "/" + v.Product + ": names are in lower case"
		}
		if v.Provider == provider {
			same = append(same, v.Product)
		}
	}
	if same != nil {
		return "provider " + provider + " has no such product in the catalog, only: " + strings.Join(same, ", ")
	}
	return "the catalog has no such provider, only these products: " + strings.Join(all, ", ")
}
