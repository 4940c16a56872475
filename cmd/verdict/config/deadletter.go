package config

// Values of deadletter.value.
const (
	deadLetterOriginal = "original"
	DeadLetterDigest   = "digest"
)
