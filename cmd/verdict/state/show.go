package state

import (
	"context"
	"fmt"
	"slices"
	"time"

	"verdict/cmd/verdict/screen"
	"verdict/processor"
	"verdict/processor/kafka/upkeep"
	"verdict/processor/state"
	"verdict/rules"
)

// ShowOptions say which verification to look for.
type ShowOptions struct {
	Options
	VerificationID    string
	Provider, Product string // "": all that the catalog has
	Everywhere        bool   // in all partitions: for records that are not where the id puts them
}

// Show looks a verification up in what is remembered, and writes it.
func Show(ctx context.Context, o ShowOptions) error {
	vocabularies, err := o.vocabularies()
	if err != nil {
		return err
	}
	group, topics, err := o.open()
	if err != nil {
		return err
	}
	defer group.Close()
	parts, err := partitions(ctx, group, topics)
	if err != nil {
		return err
	}
	if !o.Everywhere {
		parts = slices.DeleteFunc(parts, func(p *upkeep.Part) bool { return !o.placed(p) })
	}
	keys := map[processor.Key]*rules.Vocabulary{}
	for _, v := range vocabularies {
		keys[processor.KeyOf(v.Provider, v.Product, o.VerificationID)] = v
	}
	found, err := recall(ctx, group, parts, keys)
	if err != nil {
		return err
	}
	view := o.view(parts, found, keys)
	if o.JSON {
		return screen.WriteJSON(o.Out, view)
	}
	return o.write(view)
}

// vocabularies are those of the provider and product that are asked for.
func (o *ShowOptions) vocabularies() ([]*rules.Vocabulary, error) {
	var list []*rules.Vocabulary
	var names []string
	for _, v := range o.Catalog.Vocabularies() {
		names = append(names, v.Provider+" "+v.Product)
		if (o.Provider == "" || v.Provider == o.Provider) && (o.Product == "" || v.Product == o.Product) {
			list = append(list, v)
		}
	}
	if list == nil {
		return nil, fmt.Errorf("--provider %s --product %s: the catalog has none such: it has %s",
			screen.OrDash(o.Provider), screen.OrDash(o.Product), screen.OrList(names))
	}
	return list, nil
}

// placed says whether a partition is where producers put the verification's records, now or before partitions were
// added.
func (o *ShowOptions) placed(p *upkeep.Part) bool {
	for _, count := range []int32{p.Count, p.Note.Partitions} {
		if count > 0 && upkeep.PartitionOf([]byte(o.VerificationID), count) == p.ID {
			return true
		}
	}
	return false
}

// remembered is what one partition has of a verification.
type remembered struct {
	part   *upkeep.Part
	key    processor.Key
	memory processor.Memory
}

// recall reads the changelogs of partitions for some keys; what was forgotten since is none.
func recall(ctx context.Context, group *upkeep.Group, parts []*upkeep.Part,
	keys map[processor.Key]*rules.Vocabulary) ([]remembered, error) {
	type place struct {
		part *upkeep.Part
		key  processor.Key
	}
	found := map[place]processor.Memory{}
	err := group.Read(ctx, parts, func(p *upkeep.Part, key, value []byte) error {
		if len(key) != len(processor.Key{}) || keys[processor.Key(key)] == nil {
			return nil
		}
		at := place{p, processor.Key(key)}
		delete(found, at)
		if value == nil {
			return nil
		}
		var m processor.Memory
		if err := state.ParseMemory(value, &m); err != nil {
			return fmt.Errorf("%s: %w; show it with that version", p.Log(), err)
		}
		found[at] = m
		return nil
	})
	if err != nil {
		return nil, err
	}
	var list []remembered
	for _, p := range parts {
		for key := range keys {
			if m, ok := found[place{p, key}]; ok {
				list = append(list, remembered{p, key, m})
			}
		}
	}
	return list, nil
}

// deadline is until when the next word should have come; zero: there is no limit.
func deadline(v *rules.Vocabulary, m *processor.Memory) time.Time {
	if !m.Word.There {
		return time.Time{}
	}
	s := v.StatusByHash(m.Word.Status)
	if s == nil || s.OverdueAfter == 0 {
		return time.Time{}
	}
	return time.UnixMilli(m.Word.Since).Add(s.OverdueAfter)
}
