package rules

import "slices"

// The keys of envelopes.

var envelopeKeys = mappingOf("an envelope",
	key{"name", needed, aName(nameClass), "The name of the format, in topics.raw and --input."},
	key{"product", needed, oneOf("own", "topic"), "own: all events are of this vocabulary. topic: a setting of the " +
		"topic or a record header has to name their product."},
	key{"shapes", needed, listOf(listOf(bodyPath, maxShapePaths), maxShapes), "What tells it from other envelopes: " +
		"lists of paths, of which one must be there as a whole."},
	key{"members", needed, rowsOf(memberKeys, maxMembers), "What an event takes from a body."},
	key{"examples", needed, setOf(aText), "Bodies as the provider sends them, each a JSON object in quotes. Each " +
		"must be recognised as this envelope alone."},
).laidOver("name")

// bodyPath is names from the top of a body, with dots between them.
var bodyPath = spelt(`^[^.]+(\.[^.]+){0,15}$`, "data.status")

func envelopeEntries(s *schemaWriter) object {
	entry := func(s *schemaWriter) object {
		return object{"if": object{"type": "string"}, "then": aText(s), "else": envelopeKeys.form(s)}
	}
	return listOf(entry, maxEntries)(s)
}

var memberKeys = mappingOf("a member",
	key{"path", needed, bodyPath, "Where it stands in a body: names from the top, with dots between them."},
	key{"field", needed, oneOf(readableFields()...), "The event's field that it fills."},
	key{"as", needed, symbols(asNames), "How it is read: text; text_if_any, whatever else it is is read over; " +
		"integer; code, codes, codes_in (objects that have a code each); sandbox (true or false: a trial); variant " +
		"(true or false: of the product); time (RFC 3339); seconds since 1970."},
	key{"name", optional, aLine, "With codes_in what the code is called in each object, with variant the variant."},
).where(memberRules)

func readableFields() (fields []string) {
	for _, r := range readers {
		fields = append(fields, r.field)
	}
	return fields
}

// memberRules are what readAs and nameOf hold of one member.
func memberRules(*schemaWriter) object {
	rules := []object{{
		"if":   is("as", AsCodesIn.String(), AsVariant.String()),
		"then": hasAll("name"),
		"else": object{"properties": object{"name": false}},
	}}
	for _, r := range readers {
		as := object{"enum": symbolsOf(asNames, slices.Concat(r.agreeing, r.alone))}
		rules = append(rules, ifThen(is("field", r.field), object{"properties": object{"as": as}}))
	}
	return object{"allOf": rules}
}
