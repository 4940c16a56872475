package diff

import (
	"errors"
	"slices"

	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/show"
	"verdict/processor"
	"verdict/processor/codec"
)

// nothing is the error of a comparison in which nothing was compared, with what most probably helps.
func (o *Options) nothing(report *show.Diff) error {
	text := "nothing was compared: " + report.WhyNothing()
	if cure := o.cure(report); cure != "" {
		text += "; " + cure
	}
	return errors.New(text)
}

func (o *Options) cure(report *show.Diff) string {
	missing := slices.ContainsFunc(report.Neither, func(c show.DiffCount) bool {
		return c.Name == show.DeadLetterOf+processor.ReasonMissingField.String()
	})
	canonical := o.Input == pipeline.Input{} || o.Input.Format == codec.Canonical
	switch {
	case report.Events == 0 && o.Topic != "":
		return "--from and --to are compared with the records' timestamps"
	case o.Topic != "" && o.Old == nil && len(report.Neither) == 0:
		return "compare with rules instead: --against built-in, or a directory"
	case o.Topic == "" && missing && canonical:
		return "if these are a provider's own bodies, write --input auto, or the name of their format"
	case o.Topic != "" && missing:
		return "is the topic's format in topics.raw right?"
	}
	return ""
}
