package codec

// Ubble's vocabulary comes in two envelopes, which name neither source nor environment. The type is not read: it says what
// happened and may lag behind the status. Not taken are applicant_id (the provider's own number of the person) and
// user_journey_id (a configuration, not a chain of attempts). external_applicant_id is the client's own reference.

// ubbleV2 looks like a CloudEvent and is none: its specversion is 2.0 and it has no source.
var ubbleV2 = providerFormat{
	name: "ubble-v2", provider: "ubble", product: "identity_verification",
	shapes: [][]string{{"specversion", "data.identity_verification_id"}},
	members: append(ubbleData(),
		member{"id", fieldEventID, asText},
		member{"time", fieldOccurredAt, asText},
	),
}

// ubbleData is what both envelopes hold.
func ubbleData() []member {
	return []member{
		{"data.identity_verification_id", fieldVerificationID, asText},
		{"data.status", fieldStatus, asText},
		{"data.response_codes", fieldCodes, asCodesIn("code")},
		{"data.external_applicant_id", fieldSubjectRef, asText},
	}
}
