package kafka

import "testing"

func TestSequencesWrap(t *testing.T) {
	p := producer{sequences: map[outputKey]int32{{}: 1<<31 - 3}}
	if a, b, c := p.take(outputKey{}, 2), p.take(outputKey{}, 5), p.take(outputKey{}, 1); a != 1<<31-3 || b != 1<<31-1 || c != 4 {
		t.Error(a, b, c)
	}
}
