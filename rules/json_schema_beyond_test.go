package rules_test

// beyondSchemas are the invalid fixtures that JSON Schema cannot tell from valid files.
var beyondSchemas = []string{
	// Names that another row, list or file has to have, or must not have too.
	"billing-alias", "billing-date-of-no-day", "billing-name-reserved", "billing-name-twice", "billing-unknown-risk-code",
	"billing-unknown-status", "by-risk-code-unlisted", "code-expected-unknown-series", "code-twice",
	"code-unknown-risk-code", "code-unknown-series", "code-unknown-status", "duplicate-product",
	"duplicate-vocabulary", "envelope-member-field-twice", "envelope-member-missing", "envelope-member-path-inside",
	"envelope-member-path-twice", "envelope-name-reserved", "envelope-name-taken", "envelope-name-twice",
	"envelope-reference-other-provider", "envelope-reference-own", "envelope-reference-twice",
	"envelope-reference-unknown", "envelope-shape-path-twice", "flow-step-alias", "flow-step-from-unknown",
	"flow-step-to-unknown", "flow-step-twice", "no-catalog-file", "no-vocabulary", "range-unknown-series",
	"range-unknown-status", "risk-code-twice", "risk-code-unmapped", "series-twice", "source-twice",
	"source-url-twice", "status-alias-taken", "status-hash-elsewhere", "status-hash", "status-twice",
	"cases/at-of-no-day", "cases/name-twice",
	// Numbers, dates and durations that must be in some order, and limits of the whole.
	"billing-attempt-reversed", "billing-dates-reversed", "code-fields-too-many", "envelope-path-too-long",
	"overdue-at-once", "range-overlap",
	"range-reversed", "retry-expires-at-once", "retry-expires-late", "retry-expires-never", "source-read",
	// What rows mean together.
	"billing-inconclusive-by-risk", "billing-inconclusive-dated", "billing-inconclusive-otherwise",
	"billing-inconclusive", "billing-shadowed-dates", "billing-shadowed-variant", "billing-shadowed",
	"billing-unreachable", "code-expected-elsewhere", "code-expected-good-news", "code-fields-without-actions",
	"code-no-retry-pending", "code-own-advice", "code-range-does-not-block", "code-risk-code-in-plain-vocabulary",
	"code-risk-code-without-by-risk", "code-signature-failed-same", "code-signature-open-new",
	"final-new-case-without-retry", "flow-empty", "flow-final-always", "flow-final-goes-on-by-risk",
	"flow-final-goes-on", "flow-final-never", "flow-reopens-unended", "flow-signature-of-another-status",
	"flow-signature-without-code", "flow-status-unmentioned", "inconclusive-made-an-alias",
	"inconclusive-made-declined", "overdue-final", "range-risk-code-without-by-risk",
	"retry-conditional-nothing-to-do", "retry-conditional-other-actions", "retry-conditional-other-scope",
	"retry-conditional-other-time", "retry-conditional-without-end",
	// What the examples of envelopes show.
	"envelope-ambiguous", "envelope-example-canonical", "envelope-example-no-object", "envelope-example-of-another",
	"envelope-example-of-none", "envelope-full", "envelope-shape-canonical", "envelope-shape-without-example",
	// What an overlay changes, which is in another file.
	"overlay-advice-for-all", "overlay-changes-nothing", "overlay-contradicts-the-base", "overlay-envelope",
	"overlay-envelope-example", "overlay-envelope-full", "overlay-final-without-reopens",
	"overlay-inconclusive-billable", "overlay-inconclusive", "overlay-new-rules-in-two-files",
	"overlay-origin-overdue", "overlay-origin", "overlay-product", "overlay-row-twice", "overlay-rules-in-two-files",
	"overlay-cannot-remove", "overlay-reopens-nothing", "overlay-review-without-origin",
	"overlay-spoils-the-base", "overlay-status-without-flow", "overlay-vocabulary-incomplete",
	"overlay-vocabulary-of-the-same-product", "overlay-vocabulary-unknown",
	// What is lost before a schema sees the file: letters, anchors, the file's name, what a case's event says.
	"code-octal", "overlay-without-files", "overlay-yml", "tab", "text-control-character", "yml", "cases/anchor",
	"catalog-misnamed", "cases/files-unread", "files-unread",
	"cases/event-number", "cases/event-with-format", "cases/expect-field-empty", "cases/file-yml", "cases/key-empty",
}
