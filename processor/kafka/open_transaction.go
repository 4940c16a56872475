package kafka

import (
	"fmt"
	"time"
)

// longOpen is for how long a transaction in a raw topic holds a partition up before the status says so: many producers
// have one open all the time, but not the same one.
const longOpen = 5 * time.Second

// openTransaction is what holds a partition up whose producer has not ended a transaction: all before it is read, more
// is there, and the brokers do not give it yet. It is no failure of the instance: it stays ready.
type openTransaction struct {
	from  int64     // where it begins; later ones of a topic are not seen
	since time.Time // when it was first seen to be in the way; zero: none is
}

// look takes in how a partition is, and returns for how long the same transaction has been in the way.
func (o *openTransaction) look(p *partition, now time.Time) time.Duration {
	stable := p.fetching.stable
	switch {
	case p.fetching.seen.IsZero() || p.position != stable || stable >= p.end:
		*o = openTransaction{}
		return 0
	case o.since.IsZero() || o.from != stable:
		*o = openTransaction{from: stable, since: now}
	}
	return now.Sub(o.since)
}

func (o *openTransaction) String() string {
	return fmt.Sprintf("a transaction in the raw topic is open from offset %d: `kafka-transactions.sh find-hanging` "+
		"finds who, or wait for its timeout", o.from)
}
