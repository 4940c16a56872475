package kafka

import (
	"sync"
	"time"

	"go.uber.org/zap"
)

// seldom says what may happen again and again at most once in seldomEvery, and how often it has happened since it was
// said last. It is for any goroutine.
type seldom struct {
	mu   sync.Mutex
	said map[string]*saidOnce
}

// saidOnce is when something was said last, and how often it has come up since.
type saidOnce struct {
	last  time.Time
	times int
}

const (
	seldomEvery    = 10 * time.Second
	forgottenAfter = time.Minute
)

func newSeldom() *seldom { return &seldom{said: map[string]*saidOnce{}} }

// say logs a message, unless it was logged a moment ago.
func (s *seldom) say(log func(string, ...zap.Field), message string, fields ...zap.Field) {
	switch times := s.due(message, time.Now()); times {
	case 0:
	case 1:
		log(message, fields...)
	default:
		log(message, append(fields, zap.Int("times", times))...)
	}
}

// due is how often a message has come up since it was said, with this time; 0 if it is not to be said.
func (s *seldom) due(message string, now time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.said[message]
	if at == nil {
		at = &saidOnce{}
		s.said[message] = at
	}
	at.times++
	if now.Sub(at.last) < seldomEvery {
		return 0
	}
	times := at.times
	if now.Sub(at.last) > forgottenAfter {
		times = 1 // what came up long ago has nothing to do with it
	}
	at.last, at.times = now, 0
	return times
}
