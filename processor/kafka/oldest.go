package kafka

import "time"

// oldest knows since when the oldest record of a partition waits that is not committed. It is its unit's own.
type oldest struct {
	filling, flying readFirst // of the batch that is being filled, and of the one that is, or was, delivered
	found           readFirst // looked up while nothing was read of the partition
	behind          time.Time // since when there is more than was read; zero: there is not
}

// readFirst is the first record of a partition that was read for a batch, or found.
type readFirst struct {
	next      int64 // the offset after it; 0: none was read
	timestamp int64 // ms; of a record that was found -1: it has none
}

// read notes a record that is processed now. After a rollback that may be an earlier one again. One without a time of
// its own (-1) waits since it was read.
func (o *oldest) read(offset, timestamp int64) {
	if o.filling.next != 0 && offset >= o.filling.next-1 {
		return
	}
	if timestamp < 0 {
		timestamp = time.Now().UnixMilli()
	}
	o.filling = readFirst{offset + 1, timestamp}
}

// sentOff notes that a batch goes that has all before position. A record that the partition is held back at is not in
// it.
func (o *oldest) sentOff(position int64) {
	if o.filling.next != 0 && o.filling.next <= position {
		o.flying, o.filling = o.filling, readFirst{}
	}
}

// at is the time of the oldest record from an offset on, which the group has come to, and never after now: of one that
// was read or found, by its timestamp; of others, when it was first known that something is before end. Zero: nothing
// waits.
func (o *oldest) at(from, end int64, now time.Time) time.Time {
	for _, first := range [...]readFirst{o.flying, o.filling, o.found} {
		if first.next > from && first.timestamp >= 0 {
			o.behind = time.Time{}
			return earlier(time.UnixMilli(first.timestamp), now)
		}
	}
	switch {
	case end <= from:
		o.behind = time.Time{}
	case o.behind.IsZero():
		o.behind = now
	}
	return o.behind
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
