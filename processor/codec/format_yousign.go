package codec

// yousign is the notification about a video verification, verification.identity_video.done. The name of the event is
// not read: the status says all, and other notifications of the provider (on signatures, on documents) have no
// data.identity_video, so that they are rejected for want of an id.
var yousign = providerFormat{
	name: "yousign", provider: "yousign", product: "video",
	shapes: [][]string{{"data.identity_video"}},
	members: []member{
		{"event_id", fieldEventID, asText},
		{"event_time", fieldOccurredAt, asSeconds},
		{"sandbox", fieldEnvironment, asSandbox},
		{"data.identity_video.id", fieldVerificationID, asText},
		{"data.identity_video.status", fieldStatus, asText},
		{"data.identity_video.status_codes", fieldCodes, asCodes},
		{"data.identity_video.workspace_id", fieldAccount, asTextIfAny},
		// What the client pays for differs with it.
		{"data.identity_video.face_recognition", fieldProductVariant, asVariant("face_recognition")},
	},
}
