package codec

// fourthline is a notification that carries less than the case: no event id, no time, and not the product. Its names
// are assumed, see docs/formats.md. Not taken are workflowId and clientId, of which nothing says whose they are.
var fourthline = providerFormat{
	name: "fourthline", provider: "fourthline",
	shapes: [][]string{{"verificationId", "status"}, {"verificationId", "verificationStatus"}},
	members: []member{
		{"verificationId", fieldVerificationID, asText},
		{"verificationStatus", fieldStatus, asEitherStatus},
		{"status", fieldStatus, asEitherStatus},
		{"statusCodes", fieldCodes, asCodes},
		{"statusCode", fieldCodes, asCode},
		{"riskCode", fieldRiskCode, asInteger},
	},
}

// asEitherStatus reads a status that has two names. Two that differ are a fault: to choose one would be a guess.
func asEitherStatus(j *jsonReader, f field, first byte) {
	other := j.draft.event.Status
	asText(j, f, first)
	switch status := j.draft.event.Status; {
	case status == "":
		j.draft.event.Status = other
	case other != "" && status != other:
		j.draft.fault(f, -1, "differs from the status under its other name")
	}
}
