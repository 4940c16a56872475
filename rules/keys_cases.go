package rules

import "slices"

// The keys of cases.

var caseFileKeys = mappingOf("a file of cases",
	key{"defaults", optional, defaultsKeys.form, "What the events of the file have in common. A case says again what " +
		"is otherwise with it."},
	key{"cases", needed, longListOf(caseForm), "Each is decided by itself."},
)

// settingKeys are those of caseSettings but that of the event, which is whole in one place and a part in another.
var settingKeys = []key{
	{"topic", optional, topicKeys.form, "What the settings say of the raw topic."},
	{"at", optional, moment, "The record's time, with a time zone; if not said, the beginning of 2026."},
	{"key", optional, textOrNull, "The record's key; if not said, the verification id. null: it has none."},
}

var topicKeys = mappingOf("topic",
	key{"format", optional, aLine, "The format of bodies, such as yousign; if not said, canonical."},
	key{"product", optional, aLine, "The product of events that do not name one."},
	key{"integration", optional, aLine, "sdk or api, for events that do not say how the client is connected."},
	key{"account", optional, aLine, "The account of events that do not name one."},
)

var defaultsKeys = mappingOf("defaults", slices.Concat([]key{
	{"event", optional, eventKeys.form, "Fields that an event has unless it gives its own."},
}, settingKeys)...)

// Keys of a case, or of an event in a sequence.
var (
	nameKey = key{"name", needed, aLine, "What it shows. None twice in a file."}
	todoKey = key{"todo", optional, aLine, "Why it does not pass yet. It may fail then, and once it passes it is a " +
		"failure."}
	eventKey = key{"event", optional, eventKeys.form, "The event in canonical fields; if it does not say so, its " +
		"verification_id is " + caseVerification + "."}
	bodyKey = key{"body", optional, bodyForm, "Instead of event: the record's value, as a text, or a JSON object as " +
		"it is."}
	eventsKey = key{"events", optional, eventsForm, "Instead of event and expect: a sequence of events, which are " +
		"one story."}
)

func expectKey(isNeeded bool) key {
	return key{"expect", isNeeded, expectKeys.form, "What must be published for it."}
}

var (
	caseKeys = mappingOf("a case", slices.Concat([]key{nameKey, todoKey, eventKey, bodyKey, eventsKey,
		expectKey(needed)}, settingKeys)...).where(eventOrBody)
	sequenceKeys = mappingOf("a case with events", slices.Concat([]key{nameKey, todoKey, eventsKey},
		settingKeys)...)
	sequenceEventKeys = mappingOf("an event of a sequence", slices.Concat([]key{eventKey, bodyKey, expectKey(optional)},
		settingKeys)...).where(eventOrBody)
)

// eventOrBody says that an event has the one or the other, and not both.
func eventOrBody(*schemaWriter) object {
	return object{"if": hasAll("body"), "then": properties(object{"event": false}), "else": hasAll("event")}
}

var caseForm = byKey([]string{"events"}, sequenceKeys, caseKeys)

func eventsForm(s *schemaWriter) object {
	return and(longListOf(sequenceEventKeys.form)(s), object{"contains": hasAll("expect")})
}

func bodyForm(*schemaWriter) object { return object{"type": []string{"string", "object", "array"}} }

func textOrNull(*schemaWriter) object {
	return object{"type": []string{"string", "null"}, "pattern": `\S`}
}

// eventKeys are the fields of the canonical envelope. Their values may be wrong on purpose: what becomes of such an
// event is for a case to say.
var eventKeys = mappingOf("an event",
	key{"event_id", optional, anything, "The same for a redelivery. Without one it is made of what the event says."},
	key{"provider", optional, anything, "Who verified."},
	key{"product", optional, anything, "The provider's product."},
	key{"verification_id", optional, anything, "The provider's id of the verification."},
	key{"subject_ref", optional, anything, "Your reference to the person."},
	key{"journey_ref", optional, anything, "Your reference to the chain of attempts."},
	key{"product_variant", optional, anything, "What the provider meters separately."},
	key{"account", optional, anything, "The provider's account that is invoiced."},
	key{"status", optional, anything, "As the provider spelt it."},
	key{"codes", optional, anything, "A list of the provider's codes, as numbers or as it spelt them."},
	key{"risk_code", optional, anything, "A number, or null."},
	key{"attempt", optional, anything, "From 1; without one, 1."},
	key{"environment", optional, anything, "LIVE or SANDBOX; without one, LIVE."},
	key{"integration", optional, anything, "How the client is connected to the provider."},
	key{"occurred_at", optional, anything, "When it happened; without one, the record's time stands in."},
	key{"metadata", optional, anything, "A mapping of texts."},
)

// expectKeys are the routes of outputs, and what a dead letter is.
var expectKeys = mappingOf("expect", append(outputKeys(), key{"rejected", optional, aText, "The reason of the dead " +
	"letter that the event must become, such as missing_field. It has no other output then."})...).
	where(outputOrRejected)

func outputKeys() (keys []key) {
	for _, output := range CaseOutputs() {
		keys = append(keys, key{output, optional, outputForm(output), "Fields that the record for this topic must " +
			"have, or none: there is no such record. Fields that are not named are not looked at."})
	}
	return keys
}

func outputOrRejected(*schemaWriter) object {
	return object{"minProperties": 1, "if": hasAll("rejected"), "then": object{"maxProperties": 1}}
}

func outputForm(output string) form {
	return func(s *schemaWriter) object {
		fields := s.define("wanted_"+output, wantedFields("wanted_"+output, caseOutputs[output]))
		return object{"if": object{"type": "string"}, "then": object{"const": "none"}, "else": fields}
	}
}

// wantedFields are the fields that an object must have, and want what one of their values may be.
func wantedFields(name string, fields outputNames) form {
	return func(s *schemaWriter) object {
		properties := object{}
		for field, below := range fields {
			properties[field] = wanted(s, name+"_"+field, below)
		}
		return object{"type": "object", "properties": properties, "additionalProperties": false}
	}
}

// wanted is a value as want reads it: a scalar, a list, or an object if the field has any below it.
func wanted(s *schemaWriter, name string, below outputNames) object {
	scalars := []string{"string", "number", "boolean", "null"}
	switch {
	case below == nil:
		item := func(*schemaWriter) object {
			return object{"type": append(scalars, "array"), "items": object{"$ref": "#/$defs/wanted_value"}}
		}
		return s.define("wanted_value", item)
	case len(below) == 0:
		return object{"type": append(scalars, "array", "object"), "additionalProperties": wanted(s, name, nil)}
	}
	return s.define(name, func(s *schemaWriter) object {
		fields := wantedFields(name, below)(s)
		fields["type"] = append(scalars, "array", "object")
		fields["items"] = object{"$ref": "#/$defs/" + name}
		return fields
	})
}
