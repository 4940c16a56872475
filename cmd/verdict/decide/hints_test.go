package decide

import (
	"slices"
	"strings"
	"testing"

	"verdict/cmd/verdict/events"
	"verdict/cmd/verdict/pipeline"
	"verdict/processor"
	"verdict/processor/codec"
)

func TestHints(t *testing.T) {
	const mark, event = "\xef\xbb\xbf", `{"status":"approved"}`
	canonical := Options{Input: pipeline.Input{Format: codec.Canonical}, File: "x.json"}
	for _, c := range []struct {
		name  string
		o     Options
		lines []string // one that begins with ! is malformed
		want  []string // the commands
		goOn  int      // lines that only go on
	}{
		{"events", canonical, []string{event, event}, nil, 0},
		{"one broken line", canonical, []string{event, "!{", event}, nil, 0},
		{"pretty-printed", canonical, []string{"!{", `!"status":`, `!"approved"`, "!}"},
			[]string{"jq -c . x.json | verdict decide"}, 3},
		{"pretty-printed, then an event", canonical, []string{"!{", "!}", event},
			[]string{"jq -c . x.json | verdict decide"}, 1},
		{"objects with something behind them", canonical, []string{"!" + event + ",", "!" + event + ","}, nil, 0},
		{"no JSON", canonical, []string{"!one", "!two"}, nil, 0},
		{"an array", canonical, []string{"![" + event + "]"}, []string{"jq -c '.[]' x.json | verdict decide"}, 0},
		{"an array over lines", canonical, []string{"![", "!" + event + ",", event, "!]"},
			[]string{"jq -c '.[]' x.json | verdict decide"}, 1},
		{"a mark", canonical, []string{"!" + mark + event, event}, []string{"tail -c +4 x.json | verdict decide"}, 0},
		{"a mark alone", canonical, []string{"!" + mark + event}, []string{"tail -c +4 x.json | verdict decide"}, 0},
		{"the standard input", Options{Input: pipeline.Input{Format: codec.Canonical}, File: "-"}, []string{"!["},
			[]string{"jq -c '.[]' FILE | verdict decide"}, 0},
		{"flags", Options{
			Input:   pipeline.Input{Format: codec.Auto, Product: "a b", Integration: processor.IntegrationAPI},
			Explain: true, JSON: true, File: "it's $1.json",
		}, []string{"!["}, []string{`jq -c '.[]' 'it'\''s $1.json' | verdict decide --input auto --product 'a b' ` +
			`--integration api --explain --format json`}, 0},
		{"a name like a flag", Options{Input: pipeline.Input{Format: codec.Canonical}, File: "-x"}, []string{"!["},
			[]string{"jq -c '.[]' ./-x | verdict decide"}, 0},
		{"a blank in the middle", Options{Input: pipeline.Input{Format: codec.Canonical}, File: "a b"}, []string{"!["},
			[]string{"jq -c '.[]' 'a b' | verdict decide"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, goOn := events.NewHints(c.o.File, c.o.command()), 0
			for _, line := range c.lines {
				var res processor.Result
				text, malformed := strings.CutPrefix(line, "!")
				if malformed {
					res.Rejection = &processor.Rejection{Reason: processor.ReasonMalformedJSON}
				}
				h.Look([]byte(text), &res)
				if h.GoesOn() {
					goOn++
				}
			}
			var commands []string
			for _, text := range h.Texts() {
				_, command, _ := strings.Cut(text, "\n  ")
				commands = append(commands, command)
			}
			if !slices.Equal(commands, c.want) || goOn != c.goOn {
				t.Errorf("%q, not %q; %d lines go on, not %d", commands, c.want, goOn, c.goOn)
			}
		})
	}
}
