package screen

import (
	"strings"

	"verdict/rules/wording"
)

// Suggestion names what was probably meant, or says where all names are.
func Suggestion(wrong string, names []string, otherwise string) string {
	if near := Nearest(strings.ToLower(wrong), names); near != "" {
		return "; did you mean " + near + "?"
	}
	return otherwise
}

// Nearest finds the name with the fewest wrong letters, or one that lacks only words at its begin; "" if none is
// near. Words that both begin with do not count: nearly all variables have the first one in common.
func Nearest(wrong string, names []string) string {
	best, distance := "", len(wrong)
	for _, name := range names {
		a, b := withoutCommonWords(wrong, strings.ToLower(name))
		d := wording.Distance(a, b, distance)
		if strings.HasSuffix(b, "."+a) || strings.HasSuffix(b, "_"+a) {
			d = 1
		}
		if d <= len(a)/3+1 && d < len(a) && d < distance {
			best, distance = name, d
		}
	}
	return best
}

// withoutCommonWords cuts off the words that both begin with; a word ends with a dot or an underscore.
func withoutCommonWords(a, b string) (restA, restB string) {
	cut := 0
	for i := 0; i < min(len(a), len(b)) && a[i] == b[i]; i++ {
		if a[i] == '.' || a[i] == '_' {
			cut = i + 1
		}
	}
	return a[cut:], b[cut:]
}
