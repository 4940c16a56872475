package transact

import "testing"

func TestSequencesWrap(t *testing.T) {
	s := Session{sequences: map[Key]int32{{}: 1<<31 - 3}}
	if a, b, c := s.take(Key{}, 2), s.take(Key{}, 5), s.take(Key{}, 1); a != 1<<31-3 || b != 1<<31-1 || c != 4 {
		t.Error(a, b, c)
	}
}
