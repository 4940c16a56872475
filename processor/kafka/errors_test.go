package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

func TestClassify(t *testing.T) {
	code := func(c int16) error { return refused("Api", "what", c) }
	for _, c := range []struct {
		err  error
		want class
	}{
		{nil, classNone}, {code(0), classNone},
		{io.EOF, classRetry}, {context.DeadlineExceeded, classRetry}, {protocol.ErrNoLeader, classRetry},
		{kafka.BrokerNotAvailable, classRetry},
		{code(51), classRetry}, {code(14), classRetry}, {code(15), classRetry}, {code(16), classRetry}, {code(-1), classRetry},
		{code(3), classRetry}, {code(5), classRetry}, {code(6), classRetry}, {code(7), classRetry}, {code(19), classRetry},
		{code(20), classRetry},
		{code(88), classUnstable},
		{code(45), classRestart}, {code(48), classRestart}, {code(49), classRestart}, {code(59), classRestart}, {code(2), classRestart},
		{gaveUp{io.EOF}, classRestart},
		{code(47), classFenced}, {code(90), classFenced},
		{code(22), classRejoin}, {code(25), classRejoin}, {code(27), classRejoin},
		{code(10), classTooLarge},
		{code(29), classFatal}, {code(30), classFatal}, {code(31), classFatal}, {code(50), classFatal}, {code(53), classFatal},
		{fatal("x"), classFatal}, {fmt.Errorf("wrapped: %w", code(53)), classFatal},
	} {
		if got := classify(c.err); got != c.want {
			t.Errorf("%v: %v, want %v", c.err, got, c.want)
		}
	}
}

func TestFatalErrorsSayWhatToDo(t *testing.T) {
	for code := range cures {
		err := explain(refused("AddPartitionsToTxn", "topic/1", int16(code)))
		if classify(err) != classFatal || !errors.Is(err, code) || !strings.HasSuffix(err.Error(), cures[code]) {
			t.Errorf("%v", err)
		}
	}
}

func TestWorstErrorDecides(t *testing.T) {
	retry, restart := refused("a", "", 51), refused("a", "", 45)
	for _, c := range [][3]error{{retry, restart, restart}, {restart, retry, restart}, {nil, retry, retry}, {retry, nil, retry}} {
		if got := worseOf(c[0], c[1]); !errors.Is(got, c[2]) || classify(got) != classify(c[2]) {
			t.Errorf("of %v and %v the worst is %v", c[0], c[1], got)
		}
	}
}

func TestSequencesWrap(t *testing.T) {
	p := producer{sequences: map[outputKey]int32{{}: 1<<31 - 3}}
	if a, b, c := p.take(outputKey{}, 2), p.take(outputKey{}, 5), p.take(outputKey{}, 1); a != 1<<31-3 || b != 1<<31-1 || c != 4 {
		t.Error(a, b, c)
	}
}
