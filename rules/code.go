package rules

import (
	"math"
	"strings"
)

// NumberUnreadable is the Number of a code text that is no number; it sorts last.
const NumberUnreadable = math.MaxInt64

// maxDigits keeps every readable number below NumberUnreadable.
const maxDigits = 18

// Code finds what the vocabulary says about a code text, with or without one of its prefixes. An unlisted code is
// described in *unlisted, which then is the result, so that looking up does not allocate.
func (v *Vocabulary) Code(text string, unlisted *Code) *Code {
	if c := v.codes[text]; c != nil {
		return c
	}
	canonical := withoutZeros(v.withoutPrefix(text))
	number, ok := readNumber(canonical)
	if !ok {
		*unlisted = Code{Text: text, Number: NumberUnreadable}
		unlisted.classifyUnlisted(nil)
		return unlisted
	}
	if c := v.codes[canonical]; c != nil {
		return c
	}
	*unlisted = Code{Text: canonical, Number: number}
	unlisted.classifyUnlisted(v.rangeOf(number))
	return unlisted
}

func (v *Vocabulary) withoutPrefix(text string) string {
	for _, p := range v.CodePrefixes {
		if bare, ok := strings.CutPrefix(text, p); ok {
			return bare
		}
	}
	return text
}

// withoutZeros drops leading zeros, however many: a code that blocks must not slip through behind them.
func withoutZeros(s string) string {
	for len(s) > 1 && s[0] == '0' {
		s = s[1:]
	}
	return s
}

// RangeOf finds the range that describes an unlisted code; nil if none does, or if the code is listed.
func (v *Vocabulary) RangeOf(c *Code) *Range {
	if c.Known {
		return nil
	}
	return v.rangeOf(c.Number)
}

func (v *Vocabulary) rangeOf(number int64) *Range {
	for _, r := range v.Ranges {
		if r.From <= number && number <= r.To {
			return r
		}
	}
	return nil
}

// Ranks of reasons that do not go by category, the lowest counts most.
const (
	rankUnlisted = 10 // outside of all ranges: nothing is known of it
	rankNeutral  = 11
	rankCleared  = 12
	rankPositive = 13
)

// classifyUnlisted says what is known of a code that the catalog does not list: what its range tells of all its codes.
// A range brings no action, because the page documents one for each code by itself.
func (c *Code) classifyUnlisted(r *Range) {
	if r == nil {
		c.Category, c.Effect, c.Rank = CategoryUnknown, EffectNeutral, rankUnlisted
		return
	}
	c.Statuses, c.RiskCodes, c.Basis, c.Explains = r.Statuses, r.RiskCodes, r.Basis, r.Explains
	c.Series, c.Category, c.Effect, c.Signature = r.Series, r.Category, r.Effect, r.Signature
	c.NoRetry, c.Blocks, c.Disclosable = r.NoRetry, r.Blocks, r.Disclosable
	c.RiskBearing = r.RiskBearing()
	c.Rank = c.rank()
}

// rank orders reasons by how much they count: fraud first, good news last.
func (c *Code) rank() uint8 {
	switch c.Effect {
	case EffectNeutral:
		return rankNeutral
	case EffectCleared:
		return rankCleared
	case EffectPositive:
		return rankPositive
	default:
		return c.rankOfNegative()
	}
}

func (c *Code) rankOfNegative() uint8 {
	switch c.Category {
	case CategoryFraud:
		return 0
	case CategoryBehavior:
		return 1
	case CategoryScreening:
		return 2
	case CategoryRisk:
		return 3
	case CategoryRejection:
		return 4
	default:
		return c.rankByFlags()
	}
}

func (c *Code) rankByFlags() uint8 {
	switch {
	case c.Blocks:
		return 5
	case c.NoRetry:
		return 6
	case c.RiskBearing:
		return 7
	case c.Refusal:
		return 8
	default:
		return 9
	}
}

// readNumber reads decimal digits, without sign or spaces.
func readNumber(s string) (int64, bool) {
	if s == "" || len(s) > maxDigits {
		return 0, false
	}
	var n int64
	for i := 0; i < len(s); i++ {
		d := s[i] - '0'
		if d > 9 {
			return 0, false
		}
		n = n*10 + int64(d)
	}
	return n, true
}
