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

// AppendTime appends microseconds since 1970 as RFC 3339, in UTC, with as many fraction digits as it takes: six at most.
func AppendTime(dst []byte, micros int64) []byte {
	t := time.UnixMicro(micros).UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(dst, time.RFC3339Nano) // not a time that an event or a record can have
	}
	hour, minute, second := t.Clock()
	text := [...]byte{
		digit(year / 1000), digit(year / 100), digit(year / 10), digit(year), '-', digit(int(month) / 10), digit(int(month)), '-',
		digit(day / 10), digit(day), 'T', digit(hour / 10), digit(hour), ':', digit(minute / 10), digit(minute), ':',
		digit(second / 10), digit(second),
	}
	return append(appendFraction(append(dst, text[:]...), t.Nanosecond()/1000), 'Z')
}

func digit(n int) byte { return byte('0' + n%10) }

// appendFraction appends a point and the digits of a fraction of a second without the zeros at their end; nothing for 0.
func appendFraction(dst []byte, micros int) []byte {
	if micros == 0 {
		return dst
	}
	text := [...]byte{
		'.', digit(micros / 100_000), digit(micros / 10_000), digit(micros / 1000), digit(micros / 100), digit(micros / 10), digit(micros),
	}
	end := len(text)
	for text[end-1] == '0' {
		end--
	}
	return append(dst, text[:end]...)
}
