package processor

import "time"

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

// microTime is RFC 3339 in UTC with as many fraction digits as it takes, six at most.
const microTime = "2006-01-02T15:04:05.999999Z"

// AppendTime appends microseconds since 1970 as RFC 3339, in UTC.
func AppendTime(dst []byte, micros int64) []byte {
	return time.UnixMicro(micros).UTC().AppendFormat(dst, microTime)
}
