package kafka

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"verdict/processor/kafka/admin"
)

// outlasts asks, before the group is joined, whether the changelogs keep what is to be remembered. One that forgets
// earlier would have its partitions held as damaged weeks later, and what it has lost by then is lost. Brokers that do
// not answer are no reason to end: that is what the group is joined again and again for.
func (r *Runner) outlasts(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	err := admin.Outlasts(ctx, r.client, r.cfg.needs().Changelogs)
	if err != nil && !errors.Is(err, admin.ErrForgets) {
		r.log.Info("it cannot be seen whether the changelogs keep what is to be remembered; `verdict check --connect` "+
			"says it", zap.Error(err))
		return nil
	}
	return err
}
