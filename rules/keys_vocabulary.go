package rules

// The keys of a vocabulary's file, and of the small rows in it.

var versionKeys = mappingOf("the catalog file",
	key{"version", needed, aName(anyCaseClass), "The catalog's version, such as 2026.11.0. A hash of all rules is " +
		"added to it, and each decision carries both."},
	key{"about", optional, aText, "What the catalog is."},
)

var vocabularyKeys = mappingOf("a vocabulary",
	key{"vocabulary", needed, aName(nameClass), "The vocabulary's name. In an overlay: the one that the file " +
		"changes, or a new one."},
	key{"provider", needed, aName(nameClass), "Whose events these are, as in the field provider of events."},
	key{"product", needed, aName(nameClass), "The provider's product, as in the field product of events. A product " +
		"has one vocabulary."},
	key{"title", needed, aText, "What people call it."},
	key{"sources", needed, rowsOf(sourceKeys, maxEntries), "The pages that the facts are from."},
	key{"code_prefixes", optional, setOf(spelt(`[^0-9]$`)), "Letters that may stand before a code's number, such as " +
		"IDVV_."},
	key{"unlisted_code_on_approval", optional, oneOf("review", "accept"), "What becomes of an approval that comes " +
		"with a code of which nothing is known: a review (if not said) or still an approval."},
	key{"envelopes", optional, envelopeEntries, "How the provider writes its events: an envelope of its own, or the " +
		"name of one in the file of another of the provider's vocabularies."},
	key{"series", needed, rowsOf(seriesKeys, maxSeries), "The provider's groups of codes."},
	key{"risk_codes", optional, rowsOf(riskCodeKeys, maxEntries), "The risk codes that come with some statuses."},
	key{"statuses", needed, listOf(statusForm, maxStatuses), "What each status means, and what a client is to do " +
		"then."},
	key{"flow", needed, flowForm, "Which status may follow which. An empty list: nothing follows any."},
	key{"billing", needed, billingKeys.form, "What is charged."},
	key{"ranges", optional, rowsOf(rangeKeys, maxEntries), "What holds for codes that are not listed one by one."},
	key{"codes", needed, longListOf(codeKeys.form), "What each code means."},
).laidOver("vocabulary")

var sourceKeys = mappingOf("a source",
	key{"name", needed, aLine, "A short name for it."},
	key{"title", optional, aText, "The page's own title."},
	key{"url", optional, spelt("^[hH][tT][tT][pP][sS]?://.+"), "The page's address, if it is public."},
	key{"read", needed, day, "The month or day on which it was read."},
	key{"dated", optional, aText, "What the page says of its own age."},
).laidOver("name")

var seriesKeys = mappingOf("a series",
	key{"name", needed, aLine, "The name that codes, ranges and decisions give."},
	key{"title", optional, aText, "As the provider's page has it."},
).laidOver("name")

var riskCodeKeys = mappingOf("a risk code",
	key{"code", needed, riskNumber, "Its number."},
	key{"label", needed, aText, "What the provider calls it."},
	key{"level", needed, symbols(riskLevelNames[:RiskLevelUnknown]), "How great the risk is."},
	originKey(optional, ""),
).laidOver("code")

// originKey is the key that says whose a rule is.
func originKey(isNeeded bool, unsaid string) key {
	return key{"origin", isNeeded, symbols(originNames), "Who says so: source, the provider's page; reading, our " +
		"reading of a page that is silent or contradicts itself; policy, Verdict; operator, you. It begins the basis " +
		"in decisions. What an overlay changes is the operator's." + unsaid}
}
