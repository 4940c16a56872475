package processor

// Route is a kind of output.
type Route uint8

// Routes. A decision may take several.
const (
	RouteUnspecified Route = iota
	RouteDecision
	RouteBilling
	RouteRisk
	RouteDeadLetter
)

// NumRoutes bounds arrays that are indexed by Route.
const NumRoutes = int(RouteDeadLetter) + 1

func (r Route) String() string {
	return [...]string{"unspecified", "decision", "billing", "risk", "deadletter"}[min(r, RouteDeadLetter)]
}

// Routes lists every value but the unspecified one.
func Routes() []Route { return []Route{RouteDecision, RouteBilling, RouteRisk, RouteDeadLetter} }

// Output is one record to publish.
type Output struct {
	Route Route
	Key   []byte // nil is a null key
	// PartitionKey is hashed (Java's murmur2) for the partition; nil: a null key, keep to the source's partition number modulo
	// the topic's.
	PartitionKey []byte
	Value        []byte
	Headers      []Header
}
