package processor

import "time"

// Route is a kind of output: one topic, and what its records are.
type Route uint8

// Routes. A decision may take several. What is known of each is its row in the table below.
const (
	RouteUnspecified Route = iota
	RouteDecision
	RouteVerification
	RouteBilling
	RouteRisk
	RouteOverdue
	RouteDeadLetter
)

// NumRoutes bounds arrays that are indexed by Route.
const NumRoutes = int(RouteDeadLetter) + 1

// RouteSpec is all that is known of a route beforehand. Configuration, topics, registry subjects, headers and metrics
// are made from it. A new route is a constant, a row, a schema in schemas/, what it writes in codec's encoders, and a
// line in Processor.route that says which decisions take it. RouteOverdue is no decision's: see Processor.Overdue.
type RouteSpec struct {
	Name    string // in metric labels and errors
	Noun    string // for a person: one of its records
	Purpose string // for a person: what the topic holds
	Topic   string // the default
	Setting string // where the topic is set, below "topics." in the configuration

	Optional   bool // an empty topic name switches it off
	NeedsState bool // without state nothing is published on it

	// Type is the ce_type header, and Letter the route's part of ce_id. A route without them has no CloudEvents
	// headers.
	Type   string
	Letter byte
	// Schema is the file in schemas/ that the values follow; "" where the values are not ours to write.
	Schema string
	Key    string // for a person: what the records are keyed by

	// How `verdict topics --create` makes the topic.
	Partitions int
	Cleanup    Cleanup
	// LossIfCompacted says what a compacted topic would lose; "" where it may be compacted.
	LossIfCompacted string
	// LatestCountsWithState takes that back where there is state: the latest record of a key then says all.
	LatestCountsWithState bool
}

// Cleanup says which records of a topic may go, and when.
type Cleanup struct {
	Compact bool          // those of which a later one has the same key, at any time
	After   time.Duration // those that are so old
}

const day = 24 * time.Hour

var routes = [NumRoutes]RouteSpec{
	RouteUnspecified: {Name: "unspecified"},
	RouteDecision: {
		Name: "decision", Noun: "decision", Purpose: "decisions", Topic: "idv.decisions.v1", Setting: "decisions",
		Type: "idv.decision.v1", Letter: 'd', Schema: "decision.avsc", Key: "verification_id",
		Partitions: 8, Cleanup: Cleanup{After: 30 * day},
		LossIfCompacted: "only the latest record of each verification stays",
	},
	RouteVerification: {
		Name: "verification", Noun: "current word", Purpose: "verifications: the current word about each",
		Topic: "idv.verifications.v1", Setting: "verifications", Optional: true, NeedsState: true,
		Type: "idv.verification.v1", Letter: 'v', Schema: "decision.avsc", Key: "provider/product/verification_id",
		// Its records refer to persons: what nothing has been said about for a year goes.
		Partitions: 8, Cleanup: Cleanup{Compact: true, After: 365 * day},
	},
	RouteBilling: {
		Name: "billing", Noun: "billing event", Purpose: "billing events", Topic: "idv.billing.v1", Setting: "billing",
		Optional: true,
		Type:     "idv.billing.v1", Letter: 'b', Schema: "billing.avsc", Key: "charge_id",
		// Kept for longer than a month, so that a month's charges can still be read when its invoice comes.
		Partitions: 8, Cleanup: Cleanup{After: 35 * day},
		LossIfCompacted:       "of a charge the record of the latest event counts, which need not be the last written",
		LatestCountsWithState: true,
	},
	RouteRisk: {
		Name: "risk", Noun: "risk event", Purpose: "risk events", Topic: "idv.risk.v1", Setting: "risk", Optional: true,
		Type: "idv.risk.v1", Letter: 'r', Schema: "risk.avsc", Key: "verification_id",
		Partitions: 8, Cleanup: Cleanup{After: 30 * day},
		LossIfCompacted: "only the latest record of each verification stays",
	},
	RouteOverdue: {
		Name: "overdue", Noun: "overdue notice", Purpose: "overdue notices: no news came in time",
		Topic: "idv.overdue.v1", Setting: "overdue", Optional: true, NeedsState: true,
		Type: "idv.overdue.v1", Letter: 'o', Schema: "overdue.avsc", Key: "verification_id",
		Partitions: 8, Cleanup: Cleanup{After: 30 * day},
		LossIfCompacted: "only the latest notice of each verification stays",
	},
	RouteDeadLetter: {
		Name: "deadletter", Noun: "dead letter", Purpose: "dead letters: original bytes, restrict who may read them",
		Topic: "idv.deadletter.v1", Setting: "deadletter", Key: "the original's",
		Partitions: 1, Cleanup: Cleanup{After: 7 * day},
		LossIfCompacted: "dead letters without a key are refused, others of one key replace each other",
	},
}

// Spec is the route's row in the table; that of the unspecified route for a number that is none.
func (r Route) Spec() RouteSpec { return *r.row() }

func (r Route) String() string { return r.row().Name }

func (r Route) row() *RouteSpec {
	if int(r) < NumRoutes {
		return &routes[r]
	}
	return &routes[RouteUnspecified]
}

// Routes lists every value but the unspecified one, in the order in which topics are listed.
func Routes() []Route { return routesWhere(func(*RouteSpec) bool { return true }) }

// EncodedRoutes lists the routes whose values an Encoder writes: all but the dead letters', which are the original
// bytes.
func EncodedRoutes() []Route {
	return routesWhere(func(spec *RouteSpec) bool { return spec.Schema != "" })
}

func routesWhere(fits func(*RouteSpec) bool) []Route {
	var all []Route
	for r := RouteUnspecified + 1; int(r) < NumRoutes; r++ {
		if fits(&routes[r]) {
			all = append(all, r)
		}
	}
	return all
}

// Output is one record to publish.
type Output struct {
	Route Route
	Key   []byte // nil is a null key
	// PartitionKey is hashed (Java's murmur2) for the partition; nil: a null key, keep to the source's partition number
	// modulo the topic's.
	PartitionKey []byte
	Value        []byte
	Headers      []Header
}
