// Package schemas says what a registry has of the schemas that a run would register, and whom they would break; it
// registers them when asked.
package schemas

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"verdict/cmd/verdict/config"
	"verdict/cmd/verdict/pipeline"
	"verdict/cmd/verdict/screen"
	"verdict/processor/codec"
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
	Breaks                 // one would break a subscriber; none was registered
	Unknown                // the registry's own answer to a new version could not be had
)

// timeout bounds all that is asked of the registry.
const timeout = 60 * time.Second

// Run compares, registers if that is asked and nothing breaks, and tells. Errors are config.Mistakes, or say that the
// registry did not answer or refused, and what to do.
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
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	compared, err := registry.Compare(ctx, codec.SubjectsOf(o.Config.Outputs()))
	if err != nil {
		return Unknown, cured(err)
	}
	r := newReport(compared)
	var refused error
	if o.Register && r.outcome() != Breaks {
		refused = cured(r.register(ctx, registry))
	}
	if err := o.tell(r); err != nil {
		return Unknown, err
	}
	if errors.Is(refused, codec.ErrIncompatible) {
		return Breaks, refused
	}
	return r.outcome(), refused
}

// cured adds what to do where the error does not say it.
func cured(err error) error {
	if !errors.Is(err, codec.ErrRegistryUnavailable) {
		return err
	}
	return fmt.Errorf("%w\ncure: start the registry, or correct registry.url, registry.username, registry.password or "+
		"registry.ca_file", err)
}

// register registers what is new, and says so in the report. What came before an error stays registered.
func (r *report) register(ctx context.Context, registry *codec.Registry) error {
	for i := range r.Subjects {
		s := &r.Subjects[i]
		if s.State == codec.Registered {
			continue
		}
		c := codec.Comparison{Subject: s.Subject, File: strings.TrimPrefix(s.Schema, directory)}
		if err := registry.RegisterNew(ctx, &c); err != nil {
			return err
		}
		s.RegisteredNow, s.State, s.Version, s.ID, s.Unknown = true, c.State, c.Version, c.ID, ""
	}
	return nil
}

func (o *Options) tell(r *report) error {
	if o.JSON {
		return screen.WriteJSON(o.Out, r)
	}
	return o.text(r)
}
