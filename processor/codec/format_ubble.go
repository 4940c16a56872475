package codec

// Ubble's vocabulary comes in two envelopes, which name neither source nor environment. The type is not read: it says
// what happened and may lag behind the status. Not taken are applicant_id (the provider's own number of the person) and
// user_journey_id (a configuration, not a chain of attempts). external_applicant_id is the client's own reference.

// ubbleV2 looks like a CloudEvent and is none: its specversion is 2.0 and it has no source.
var ubbleV2 = providerFormat{
	name: "ubble-v2", provider: "ubble", product: "identity_verification",
	shapes:  [][]string{{"specversion", "data.identity_verification_id"}},
	members: ubbleMembers,
}

// ubbleMembers are those of both envelopes, which differ in what they call the time. Each format reads it under both
// names: a body on a topic of the other envelope keeps its own time.
var ubbleMembers = []member{
	{"id", fieldEventID, asText},
	{"time", fieldOccurredAt, asEitherTime},
	{"created_on", fieldOccurredAt, asEitherTime},
	{"data.identity_verification_id", fieldVerificationID, asText},
	{"data.status", fieldStatus, asText},
	{"data.response_codes", fieldCodes, asCodesIn("code")},
	{"data.external_applicant_id", fieldSubjectRef, asText},
}

// asEitherTime reads a time that has two names. Two that differ are a fault: to choose one would be a guess.
func asEitherTime(j *jsonReader, f field, first byte) {
	e := j.draft.event
	other, both := e.OccurredAt, e.HasOccurredAt
	asText(j, f, first)
	if both && e.OccurredAt != other {
		j.draft.place = "time"
		j.draft.fault(f, -1, "is another moment than created_on")
	}
}
