package publish

import (
	"fmt"

	"verdict/cmd/verdict/screen"
	"verdict/processor/kafka/table"
	"verdict/rules/wording"
)

type view struct {
	Topic        string   `json:"topic"`
	RulesVersion string   `json:"rules_version"`
	DryRun       bool     `json:"dry_run"` // true: nothing was written
	Added        []string `json:"added"`   // keys, as the next two
	Changed      []string `json:"changed"`
	Removed      []string `json:"removed"`
	Unchanged    int      `json:"unchanged"`
}

// tell says what was written, or would be: each row that differs, unless all are new.
func (o *Options) tell(c table.Changes) error {
	list := func(keys []string) []string { return append([]string{}, keys...) }
	if o.JSON {
		return screen.WriteJSON(o.Out, view{o.Topic, o.Catalog.Version, o.DryRun, list(c.Added), list(c.Changed),
			list(c.Removed), c.Unchanged})
	}
	if c.Unchanged+len(c.Changed)+len(c.Removed) > 0 {
		for _, key := range c.Added {
			fmt.Fprintln(o.Out, "added    "+screen.Printable(key))
		}
		for _, key := range c.Changed {
			fmt.Fprintln(o.Out, "changed  "+screen.Printable(key))
		}
		for _, key := range c.Removed {
			fmt.Fprintln(o.Out, "removed  "+screen.Printable(key))
		}
	}
	text := fmt.Sprintf("%s: %s added, %d changed, %d removed, %d unchanged (rules %s)", o.Topic,
		wording.Count(len(c.Added), "row"), len(c.Changed), len(c.Removed), c.Unchanged, o.Catalog.Version)
	switch {
	case o.DryRun:
		text += ": nothing was written, because of --dry-run"
	case !c.Any():
		text += ": nothing was to be written"
	}
	_, err := fmt.Fprintln(screen.Wrapped(o.Out, 0), text)
	return err
}
