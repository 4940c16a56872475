package rules

import (
	"maps"
	"math"
	"slices"
)

// object is a JSON Schema, or a part of one.
type object map[string]any

// form is what a value may be, as JSON Schema. It says no more than the readers do, or an editor would underline what
// Verdict accepts; what it cannot say is theirs alone. Of the vocabulary of JSON Schema it takes what editors have long
// known.
type form func(s *schemaWriter) object

func aText(*schemaWriter) object { return object{"type": "string", "pattern": `\S`} }

func aLine(*schemaWriter) object { return object{"type": "string", "pattern": `^.*\S.*$`} }

func aFlag(*schemaWriter) object { return object{"type": "boolean"} }

// anything is for the values of events, which may be wrong on purpose.
func anything(*schemaWriter) object { return object{} }

func spelt(pattern string, examples ...string) form {
	return func(*schemaWriter) object {
		o := object{"type": "string", "pattern": pattern}
		if len(examples) > 0 {
			o["examples"] = examples
		}
		return o
	}
}

// aName is a name of at most maxName of some letters.
func aName(letters string) form {
	return func(*schemaWriter) object {
		return object{"type": "string", "pattern": "^[" + letters + "]+$", "maxLength": maxName}
	}
}

// Letters of names as in nameLetters and anyCaseLetters, for patterns.
const (
	nameClass    = `a-z0-9_.\-`
	anyCaseClass = nameClass + `A-Z`
)

func aNumber(most int64) form {
	return func(*schemaWriter) object { return object{"type": "integer", "minimum": 1, "maximum": most} }
}

var riskNumber = aNumber(math.MaxInt32)

func oneOf[T any](values ...T) form {
	return func(*schemaWriter) object { return object{"enum": values} }
}

// symbols is one of an enum's names but that of its zero value.
func symbols(names []string) form { return oneOf(names[1:]...) }

// listOf is a list with at least one entry, and at most so many.
func listOf(entry form, most int) form {
	return func(s *schemaWriter) object {
		return object{"type": "array", "items": entry(s), "minItems": 1, "maxItems": most}
	}
}

// longListOf is a list with at least one entry.
func longListOf(entry form) form {
	return func(s *schemaWriter) object { return object{"type": "array", "items": entry(s), "minItems": 1} }
}

// setOf is a list with no entry twice.
func setOf(entry form) form {
	return func(s *schemaWriter) object { return and(listOf(entry, maxEntries)(s), object{"uniqueItems": true}) }
}

// orSetOf is a value of a type, or a list of texts with none twice.
func orSetOf(typ string) form {
	return func(s *schemaWriter) object {
		return and(setOf(aText)(s), object{"type": []string{typ, "array"}, "pattern": `\S`})
	}
}

// rowsOf is a list of mappings, at most so many.
func rowsOf(m *mapping, most int) form { return listOf(m.form, most) }

// byKey is a mapping of the one kind if it has one of the keys, or else of the other kind.
func byKey(keys []string, with, without *mapping) form {
	return func(s *schemaWriter) object {
		return object{"if": hasOneOf(keys...), "then": with.form(s), "else": without.form(s)}
	}
}

func hasOneOf(keys ...string) object {
	one := make([]object, len(keys))
	for i, key := range keys {
		one[i] = hasAll(key)
	}
	if len(one) == 1 {
		return one[0]
	}
	return object{"anyOf": one}
}

func hasAll(keys ...string) object { return object{"required": keys} }

// is says that a key is there and has one of the values.
func is[T any](key string, values ...T) object {
	value := object{"enum": values}
	if len(values) == 1 {
		value = object{"const": values[0]} // an enum would be told as all that the key may have
	}
	return and(hasAll(key), properties(object{key: value}))
}

// and joins the words of schemas that have none in common.
func and(schemas ...object) object {
	all := object{}
	for _, s := range schemas {
		maps.Copy(all, s)
	}
	return all
}

// ifThen is one of the rules between keys.
func ifThen(condition, then object) object { return object{"if": condition, "then": then} }

// allOf makes rules one schema.
func allOf(rules ...object) form {
	return func(*schemaWriter) object { return object{"allOf": rules} }
}

// notInOverlay is a rule that an overlay's mapping meets only together with what it is laid over.
func notInOverlay(rule form) form {
	return func(s *schemaWriter) object {
		if s.overlay {
			return nil
		}
		return rule(s)
	}
}

func hasSomeKey(*schemaWriter) object { return object{"minProperties": 1} }

func symbolsOf[E ~uint8](names []string, values []E) (symbols []string) {
	for _, v := range values {
		symbols = append(symbols, SymbolOf(names, v))
	}
	return slices.Clip(symbols)
}

// Times and durations, as far as a pattern can say; which days there are is the readers' alone.
var (
	duration = spelt(`^\+?([0-9.]+(ns|us|µs|μs|ms|s|m|h))+$`, "15m", "720h")
	moment   = spelt(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$`,
		"2026-12-01T00:00:00+01:00")
	day = spelt(`^20[0-9]{2}-[0-9]{2}(-[0-9]{2})?$`, "2026-11", "2026-11-20")
)
