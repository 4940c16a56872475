package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Within is Again for a tool: its error says what to do. what says in a few words what was asked for.
func (c Connection) Within(ctx context.Context, limit time.Duration, what string,
	request func(context.Context) error) error {
	err := Again(ctx, limit, request)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("no answer within %s", limit)
	}
	if Cure(err) == "" {
		return fmt.Errorf("%s (brokers %s): %w: see that the brokers are up and can be reached from here", what,
			strings.Join(c.Brokers, ","), err)
	}
	return fmt.Errorf("%s: %w", what, Explain(err))
}
