// Package schemas says what a registry has of the schemas that a run would register, and whom they would break; it
// registers them when asked.
package schemas

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/processor/codec"
	"verdict/rules/wording"
)

// Options say what is asked, and how it is shown.
type Options struct {
	Config   *config.Loaded
	Register bool // what is new, if nothing would break
	JSON     bool
	Out      io.Writer
}

// Outcome is what a look comes to.
type Outcome int

// Outcomes.
const (
	Fine    Outcome = iota // all are there, or only new and compatible
	Breaks                 // one would break a subscriber, or the registry refused one while registering
	Unknown                // the registry's own answer to a new version could not be had
)

// timeout bounds all that is asked of the registry.
const timeout = 60 * time.Second

// Run compares, registers if that is asked and nothing breaks, and tells. Errors are config.Mistakes, or say that the
// registry did not answer or refused, and what to do. A refusal by its rule is no error: it is told as a break.
func Run(ctx context.Context, o Options) (Outcome, error) {
	if err := o.Config.CheckSchemas(); err != nil {
		return Unknown, err
	}
	if o.Config.Output.Format != "avro" {
		return Fine, o.tell(&report{Subjects: []subject{}})
	}
	registry, err := pipeline.NewRegistry(o.Config)
	if err != nil {
		return Unknown, err
	}
	defer registry.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("not all was answered within %s", timeout))
	defer cancel()
	subjects := codec.SubjectsOf(o.Config.Outputs())
	compared, err := registry.Compare(ctx, subjects)
	if err != nil {
		return Unknown, cured(fmt.Errorf("%w (compared before: %d of %s)", err, len(compared),
			wording.Count(subjects.Count(), "subject")))
	}
	var failed error
	if o.Register && newReport(compared).outcome() != Breaks {
		failed = register(ctx, registry, compared)
	}
	r := newReport(compared)
	if errors.Is(failed, codec.ErrIncompatible) {
		r.refused, failed = true, nil
	}
	if err := o.tell(r); err != nil {
		return Unknown, err
	}
	return r.outcome(), cured(failed)
}

// cured adds what to do where the error does not say it.
func cured(err error) error {
	if !errors.Is(err, codec.ErrRegistryUnavailable) {
		return err
	}
	return fmt.Errorf("%w\ncure: start the registry, or correct registry.url, registry.username, registry.password or "+
		"registry.ca_file", err)
}

// register registers what is new. What came before an error stays registered.
func register(ctx context.Context, registry *codec.Registry, compared []codec.Comparison) error {
	for i := range compared {
		if compared[i].State == codec.Registered {
			continue
		}
		if err := registry.RegisterNew(ctx, &compared[i]); err != nil {
			return err
		}
	}
	return nil
}

func (o *Options) tell(r *report) error {
	if o.JSON {
		r.warnOfRules()
		return screen.WriteJSON(o.Out, r)
	}
	return o.text(r)
}
