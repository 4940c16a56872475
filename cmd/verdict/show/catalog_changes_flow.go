package show

import (
	"slices"
	"strings"

	"verdict/rules"
)

// namedStep is a step by the statuses that it leads from and to, and what it starts from.
type namedStep struct {
	name string
	step *rules.Step
}

// flowChanges compares the steps that statuses take. Those of both catalogs are the same if they lead from and to the
// same, under the same conditions.
func flowChanges(own, builtIn *rules.Vocabulary) []string {
	ours, theirs := stepsOf(own), stepsOf(builtIn)
	lines := named("step", "steps", "missing", without(stepNames(theirs), stepNames(ours)))
	lines = append(lines, named("step", "steps", "added", without(stepNames(ours), stepNames(theirs)))...)
	for _, b := range theirs {
		i := slices.IndexFunc(ours, func(o namedStep) bool { return o.name == b.name })
		if i < 0 {
			continue
		}
		o := ours[i].step
		if text := otherwise([]difference{
			{"reopens", yesNo(o.Reopens), yesNo(b.step.Reopens)},
			{"unexpected", yesNo(o.Unexpected), yesNo(b.step.Unexpected)},
		}); text != "" {
			lines = append(lines, "step "+b.name+": "+text)
		}
	}
	return lines
}

func stepsOf(v *rules.Vocabulary) []namedStep {
	var steps []namedStep
	for _, s := range v.Statuses {
		for i := range s.Steps {
			step := &s.Steps[i]
			condition := rules.Step{NotFinal: step.NotFinal, OnOpen: step.OnOpen}
			steps = append(steps, namedStep{
				s.Name + " to " + strings.Join(statusesOf(v, step.To), "") + stepText(&condition), step,
			})
		}
	}
	return steps
}

func stepNames(steps []namedStep) []string {
	var names []string
	for _, s := range steps {
		names = append(names, s.name)
	}
	return names
}

func overdueText(s *rules.Status) string {
	if s.OverdueAfter == 0 {
		return "none"
	}
	return durationText(s.OverdueAfter)
}
