package config

import "testing"

func TestTabIsFound(t *testing.T) {
	const violates, token = "found a tab character that violates indentation", "found character that cannot start any token"
	for _, test := range []struct {
		content string
		line    int
		text    string
		want    int // 0: it is about something else
	}{
		{"a:\n\tb: 1\n", 2, token, 2},
		{"a:\n  b: 1\n\tc: 2\n", 2, violates, 3},
		{"a:\n  b: 1\n  \tc: 2\n", 2, violates, 3},
		{"\ta: 1\n", 0, token, 1},
		{"a: @b\n\tc: 1\n", 1, "did not find expected key", 0},
		{"a: @b\n", 1, token, 0},
		{"a: @b\nc: 1\n\td: 1\n", 1, token, 0},
		{"", 1, token, 0},
		{"a: 1\n", 7, token, 0},
	} {
		if at, ok := tabIndent([]byte(test.content), test.line, test.text); at != test.want || ok != (test.want > 0) {
			t.Errorf("%q, line %d: %d, want %d", test.content, test.line, at, test.want)
		}
	}
}
