package codec

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/sr"
)

// subjectVersions are the numbers of a subject's versions, ascending. Those that were deleted are in all alone, if the
// registry keeps them.
type subjectVersions struct{ all, live []int }

// versions asks for them; a subject that the registry does not know has none.
func (r *Registry) versions(ctx context.Context, subject string) (v subjectVersions, err error) {
	if v.live, err = r.versionNumbers(ctx, subject); err != nil {
		return v, err
	}
	v.all, err = r.versionNumbers(sr.WithParams(ctx, sr.ShowDeleted), subject)
	for _, version := range v.live {
		if !slices.Contains(v.all, version) {
			v.all = append(v.all, version)
		}
	}
	slices.Sort(v.all)
	return v, err
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
	p := schemaParser{registry: r, id: found.ID, cache: &avro.SchemaCache{}, seen: map[subjectVersion]bool{}}
	schema, err := p.parse(ctx, found.Schema)
	return found.ID, schema, err
}

// rule asks for the level by which the registry itself compares a subject's versions: the subject's own, or else the
// one for all. "" is a level that the client does not know.
func (r *Registry) rule(ctx context.Context, subject string) (string, error) {
	ctx = sr.WithParams(ctx, sr.DefaultToGlobal)
	var level sr.CompatibilityLevel
	ask := func(of string) error {
		return r.ask(ctx, func(c *sr.Client) error {
			result := c.Compatibility(ctx, of)[0]
			level = result.Level
			return result.Err
		})
	}
	err := ask(subject)
	if isUnknown(err) { // not every registry knows the parameter
		err = ask(sr.GlobalSubject)
	}
	if err != nil {
		return "", err
	}
	return level.String(), nil
}

// askRule asks the registry whether it would take a new version.
func (r *Registry) askRule(ctx context.Context, c *Comparison) {
	const byLevel = -2 // all versions, if the level is one of the transitive
	ctx = sr.WithParams(ctx, sr.Verbose)
	var result sr.CheckCompatibilityResult
	err := r.ask(ctx, func(client *sr.Client) (err error) {
		result, err = client.CheckCompatibility(ctx, c.Subject, byLevel, ownSchema(c.File))
		return err
	})
	var refused *sr.ResponseError
	switch {
	case err == nil && !result.Is:
		c.breaks("the registry refuses it by its rule %s%s", c.Rule, said(strings.Join(result.Messages, "; ")))
	case errors.As(err, &refused):
		c.Unknown = fmt.Sprintf("the registry does not compare (HTTP status %d, error code %d)%s", refused.StatusCode,
			refused.ErrorCode, said(refused.Message))
	case err != nil:
		c.Unknown = err.Error()
	}
}

// said is what somebody else says, bounded and on one line.
func said(text string) string {
	const most = 500
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return ""
	}
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "..."
	}
	return ": " + text
}
