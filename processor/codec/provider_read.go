package codec

import (
	"math"
	"strings"

	"verdict/processor"
	"verdict/rules"
)

// readerOf is the reader that a member names. Paths are those of all members of its field.
func readerOf(m *rules.Member, paths []string) reader {
	switch m.As {
	case rules.AsText:
		return agreeingText(asText, paths)
	case rules.AsTextIfAny:
		return asTextIfAny
	case rules.AsInteger:
		return asInteger
	case rules.AsCode:
		return asCode
	case rules.AsCodes:
		return asCodes
	case rules.AsCodesIn:
		return asCodesIn(m.Name)
	case rules.AsSandbox:
		return asSandbox
	case rules.AsVariant:
		return asVariant(m.Name)
	case rules.AsTime:
		return agreeingTime(asText, paths)
	case rules.AsSeconds:
		return agreeingTime(asSeconds, paths)
	case rules.AsUnspecified:
	}
	return nil // the loader of the catalog lets none pass
}

// agreeingText reads a text that has several names. Two that differ are a fault: to choose one would be a guess.
func agreeingText(read reader, paths []string) reader {
	if len(paths) < 2 {
		return read
	}
	return func(j *jsonReader, f field, first byte) {
		text := j.draft.text(f)
		other := *text
		read(j, f, first)
		switch {
		case *text == "":
			*text = other
		case other != "" && *text != other:
			j.draft.place = paths[0]
			j.draft.fault(f, -1, "differs from the "+f.String()+" under its other name")
		}
	}
}

// agreeingTime reads a time that has several names. Two that differ are a fault: to choose one would be a guess.
func agreeingTime(read reader, paths []string) reader {
	if len(paths) < 2 {
		return read
	}
	problem := "is another moment than " + strings.Join(paths[1:], " or ")
	return func(j *jsonReader, f field, first byte) {
		e := j.draft.event
		other, both := e.OccurredAt, e.HasOccurredAt
		read(j, f, first)
		if both && e.OccurredAt != other {
			j.draft.place = paths[0]
			j.draft.fault(f, -1, problem)
		}
	}
}

// asText reads a string.
func asText(j *jsonReader, f field, first byte) {
	if first != '"' {
		j.skipWrong(f, -1, "is not a string")
		return
	}
	j.draft.setText(f, j.readText())
}

// asTextIfAny reads a string and reads over anything else: for what no event is to be rejected for.
func asTextIfAny(j *jsonReader, f field, first byte) {
	if first == '"' {
		j.draft.setText(f, j.readText())
		return
	}
	j.walker.skip()
}

// asInteger reads an integer that fits its field.
func asInteger(j *jsonReader, f field, first byte) { j.readInt(f, first) }

// asCodes reads an array of codes.
func asCodes(j *jsonReader, _ field, first byte) { j.readCodes(first) }

// asCode reads a code that stands alone.
func asCode(j *jsonReader, _ field, first byte) {
	if first == '[' || first == '{' {
		j.skipWrong(fieldCodes, -1, codeProblem)
		return
	}
	j.readCode(-1)
}

// asCodesIn reads an array of objects, of each the code that has this name.
func asCodesIn(name string) reader {
	problem := "is not an object with a " + name
	return func(j *jsonReader, _ field, first byte) {
		if first != '[' {
			j.skipWrong(fieldCodes, -1, "is not an array")
			return
		}
		at := 0
		for j.walker.open(); j.walker.more(); at++ {
			if j.walker.peek() != '{' {
				j.skipWrong(fieldCodes, at, problem)
			} else if !j.readCodeOf(name, at) {
				j.draft.fault(fieldCodes, at, problem)
			}
		}
	}
}

// readCodeOf reads an object, which comes next; false if it has no such code.
func (j *jsonReader) readCodeOf(name string, at int) bool {
	found := false
	for j.walker.open(); j.walker.more(); {
		if j.readText() == name && j.walker.peek() != 'n' {
			found = true
			j.readCode(at)
		} else {
			j.walker.skip()
		}
	}
	return found
}

// asFlag reads true or false.
func asFlag(set func(e *processor.Event, on bool)) reader {
	return func(j *jsonReader, f field, first byte) {
		if first != 't' && first != 'f' {
			j.skipWrong(f, -1, "is neither true nor false")
			return
		}
		j.walker.skip()
		set(j.draft.event, first == 't')
	}
}

// asSandbox reads a flag that says whether the event is about a trial.
var asSandbox = asFlag(func(e *processor.Event, on bool) {
	e.Environment = processor.EnvironmentLive
	if on {
		e.Environment = processor.EnvironmentSandbox
	}
})

// asVariant reads a flag that says whether a variant of the product was used.
func asVariant(variant string) reader {
	return asFlag(func(e *processor.Event, on bool) {
		if on {
			e.ProductVariant = variant
		}
	})
}

const secondsProblem = "is not a number of seconds since 1970, in digits, up to the year 9999"

// asSeconds reads a time in whole seconds since 1970 UTC, as digits in a string or as a number.
func asSeconds(j *jsonReader, f field, first byte) {
	var digits string
	switch {
	case first == '"':
		if digits = j.readText(); digits == "" {
			return
		}
	case isDigit(first):
		digits = j.walker.literal()
	default:
		j.skipWrong(f, -1, secondsProblem)
		return
	}
	n, ok := parseSeconds(digits)
	if !ok {
		j.draft.fault(f, -1, secondsProblem)
		return
	}
	j.draft.setMicros(n * 1e6)
}

// parseSeconds reads digits; false also for what is after the year 9999.
func parseSeconds(digits string) (int64, bool) {
	var n int64
	for i := 0; i < len(digits); i++ {
		if !isDigit(digits[i]) {
			return 0, false
		}
		n = min(n*10+int64(digits[i]-'0'), math.MaxInt32*1000)
	}
	return n, n <= maxMicros/1_000_000
}
