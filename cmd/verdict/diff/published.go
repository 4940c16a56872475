package diff

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"sync"

	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/codec"
	"verdict/processor/kafka/scan"
	"verdict/rules"
)

// published is what the output topics hold of one raw topic's records, found by where the record was. It keeps what
// rules give as one of few shapes, and of what is the event's own hashes: 56 bytes a decision.
type published struct {
	topic   string // the raw one
	catalog *rules.Catalog
	reader  *codec.OutputReader
	mu      sync.Mutex // for all that follows, until it is sorted
	rows    [][]row    // by raw partition; by offset once sorted
	shapes  []shape
	byShape map[string]uint32
	text    []byte // of the shape at hand

	billed map[uint64]struct{} // hashes of the ids of decisions that have a billing event

	// Counted are those of records that are compared: what is published is read to its end, also of a past range.
	decisions, deadLetters, unreadable int
	versions                           []version // by row.version

	decided reach // of the decisions
	charged reach // of billing events: of those whose decisions were read
	// lettersCut says that a partition of the dead letters was not read from offset 0.
	lettersCut bool

	taken sync.Pool // of *processor.Decision
}

// version is one of the rules, and how many of the decisions are by it.
type version struct {
	name  string
	count int
}

// row is what was published for one record.
type row struct {
	offset   int64
	charge   uint64 // see chargeOf
	shape    uint32
	sequence int32
	own      [show.NumOwn]uint16
	month    int16 // see monthOf
	version  uint8 // of published.versions
	billed   bool
}

// shape is all that rules give, or why there is no decision.
type shape struct {
	decision *processor.Decision
	rejected processor.RejectionReason
}

func newPublished(topic string, partitions int32, catalog *rules.Catalog,
	registry *codec.Registry) (*published, error) {
	reader, err := codec.NewOutputReader(registry)
	if err != nil {
		return nil, err
	}
	p := &published{topic: topic, catalog: catalog, reader: reader, rows: make([][]row, partitions),
		billed: map[uint64]struct{}{}, byShape: map[string]uint32{}, decided: newReach(),
		charged: newReach()}
	p.taken.New = func() any { return new(processor.Decision) }
	return p, nil
}

// takeDecision takes a record of the decisions' topic in.
func (p *published) takeDecision(ctx context.Context, r *processor.Record) error {
	d := p.taken.Get().(*processor.Decision)
	defer p.taken.Put(d)
	err := p.reader.Read(ctx, processor.RouteDecision, r.Value, d) // most of the work
	p.mu.Lock()
	defer p.mu.Unlock()
	if err != nil {
		return p.unread(err)
	}
	if !p.has(d.Source.Topic, d.Source.Partition) {
		return nil
	}
	if d.Lifecycle.Transition == processor.TransitionRepeated {
		return nil // with state.repeats: publish a repeat has one, too; it is none
	}
	p.decided.has(pair{d.Source.Partition, r.Partition}, d.Source.Offset)
	added := row{offset: d.Source.Offset, charge: chargeOf(d), shape: p.shapeOf(d),
		sequence: int32(d.Lifecycle.Sequence), month: monthOf(d.OccurredAt), version: p.versionOf(d.RulesVersion)}
	_, added.billed = p.billed[maphash.Comparable(seed, d.ID)]
	if added.billed {
		p.charged.has(p.charged.of(d.VerificationID, d.Source.Partition), d.Source.Offset)
	}
	for i := range show.OwnFields {
		added.own[i] = show.OwnFields[i].Hash(d)
	}
	p.rows[d.Source.Partition] = append(p.rows[d.Source.Partition], added)
	return nil
}

func (p *published) unread(err error) error {
	if errors.Is(err, codec.ErrRegistryUnavailable) {
		return err
	}
	p.unreadable++
	return nil
}

func (p *published) has(topic string, partition int32) bool {
	return topic == p.topic && partition >= 0 && int(partition) < len(p.rows)
}

// takeDeadLetter takes a dead letter in, by its headers.
func (p *published) takeDeadLetter(r *processor.Record) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := func(key string) string {
		value, _ := r.Header(key)
		return string(value)
	}
	partition, err := strconv.ParseInt(text(processor.HeaderSourcePartition), 10, 32)
	offset, err2 := strconv.ParseInt(text(processor.HeaderSourceOffset), 10, 64)
	if err != nil || err2 != nil {
		p.unreadable++
		return
	}
	if !p.has(text(processor.HeaderSourceTopic), int32(partition)) {
		return
	}
	reason := text(processor.HeaderReason)
	n, known := p.byShape["!"+reason]
	if !known {
		n = uint32(len(p.shapes))
		p.byShape["!"+reason] = n
		p.shapes = append(p.shapes, shape{rejected: reasonNamed(reason)})
	}
	p.rows[partition] = append(p.rows[partition], row{offset: offset, shape: n})
}

func reasonNamed(name string) processor.RejectionReason {
	for _, reason := range processor.RejectionReasons() {
		if reason.String() == name {
			return reason
		}
	}
	return processor.RejectionReason(255) // one of a later version
}

// sort makes rows findable, when all is taken in. Of several about one record the last one read counts, and a decision
// over a dead letter.
func (p *published) sort() {
	p.billed = nil
	for i := range p.rows {
		slices.SortStableFunc(p.rows[i], func(a, b row) int {
			return cmp.Or(cmp.Compare(a.offset, b.offset),
				cmp.Compare(b.rejected(p), a.rejected(p)))
		})
		kept := p.rows[i][:0]
		for _, r := range p.rows[i] {
			if n := len(kept); n > 0 && kept[n-1].offset == r.offset {
				kept[n-1] = r
				continue
			}
			kept = append(kept, r)
		}
		p.rows[i] = kept
	}
}

func (r *row) rejected(p *published) processor.RejectionReason { return p.shapes[r.shape].rejected }

// takeBilling notes which decision a billing event is of: its ce_id begins with the decision's. It is to be called for
// all of them before the first decision is taken in.
func (p *published) takeBilling(r *processor.Record) {
	value, _ := r.Header("ce_id")
	text, _, _ := strings.Cut(string(value), ":")
	id, ok := processor.ParseID(text)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !ok {
		p.unreadable++
		return
	}
	p.billed[maphash.Comparable(seed, id)] = struct{}{}
}

func (p *published) find(partition int32, offset int64) *row {
	rows := p.rows[partition]
	at, ok := slices.BinarySearchFunc(rows, offset, func(r row, offset int64) int {
		return cmp.Compare(r.offset, offset)
	})
	if !ok {
		return nil
	}
	return &rows[at]
}

// versionOf finds the rules' version of a decision. All behind the first 255 are one.
func (p *published) versionOf(name string) uint8 {
	const most = 255
	at := slices.IndexFunc(p.versions, func(v version) bool { return v.name == name })
	switch {
	case at >= 0:
		return uint8(at)
	case len(p.versions) == most:
		name = "others"
	case len(p.versions) > most:
		return most
	}
	p.versions = append(p.versions, version{name: strings.Clone(name)})
	return uint8(len(p.versions) - 1)
}

// counted are the versions that decisions of compared records have.
func (p *published) counted() map[string]int {
	counts := map[string]int{}
	for _, v := range p.versions {
		if v.count > 0 {
			counts[v.name] = v.count
		}
	}
	return counts
}

// say fills in what was published for a record that is compared; d is what the new side decides, or nil.
func (p *published) say(r *processor.Record, d *processor.Decision, was *said) {
	*was = said{unknown: true}
	row := p.find(r.Partition, r.Offset)
	if row == nil {
		return
	}
	s := &p.shapes[row.shape]
	if s.decision == nil {
		p.deadLetters++
	} else {
		p.decisions++
		p.versions[row.version].count++
		s.decision.Lifecycle.Sequence = int64(row.sequence) // until the next record is looked at
	}
	*was = said{decision: s.decision, rejected: s.rejected, own: &row.own, billed: row.billed, charge: row.charge,
		month: row.month}
	was.billedUnknown = s.decision != nil && s.decision.Charges() && !row.billed && p.charged.lacks(r, d)
}

// gone says whether what was published for a record may have been taken by retention, or lies before what was read. d
// is what the new side decides; nil: it is a dead letter, and nobody knows in which partition its decision would be.
func (p *published) gone(r *processor.Record, d *processor.Decision) bool {
	return d == nil && p.lettersCut || p.decided.before(r, d)
}

// notYet says that nothing behind a record, of what is published in the partition of its decision, has been published
// yet. Dead letters show nothing: they are read further than decisions.
func (p *published) notYet(r *processor.Record, d *processor.Decision) bool {
	return p.decided.behind(r, d)
}

// shapeOf finds the shape of a decision, or notes a new one.
func (p *published) shapeOf(d *processor.Decision) uint32 {
	p.text = appendShape(p.text[:0], d)
	n, known := p.byShape[string(p.text)]
	if known {
		return n
	}
	n = uint32(len(p.shapes))
	p.byShape[string(p.text)] = n
	p.shapes = append(p.shapes, shape{decision: p.cloneShape(d)})
	return n
}

// cloneShape keeps of a decision what rules give.
func (p *published) cloneShape(d *processor.Decision) *processor.Decision {
	own := *d
	own.Reasons = slices.Clone(d.Reasons)
	own.RetryFields = slices.Clone(d.RetryFields)
	own.ID, own.Lifecycle.Previous, own.Metadata = processor.ID{}, processor.ID{}, nil
	own.EventID, own.VerificationID, own.SubjectRef, own.JourneyRef, own.ProviderStatus = "", "", "", "", ""
	if v := p.catalog.Vocabulary(d.Provider, d.Product); v != nil {
		own.Vocabulary = v.Name
	}
	return &own
}

// appendShape writes all that parts and reasons compare.
func appendShape(b []byte, d *processor.Decision) []byte {
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	flag := func(f bool) {
		if f {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	}
	text(d.Provider)
	text(d.Product)
	text(d.OutcomeBasis)
	text(d.Billing.Basis)
	text(d.Retry.Basis)
	text(d.PrimaryCode)
	b = append(b, byte(d.Outcome), byte(d.Signature), byte(d.Category), byte(d.Billing.Flag), byte(d.Retry.Advice),
		byte(d.Retry.Scope), byte(d.Environment), byte(d.OccurredAtSource), byte(d.Lifecycle.Transition),
		byte(d.Risk.Level))
	flag(d.Final)
	flag(d.Ended)
	flag(d.HasRisk)
	flag(d.ReportAvailable)
	flag(d.HasLifecycle)
	flag(d.Lifecycle.Current)
	b = binary.AppendVarint(b, int64(d.Risk.Code))
	b = binary.AppendUvarint(b, uint64(d.Retry.Actions))
	b = binary.AppendUvarint(b, uint64(d.Anomalies))
	flag(d.HasRetryExpiry)
	b = binary.AppendVarint(b, show.ExpiresAfter(d))
	b = binary.AppendUvarint(b, uint64(len(d.RetryFields)))
	for _, name := range d.RetryFields {
		text(name)
	}
	for i := range d.Reasons {
		r := &d.Reasons[i]
		text(r.Code)
		text(r.Series)
		b = append(b, byte(r.Category), byte(r.Effect))
		flag(r.NoRetry)
		flag(r.Disclosable)
		flag(r.Known)
	}
	return b
}

// noteBegins notes, when a topic has been read, which of its partitions have lost records, or were not read from their
// beginning.
func (p *published) noteBegins(route processor.Route, partitions []scan.Partition) {
	switch route {
	case processor.RouteDecision:
		p.decided.begins(partitions)
	case processor.RouteDeadLetter:
		p.lettersCut = slices.ContainsFunc(partitions, func(at scan.Partition) bool { return at.Start > 0 })
	default:
		p.charged.begins(partitions)
	}
}
