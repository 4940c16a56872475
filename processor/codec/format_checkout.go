package codec

// checkout is Ubble's vocabulary in the envelope of Checkout.com. The same event may come in both, under another
// event_id: two decisions, one charge.
var checkout = providerFormat{
	name: "checkout", provider: "ubble", product: "identity_verification",
	shapes: [][]string{
		{"created_on", "data.identity_verification_id"},
		{"version", "data.identity_verification_id"},
	},
	members: ubbleMembers,
}
