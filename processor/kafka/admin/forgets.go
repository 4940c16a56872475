package admin

import (
	"context"
	"errors"
	"fmt"

	"verdict/processor/kafka/cluster"
)

// ErrForgets says that a changelog does not keep its records for as long as verifications are to be remembered.
var ErrForgets = errors.New("the changelog forgets too early")

// Outlasts is nil if each changelog keeps its records for as long as verifications are remembered, as far as its
// settings may be seen. An ErrForgets says what to do; any other error is that of the request.
func Outlasts(ctx context.Context, c *cluster.Client, changelogs []Changelog) error {
	var topics []string
	for _, log := range changelogs {
		topics = append(topics, log.Name, log.Raw)
	}
	if topics == nil {
		return nil
	}
	k := &inspection{client: c}
	configs, err := k.topicConfigs(ctx, topics...)
	if err != nil {
		return err
	}
	var all []error
	for _, log := range changelogs {
		if problem, cure := log.tooShort(configs[log.Name], configs[log.Raw]); problem != "" {
			all = append(all, fmt.Errorf("%w: %s: %s; %s", ErrForgets, log.Name, problem, cure))
		}
	}
	return errors.Join(all...)
}
