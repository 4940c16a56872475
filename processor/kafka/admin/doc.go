// Package admin looks at a cluster from outside of the work: is all there that a runner needs, and if not, what to do;
// and it creates and changes topics. It writes no record and joins no group.
//
//	needs.go        what a runner needs   check.go, check_points.go  looking at it, point by point
//	check_settings.go  settings of topics    check_copies.go  their replicas
//	check_group.go     group, transactions
//	topics.go       topics as needed      changelog.go        those of the state
//	look.go         topics as they are    plan.go             what is to be done, and in what order
//	plan_settings.go   settings              plan_partitions.go  partitions, replicas
//	own.go          what an operator asks for of topics
//	apply.go        doing it              create.go           creating
//	partitions.go   more partitions       forgets.go          whether those keep what is to be remembered
//	trial.go        what brokers would refuse  alter.go         changing settings
//	cleanup.go      what a topic keeps    values.go           settings' values, compared
//
// What is needed is Needs, and of topics its Specs. Compare holds these against a cluster and draws a Plan, which is
// shown and applied as it is: nothing is done that it does not say. draw is a pure function, so that its tests need no
// cluster. A plan deletes nothing and moves no key of the state: retentions only grow, deleting by age is never begun,
// raw topics and changelogs get no partitions.
package admin
