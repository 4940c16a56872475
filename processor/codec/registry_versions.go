package codec

import (
	"context"
	"fmt"
	"slices"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/sr"
)

// subjectVersions are the numbers of a subject's versions, ascending. Those that were deleted are in all alone, if the
// registry keeps them.
type subjectVersions struct{ all, live []int }

// versions asks for them; a subject that the registry does not know has none. Only of a schema that is not registered
// does it ask for those deleted. Who may not see them, or whose registry cannot say it, is warned.
func (r *Registry) versions(ctx context.Context, c *Comparison) (v subjectVersions, err error) {
	if v.live, err = r.versionNumbers(ctx, c.Subject); err != nil {
		return v, err
	}
	v.all = slices.Clone(v.live)
	if c.State != Registered {
		everything, err := r.versionNumbers(sr.WithParams(ctx, sr.ShowDeleted), c.Subject)
		if err != nil {
			c.warn("whether it has deleted versions cannot be seen: %v", err)
		}
		for _, version := range everything {
			if !slices.Contains(v.live, version) {
				v.all, c.Deleted = append(v.all, version), append(c.Deleted, version)
			}
		}
	}
	slices.Sort(v.all)
	return v, nil
}

func (r *Registry) versionNumbers(ctx context.Context, subject string) (numbers []int, err error) {
	err = r.ask(ctx, func(c *sr.Client) (err error) {
		numbers, err = c.SubjectVersions(ctx, subject)
		return err
	})
	if isUnknown(err) {
		return nil, nil
	}
	return numbers, err
}

// version asks for one version of a subject and for all that it refers to. A *processor.Rejection says that it is no
// schema of Avro's, or that something of it is gone.
func (r *Registry) version(ctx context.Context, subject string, version int, deleted bool) (int, avro.Schema, error) {
	if deleted {
		ctx = sr.WithParams(ctx, sr.ShowDeleted)
	}
	var found sr.SubjectSchema
	err := r.ask(ctx, func(c *sr.Client) (err error) {
		found, err = c.SchemaByVersion(ctx, subject, version)
		return checkText(found.Schema, err)
	})
	if isUnknown(err) {
		return 0, nil, fmt.Errorf("the registry names it and does not give it")
	}
	if err != nil {
		return 0, nil, err
	}
	schema, err := r.parseAll(ctx, found.ID, found.Schema)
	return found.ID, schema, err
}
