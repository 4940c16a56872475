package codec

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/twmb/franz-go/pkg/sr"

	"verdict/rules/wording"
)

// readRule asks for the level by which the registry itself compares a subject's versions: the subject's own, or else
// the one for all. Of a subject without one most registries say that they do not find it; Apicurio says NONE, and holds
// to the rule for all. NONE that somebody has set on a subject of Confluent's looks the same.
func (r *Registry) readRule(ctx context.Context, c *Comparison) {
	level, err := r.level(ctx, c.Subject)
	switch {
	case err == nil && level != sr.CompatNone:
		c.Rule = level.String()
		return
	case err != nil && !isUnknown(err):
		c.warn("its compatibility rule cannot be read: %v", err)
		return
	}
	forAll, failed := r.level(ctx, sr.GlobalSubject)
	switch {
	case failed != nil && err == nil:
		c.Rule = level.String()
		c.warn("it says NONE, and the rule for all cannot be read: %v", failed)
	case failed != nil:
		c.warn("its compatibility rule cannot be read: %v", failed)
	default:
		c.Rule, c.RuleForAll = forAll.String(), err != nil || forAll != level
	}
}

func (r *Registry) level(ctx context.Context, subject string) (level sr.CompatibilityLevel, err error) {
	err = r.ask(ctx, func(c *sr.Client) error {
		result := c.Compatibility(ctx, subject)[0]
		level = result.Level
		return result.Err
	})
	return level, err
}

// askRule asks the registry whether it would take a new version.
func (r *Registry) askRule(ctx context.Context, c *Comparison) {
	const (
		byLevel = -2 // all versions, if the level is one of the transitive
		latest  = -1 // this one alone: Karapace and Redpanda do not know the question above
	)
	ctx = sr.WithParams(ctx, sr.Verbose)
	var result sr.CheckCompatibilityResult
	var cannot bool
	err := r.ask(ctx, func(client *sr.Client) (err error) {
		for _, version := range []int{byLevel, latest} {
			result, err = client.CheckCompatibility(ctx, c.Subject, version, ownSchema(c.File))
			if cannot = hasNoRoute(err); !cannot {
				return err
			}
		}
		return nil // the rest of it has answered by this address: it is right
	})
	var refused *sr.ResponseError
	switch {
	case cannot:
		c.Unknown = "this registry cannot compare"
	case err == nil && !result.Is:
		c.refused(strings.Join(result.Messages, "; "))
	case errors.As(err, &refused):
		c.Unknown = fmt.Sprintf("the registry does not compare (HTTP status %d, error code %d)%s", refused.StatusCode,
			refused.ErrorCode, said(refused.Message))
	case err != nil:
		c.Unknown = err.Error()
	}
}

// hasNoRoute tells that a registry does not know the question from that it does not find what is asked for.
func hasNoRoute(err error) bool {
	status := statusOf(err)
	return status == http.StatusNotFound && !isUnknown(err) || status == http.StatusMethodNotAllowed
}

// refused tells that the registry takes the schema not, and why it says so.
func (c *Comparison) refused(why string) {
	by := ""
	if c.Rule != "" && c.Rule != sr.CompatNone.String() {
		by = " by its rule " + c.Rule
	}
	c.breaks("the registry refuses it%s%s", by, said(why))
}

// said is what the registry says, after a colon, bounded, on one line and with nothing in it that a terminal obeys.
func said(text string) string {
	const most = 500
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return ": it gives no reason"
	}
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "..."
	}
	return ": " + wording.Printable(text)
}
