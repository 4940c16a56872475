package rules

// The keys of codes and ranges.

// Keys that codes and ranges have in common.
var (
	rowStatuses = key{"statuses", needed, setOf(aText), "The statuses that it comes with, by their names. With " +
		"others it is misplaced, which decisions say."}
	rowEffect = key{"effect", optional, symbols(effectNames), "How it bears on the result; if not said, NEGATIVE."}
	rowBlocks = key{"blocks_approval", optional, aFlag, "Whether no approval may have it: with it, an approval is a " +
		"REVIEW."}
	rowDisclosable = key{"disclosable", optional, aFlag, "Whether the person may be told."}
	rowNoRetry     = key{"no_retry", optional, aFlag, "Whether it forbids to try again."}
	rowSignature   = key{"signature", optional, symbols(signatureNames[SignatureNone:]), "What became of the " +
		"signature: OPEN, it can still be done; FAILED, only in a new verification."}
	rowRiskCodes = key{"risk_codes", optional, setOf(riskNumber), "The risk codes that it comes with; if not said, " +
		"any."}
)

var codeKeys = mappingOf("a code",
	key{"code", needed, aNumber(maxCode), "Its number, without a prefix."},
	rowStatuses,
	key{"series", needed, aText, "The name of the series that it is of."},
	key{"category", needed, symbols(categoryNames[:CategoryUnknown]), "What kind of cause it is, the same for all " +
		"providers."},
	rowEffect, rowBlocks,
	key{"risk_bearing", optional, aFlag, "Whether it belongs in risk events."},
	rowDisclosable, rowNoRetry,
	key{"refusal", optional, aFlag, "Whether it says that the person did not want to go on."},
	key{"asks_review", optional, aFlag, "Whether it makes an approval a REVIEW, by your or Verdict's policy."},
	rowSignature, rowRiskCodes,
	key{"scope", optional, oneOf(ScopeSameVerification.String(), ScopeNewVerification.String()), "Where what it asks " +
		"for is to be done."},
	key{"actions", optional, setOf(symbols(actionNames)), "What it asks the client to do, beside the status's advice."},
	key{"fields", optional, setOf(aName(anyCaseClass)), "What the actions correct, by the provider's own names, such " +
		"as person.birthDate."},
	key{"retry", optional, retryForm, "Advice of its own, for a code that says what became of the signature: it " +
		"stands for that of the status."},
	originKey(optional, " If not said, source."),
	key{"meaning", needed, aText, "What it means, in a few words."},
	key{"action", optional, aText, "What the provider recommends."},
).laidOver("code").where(codeRules)

var rangeKeys = mappingOf("a range",
	key{"from", needed, aNumber(maxCode), "The first code."},
	key{"to", needed, aNumber(maxCode), "The last code, which is part of it."},
	rowStatuses,
	key{"series", optional, aText, "The name of the series that they are of."},
	key{"category", needed, symbols(categoryNames[:CategoryNone]), "What kind of cause they are; UNKNOWN if nobody " +
		"can say."},
	rowEffect, rowRiskCodes, rowNoRetry, rowBlocks, rowDisclosable,
	key{"signature", optional, oneOf(SignatureFailed.String()), "FAILED if they all say that there is no signature, " +
		"and only a new verification can have one."},
	originKey(needed, ""),
	key{"reason", needed, aText, "Why one can say that much of codes that are not known."},
).laidOver("from", "to").where(rangeRules)
