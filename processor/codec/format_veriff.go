package codec

// Veriff sends two bodies: what the person has done, and what became of the session. They have two addresses, and
// should have one topic, of format auto. attemptId is not read: it is no id of an event, as started and submitted of one
// attempt have the same. Nor are code, of which one is that of two statuses, vendorData, which is any text of the
// client's, and the time that the session was made, acceptanceTime.

// veriffDecision is also the answer to a request for the decision.
var veriffDecision = providerFormat{
	name: "veriff-decision", provider: "veriff", product: "identity_verification",
	shapes: [][]string{{"verification.id", "verification.status"}},
	members: []member{
		{"verification.id", fieldVerificationID, asText},
		{"verification.status", fieldStatus, asText},
		{"verification.reasonCode", fieldCodes, asCode},
		{"verification.decisionTime", fieldOccurredAt, asText},
		{"verification.endUserId", fieldSubjectRef, asText},
	},
}

// veriffEvent has no time.
var veriffEvent = providerFormat{
	name: "veriff-event", provider: "veriff", product: "identity_verification",
	shapes: [][]string{{"id", "attemptId", "action"}},
	members: []member{
		{"id", fieldVerificationID, asText},
		{"action", fieldStatus, asText},
		{"endUserId", fieldSubjectRef, asText},
	},
}
