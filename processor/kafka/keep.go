package kafka

import (
	"slices"
	"time"

	"verdict/processor"
	"verdict/processor/kafka/transact"
	"verdict/processor/state"
)

// What is remembered of verifications changes with each batch, and comes to its changelog in the batch's transaction.
// Each transaction that moves a partition writes its position record there, and each that writes there moves the
// partition, be it to where it stands: so the offset's generation fences both, and a restore can prove that both are
// one cut.

// kept is what a batch changes in the memory of one partition.
type kept struct {
	partition *partition
	changes   *state.Changes
	position  state.Position // that the partition's changelog ends with, then
}

// keep seals what the batch has changed in the memory of a partition that it moves, and adds it to what is published.
// It returns what to note beside the offset. Where the partition has no memory, or not all of it yet, the offset alone
// is committed, with the note that it had.
func (u *unit) keep(b *batch, p *partition, next int64) transact.Note {
	m := p.memory
	if m == nil || !m.ready {
		return p.note
	}
	position := m.last
	position.Number++
	position.Sum = m.store.Sum()
	position.Offset, position.Clock, position.Writer = next, m.store.Clock(), u.session.TransactionalID()
	k := kept{p, m.store.Seal(), position}
	b.kept = append(b.kept, k)
	from := transact.Origin{Topic: p.topic, Partition: p.id, Offset: next - 1}
	limit, now := u.limits.batch(m.changelog.Topic), time.Now().UnixMilli()
	var out processor.Output
	add := func(key, value []byte) {
		out.Key, out.Value = key, value
		b.delivery.Outputs.Add(m.changelog, &out, limit, now, from)
	}
	add(state.PositionKey, position.Append(nil))
	k.changes.Each(add)
	if b.delivery.Ends == nil {
		b.delivery.Ends = map[transact.Key]int64{}
	}
	b.delivery.Ends[m.changelog] = m.upto.Load() // nobody else writes there
	return transact.Note{Number: position.Number, Partitions: position.Partitions}
}

// stands notes that a batch is committed, and what it kept with it.
func (u *unit) stands(b *batch) {
	for i := range b.kept {
		k := &b.kept[i]
		m := k.partition.memory
		changed := k.changes.Len()
		m.store.Commit(k.changes)
		m.last = k.position
		m.upto.Store(b.delivery.Ends[m.changelog])
		u.expire(k.partition, max(expireSlice, 2*changed)) // or else new ones would come faster than old ones go
		u.metrics.setState(k.partition)
	}
}

// expireSlice is how many verifications a transaction, or a look at a quiet partition, sees whether they are to be
// forgotten.
const expireSlice = 1000

// expire forgets what had expired where the partition's committed position stands: a later clock may be taken back.
func (u *unit) expire(p *partition, most int) {
	if p.memory.store.Expire(p.memory.last.Clock, most) > 0 {
		u.metrics.setState(p)
	}
}

// takeBack takes back what the batch being filled has changed, and then b, whose transaction has failed: the newest
// first. If b's was committed all the same, the offset's number will tell, and what it kept is read from the changelog.
func (u *unit) takeBack(b *batch) {
	u.takeBackOpen()
	for i := range b.kept {
		k := &b.kept[i]
		k.partition.memory.store.Undo(k.changes)
	}
	b.kept = b.kept[:0]
	for _, p := range u.partitions {
		if p.memory != nil && slices.Contains(b.delivery.Lost, p.memory.changelog) {
			p.memory.forgetIt(u.cfg.State.Retention, u.current.Load()) // what there is of it is not what was written
		}
	}
}

// takeBackOpen takes back what the batch being filled has changed, when nothing flies or what flew is taken back, too.
func (u *unit) takeBackOpen() {
	for _, p := range u.partitions {
		if m := p.memory; m != nil && m.ready {
			m.store.UndoOpen()
			m.store.SetBack(m.last.Clock)
		}
	}
}
