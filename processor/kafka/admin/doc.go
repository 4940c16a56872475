// Package admin looks at a cluster from outside of the work: is all there that a runner needs, and if not, what to do;
// and it creates topics. It writes no record and joins no group.
//
//	needs.go        what a runner needs   check.go, check_points.go  looking at it, point by point
//	check_settings.go  settings of topics    check_copies.go  their replicas
//	check_group.go     group, transactions
//	topics.go       topics to create      changelog.go               those of the state
//	partitions.go   more partitions       forgets.go                 whether those keep what is to be remembered
//	cleanup.go      what a topic keeps
package admin
