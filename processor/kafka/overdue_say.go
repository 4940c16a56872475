package kafka

import (
	"time"

	"go.uber.org/zap"
)

// saying is what the log says of overdue words that are not told: there may be a thousand at each look, so it is one
// line for all of a kind, with their number and the place of the first.
type saying struct {
	kinds [numUntold]untoldWords
}

// untold is why a word is not told to be overdue.
type untold uint8

const (
	untoldGone      untold = iota // its raw record is gone, or says something else now: for good
	untoldMoved                   // its raw record is in another partition: for good
	untoldTooLarge                // its topic does not take the notice: for good
	untoldUnfetched               // for now
	untoldUnmade                  // for now
	numUntold
)

// retrySaidEvery is how often the log says that words are tried again.
const retrySaidEvery = time.Minute

func (u untold) forNow() bool { return u == untoldUnfetched || u == untoldUnmade }

func (u untold) text() string {
	switch u {
	case untoldMoved:
		return "verifications are overdue, and no notice can be made: their current words are from before partitions " +
			"were added, and so in another one"
	case untoldTooLarge:
		return "verifications are overdue, and their notices are too large for the topic"
	case untoldUnfetched:
		return "raw records cannot be fetched again to tell that their verifications are overdue; trying again"
	case untoldUnmade:
		return "overdue notices cannot be made; trying again"
	case untoldGone, numUntold:
	}
	return "verifications are overdue, and no notice can be made: the raw records of their current words are gone"
}

// untoldWords are those since the last look.
type untoldWords struct {
	words int
	first *partition
	at    int64 // offset of the first one's raw record, which for moved ones is another partition's
	err   error
	said  time.Time
}

func (s *saying) add(why untold, w *overdueWord, err error) {
	k := &s.kinds[why]
	if k.words++; k.words == 1 {
		k.first, k.at, k.err = w.partition, w.offset, err
	}
}

// say writes the lines. What is tried again comes up again, too, and is not said at each look.
func (s *saying) say(log *zap.Logger, now time.Time) {
	for why := range numUntold {
		k := &s.kinds[why]
		if k.words == 0 {
			continue
		}
		fields := []zap.Field{zap.Int("words", k.words), k.first.field(), zap.Error(k.err)}
		if why != untoldMoved {
			fields = append(fields, zap.Int64("offset", k.at))
		}
		switch {
		case !why.forNow():
			log.Warn(why.text(), fields...)
		case now.Sub(k.said) >= retrySaidEvery:
			log.Info(why.text(), fields...)
			k.said = now
		}
		*k = untoldWords{said: k.said}
	}
}
