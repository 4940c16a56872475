package rules

import (
	"math"
	"slices"
)

// The keys of billing and of the flow.

var billingKeys = mappingOf("billing",
	key{"rules", optional, rowsOf(billingRuleKeys, maxEntries), "In order: the first that matches counts. Those of " +
		"an overlay stand before those that they are laid over."},
	key{"otherwise", needed, otherwiseKeys.form, "What holds where no rule matches."},
).laidOver()

var billingRuleStart = []key{
	{"name", needed, aName(nameClass), "Its name, which ends the basis of the charge."},
	{"flag", needed, symbols(billingFlagNames), "Whether the provider charges for the attempt. UNDETERMINED: the " +
		"contract has to say."},
	originKey(needed, ""),
}

var (
	otherwiseKeys   = mappingOf("otherwise", billingRuleStart...).laidOver()
	billingRuleKeys = mappingOf("a billing rule", slices.Concat(billingRuleStart, []key{
		{"when", optional, whenKeys.form, "The conditions, which must all be met. A rule with a date may have none."},
		{"from", optional, moment, "The first moment of the events that it is for, with a time zone."},
		{"until", optional, moment, "The first moment that it is not for any more, with a time zone."},
	})...).laidOver("name").where(notInOverlay(allOf(hasOneOf("when", "from", "until"))))
)

var whenKeys = mappingOf("when",
	key{"status", optional, setOf(aText), "One of these statuses, by their names."},
	key{"risk_code", optional, setOf(riskNumber), "One of these risk codes."},
	key{"product_variant", optional, setOf(spelling), "One of these variants of the product."},
	key{"account", optional, setOf(spelling), "One of these accounts, which the provider invoices: the event's, or " +
		"that of the topic or of the header verdict-account."},
	key{"attempt", optional, attemptKeys.form, "Which attempt of the person it is, for formats that say so."},
).where(hasSomeKey)

var attemptKeys = mappingOf("attempt",
	key{"from", optional, aNumber(math.MaxInt32), "The first of these attempts."},
	key{"to", optional, aNumber(math.MaxInt32), "The last of them."},
).where(hasSomeKey)

var stepKeys = mappingOf("a step",
	key{"from", needed, orSetOf("string"), "The status, or a list of them, that it starts from."},
	key{"to", needed, orSetOf("string"), "The status, or a list of them, that may come next."},
	key{"final", optional, oneOf(false), "false: only from an answer that is not final."},
	key{"signature", optional, oneOf(SignatureOpen.String()), "OPEN: only while the signature is."},
	key{"reopens", optional, aFlag, "Whether an attempt that has ended goes on."},
	key{"unexpected", optional, aFlag, "Whether the provider's page speaks against it; it is taken all the same."},
	key{"reason", optional, aText, "Why it is here."},
	originKey(needed, ""),
).laidOver("from", "to", "final", "signature").where(notInOverlay(
	allOf(ifThen(is("unexpected", true), hasAll("reason")))))

// flowForm is a list that may be empty, but not in an overlay, which removes nothing.
func flowForm(s *schemaWriter) object {
	return object{"type": "array", "items": stepKeys.form(s), "maxItems": maxEntries}
}
