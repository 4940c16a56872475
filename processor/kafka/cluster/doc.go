// Package cluster asks a Kafka cluster: connections, who leads and who coordinates what, brokers that keep silent, and
// what to do about which error. It knows no record, no batch and no state of work.
//
//	connection.go   where the brokers are, TLS, SASL  client.go        requests, metadata
//	coordinators.go who coordinates what              epoch.go         producer ids and fences
//	offsets.go      what offsets a partition has      advice.go        what to look at when nobody answers
//	errors.go       error classes and cures           backoff.go       pauses
//	retry.go        trying again, and saying so       topics.go        grouping by topic, as requests have it
//	group.go        members and offsets of a group    within.go        the same for tools
//	silence.go      brokers that do not answer        control_conn.go, group_conn.go  connections that pass them over
package cluster
