package codec

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/hamba/avro/v2"

	"verdict/processor"
	"verdict/rules/wording"
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
	// RegisteredNow is true once RegisterNew has registered it.
	RegisteredNow bool
	// Version and ID are ours if it is registered, else those of the latest version; 0 if there is none, or if the
	// registry has not told the version.
	Version, ID int
	// Newer are versions that came after ours: the program is older than the registry.
	Newer []int
	// Deleted are versions deleted softly. They are not asked for if ours is registered.
	Deleted []int
	// Rule is the compatibility level that holds for the subject, such as FULL_TRANSITIVE; "" if the registry does not
	// say.
	Rule string
	// RuleForAll says that Rule is the registry's for all subjects: it has none for this one, or says NONE of it.
	RuleForAll bool
	// Differences are what ours has otherwise than the latest version.
	Differences []string
	// Breaks say who could not read what any more, of a new version; none: it may be registered.
	Breaks []string
	// Warnings break nobody for certain, or nobody any more than is broken already.
	Warnings []string
	// Unknown says why the registry's own answer could not be had; "" if it could, or was not needed.
	Unknown string
}

// Compare looks at what the registry has of the schemas, in the order of their routes, and registers nothing. A new
// version is held against every version before it, in both directions, and against the registry's own rule. One that is
// registered is held against all others; what they break is a warning, for it is so already. Errors are
// ErrRegistryUnavailable, or say that the registry refuses the question; what was compared before one is given with it.
func (r *Registry) Compare(ctx context.Context, s Subjects) (all []Comparison, err error) {
	err = s.each(func(_ processor.Route, subject, file string) error {
		c := Comparison{Subject: subject, File: file}
		if err := r.compare(ctx, &c); err != nil {
			return registerError(err, subject, file)
		}
		all = append(all, c)
		return nil
	})
	return all, err
}

func (r *Registry) compare(ctx context.Context, c *Comparison) error {
	found, err := r.found(ctx, c.Subject, ownSchema(c.File))
	version, err := checkedVersion(found.Version, err)
	switch {
	case err == nil:
		c.State, c.Version, c.ID = Registered, version, found.ID
	case !isUnknown(err):
		return err
	}
	versions, err := r.versions(ctx, c)
	if err != nil {
		return err
	}
	switch {
	case c.State == Registered:
		for _, v := range versions.live {
			if v > c.Version {
				c.Newer = append(c.Newer, v)
			}
		}
	case len(versions.live) > 0:
		c.State = NewVersion
	default:
		c.State = NewSubject
	}
	r.readRule(ctx, c)
	if err := r.compareVersions(ctx, c, versions); err != nil {
		return err
	}
	if c.State == NewVersion {
		r.askRule(ctx, c)
	}
	return nil
}

// compareVersions holds our schema against each version of the registry's but itself, the latest first.
func (r *Registry) compareVersions(ctx context.Context, c *Comparison, versions subjectVersions) error {
	own, err := parseSchema(schemas.Text(c.File), &avro.SchemaCache{})
	if err != nil {
		return fmt.Errorf("schemas/%s: %w", c.File, err)
	}
	var found findings
	for _, version := range slices.Backward(versions.all) {
		if c.State == Registered && version == c.Version {
			continue
		}
		deleted := !slices.Contains(versions.live, version)
		id, other, err := r.version(ctx, c.Subject, version, deleted)
		if errors.Is(err, ErrRegistryUnavailable) {
			return fmt.Errorf("version %d: %w", version, err)
		}
		if !deleted && c.Version == 0 {
			c.Version, c.ID = version, id
			if err == nil {
				c.Differences = differences(other, own)
			}
		}
		found.of(c.State, own, other, held{version, deleted}, err)
	}
	found.tell(c)
	return nil
}

func (c *Comparison) breaks(format string, args ...any) {
	c.Breaks = append(c.Breaks, wording.Printable(fmt.Sprintf(format, args...)))
}

func (c *Comparison) warn(format string, args ...any) {
	c.Warnings = append(c.Warnings, wording.Printable(fmt.Sprintf(format, args...)))
}
