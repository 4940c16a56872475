package wording

import "testing"

func TestCount(t *testing.T) {
	for _, test := range []struct {
		n          int
		noun, want string
	}{
		{1, "line", "1 line"}, {0, "line", "0 lines"}, {2, "key", "2 keys"}, {4, "vocabulary", "4 vocabularies"},
		{3, "status", "3 statuses"}, {2, "day", "2 days"},
	} {
		if got := Count(test.n, test.noun); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b       string
		most, want int
	}{
		{"", "", 3, 0}, {"codes", "codes", 3, 0}, {"codes", "code", 3, 1}, {"cdoes", "codes", 3, 2}, {"risk_code", "riskcode", 3, 1},
		{"abc", "xyz", 10, 3}, {"abc", "xyz", 2, 2}, {"a", "abcdef", 3, 3}, {"", "ab", 5, 2},
	} {
		if got := Distance(test.a, test.b, test.most); got != test.want {
			t.Errorf("%q and %q: %d, want %d", test.a, test.b, got, test.want)
		}
		if there, back := Distance(test.a, test.b, test.most), Distance(test.b, test.a, test.most); there != back {
			t.Errorf("%q and %q: %d there, %d back", test.a, test.b, there, back)
		}
	}
}

func TestNumbers(t *testing.T) {
	for want, numbers := range map[string][]int{
		"version 3":             {3},
		"versions 1, 2":         {2, 1},
		"versions 1 to 3":       {3, 2, 1},
		"versions 1, 3, 4":      {1, 3, 4},
		"versions 1 to 4, 6":    {6, 4, 3, 2, 1},
		"versions 2, 4 to 6, 9": {9, 6, 5, 4, 2},
	} {
		if got := Numbers("version", numbers); got != want {
			t.Errorf("%v: %q, want %q", numbers, got, want)
		}
	}
}
