package pipeline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"

	"verdict/rules"
)

// What is told of rules that were taken over, as nobody may have looked at them before: a file that is gone is no
// mistake, nor is a charge that changes for what has occurred already.

// differences says in lines, each of which begins with a vocabulary's name and a colon, what a catalog decides
// otherwise than one before.
type differences func(now, before *rules.Catalog) []string

// counts has a line for each vocabulary: how many there are.
func (d differences) counts(now, before *rules.Catalog) (lines []string) {
	if d == nil {
		return nil
	}
	var names []string
	count := map[string]int{}
	for _, line := range d(now, before) {
		name, _, _ := strings.Cut(line, ":")
		if count[name]++; count[name] == 1 {
			names = append(names, name)
		}
	}
	for _, name := range names {
		lines = append(lines, fmt.Sprintf("%s: %d", name, count[name]))
	}
	return lines
}

// warn tells what is suspicious about the rules that decide now, after those before, which had been loaded from files.
func (l *reloader) warn(before *Rules, had []string) {
	gone := slices.DeleteFunc(had, func(name string) bool { return slices.Contains(l.files, name) })
	if len(gone) > 0 {
		l.log.Warn("files of rules are gone, and what they said does not hold any more: put them back if that is not "+
			"meant", l.running(), zap.Strings("files", gone))
	}
	for _, text := range l.rules.Warnings(before.Catalog, time.Now()) {
		l.log.Warn("charges may change otherwise than is meant", l.running(), zap.String("change", text))
	}
}

// Warnings says, each in a line, what is charged otherwise than by a catalog before, and may not be meant: of what
// occurred before now, or by rules that charge nothing, or under other charge_ids. Each names the file and the line.
func (r *Rules) Warnings(before *rules.Catalog, now time.Time) (texts []string) {
	for _, c := range rules.BillingChanges(before, r.Catalog, now) {
		c.File, c.Line = r.Where(c.Basis)
		texts = append(texts, c.String())
	}
	for _, c := range rules.IdleCharges(before, r.Catalog) {
		c.File, c.Line = r.Where(c.Rule.Basis)
		texts = append(texts, c.String())
	}
	for _, c := range rules.ChargeIDChanges(before, r.Catalog) {
		c.File, c.Line = r.Where(c.Basis)
		texts = append(texts, c.String())
	}
	return texts
}
