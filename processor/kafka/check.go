package kafka

import "context"

// Finding is the result of one point of Check.
type Finding struct {
	Point   string
	OK      bool
	Problem string // what is wrong; empty if OK
	Cure    string // what to do about it
}

// Check looks at everything that the runner needs of the cluster.
func Check(ctx context.Context, cfg Config) []Finding { return nil }
