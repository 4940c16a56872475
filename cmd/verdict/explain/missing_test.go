package explain

import (
	"math"
	"testing"
	"time"

	"verdict/cmd/verdict/show"
	"verdict/processor"
)

// TestInHours: what is proposed reaches as far, and can be typed.
func TestInHours(t *testing.T) {
	for within, want := range map[time.Duration]string{
		time.Nanosecond: "1h", time.Hour: "1h", 3*time.Hour + 1: "4h", math.MaxInt64: "2562047h",
	} {
		got := inHours(within)
		if _, err := time.ParseDuration(got); err != nil || got != want {
			t.Errorf("%s in hours is %s, want %s: %v", within, got, want, err)
		}
	}
}

// TestALaterDeadLetterIsKept, in whatever order they are read; an earlier one is not.
func TestALaterDeadLetterIsKept(t *testing.T) {
	at := func(millis int64, rejected *show.DeadLetter) *said {
		return &said{record: &processor.Record{Timestamp: millis}, rejected: rejected, copies: 1}
	}
	letter := &show.DeadLetter{}
	for _, c := range []struct {
		read []*said
		want bool
	}{
		{[]*said{at(1, nil), at(2, letter)}, true},
		{[]*said{at(2, letter), at(1, nil)}, true},
		{[]*said{at(2, nil), at(1, letter)}, false},
		{[]*said{at(1, nil), at(2, letter), at(3, nil)}, false},
	} {
		var found *said
		for _, s := range c.read {
			found = s.over(found)
		}
		if found.rejected != nil || (found.letter != nil) != c.want {
			t.Errorf("%+v counts, with the dead letter %v", found, found.letter)
		}
	}
}

// TestPayloadBytes: what a terminal would take for more than text is shown in base64.
func TestPayloadBytes(t *testing.T) {
	for text, plain := range map[string]bool{"": true, "{\n\t\"é\"}": true, "\x00abc": false, "a\x1b[2J": false,
		"\xff": false, "a\u009b": false} {
		if got := bytesOf([]byte(text)); (got.Base64 == nil) != plain || plain && got.Text != text {
			t.Errorf("%q is shown as %+v", text, got)
		}
	}
}
