package codec

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/sr"
)

// RegisterNew registers what c says is new, and says so in c. Errors are those of Register; what a refusal says is
// among c's breaks too. A version that the registry does not tell afterwards is 0, and warned of: the schema is
// registered.
func (r *Registry) RegisterNew(ctx context.Context, c *Comparison) error {
	schema := ownSchema(c.File)
	id, err := r.register(ctx, c.Subject, schema)
	if response, ok := errors.AsType[*sr.ResponseError](err); ok && isConflict(err) {
		c.refused(response.Message)
	}
	if err != nil {
		return registerError(err, c.Subject, c.File)
	}
	c.State, c.RegisteredNow, c.Version, c.ID, c.Unknown = Registered, true, 0, id, ""
	c.Version, err = r.registeredVersion(ctx, c.Subject, schema)
	switch {
	case isUnknown(err):
		c.warn("it is registered, but its version is not known yet: the registry does not find it, as one that " +
			"follows another may for a while")
	case err != nil:
		c.warn("it is registered, but its version cannot be seen: %v", err)
	}
	return nil
}

// registeredVersion looks up what has just been registered. Whoever answers may be behind the one that took it.
func (r *Registry) registeredVersion(ctx context.Context, subject string, schema sr.Schema) (int, error) {
	for n := 1; ; n++ {
		found, err := r.found(ctx, subject, schema)
		version, err := checkedVersion(found.Version, err)
		if err == nil || n == conflictTries {
			return version, err
		}
		if err := wait(ctx, conflictPause); err != nil {
			return 0, err
		}
	}
}
