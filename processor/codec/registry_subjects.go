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

// Count is how many there are.
func (s *Subjects) Count() (n int) {
	_ = s.each(func(processor.Route, string, string) error {
		n++
		return nil
	})
	return n
}

// Register registers the schemas, those that are there already included, and gives the ids of the outputs'.
// ErrIncompatible says that the registry refused one because of the subject's compatibility rule,
// ErrRegistryUnavailable that it did not answer: to try again then is for the caller to decide.
func (r *Registry) Register(ctx context.Context, s Subjects) (SchemaIDs, error) {
	return s.ids(func(subject, file string) (int, error) {
		return r.registerAs(ctx, subject, file, ownSchema(file))
	})
}

func (r *Registry) registerAs(ctx context.Context, subject, file string, schema sr.Schema) (int, error) {
	id, err := r.register(ctx, subject, schema)
	return id, registerError(err, subject, file)
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
		id, status, err := r.registerOnce(ctx, subject, schema)
		switch {
		case isConflict(err):
			found, failed := r.found(ctx, subject, schema)
			switch {
			case failed == nil:
				return found.ID, nil
			case errors.Is(failed, ErrRegistryUnavailable):
				return 0, fmt.Errorf("looking up the schema that it did not register because of a conflict: %w", failed)
			case n == conflictTries:
				return 0, err
			}
		case status == http.StatusInternalServerError && n == 1:
			// A registry that has just started may fail where several register at once.
		default:
			return checkedID(id, err)
		}
		if err := wait(ctx, conflictPause); err != nil {
			return 0, err
		}
	}
}

func wait(ctx context.Context, pause time.Duration) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrRegistryUnavailable, context.Cause(ctx))
	case <-time.After(pause):
		return nil
	}
}

// registerOnce gives the HTTP status of an error too, or 0.
func (r *Registry) registerOnce(ctx context.Context, subject string, schema sr.Schema) (id, status int, err error) {
	err = r.ask(ctx, func(c *sr.Client) (err error) {
		id, err = c.RegisterSchema(ctx, subject, schema, -1, -1)
		status = statusOf(err)
		return err
	})
	if isUnknown(err) {
		// Registering makes what is missing: a registry that does not find its own subject is in the midst of making it
		// for another instance.
		err = fmt.Errorf("%w: it does not find what it is registering, most likely because another instance does "+
			"the same", ErrRegistryUnavailable)
	}
	return id, status, err
}

// statusOf is the HTTP status of an answer that is an error, or 0.
func statusOf(err error) int {
	if response, ok := errors.AsType[*sr.ResponseError](err); ok {
		return response.StatusCode
	}
	return 0
}

// LookUp gives the ids of the outputs' schemas, which must have been registered before. ErrNotRegistered says that one
// was not, ErrRegistryUnavailable that the registry did not answer.
func (r *Registry) LookUp(ctx context.Context, s Subjects) (SchemaIDs, error) {
	return s.ids(func(subject, file string) (int, error) {
		return r.lookUpAs(ctx, subject, file, ownSchema(file))
	})
}

func (r *Registry) lookUpAs(ctx context.Context, subject, file string, schema sr.Schema) (int, error) {
	found, err := r.found(ctx, subject, schema)
	if isUnknown(err) {
		return 0, fmt.Errorf("subject %s: %w: register schemas/%s under it, or let Verdict register its schemas",
			subject, ErrNotRegistered, file)
	}
	return found.ID, registerError(err, subject, file)
}

// checkedID refuses ids that are none.
func checkedID(id int, err error) (int, error) {
	if err == nil && id <= 0 {
		return 0, fmt.Errorf("the schema registry gave the id %d, which is none", id)
	}
	return id, err
}

// checkedVersion refuses versions that are none. Who writes records needs none.
func checkedVersion(version int, err error) (int, error) {
	if err == nil && version <= 0 {
		return 0, fmt.Errorf("the schema registry gave the version %d, which is none", version)
	}
	return version, err
}

// found looks a schema up under a subject. Its id is one; its version is for checkedVersion to say.
func (r *Registry) found(ctx context.Context, subject string, schema sr.Schema) (found sr.SubjectSchema, err error) {
	err = r.ask(ctx, func(c *sr.Client) (err error) {
		found, err = c.LookupSchema(ctx, subject, schema)
		return err
	})
	_, err = checkedID(found.ID, err)
	return found, err
}

func isConflict(err error) bool { return statusOf(err) == http.StatusConflict }

// each goes through the subjects in the order of their routes, up to an error.
func (s *Subjects) each(do func(route processor.Route, subject, file string) error) error {
	for _, route := range processor.EncodedRoutes() {
		if s[route] == "" {
			continue
		}
		if err := do(route, s[route], route.Spec().Schema); err != nil {
			return err
		}
	}
	return nil
}

func (s *Subjects) ids(of func(subject, file string) (int, error)) (ids SchemaIDs, err error) {
	err = s.each(func(route processor.Route, subject, file string) (err error) {
		ids[route], err = of(subject, file)
		return err
	})
	if err != nil {
		return SchemaIDs{}, err
	}
	return ids, nil
}

func ownSchema(file string) sr.Schema { return sr.Schema{Schema: schemas.Text(file)} }

func registerError(err error, subject, file string) error {
	var response *sr.ResponseError
	switch {
	case err == nil:
		return nil
	case isConflict(err) && errors.As(err, &response):
		return fmt.Errorf("subject %s: %w: the registry refuses schemas/%s beside the versions it has%s; "+
			"use another topic name (its version counts up with each incompatible change), or relax the subject's "+
			"compatibility rule",
			subject, ErrIncompatible, file, said(response.Message))
	case errors.As(err, &response):
		return fmt.Errorf("subject %s: the schema registry refuses schemas/%s (HTTP status %d, error code %d)%s",
			subject, file, response.StatusCode, response.ErrorCode, said(response.Message))
	default:
		return fmt.Errorf("subject %s: %w", subject, err)
	}
}
