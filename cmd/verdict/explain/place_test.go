package explain

import (
	"testing"

	"verdict/cmd/verdict/show"
	"verdict/processor"
)

func TestParsePlace(t *testing.T) {
	for text, want := range map[string]Place{
		"idv.raw.v1/3/1042":                {"idv.raw.v1", 3, 1042},
		"a/0/0":                            {"a", 0, 0},
		"a/2147483647/9223372036854775807": {"a", 2147483647, 9223372036854775807},
	} {
		if got, err := ParsePlace(text); err != nil || got != want || got.String() != text {
			t.Errorf("%s is %v: %v", text, got, err)
		}
	}
	for _, text := range []string{"", "a", "a/1", "/1/2", "a/1/2/3", "a/-1/2", "a/1/-2", "a/2147483648/0", "a/x/0", "a/0/ 1",
		"a/0/9223372036854775808"} {
		if got, err := ParsePlace(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// TestWhichCounts: of several things that are published for one record the latest counts, but a decision over a dead
// letter, in whatever order they are read.
func TestWhichCounts(t *testing.T) {
	at := func(millis int64, rejected *show.DeadLetter) *said {
		return &said{record: &processor.Record{Timestamp: millis}, rejected: rejected, copies: 1}
	}
	letter := &show.DeadLetter{}
	for _, c := range []struct {
		read   []*said
		want   int
		copies int
	}{
		{[]*said{at(1, nil)}, 0, 1},
		{[]*said{at(1, nil), at(2, nil)}, 1, 2},
		{[]*said{at(2, nil), at(1, nil), at(1, nil)}, 0, 3},
		{[]*said{at(1, nil), at(1, nil)}, 1, 2},
		{[]*said{at(1, nil), at(2, letter)}, 0, 1},
		{[]*said{at(2, letter), at(1, nil)}, 1, 1},
		{[]*said{at(1, letter), at(2, letter)}, 1, 2},
	} {
		var found *said
		for _, s := range c.read {
			found = s.over(found)
		}
		if found != c.read[c.want] || found.copies != c.copies {
			t.Errorf("%+v counts, %d times; want the %dth, %d times", found.record, found.copies, c.want, c.copies)
		}
	}
}
