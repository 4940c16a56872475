package codec

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"verdict/processor"
	"verdict/schemas"
)

// Subjects are the names under which the registry keeps the schemas, by route. "" is not registered.
type Subjects [processor.NumRoutes]string

// SubjectsOf names the subjects of the routes that have a schema: "<topic>-value". Topics are by route; a route without
// one has no subject.
func SubjectsOf(topics [processor.NumRoutes]string) (s Subjects) {
	for _, route := range processor.EncodedRoutes() {
		if topics[route] != "" {
			s[route] = topics[route] + "-value"
		}
	}
	return s
}

// Register registers the schemas, those that are there already included, and gives the ids of the outputs'.
// ErrIncompatible says that the registry refused one because of the subject's compatibility rule,
// ErrRegistryUnavailable that it did not answer: to try again then is for the caller to decide.
func (r *Registry) Register(ctx context.Context, s Subjects) (SchemaIDs, error) {
	return r.forEach(s, func(subject, file string, schema sr.Schema) (int, error) {
		return r.registerAs(ctx, subject, file, schema)
	})
}

func (r *Registry) registerAs(ctx context.Context, subject, file string, schema sr.Schema) (int, error) {
	id, err := r.register(ctx, subject, schema)
	return checkedID(id, registerError(err, subject, file), subject)
}

// Instances that start together register the same schemas. To all but the first a registry may say that there is a
// conflict, and until the first is done, that it knows no such schema either. So a conflict counts when it is still
// there after a second.
const (
	conflictTries = 5
	conflictPause = 250 * time.Millisecond
)

func (r *Registry) register(ctx context.Context, subject string, schema sr.Schema) (int, error) {
	for n := 1; ; n++ {
		id, err := r.registerOnce(ctx, subject, schema)
		if !isConflict(err) {
			return id, err
		}
		found, failed := r.lookUp(ctx, subject, schema)
		switch {
		case failed == nil:
			return found, nil
		case errors.Is(failed, ErrRegistryUnavailable):
			return 0, fmt.Errorf("looking up the schema that it did not register because of a conflict: %w", failed)
		case n == conflictTries:
			return 0, err
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%w: %w", ErrRegistryUnavailable, context.Cause(ctx))
		case <-time.After(conflictPause):
		}
	}
}

func (r *Registry) registerOnce(ctx context.Context, subject string, schema sr.Schema) (id int, err error) {
	err = r.ask(ctx, func(c *sr.Client) (err error) {
		id, err = c.RegisterSchema(ctx, subject, schema, -1, -1)
		return err
	})
	if isUnknown(err) {
		// Registering makes what is missing: a registry that does not find its own subject is in the midst of making it
		// for another instance.
		err = fmt.Errorf("%w: it does not find what it is registering, most likely because another instance does "+
			"the same", ErrRegistryUnavailable)
	}
	return id, err
}

// LookUp gives the ids of the outputs' schemas, which must have been registered before. ErrNotRegistered says that one
// was not, ErrRegistryUnavailable that the registry did not answer.
func (r *Registry) LookUp(ctx context.Context, s Subjects) (SchemaIDs, error) {
	return r.forEach(s, func(subject, file string, schema sr.Schema) (int, error) {
		return r.lookUpAs(ctx, subject, file, schema)
	})
}

func (r *Registry) lookUpAs(ctx context.Context, subject, file string, schema sr.Schema) (int, error) {
	id, err := r.lookUp(ctx, subject, schema)
	if isUnknown(err) {
		return 0, fmt.Errorf("subject %s: %w: register schemas/%s under it, or let Verdict register its schemas",
			subject, ErrNotRegistered, file)
	}
	return checkedID(id, registerError(err, subject, file), subject)
}

// checkedID refuses ids that are none.
func checkedID(id int, err error, subject string) (int, error) {
	if err == nil && id <= 0 {
		return 0, fmt.Errorf("subject %s: the schema registry gave the id %d, which is none", subject, id)
	}
	return id, err
}

func (r *Registry) lookUp(ctx context.Context, subject string, schema sr.Schema) (int, error) {
	found, err := r.found(ctx, subject, schema)
	return found.ID, err
}

// found looks a schema up under a subject, with its version.
func (r *Registry) found(ctx context.Context, subject string, schema sr.Schema) (found sr.SubjectSchema, err error) {
	err = r.ask(ctx, func(c *sr.Client) (err error) {
		found, err = c.LookupSchema(ctx, subject, schema)
		return err
	})
	return found, err
}

func isConflict(err error) bool {
	var response *sr.ResponseError
	return errors.As(err, &response) && response.StatusCode == http.StatusConflict
}

func (r *Registry) forEach(s Subjects,
	do func(subject, file string, schema sr.Schema) (int, error)) (SchemaIDs, error) {
	var ids SchemaIDs
	for _, route := range processor.EncodedRoutes() {
		subject, file := s[route], route.Spec().Schema
		if subject == "" {
			continue
		}
		id, err := do(subject, file, sr.Schema{Schema: schemas.Text(file)})
		if err != nil {
			return SchemaIDs{}, err
		}
		ids[route] = id
	}
	return ids, nil
}

func registerError(err error, subject, file string) error {
	var response *sr.ResponseError
	switch {
	case err == nil:
		return nil
	case isConflict(err) && errors.As(err, &response):
		return fmt.Errorf("subject %s: %w: the registry refuses schemas/%s beside the versions it has: %s; "+
			"use another topic name (its version counts up with each incompatible change), or relax the subject's "+
			"compatibility rule",
			subject, ErrIncompatible, file, response.Message)
	case errors.As(err, &response):
		return fmt.Errorf("subject %s: the schema registry refuses schemas/%s (HTTP status %d, error code %d): %s",
			subject, file, response.StatusCode, response.ErrorCode, response.Message)
	default:
		return fmt.Errorf("subject %s: %w", subject, err)
	}
}
