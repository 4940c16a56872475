package processor

import (
	"errors"
	"fmt"
	"maps"

	"verdict/rules"
)

// Overdue is what a notice says, beside who and what it is about, of a word that nothing has followed in time. Its
// times are in microseconds since 1970 UTC.
type Overdue struct {
	ID       ID
	Sequence int64 // of the latest decision about the verification, which need not be the word's
	Since    int64 // when the event came that first said the word
	Deadline int64 // until when the next word should have come
	Basis    string
	Action   rules.Action
}

// ErrNotTheWord says that there is no notice, now or later: the record is not the one that the current word is from, or
// it cannot be read as that any more.
var ErrNotTheWord = errors.New("not the record of the current word")

// limitsOf are the statuses after which the next word may be overdue, by their hashes: how long it may take, in
// milliseconds. Whose they are need not be asked: the hashes of a catalog differ. Where no notice is wanted, there are
// none.
func limitsOf(catalog *rules.Catalog, options *Options) map[uint32]int64 {
	limits := map[uint32]int64{}
	if options.Off[RouteOverdue] {
		return limits
	}
	for _, v := range catalog.Vocabularies() {
		for _, s := range v.Statuses {
			if s.OverdueAfter > 0 {
				limits[s.Hash] = s.OverdueAfter.Milliseconds()
			}
		}
	}
	return limits
}

// Deadline is until when the next word about a verification should have come, in milliseconds since 1970 UTC. It is 0
// where there is no limit: the catalog has none for the current word's status or does not know that, there is no word,
// it is final and no step of a signature is open, it is not known since when, or the route is off. It does not say
// whether a notice went out.
func (p *Processor) Deadline(m *Memory) int64 {
	w := &m.Word
	if !w.There || w.Since <= 0 || w.Final && w.Signature != rules.SignatureOpen {
		return 0
	}
	after := p.limits[w.Status]
	if after == 0 {
		return 0
	}
	return min(w.Since, maxTimestamp-after) + after
}

// DeadlinesAs says whether Deadline is the other processor's, for each memory.
func (p *Processor) DeadlinesAs(other *Processor) bool { return maps.Equal(p.limits, other.limits) }

// Overdue makes the notice that the next word about a verification is overdue: the one output that res then has, with
// what is to be remembered, m with its word marked as overdue. It is no decision, and res has none. r is the raw record
// of the current word, fetched again. deadline is that of Deadline. The same word and deadline give the same notice.
//
// An error that is ErrNotTheWord stays: nothing is to be published, and the word to be marked all the same, as where
// the record is gone. After any other, which means that the world is broken, it must be tried again.
func (p *Processor) Overdue(r *Record, m *Memory, deadline int64, res *Result) error {
	res.reset()
	err := p.notice(r, m, deadline, res)
	if err == nil {
		return nil
	}
	res.reset()
	if rejection, ok := errors.AsType[*Rejection](err); ok {
		err = fmt.Errorf("%w: %w", ErrNotTheWord, rejection)
	}
	return fmt.Errorf("%s/%d offset %d, for an overdue notice: %w", r.Topic, r.Partition, r.Offset, err)
}

func (p *Processor) notice(r *Record, m *Memory, deadline int64, res *Result) error {
	if err := p.decode(r, &res.event); err != nil {
		return err
	}
	e, d := &res.event, &res.decision
	v := p.catalog.Vocabulary(e.Provider, e.Product)
	if v == nil {
		return ErrNotTheWord
	}
	Decide(v, e, d)
	p.identify(r, e, d)
	status := v.Status(e.Status)
	if status == nil || !m.Word.isFrom(r, status.Name, d) {
		return ErrNotTheWord
	}
	d.ID = m.Word.DecisionID
	d.Overdue = Overdue{
		ID:       OverdueID(d.Provider, d.Product, d.ProductVariant, d.VerificationID, d.Attempt, deadline),
		Sequence: int64(m.Sequence), Since: recordTime(m.Word.Since), Deadline: recordTime(deadline),
		Basis: status.OverdueBasis, Action: rules.ActionCheckStatus,
	}
	c := p.common(r, v, d.Overdue.ID, d.Overdue.Deadline, res)
	if err := p.add(RouteOverdue, c.verification, &c, res); err != nil {
		return err
	}
	res.Key, res.Memory, res.Followed = KeyOf(d.Provider, d.Product, d.VerificationID), *m, true
	res.Memory.Word.Overdue, res.NoticeOf = true, v.Name
	return nil
}

// isFrom says whether the word is that of a decided record. What it says is not enough for that: two verifications may
// say the same. So one of the ids that a fold gives a decision has to be the word's too.
func (w *Word) isFrom(r *Record, status string, d *Decision) bool {
	content := contentOf(status, d)
	if !w.There || w.Offset != r.Offset || w.Content != content {
		return false
	}
	switch w.DecisionID {
	case d.ID, changedID(d, content):
		return true
	}
	occurrence := occurrenceID(d.EventID, r).String()
	return w.DecisionID == DecisionID(d.Provider, d.Product, d.VerificationID, occurrence)
}
