package kafka

import (
	"testing"
	"time"
)

// The record that has waited longest is found, whatever became of the batches that it was read for.
func TestOldest(t *testing.T) {
	now := time.UnixMilli(100_000)
	for name, test := range map[string]struct {
		does func(o *oldest)
		from int64 // that the group has come to
		end  int64
		want int64 // ms; 0: nothing waits
	}{
		"nothing was read":      {func(*oldest) {}, 5, 5, 0},
		"more than was read":    {func(*oldest) {}, 5, 6, 100_000},
		"read":                  {func(o *oldest) { o.read(5, 70); o.read(6, 60) }, 5, 7, 70},
		"sent off":              {func(o *oldest) { o.read(5, 70); o.sentOff(6); o.read(6, 80) }, 5, 7, 70},
		"committed":             {func(o *oldest) { o.read(5, 70); o.sentOff(6); o.read(6, 80) }, 6, 7, 80},
		"all committed":         {func(o *oldest) { o.read(5, 70); o.sentOff(6) }, 6, 6, 0},
		"rolled back":           {func(o *oldest) { o.read(5, 70); o.sentOff(6); o.read(6, 80); o.read(5, 70) }, 5, 7, 70},
		"rolled back, sent off": {func(o *oldest) { o.read(6, 80); o.read(5, 70); o.sentOff(7) }, 5, 7, 70},
		"held back at it":       {func(o *oldest) { o.read(5, 70); o.sentOff(5) }, 5, 7, 70},
		"without a time":        {func(o *oldest) { o.read(5, -1) }, 5, 6, 100_000},
		"found":                 {func(o *oldest) { o.found = readFirst{8, 50} }, 5, 9, 50},
		"found and read":        {func(o *oldest) { o.found = readFirst{8, 50}; o.read(7, 50); o.sentOff(8) }, 8, 9, 100_000},
		"found, without a time": {func(o *oldest) { o.found = readFirst{8, -1} }, 5, 9, 100_000},
		"found, and decided":    {func(o *oldest) { o.found = readFirst{8, 50}; o.read(9, 70) }, 9, 10, 70},
		"dated in the future":   {func(o *oldest) { o.read(5, 900_000) }, 5, 6, 100_000},
	} {
		var o oldest
		test.does(&o)
		want := time.Time{}
		if test.want != 0 {
			want = time.UnixMilli(test.want)
		}
		if got := o.at(test.from, test.end, now); !got.Equal(want) {
			t.Errorf("%s: %v, wanted %v", name, got, want)
		}
	}
}

// What is known to wait, and was not read yet, waits since it was known; a commit of all before it does not hide it.
func TestOldestNotRead(t *testing.T) {
	var o oldest
	first := time.UnixMilli(1_000)
	if got := o.at(5, 6, first); !got.Equal(first) {
		t.Errorf("at first: %v", got)
	}
	if got := o.at(5, 8, first.Add(time.Minute)); !got.Equal(first) {
		t.Errorf("a minute later: %v", got)
	}
	if got := o.at(8, 8, first.Add(time.Hour)); !got.IsZero() {
		t.Errorf("nothing waits: %v", got)
	}
}
