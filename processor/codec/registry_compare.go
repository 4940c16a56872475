package codec

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/sr"

	"verdict/processor"
	"verdict/schemas"
)

// SchemaState is what the registry has of one of our schemas.
type SchemaState string

// States of a schema.
const (
	Registered SchemaState = "registered"  // this very schema is a version of its subject
	NewSubject SchemaState = "new subject" // the subject has no version yet
	NewVersion SchemaState = "new version" // the subject has others, not this one
)

// Comparison is one of our schemas beside what the registry has under its subject.
type Comparison struct {
	Subject string
	File    string // in schemas/
	State   SchemaState
	// Version and ID are ours if it is registered, else those of the latest version; 0 if there is none.
	Version, ID int
	// Newer are versions that came after ours: the program is older than the registry.
	Newer []int
	// Rule is the subject's compatibility level, such as FULL_TRANSITIVE; "" if the registry does not say.
	Rule string
	// Differences are what ours has otherwise than the latest version.
	Differences []string
	// Breaks say who could not read what any more, of a new version; none: it may be registered.
	Breaks []string
	// Warnings break nobody for certain.
	Warnings []string
	// Unknown says why the registry's own answer could not be had; "" if it could, or was not needed.
	Unknown string
}

// Compare looks at what the registry has of the schemas, in the order of their routes, and registers nothing. A new
// version is held against every version before it, in both directions, and against the registry's own rule. Errors are
// ErrRegistryUnavailable, or say that the registry refuses the question.
func (r *Registry) Compare(ctx context.Context, s Subjects) ([]Comparison, error) {
	var all []Comparison
	for _, route := range processor.EncodedRoutes() {
		if s[route] == "" {
			continue
		}
		c := Comparison{Subject: s[route], File: route.Spec().Schema}
		if err := r.compare(ctx, &c); err != nil {
			return nil, registerError(err, c.Subject, c.File)
		}
		all = append(all, c)
	}
	return all, nil
}

func (r *Registry) compare(ctx context.Context, c *Comparison) error {
	versions, err := r.versions(ctx, c.Subject)
	if err != nil {
		return err
	}
	rule, unread := r.rule(ctx, c.Subject)
	if c.Rule = rule; unread != nil {
		c.warn("its compatibility rule cannot be read: %v", unread)
	}
	found, err := r.found(ctx, c.Subject, ownSchema(c.File))
	if err == nil {
		_, err = checkedID(found.ID, nil, c.Subject)
	}
	switch {
	case err == nil:
		c.State, c.Version, c.ID = Registered, found.Version, found.ID
		for _, v := range versions.live {
			if v > found.Version {
				c.Newer = append(c.Newer, v)
			}
		}
		return nil
	case !isUnknown(err):
		return err
	case len(versions.all) == 0:
		c.State = NewSubject
		return nil
	}
	c.State = NewVersion
	if len(versions.live) == 0 {
		c.State = NewSubject
	}
	return r.compareNew(ctx, c, versions)
}

// compareNew holds a schema that is not registered against each version that is, the latest first.
func (r *Registry) compareNew(ctx context.Context, c *Comparison, versions subjectVersions) error {
	own, err := parseSchema(schemas.Text(c.File), &avro.SchemaCache{})
	if err != nil {
		return fmt.Errorf("schemas/%s: %w", c.File, err)
	}
	for _, version := range slices.Backward(versions.all) {
		deleted := !slices.Contains(versions.live, version)
		id, other, err := r.version(ctx, c.Subject, version, deleted)
		if errors.Is(err, ErrRegistryUnavailable) {
			return err
		}
		if !deleted && c.Version == 0 {
			c.Version, c.ID = version, id
			if err == nil {
				c.Differences = differences(other, own)
			}
		}
		c.against(own, other, version, deleted, err)
	}
	if c.State == NewVersion {
		r.askRule(ctx, c)
	}
	return nil
}

// against adds what the new schema breaks for those who have this version, or for what was written with it. Who deleted
// a version knows of no subscriber with it; what was written with it may still be in the topic.
func (c *Comparison) against(own, other avro.Schema, version int, deleted bool, unread error) {
	tell, which := c.breaks, fmt.Sprintf("version %d", version)
	if deleted {
		tell, which = c.warn, which+" (deleted in the registry)"
	}
	if unread != nil {
		tell("%s cannot be compared: %s", which, reasonText(unread))
		return
	}
	for _, problem := range unreadable(other, own) {
		tell("a subscriber with %s cannot read what is written: %s", which, problem)
	}
	for _, problem := range unreadable(own, other) {
		tell("a subscriber who takes the new schema cannot read what was written with %s: %s", which, problem)
	}
}

func (c *Comparison) breaks(format string, args ...any) {
	c.Breaks = append(c.Breaks, fmt.Sprintf(format, args...))
}

func (c *Comparison) warn(format string, args ...any) {
	c.Warnings = append(c.Warnings, fmt.Sprintf(format, args...))
}

// reasonText is what a rejection says, without its code: no record is rejected here.
func reasonText(err error) string {
	if rejection, ok := errors.AsType[*processor.Rejection](err); ok {
		return rejection.Detail
	}
	return err.Error()
}

// RegisterNew registers what c says is new, and says so in c. Errors are those of Register.
func (r *Registry) RegisterNew(ctx context.Context, c *Comparison) error {
	schema := ownSchema(c.File)
	if _, err := r.registerAs(ctx, c.Subject, c.File, schema); err != nil {
		return err
	}
	found, err := r.found(ctx, c.Subject, schema)
	if err != nil {
		return fmt.Errorf("looking up the schema that was registered: %w", registerError(err, c.Subject, c.File))
	}
	c.State, c.Version, c.ID = Registered, found.Version, found.ID
	return nil
}

func ownSchema(file string) sr.Schema { return sr.Schema{Schema: schemas.Text(file)} }
